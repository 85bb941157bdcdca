"""Web push from beginning to end: who is called, when, how often and with what, over HTTPS and decrypted."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.ssl import Certificate, trustRootFromCertificates
from twisted.internet.task import deferLater

from hotline import webpush
from hotline.domain import rooms as life
from hotline.domain.entries import Entry
from hotline.domain.limits import DEFAULTS, DomainLimits
from hotline.domain.model import Actor, Kind
from hotline.errors import Invalid, NotAllowed, NotFound
from hotline.public_hosts import PublicHosts, is_public
from hotline.pusher import Pusher
from hotline.store import messages, presence, pushes, rooms
from hotline.store.database import Database
from tests.certificates import certify_localhost
from tests.conftest import Now
from tests.helpers import House, make_client, make_house
from tests.procedures.calling import caller
from tests.push_service import Browser, PushService

Call = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A certificate of localhost, and the trust in it."""
    file = tmp_path_factory.mktemp("certificates") / "own.pem"
    return file, trustRootFromCertificates([Certificate.loadPEM(certify_localhost(file))])


class Stage:
    """An organisation, a push service, and as many nodes that send as wanted."""

    def __init__(
        self, reactor: Any, database: Database, now: Now, directory: Path, trust: tuple[Path, Any]
    ) -> None:
        self.reactor, self._trust_root = reactor, trust[1]
        self.database, self.now = database, now
        self.service = PushService(reactor, trust[0])
        self.key = webpush.read_key(directory, "mailto:hotline@talk.example")
        self.call: Call = caller(database, reactor, directory, now)
        self.browsers: dict[str, Browser] = {}
        self.house: House

    def pusher(self, limits: DomainLimits = DEFAULTS, **more: Any) -> Pusher:
        hosts = {"may_reach": lambda address: address.startswith("127."), **more}
        return Pusher(
            self.reactor,
            self.database,
            self.key,
            PublicHosts(self.reactor, trust_root=self._trust_root, **hosts),
            self.now,
            limits,
        )

    async def subscribe(self, person: Actor, path: str) -> None:
        browser = self.browsers[path] = Browser()
        await self.call(
            person,
            "me.push_subscribe",
            endpoint=self.service.address + path,
            p256dh=webpush.encoded(browser.p256dh),
            auth=webpush.encoded(browser.auth),
        )

    async def sent(self, pusher: Pusher | None = None) -> list[tuple[str, Any]]:
        """Who was called now, and with what."""
        before = len(self.service.posted)
        await (pusher or self.pusher()).send_due()
        return sorted(
            (path, json.loads(self.browsers[path].decrypt(body)))
            for path, _, body in self.service.posted[before:]
        )

    async def is_here(self, person: Actor, *, here: bool) -> None:
        mark = presence.attach if here else presence.detach
        async with self.database.transaction(person.organisation_id) as tx:
            await mark(tx, person.organisation_id, True, [person.id], "node", self.now())

    async def arrive(self, name: str = "Robin") -> Any:
        return await make_client(self.database, self.house, self.now(), name)


@pytest.fixture
def stage(
    reactor: Any, database: Database, now: Now, tmp_path: Path, trust: tuple[Path, Any]
) -> Iterator[Stage]:
    """Everything there is, and an organisation."""
    stage = Stage(reactor, database, now, tmp_path, trust)
    stage.house = pytest_twisted.blockon(Deferred.fromCoroutine(make_house(database, now())))
    yield stage
    pytest_twisted.blockon(Deferred.fromCoroutine(stage.service.stop()))


WAITING = {"kind": "waiting"}


@ensureDeferred
async def test_who_is_here_without_a_page_is_called(stage: Stage) -> None:
    """In each of their browsers, once, with no word of who waits; nobody else is, anywhere."""
    house = stage.house
    other = await make_house(stage.database, stage.now(), "other")
    for person, path in (
        (house.staff, "/staff/phone"),
        (house.staff, "/staff/desk"),
        (house.colleague, "/busy"),
        (house.manager, "/at-the-console"),
        (other.staff, "/elsewhere"),
    ):
        await stage.subscribe(person, path)
    await stage.call(house.colleague, "me.set_presence", presence="busy")
    await stage.is_here(house.manager, here=True)
    assert await stage.sent() == []
    await stage.arrive()
    assert await stage.sent() == [("/staff/desk", WAITING), ("/staff/phone", WAITING)]
    assert await stage.sent() == []
    _, headers, _ = stage.service.posted[0]
    assert headers["authorization"].startswith("vapid t=")
    assert stage.key.public in headers["authorization"]
    assert (headers["content-encoding"], headers["urgency"], headers["ttl"]) == ("aes128gcm", "high", "300")
    assert "haven" not in str(stage.service.posted).lower()


@ensureDeferred
async def test_one_of_several_nodes_calls(stage: Stage) -> None:
    """All look at the same moment; the browser hears it once."""
    await stage.subscribe(stage.house.staff, "/staff")
    await stage.arrive()
    await gatherResults([Deferred.fromCoroutine(stage.pusher().send_due()) for _ in range(4)])
    assert len(stage.service.posted) == 1


@ensureDeferred
async def test_how_often_and_how_many_at_once(stage: Stage) -> None:
    """As an operator says: with 0 no time between two calls, and any number at once."""
    for path, person in (("/staff", stage.house.staff), ("/colleague", stage.house.colleague)):
        await stage.subscribe(person, path)
    called = []
    for seconds, at_once in ((0, 0), (0, 1), (5, 1), (5, 2)):
        await stage.arrive()
        before = len(stage.service.posted)
        await stage.pusher(DomainLimits(push_seconds=seconds, pushes_at_once=at_once)).send_due()
        called.append(len(stage.service.posted) - before)
        stage.now.advance(seconds=3)
    assert called == [2, 2, 0, 2]


@ensureDeferred
async def test_at_most_one_call_a_minute(stage: Stage) -> None:
    """What comes sooner is one call a minute later, if by then somebody still waits."""
    house, now = stage.house, stage.now
    await stage.subscribe(house.staff, "/staff")
    await stage.arrive()
    assert len(await stage.sent()) == 1
    now.advance(seconds=20)
    await stage.arrive()
    await stage.arrive()
    assert await stage.sent() == []
    now.advance(seconds=41)
    assert await stage.sent() == [("/staff", WAITING)]
    now.advance(seconds=20)
    await stage.arrive()
    for each in await stage.call(house.manager, "clientlist.get"):
        await stage.call(house.manager, "room.join", room=each["room"])
        await stage.call(house.manager, "room.close", room=each["room"])
    now.advance(seconds=60)
    assert await stage.sent() == []
    # And who is given back to the list waits again.
    again = await stage.arrive()
    assert len(await stage.sent()) == 1
    await stage.call(house.colleague, "room.claim", room=again.room_id)
    now.advance(minutes=2)
    await stage.call(house.colleague, "room.release", room=again.room_id)
    assert len(await stage.sent()) == 1


@ensureDeferred
async def test_who_loads_a_page_anew_is_not_called(stage: Stage) -> None:
    """Gone for a moment is not gone; gone for longer is; and who is back is not called for what was."""
    staff, now = stage.house.staff, stage.now
    await stage.subscribe(staff, "/staff")
    await stage.is_here(staff, here=True)
    await stage.is_here(staff, here=False)
    await stage.arrive()
    assert await stage.sent() == []
    await stage.is_here(staff, here=True)
    now.advance(seconds=16)
    assert await stage.sent() == []
    await stage.is_here(staff, here=False)
    await stage.arrive()
    now.advance(seconds=16)
    assert len(await stage.sent()) == 1


@ensureDeferred
async def test_a_message_to_somebody_who_is_gone(stage: Stage) -> None:
    """Its consultant is called, once; not for what they said themselves, nor for what they had seen."""
    house, now = stage.house, stage.now
    await stage.subscribe(house.staff, "/staff")
    client = await stage.arrive()
    await stage.is_here(house.staff, here=True)
    await stage.call(house.staff, "room.claim", room=client.room_id)

    async def say(person: Actor) -> None:
        now.advance(seconds=1)
        async with stage.database.transaction(house.organisation_id) as tx:
            await rooms.lock(tx, house.organisation_id, client.room_id)
            entry = Entry(kind=Kind.MESSAGE, text="are you there?")
            sender = life.sender_of(person)
            await messages.append_entry(tx, house.organisation_id, client.room_id, entry, sender, now())

    await say(client.actor)
    assert await stage.sent() == []
    now.advance(seconds=1)
    await stage.is_here(house.staff, here=False)
    now.advance(seconds=20)
    assert await stage.sent() == []
    await say(house.manager)
    assert await stage.sent() == []
    await say(client.actor)
    assert await stage.sent() == [("/staff", WAITING)]
    now.advance(minutes=5)
    assert await stage.sent() == []
    await say(client.actor)
    assert await stage.sent() == [("/staff", WAITING)]


@ensureDeferred
async def test_browsers_that_cannot_be_called(stage: Stage) -> None:
    """One that is gone is forgotten at once, one that fails and fails after ten times; it is tried again."""
    staff, now = stage.house.staff, stage.now
    for path, answer in (("/gone", 410), ("/unknown", 404), ("/broken", 503)):
        await stage.subscribe(staff, path)
        stage.service.answers[path] = answer
    await stage.arrive()
    assert len(await stage.sent()) == 3
    for _ in range(9):
        now.advance(seconds=61)
        await stage.arrive()
        assert await stage.sent() == [("/broken", WAITING)]
    assert (await stage.call(staff, "me.push_key"))["browsers"] == 0
    # As long as only that one fails, it is tried again by itself.
    await stage.subscribe(staff, "/broken")
    await stage.arrive()
    now.advance(seconds=61)
    assert len(await stage.sent()) == 1
    now.advance(seconds=61)
    stage.service.answers["/broken"] = 201
    assert len(await stage.sent()) == 1
    now.advance(seconds=61)
    assert await stage.sent() == []


@ensureDeferred
async def test_addresses_that_lead_inside_are_not_called(stage: Stage) -> None:
    """Whatever the name says: what it leads to is looked at, and nothing is sent there."""
    await stage.subscribe(stage.house.staff, "/inside")
    await stage.arrive()
    assert await stage.sent(stage.pusher(may_reach=is_public)) == []
    stage.now.advance(seconds=61)
    assert len(await stage.sent()) == 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_which_addresses_are_public(address: str, expected: bool) -> None:
    """The net's, and neither this machine's nor those around it, however they are written."""
    assert is_public(address) is expected


@ensureDeferred
async def test_trying_it_out(stage: Stage) -> None:
    """Also with a page open; says in how many browsers; without any it says so."""
    staff = stage.house.staff
    with pytest.raises(NotAllowed) as none:
        await stage.call(staff, "me.push_test")
    assert none.value.details == {"reason": "no_browser"}
    await stage.subscribe(staff, "/staff")
    await stage.is_here(staff, here=True)
    assert await stage.call(staff, "me.push_test") == {"browsers": 1}
    assert await stage.sent() == [("/staff", {"kind": "test"})]
    stage.service.answers["/staff"] = 503
    stage.now.advance(seconds=6)
    await stage.call(staff, "me.push_test")
    assert len(await stage.sent()) == 1
    stage.now.advance(minutes=2)
    assert await stage.sent() == []


@ensureDeferred
async def test_whose_browser_it_is(stage: Stage) -> None:
    """Who subscribed last; others cannot end it; ten are enough; it goes with its consultant."""
    house = stage.house
    await stage.subscribe(house.staff, "/shared")
    await stage.subscribe(house.colleague, "/shared")
    assert (await stage.call(house.staff, "me.push_key"))["browsers"] == 0
    with pytest.raises(NotFound):
        await stage.call(house.staff, "me.push_unsubscribe", endpoint=stage.service.address + "/shared")
    await stage.call(house.colleague, "me.push_unsubscribe", endpoint=stage.service.address + "/shared")
    for number in range(10):
        await stage.subscribe(house.staff, f"/{number}")
    await stage.subscribe(house.staff, "/3")
    with pytest.raises(NotAllowed) as limit:
        await stage.subscribe(house.staff, "/10")
    assert limit.value.details == {"reason": "limit", "limit": 10}
    await stage.call(house.staff, "me.push_unsubscribe")
    assert (await stage.call(house.staff, "me.push_key"))["browsers"] == 0
    await stage.subscribe(house.staff, "/0")
    async with stage.database.transaction(house.organisation_id) as tx:
        await pushes.want(tx, house.organisation_id, house.staff.id)
    await stage.call(house.manager, "staff.remove", id=house.staff.id)
    async with stage.database.transaction(house.organisation_id) as tx:
        assert await pushes.list_of(tx, house.organisation_id, house.staff.id) == []
        assert await pushes.list_due(tx, stage.now()) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/a",
        "https://user@push.example/a",
        "https://push.example:99999/a",
        "https:///a",
        "https://[::1]/a",
        "https://push.example/\u00e4",
        "https://push.example/" + "x" * 1000,
        "file:///etc/passwd",
        "https://-/a",
    ],
)
@ensureDeferred
async def test_addresses_of_no_push_service(stage: Stage, endpoint: str) -> None:
    """They are refused when they are given, and nothing is stored."""
    browser = Browser()
    with pytest.raises(Invalid) as caught:
        await stage.call(
            stage.house.staff,
            "me.push_subscribe",
            endpoint=endpoint,
            p256dh=webpush.encoded(b"\x04" + bytes(64)),
            auth=webpush.encoded(browser.auth),
        )
    assert set(caught.value.details) == {"endpoint", "p256dh"}
    assert (await stage.call(stage.house.staff, "me.push_key"))["browsers"] == 0


@ensureDeferred
async def test_a_ring_wakes_the_sender(stage: Stage) -> None:
    """From start to stop: a call goes out as soon as it is woken, and stopping waits for nothing."""
    await stage.subscribe(stage.house.staff, "/staff")
    pusher = stage.pusher()
    await pusher.start()
    await stage.arrive()
    pusher.wake()
    for _ in range(500):
        if stage.service.posted:
            break
        await deferLater(stage.reactor, 0.01, lambda: None)
    assert len(stage.service.posted) == 1
    await pusher.stop()
