"""The journal on a real PostgreSQL: what is acknowledged is stored once, in order, and nothing else is."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, DeferredList, gatherResults
from twisted.internet.task import deferLater

from hotline.domain import rooms as life
from hotline.domain.entries import joined
from hotline.domain.model import Actor, Message
from hotline.errors import HotlineError, NonceReused, NotAllowed, NotFound, RoomClosed, Unavailable
from hotline.store import members, messages, rooms
from hotline.store.database import Database, Transaction
from hotline.store.doorbell import Doorbell
from hotline.store.journal import GROUP_SIZE, Entry, Journal
from hotline.store.sealed import LOST
from tests.conftest import Now
from tests.helpers import NAUGHTY, Entered, list_entries, make_client, make_house
from tests.keys import make_keys

_nonces = itertools.count()


class Offered(list[tuple[str, str, Message, Any]]):
    """What the journal offered, as a list."""

    def __call__(self, organisation_id: str, room_id: str, message: Message, origin: Any) -> None:
        self.append((organisation_id, room_id, message, origin))


def said(
    actor: Actor, room_id: str, text: str = "hello", nonce: str | None = None, origin: Any = None
) -> Entry:
    return Entry(actor=actor, room_id=room_id, text=text, nonce=nonce or f"n{next(_nonces)}", origin=origin)


async def stored(database: Database, client: Entered) -> list[tuple[int, str]]:
    found = await list_entries(database, client.actor.organisation_id, client.room_id)
    return [(message.seq, message.text) for message in found]


@pytest.fixture
def offered() -> Offered:
    """What the relay would be given."""
    return Offered()


@pytest.fixture
def journal(database: Database, now: Now, offered: Offered) -> Journal:
    """A journal on the test's database."""
    return Journal(database, "node1", now, offered)


async def refusal(deferred: Any) -> HotlineError:
    with pytest.raises(HotlineError) as caught:
        await deferred
    return caught.value


@ensureDeferred
async def test_numbers_are_gapless_and_in_order(database: Database, now: Now, journal: Journal) -> None:
    """Many entries at once get 2, 3, 4 ... (1 is the entering) in the order in which they were given."""
    client = await make_client(database, await make_house(database, now()), now())
    appended = await gatherResults(
        [
            Deferred.fromCoroutine(journal.append(said(client.actor, client.room_id, f"text {n}")))
            for n in range(300)
        ]
    )
    assert [message.seq for message in appended] == list(range(2, 302))
    assert await stored(database, client) == [
        (1, "Robin came in."),
        *((n + 2, f"text {n}") for n in range(300)),
    ]


@ensureDeferred
async def test_groups_share_a_commit(database: Database, now: Now, journal: Journal) -> None:
    """What comes in together is one group of at most GROUP_SIZE; the rest is the next one."""
    client = await make_client(database, await make_house(database, now()), now())
    count = GROUP_SIZE + 1
    await gatherResults(
        [Deferred.fromCoroutine(journal.append(said(client.actor, client.room_id))) for _ in range(count)]
    )
    assert (journal.groups, journal.entries) == (2, count)


@ensureDeferred
async def test_what_a_group_sets_off_is_done_before_the_next_one_begins(
    database: Database, now: Now, journal: Journal, reactor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is acknowledged is told so, at the end of a turn, before PostgreSQL has more to do."""
    client = await make_client(database, await make_house(database, now()), now())
    told: list[int] = []
    begun: list[int] = []
    write = database.prepared

    async def begin(*statement: str, **parameters: Any) -> list[Any]:
        begun.append(len(told))
        return await write(*statement, **parameters)

    monkeypatch.setattr(database, "prepared", begin)
    await gatherResults(
        [
            journal.appended(said(client.actor, client.room_id)).addCallback(
                lambda message: reactor.callLater(0, told.append, message.seq)
            )
            for _ in range(GROUP_SIZE + 1)
        ]
    )
    assert begun == [0, GROUP_SIZE]


@ensureDeferred
async def test_offers_come_in_commit_order(
    database: Database, now: Now, journal: Journal, offered: Offered
) -> None:
    """The relay is offered each new message once, with what the sender's connection gave along."""
    client = await make_client(database, await make_house(database, now()), now())
    for n in range(3):
        await journal.append(said(client.actor, client.room_id, f"text {n}", origin=n))
    await journal.drained()
    assert [(message.seq, message.text, origin) for _, _, message, origin in offered] == [
        (2, "text 0", 0),
        (3, "text 1", 1),
        (4, "text 2", 2),
    ]


@ensureDeferred
async def test_the_same_nonce_is_stored_once(
    database: Database, now: Now, journal: Journal, offered: Offered
) -> None:
    """A retry is acknowledged with the first one's place, stored once and offered once, on any node."""
    client = await make_client(database, await make_house(database, now()), now())
    other_node = Journal(database, "node2", now, offered)
    entry = said(client.actor, client.room_id)
    first, again = await gatherResults(
        [Deferred.fromCoroutine(journal.append(entry)), Deferred.fromCoroutine(journal.append(entry))]
    )
    elsewhere = await other_node.append(entry)
    assert first == again == elsewhere
    assert len(offered) == 1
    assert [seq for seq, _ in await stored(database, client)] == [1, 2]


@ensureDeferred
async def test_two_nodes_at_once_store_a_nonce_once(
    database: Database, now: Now, journal: Journal, offered: Offered
) -> None:
    """The same entries written by two nodes at the same time are each stored once."""
    client = await make_client(database, await make_house(database, now()), now())
    other_node = Journal(database, "node2", now, offered)
    entries = [said(client.actor, client.room_id, f"text {n}") for n in range(50)]
    results = await gatherResults(
        [Deferred.fromCoroutine(node.append(entry)) for entry in entries for node in (journal, other_node)]
    )
    assert [message.seq for message in results[::2]] == [message.seq for message in results[1::2]]
    assert sorted(seq for seq, _ in await stored(database, client)) == list(range(1, 52))
    assert len(offered) == 50


@ensureDeferred
async def test_a_nonce_with_another_text_is_refused(database: Database, now: Now, journal: Journal) -> None:
    """The same nonce with another text is an error and stores nothing, also within one group."""
    client = await make_client(database, await make_house(database, now()), now())
    pending = [
        Deferred.fromCoroutine(journal.append(said(client.actor, client.room_id, text, nonce="same")))
        for text in ("one", "two")
    ]
    results = await DeferredList(pending, consumeErrors=True)
    assert results[0][0] is True
    assert results[1][1].check(NonceReused)
    assert await stored(database, client) == [(1, "Robin came in."), (2, "one")]


@ensureDeferred
async def test_nonces_are_of_one_sender(database: Database, now: Now, journal: Journal) -> None:
    """Two senders may use the same nonce in the same room."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    async with database.transaction(house.organisation_id) as tx:
        await members.add(tx, house.organisation_id, client.room_id, house.staff.id, house.staff.role, now())
    await journal.append(said(client.actor, client.room_id, "mine", nonce="1"))
    await journal.append(said(house.staff, client.room_id, "yours", nonce="1"))
    assert [text for _, text in await stored(database, client)] == ["Robin came in.", "mine", "yours"]


@ensureDeferred
async def test_refused_entries_fail_alone(database: Database, now: Now, journal: Journal) -> None:
    """Closed room, no member, no such room, another organisation's room: each fails by itself in a group."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    client, closed = await make_client(database, house, now()), await make_client(database, house, now())
    stranger = await make_client(database, other, now())
    async with database.transaction(house.organisation_id) as tx:
        room = await rooms.lock(tx, house.organisation_id, closed.room_id)
        sender = life.sender_of(closed.actor)
        await rooms.apply(tx, house.organisation_id, room, life.close(room, "Robin"), sender, now())
    entries = [
        said(client.actor, client.room_id, "before"),
        said(closed.actor, closed.room_id),
        said(house.staff, client.room_id),
        said(stranger.actor, client.room_id),
        said(client.actor, stranger.room_id),
        said(client.actor, "nowhere"),
        said(client.actor, client.room_id, "after"),
    ]
    results = await DeferredList(
        [Deferred.fromCoroutine(journal.append(entry)) for entry in entries], consumeErrors=True
    )
    outcomes = [value.seq if success else value.type for success, value in results]
    assert outcomes == [2, RoomClosed, NotAllowed, NotFound, NotFound, NotFound, 3]
    assert await stored(database, stranger) == [(1, "Robin came in.")]
    assert [text for _, text in await stored(database, client)] == ["Robin came in.", "before", "after"]


@ensureDeferred
async def test_naughty_texts_arrive_unchanged(database: Database, now: Now, journal: Journal) -> None:
    """Whatever is said is stored as it was said."""
    client = await make_client(database, await make_house(database, now()), now())
    for text in NAUGHTY:
        await journal.append(said(client.actor, client.room_id, text))
    assert [text for _, text in await stored(database, client)] == ["Robin came in.", *NAUGHTY]


@ensureDeferred
async def test_a_whole_group_of_many_organisations_rings_once(
    database: Database, now: Now, journal: Journal, dsn: str, reactor: Any
) -> None:
    """A full group over several organisations is one ring of all its numbers, in order."""
    clients = [
        await make_client(database, await make_house(database, now(), f"org{n}"), now()) for n in range(4)
    ]
    rung: list[list[str]] = []
    doorbell = Doorbell(reactor, dsn, "listener")
    await doorbell.start()
    doorbell.rang = rung.append
    await gatherResults(
        [
            Deferred.fromCoroutine(journal.append(said(client.actor, client.room_id)))
            for client in clients
            for _ in range(GROUP_SIZE // 4)
        ]
    )
    while not [words for words in rung if words[0] == "messages"]:
        waiting: Deferred[None] = Deferred()
        reactor.callLater(0.01, waiting.callback, None)
        await waiting
    doorbell.stop()
    numbers = [words for words in rung if words[0] == "messages"]
    assert [len(words) - 2 for words in numbers] == [GROUP_SIZE]
    assert len(" ".join(numbers[0])) < 8000
    assert numbers[0][1] == "node1"


@pytest.fixture
def other_node(dsn: str, reactor: Any, now: Now) -> Iterator[Journal]:
    """A journal of another process, which knows nothing of what this one does."""
    database = Database(reactor, dsn, keys=make_keys())
    yield Journal(database, "node2", now, Offered())
    database.close()


def append_all(journal: Journal, entries: Iterable[Entry]) -> Deferred[list[Any]]:
    """At once; refusals are among the results."""
    return DeferredList(
        [Deferred.fromCoroutine(journal.append(entry)) for entry in entries], consumeErrors=True
    )


@ensureDeferred
async def test_a_room_in_which_another_node_writes(
    database: Database, now: Now, journal: Journal, offered: Offered, other_node: Journal
) -> None:
    """Numbers foreseen wrongly change nobody's order, and each text is sealed for the number it has got."""
    client = await make_client(database, await make_house(database, now()), now())
    spared = await make_client(database, await make_house(database, now(), "other"), now())
    for text in ("first", "second"):
        await other_node.append(said(client.actor, client.room_id, text))
    entries = [said(each.actor, each.room_id, text) for text in ("one", "two") for each in (client, spared)]
    for text in ("third", "one more"):
        entries.append(said(client.actor, client.room_id, text))
    await journal.append(said(spared.actor, spared.room_id, "alone"))
    await append_all(journal, entries)
    await other_node.append(said(client.actor, client.room_id, "last"))
    texts = ["first", "second", "one", "two", "third", "one more", "last"]
    assert await stored(database, client) == [*enumerate(["Robin came in.", *texts], 1)]
    assert await stored(database, spared) == [*enumerate(["Robin came in.", "alone", "one", "two"], 1)]
    of_room = [message.seq for _, room_id, message, _ in offered if room_id == client.room_id]
    assert of_room == [4, 5, 6, 7]


@ensureDeferred
async def test_what_comes_after_a_repetition(
    database: Database, now: Now, journal: Journal, offered: Offered
) -> None:
    """It gets the number that the repetition does not take, in its place in the order."""
    client = await make_client(database, await make_house(database, now()), now())
    entries = [said(client.actor, client.room_id, f"text {n}") for n in range(6)]
    for entry in (entries[1], entries[3]):
        await journal.append(entry)
    results = await append_all(journal, entries)
    assert [message.seq for _, message in results] == [4, 2, 5, 3, 6, 7]
    assert [text for _, text in await stored(database, client)][3:] == [
        "text 0",
        "text 2",
        "text 4",
        "text 5",
    ]
    assert [message.seq for _, _, message, _ in offered] == [2, 3, 4, 5, 6, 7]


class Overtaken:
    """A database in which another node is always a little faster: it says something before each group, and
    what is in `late` before the locks are taken."""

    def __init__(self, database: Database, other_node: Journal, client: Entered) -> None:
        self._database = database
        self._other_node = other_node
        self._client = client
        self.keys = database.keys
        self.late: list[Entry] = []

    def turn(self) -> Deferred[None]:
        return self._database.turn()

    async def prepared(self, *args: Any, **kwargs: Any) -> list[Any]:
        await self._other_node.append(said(self._client.actor, self._client.room_id, "faster"))
        return await self._database.prepared(*args, **kwargs)

    @asynccontextmanager
    async def transaction(self, *organisations: str) -> AsyncIterator[Transaction]:
        while self.late:
            await self._other_node.append(self.late.pop())
        async with self._database.transaction(*organisations) as tx:
            yield tx


@ensureDeferred
async def test_whoever_is_always_overtaken_takes_the_locks(
    database: Database, now: Now, offered: Offered, other_node: Journal
) -> None:
    """Foreseen wrongly twice, a group is stored all the same: no gap, and each of it answered for itself."""
    house = await make_house(database, now())
    client, spared = await make_client(database, house, now()), await make_client(database, house, now())
    known = [said(client.actor, client.room_id, "known") for _ in range(2)]
    for entry in known:
        await other_node.append(entry)
    faster: Any = Overtaken(database, other_node, client)
    journal = Journal(faster, "node1", now, offered)
    assert (await journal.append(said(client.actor, client.room_id, "zero"))).seq == 6
    one, two = (said(client.actor, client.room_id, text) for text in ("one", "two"))
    faster.late.append(one)
    await journal.drained()
    # At first 10 is foreseen for the last one, which is its number, but not before the others are stored.
    assert (await journal.append(said(spared.actor, spared.room_id))).seq == 2
    results = await append_all(journal, [one, *known, two])
    assert [message.seq for _, message in results] == [10, 2, 3, 11]
    assert await stored(database, client) == [
        *enumerate(
            ["Robin came in.", *["known"] * 2, *["faster"] * 2, "zero", *["faster"] * 3, "one", "two"], 1
        )
    ]
    assert [message.text for _, room, message, _ in offered if room == client.room_id] == ["zero", "two"]


@pytest.mark.parametrize("seed", range(3))
@ensureDeferred
async def test_everybody_writes_at_once(
    database: Database, now: Now, journal: Journal, offered: Offered, other_node: Journal, seed: int
) -> None:
    """Two nodes and what else tells of rooms, repetitions and refusals: 1, 2, 3 ... in everybody's order."""
    random = Random(seed)
    house = await make_house(database, now())
    clients = [await make_client(database, house, now()) for _ in range(2)]
    acknowledged: dict[tuple[str, str], set[int]] = {}
    orders: dict[tuple[str, str], list[str]] = {}

    async def speak(node: Journal, entries: list[Entry]) -> None:
        for entry, (success, result) in zip(entries, await append_all(node, entries), strict=True):
            if entry.actor is house.staff:
                assert result.check(NotAllowed)
            elif not success:
                assert result.check(NonceReused), result
                assert entry.text == "changed"
            else:
                acknowledged.setdefault((entry.room_id, entry.nonce), set()).add(result.seq)

    async def tell(client: Entered) -> None:
        async with database.transaction(house.organisation_id) as tx:
            entry, sender = joined("Sam"), life.sender_of(house.colleague)
            await messages.append_entry(tx, house.organisation_id, client.room_id, entry, sender, now())

    def some(name: str, round_: int) -> list[Entry]:
        entries = []
        for number in range(random.randint(1, 9)):
            client = random.choice(clients)
            old = orders.get((client.room_id, name), [])
            kind = random.choice(("new", "new", "new", "new", "again", "changed", "refused"))
            nonce = f"{name}-{round_}-{number}"
            if kind in ("again", "changed") and old:
                nonce = random.choice(old)
                entries.append(
                    said(client.actor, client.room_id, kind if kind == "changed" else nonce, nonce)
                )
            elif kind == "refused":
                entries.append(said(house.staff, client.room_id, nonce, nonce))
            else:
                entries.append(said(client.actor, client.room_id, nonce, nonce))
        for entry in entries:
            if entry.actor is not house.staff and entry.text == entry.nonce:
                order = orders.setdefault((entry.room_id, name), [])
                if entry.nonce not in order:
                    order.append(entry.nonce)
        return entries

    for round_ in range(8):
        speaking = [speak(journal, some("a", round_)), speak(other_node, some("b", round_))]
        telling = [tell(random.choice(clients)) for _ in range(random.randint(0, 2))]
        await gatherResults([Deferred.fromCoroutine(each) for each in (*speaking, *telling)])
    for client in clients:
        found = await list_entries(database, house.organisation_id, client.room_id)
        assert [message.seq for message in found] == list(range(1, len(found) + 1))
        assert LOST not in [message.text for message in found]
        said_here = [message for message in found if message.nonce is not None]
        assert all(message.text == message.nonce for message in said_here)
        for name in "ab":
            of_node = [message.nonce for message in said_here if (message.nonce or "").startswith(name)]
            assert of_node == orders.get((client.room_id, name), [])
        for message in said_here:
            assert acknowledged.pop((client.room_id, message.nonce or "")) == {message.seq}
    assert acknowledged == {}
    for client in clients:
        of_room = [message.seq for _, room_id, message, _ in offered if room_id == client.room_id]
        assert of_room == sorted(of_room)


class Interrupted:
    """A database that is away at first, and says so at once, as a missing socket does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.keys = database.keys
        self.is_away = True

    def turn(self) -> Deferred[None]:
        return self._database.turn()

    async def prepared(self, *args: Any, **kwargs: Any) -> list[Any]:
        if self.is_away:
            raise Unavailable()
        return await self._database.prepared(*args, **kwargs)


@ensureDeferred
async def test_it_writes_again_after_an_outage(database: Database, now: Now, offered: Offered) -> None:
    """An outage that is noticed without any waiting fails the entries given meanwhile, and no later one."""
    client = await make_client(database, await make_house(database, now()), now())
    interrupted: Any = Interrupted(database)
    journal = Journal(interrupted, "node1", now, offered)
    entry = said(client.actor, client.room_id)
    for _ in range(2):
        assert isinstance(await refusal(Deferred.fromCoroutine(journal.append(entry))), Unavailable)
    await journal.drained()
    interrupted.is_away = False
    assert (await journal.append(entry)).seq == 2
    await journal.drained()


class Unheard(Interrupted):
    """A database that commits, and is away when it should say so."""

    async def prepared(self, *args: Any, **kwargs: Any) -> list[Any]:
        rows = await self._database.prepared(*args, **kwargs)
        if self.is_away:
            raise Unavailable()
        return rows


@ensureDeferred
async def test_a_commit_nobody_heard_of(database: Database, now: Now, offered: Offered) -> None:
    """Said again, it is acknowledged and offered, which it was not before; a third time acknowledged."""
    client = await make_client(database, await make_house(database, now()), now())
    unheard: Any = Unheard(database)
    journal = Journal(unheard, "node1", now, offered)
    entry = said(client.actor, client.room_id)
    assert isinstance(await refusal(Deferred.fromCoroutine(journal.append(entry))), Unavailable)
    assert offered == []
    unheard.is_away = False
    for _ in range(2):
        assert (await journal.append(entry)).seq == 2
        await journal.drained()
        assert [message.seq for _, _, message, _ in offered] == [2]


@pytest.mark.parametrize(("most", "told"), [(1, [3]), (2, [2, 3]), (0, [2, 3])])
@ensureDeferred
async def test_as_many_doubts_as_are_kept(
    database: Database, now: Now, offered: Offered, most: int, told: list[int]
) -> None:
    """Of commits nobody heard of the latest are known again, as many as an operator says."""
    client = await make_client(database, await make_house(database, now()), now())
    unheard: Any = Unheard(database)
    journal = Journal(unheard, "node1", now, offered, most_doubted=most)
    entries = [said(client.actor, client.room_id) for _ in range(2)]
    for entry in entries:
        assert isinstance(await refusal(Deferred.fromCoroutine(journal.append(entry))), Unavailable)
    unheard.is_away = False
    assert [(await journal.append(entry)).seq for entry in entries] == [2, 3]
    await journal.drained()
    assert [message.seq for _, _, message, _ in offered] == told


class Hanging(Interrupted):
    """A database that does not answer until it is given up."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.given_up: list[Deferred[None]] = []

    async def prepared(self, *args: Any, **kwargs: Any) -> list[Any]:
        self.given_up.append(Deferred())
        await self.given_up[-1]
        raise Unavailable()


@ensureDeferred
async def test_a_database_that_hangs_is_waited_for_once(
    database: Database, now: Now, offered: Offered, reactor: Any
) -> None:
    """However much is gathered meanwhile: it is refused together, and none of it waits for itself."""
    client = await make_client(database, await make_house(database, now()), now())
    hanging: Any = Hanging(database)
    journal = Journal(hanging, "node1", now, offered)
    first = refusal(Deferred.fromCoroutine(journal.append(said(client.actor, client.room_id))))
    answers = [Deferred.fromCoroutine(first)]
    while not hanging.given_up:
        await deferLater(reactor, 0.01, lambda: None)
    for _ in range(2 * GROUP_SIZE):
        said_now = journal.append(said(client.actor, client.room_id))
        answers.append(Deferred.fromCoroutine(refusal(Deferred.fromCoroutine(said_now))))
    hanging.given_up[0].callback(None)
    assert {type(each) for each in await gatherResults(answers)} == {Unavailable}
    assert len(hanging.given_up) == 1
