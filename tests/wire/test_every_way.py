"""What every transport promises in every subprotocol it has: one suite, one client that knows them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_twisted

from hotline.errors import RoomClosed
from hotline.protocols.limits import SessionLimits
from tests.system.daemon import until
from tests.wire.lines import ROLES, Line, line
from tests.wire.server import LONGPOLLS, RAWSOCKETS, WAYS, WEBSOCKETS, Server

every_way = pytest.mark.parametrize(("kind", "subprotocol"), WAYS)

VIOLATION = "wamp.error.protocol_violation"
TOPIC = "hotline.room.x"
TOO_LONG = 1009

# What no serializer takes, by its name.
MALFORMED = {
    "json": [b"{", b"\xff\xfe", b"[" * 60_000, b'["no number"]', b"[99]", b"[48,1,{}]"],
    "msgpack": [b"\xc1", b"\x93\x01", b"\x91" * 60_000, b"\x90", b"\x91c", b"\x93\x30\x01\x80"],
    "cbor": [b"\xff", b"\x83\x01", b"\x81" * 60_000, b"\x80", b"\x81\x18c", b"\x83\x18\x30\x01\xa0"],
}
# What no batch is.
NO_BATCHES = {"json": b"\x1e[1]", "msgpack": b"\0\0\0\x05x", "cbor": b"\0\0\0"}


@pytest.fixture(scope="module")
def limits() -> SessionLimits:
    """Short messages, and who polls is missed soon; no test is too fast."""
    return SessionLimits(
        message_bytes=61_000, messages_per_second=0, incoming_bytes_per_second=0, poll_seconds=2
    )


@pytest_twisted.async_yield_fixture
async def witness(server: Server) -> AsyncIterator[Line]:
    """Somebody else in the same realm, who notices nothing of what is wrong with others."""
    witness = await (await line(server, "rawsocket", "cbor")).join()
    yield witness
    assert (await witness.ask([48, 1, {}, "hotline.echo", [1]]))[:2] == [50, 1]
    await witness.cut()


def problem_of(message: list[Any]) -> str:
    """The URI of an ERROR or ABORT."""
    uri: str = message[4] if message[0] == 8 else message[2]
    return uri


@every_way
@pytest_twisted.ensureDeferred
async def test_a_round_of_talk(server: Server, kind: str, subprotocol: str) -> None:
    """Ticket, subscription, acknowledged publication, call, errors, goodbye: each has the right answer."""

    def refuse(*_: Any) -> None:
        raise RoomClosed(room="x")

    server.outside.procedures["hotline.refuse"] = refuse
    bob, eve = await line(server, kind, subprotocol), await line(server, kind, subprotocol)
    hello = {"roles": ROLES, "authmethods": ["ticket"], "authid": "bob"}
    assert (await bob.ask([1, "acme", hello]))[:2] == [4, "ticket"]
    welcome = await bob.ask([5, "secret", {}])
    assert (welcome[0], welcome[2]["authid"], welcome[2]["authmethod"]) == (2, "bob", "ticket")
    await eve.join()

    subscribed = await eve.ask([32, 1, {}, TOPIC])
    assert subscribed[:2] == [33, 1]
    published = await bob.ask([16, 1, {"acknowledge": True}, TOPIC, ["grüße 😀"], {"nonce": "n"}])
    assert published[:2] == [17, 1]
    event = await eve.hear()
    assert event[:3] == [36, subscribed[2], published[2]]
    assert (event[4], event[5]["nonce"], event[5]["seq"]) == (["grüße 😀"], "n", 1)

    result = await eve.ask([48, 2, {}, "hotline.echo", [1, None, 2.5], {"a": "ü"}])
    assert result[:4] == [50, 2, {}, [{"args": [1, None, 2.5], "kwargs": {"a": "ü"}}]]
    refused = await eve.ask([48, 3, {}, "hotline.refuse"])
    assert refused == [8, 48, 3, {}, "hotline.error.room_closed", [RoomClosed.sentence], {"room": "x"}]
    assert problem_of(await bob.ask([16, 4, {"acknowledge": True}, "nobodys"])) == "wamp.error.not_authorized"

    # One after another, or all in one batch: answered in order.
    eve.say(*([48, 5 + number, {}, "hotline.echo", [number]] for number in range(3)))
    assert [(await eve.hear())[1] for _ in range(3)] == [5, 6, 7]

    assert await bob.ask([6, {}, "wamp.close.close_realm"]) == [6, {}, "wamp.close.goodbye_and_out"]
    assert await bob.ended() == []
    assert (await eve.ask([6, {}, "wamp.close.close_realm"]))[0] == 6
    assert await eve.ended() == []


@every_way
@pytest_twisted.ensureDeferred
async def test_who_is_not_let_in(server: Server, kind: str, subprotocol: str) -> None:
    """A wrong ticket and an unknown realm end with ABORT, and with the connection."""
    stranger = await line(server, kind, subprotocol)
    await stranger.ask([1, "acme", {"roles": ROLES, "authmethods": ["ticket"], "authid": "bob"}])
    stranger.say([5, "wrong", {}])
    assert list(map(problem_of, await stranger.ended())) == ["wamp.error.authentication_denied"]
    lost = await line(server, kind, subprotocol)
    lost.say([1, "nowhere", {"roles": ROLES}])
    assert list(map(problem_of, await lost.ended())) == ["wamp.error.no_such_realm"]


@every_way
@pytest_twisted.ensureDeferred
async def test_too_long_a_message(server: Server, witness: Line, kind: str, subprotocol: str) -> None:
    """One as long as a message may be is taken; one that is longer ends the connection, unread."""
    server.outside.procedures["hotline.count"] = lambda session, args, kwargs: len(args[0])
    peer = await (await line(server, kind, subprotocol)).join()
    assert (await peer.ask([48, 1, {}, "hotline.count", ["x" * 60_900]]))[3] == [60_900]
    peer.say([48, 2, {}, "hotline.count", ["x" * 66_000]])
    heard = await peer.ended()
    if kind in WEBSOCKETS:
        # What RFC 6455 has for it.
        assert (heard, peer.closure) == ([], TOO_LONG)
    else:
        assert list(map(problem_of, heard)) == [VIOLATION]


@every_way
@pytest_twisted.ensureDeferred
async def test_malformed_bytes(server: Server, witness: Line, kind: str, subprotocol: str) -> None:
    """What is no message, or no batch of messages, ends it with ABORT, before and after WELCOME."""
    name, _, batched = subprotocol.partition(".")
    bad = [*MALFORMED[name], *([NO_BATCHES[name]] if batched else [])]
    for number, payload in enumerate(bad):
        peer = await line(server, kind, subprotocol)
        if number % 2:
            await peer.join()
        peer.say_payload(payload if payload in NO_BATCHES.values() else peer.wrapped(payload))
        assert list(map(problem_of, await peer.ended())) == [VIOLATION], payload[:20]


@every_way
@pytest_twisted.ensureDeferred
async def test_wrong_order(server: Server, witness: Line, kind: str, subprotocol: str) -> None:
    """Requests before HELLO, HELLO twice, AUTHENTICATE unasked, number 0: ABORT, and nothing after it."""
    hello = [1, "acme", {"roles": ROLES}]
    for before, wrong in (
        ([], [32, 1, {}, TOPIC]),
        ([], [5, "secret", {}]),
        ([], [6, {}, "wamp.close.close_realm"]),
        ([hello], hello),
        ([hello], [48, 0, {}, "hotline.echo"]),
        ([hello], [2, 1, {}]),
    ):
        peer = await line(server, kind, subprotocol)
        for each in before:
            await peer.ask(each)
        peer.say(wrong, [16, 1, {}, TOPIC, ["unread"]])
        assert list(map(problem_of, await peer.ended())) == [VIOLATION], wrong
    leaving = await (await line(server, kind, subprotocol)).join()
    leaving.say([6, {}, "wamp.close.close_realm"], [16, 1, {}, TOPIC, ["unread"]])
    assert [each[0] for each in await leaving.ended()] == [6]
    assert server.outside.stored == []


KINDS = (*WEBSOCKETS, *RAWSOCKETS, *LONGPOLLS)
# Where it is the transport that counts: each, and all subprotocols in turn.
each_kind = pytest.mark.parametrize(
    ("kind", "subprotocol"),
    [
        (kind, names[place % len(names)])
        for place, kind in enumerate(KINDS)
        for names in [[name for each, name in WAYS if each == kind]]
    ],
)


@each_kind
@pytest_twisted.ensureDeferred
async def test_an_abrupt_end(server: Server, witness: Line, kind: str, subprotocol: str) -> None:
    """Whoever is gone without a word leaves nothing behind."""
    peer = await (await line(server, kind, subprotocol)).join()
    await peer.ask([32, 1, {}, TOPIC])
    joined = server.outside.news[-2]
    assert joined[0] == "joined"
    await peer.cut()
    await until(server.reactor, lambda: len(server.house.router.sessions) == 1)
    assert server.outside.news[-2:] == [("abandoned", "acme", TOPIC), ("left", joined[1])]


@each_kind
@pytest_twisted.ensureDeferred
async def test_a_slow_reader(server: Server, witness: Line, kind: str, subprotocol: str) -> None:
    """It is closed with a reason when too much waits for it, and heard a part in order; others hear all."""
    slow = await (await line(server, kind, subprotocol)).join()
    for peer in (slow, witness):
        await peer.ask([32, 1, {}, TOPIC])
    slow.pause()
    realm = server.house.router.realms["acme"]
    count = 0
    while len(realm.sessions) == 2:
        realm.publish(TOPIC, [count, "x" * 50_000], {})
        assert (await witness.hear())[4][0] == count
        count += 1
    slow.resume()
    *events, last = await slow.ended()
    assert problem_of(last) == "hotline.close.too_slow"
    assert [event[4][0] for event in events] == list(range(len(events)))
    assert 0 < len(events) < count


@pytest.mark.parametrize("kind", KINDS)
@pytest_twisted.ensureDeferred
async def test_everybody_is_told_of_the_end(server: Server, kind: str) -> None:
    """A stop says goodbye over every transport, and ends when all are gone."""
    peers = [await (await line(server, kind, name)).join() for name in ("json", "msgpack")]
    await server.house.router.close_all()
    for peer in peers:
        assert list(map(problem_of, await peer.ended())) == ["wamp.close.system_shutdown"]
