"""Peers Autobahn would never be, on real sockets: the server and everybody else go on."""

from __future__ import annotations

import json
import os
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_twisted

from hotline.protocols.limits import SessionLimits
from tests.wire.clients import Bare, connect, join, leave, pause
from tests.wire.lines import line
from tests.wire.server import ALLOWED_ORIGIN, LONGPOLLS, RAWSOCKETS, WAYS, WEBSOCKETS, Server

ROLES = {"roles": {"publisher": {}, "subscriber": {}, "caller": {}}}


def upgrade(*headers: str, subprotocol: str = "wamp.2.json") -> bytes:
    """An opening handshake."""
    lines = [
        "GET /ws HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {subprotocol}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """A masked frame."""
    mask = os.urandom(4)
    head = bytes((first, 128 | len(payload))) if len(payload) < 126 else b""
    head = head or bytes((first, 254)) + len(payload).to_bytes(2, "big")
    return head + mask + bytes(octet ^ mask[place % 4] for place, octet in enumerate(payload))


def message(*array: Any) -> bytes:
    """A frame with a message in JSON."""
    return frame(json.dumps(array).encode())


async def shaken(reactor: Any, server: Server, kind: str = "http") -> Bare:
    """A bare connection after the opening handshake."""
    bare = await connect(reactor, server.port(kind))
    bare.transport.write(upgrade())
    await bare.until(lambda heard: b"\r\n\r\n" in heard)
    assert bare.heard.startswith(b"HTTP/1.1 101 ")
    return bare


async def joined(reactor: Any, server: Server) -> Bare:
    """A bare connection after WELCOME."""
    bare = await shaken(reactor, server)
    bare.transport.write(message(1, "acme", ROLES))
    await bare.until(lambda heard: b"anonymous" in heard)
    return bare


@pytest.fixture(scope="module")
def limits() -> SessionLimits:
    """Small ones, so that the tests are quick."""
    return SessionLimits(
        hello_seconds=1.0,
        ping_seconds=1.2,
        ping_timeout_seconds=0.2,
        messages_per_second=0,
        incoming_bytes_per_second=0,
    )


@pytest_twisted.async_yield_fixture
async def witness(reactor: Any, server: Server) -> AsyncIterator[Any]:
    """A well-behaved client that can still talk when the test is over."""
    client = await join(reactor, server.address("websocket", "msgpack"))
    yield client
    assert await client.session.call("hotline.echo", 1) == {"args": [1], "kwargs": {}}
    await leave(client)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", 426),
        (b"GET /ws?redirect=%0d%0aLocation:x&after=1 HTTP/1.1\r\nHost: a\r\n\r\n", 426),
        (upgrade("Origin: https://evil.example"), 403),
        (upgrade("Origin: null"), 403),
        (upgrade(subprotocol="chat"), 400),
    ],
)
@pytest_twisted.ensureDeferred
async def test_refused_requests(
    reactor: Any, server: Server, witness: Any, kind: str, request_bytes: bytes, status: int
) -> None:
    """A request that is no WebSocket, or from a foreign page, is refused by status, never redirected."""
    bare = await connect(reactor, server.port(kind))
    bare.transport.write(request_bytes)
    heard = await bare.until(lambda heard: b"\r\n\r\n" in heard)
    assert heard.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nLocation" not in heard
    bare.transport.loseConnection()
    await bare.lost


@pytest.mark.parametrize(
    "request_bytes",
    [
        upgrade(f"Origin: {ALLOWED_ORIGIN}"),
        upgrade("Origin: https://evil.example"),
        upgrade("Content-Length: 0"),
        upgrade("Sec-WebSocket-Extensions: permessage-deflate"),
        upgrade("X: \xff"),
        upgrade(subprotocol="chat, wamp.2.cbor"),
        upgrade().replace(b"13", b"8"),
        upgrade().replace(b"n b", b"n b".upper()).replace(b"==", b"=!"),
        upgrade().replace(b"Connection: Upgrade", b"Connection: close"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_openings_are_read_the_same_way(reactor: Any, server: Server, request_bytes: bytes) -> None:
    """Whether Twisted does not read it, as it usually is, or has to because of what it asks for."""
    heads = []
    for asked in (request_bytes, request_bytes.replace(b"/ws ", b"/ws?a=b ")):
        bare = await connect(reactor, server.port("http"))
        bare.transport.write(asked)
        heard = await bare.until(lambda heard: b"\r\n\r\n" in heard)
        heads.append(heard.partition(b"\r\n\r\n")[0])
        bare.transport.loseConnection()
        await bare.lost
    assert heads[0] == heads[1]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /ws HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
        b"HEAD /ws HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /ws/below HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx",
    ],
)
@pytest_twisted.ensureDeferred
async def test_other_requests_on_the_http_port(
    reactor: Any, server: Server, witness: Any, request_bytes: bytes
) -> None:
    """Other methods and paths below get a client error, never an exception."""
    bare = await connect(reactor, server.port("http"))
    bare.transport.write(request_bytes)
    heard = await bare.until(lambda heard: b"\r\n\r\n" in heard)
    assert heard.startswith((b"HTTP/1.1 426 ", b"HTTP/1.1 404 "))
    bare.transport.loseConnection()
    await bare.lost


@pytest_twisted.ensureDeferred
async def test_allowed_origin(reactor: Any, server: Server) -> None:
    """A page of an allowed origin connects."""
    bare = await connect(reactor, server.port("http"))
    bare.transport.write(upgrade(f"Origin: {ALLOWED_ORIGIN}"))
    heard = await bare.until(lambda heard: b"\r\n\r\n" in heard)
    assert heard.startswith(b"HTTP/1.1 101 ")
    bare.transport.loseConnection()
    await bare.lost


@pytest.mark.parametrize(
    "data",
    [
        message(1, "acme", ROLES) + message(1, "acme", ROLES),
        frame(b"{"),
        frame(b"[" * 60000),
        frame(b"[1]", 0x82),
        frame(b"\xff\xfe"),
        frame(b'[1,"\xed\xa0\x80",{}]'),
        message(32, 1, {}, "hotline.a"),
        message(1, "acme", ROLES) + message(32, 0, {}, "hotline.a"),
    ],
    # Masked at random: the bytes are others in every process.
    ids=[
        "two-hellos",
        "no-json",
        "deep",
        "binary",
        "no-text",
        "surrogate",
        "no-hello",
        "request-0",
    ],
)
@pytest_twisted.ensureDeferred
async def test_violations(reactor: Any, server: Server, witness: Any, data: bytes) -> None:
    """Two HELLOs, broken JSON, nested JSON, the wrong kind of frame: ABORT, close frame, disconnected."""
    bare = await shaken(reactor, server)
    bare.transport.write(data)
    await bare.until(lambda heard: b"wamp.error.protocol_violation" in heard)
    await bare.until(lambda heard: b"\x88" in heard)
    bare.transport.write(frame(b"\x03\xe8", 0x88))
    await bare.lost


@pytest_twisted.ensureDeferred
async def test_silent_peers_are_dropped(reactor: Any, server: Server, witness: Any) -> None:
    """No handshake, no HELLO, no answer to a ping: each ends the connection, on each transport."""
    no_handshake = [await connect(reactor, server.port(kind)) for kind in ("websocket", "rawsocket")]
    no_hello = [await line(server, kind, "msgpack") for kind in (*WEBSOCKETS, *RAWSOCKETS, *LONGPOLLS)]
    no_pong = [await (await line(server, kind, "cbor")).join() for kind in (*WEBSOCKETS, *RAWSOCKETS)]
    for bare in no_handshake:
        await bare.lost
    for silent in no_hello:
        assert [each[2] for each in await silent.ended()] == ["wamp.error.timeout"]
    for silent in no_pong:
        assert await silent.ended() == []


@pytest_twisted.ensureDeferred
async def test_slow_reader_that_never_reads_again(reactor: Any, server: Server, witness: Any) -> None:
    """It is disconnected all the same, and nothing of it is left in the realm."""
    slow = await joined(reactor, server)
    slow.transport.write(message(32, 1, {}, "hotline.room.x"))
    await slow.until(lambda heard: b"[33,1," in heard)
    slow.transport.pauseProducing()
    realm = server.house.router.realms["acme"]
    while len(realm.sessions) == 2:
        realm.publish("hotline.room.x", ["x" * 50_000], {})
        await pause(reactor, 0)
    slow.transport.abortConnection()
    await slow.lost


@pytest_twisted.ensureDeferred
async def test_random_bytes(reactor: Any, server: Server, witness: Any) -> None:
    """Random bytes at every stage of every transport hurt nobody."""
    dice = random.Random(26)

    def noise() -> bytes:
        return dice.randbytes(dice.randrange(1, 300))

    for _ in range(15):
        for bare in (
            await connect(reactor, server.port("http")),
            await connect(reactor, server.port("websocket")),
            await connect(reactor, server.port("rawsocket")),
            await shaken(reactor, server),
            await joined(reactor, server),
        ):
            bare.transport.write(noise() if dice.random() < 0.5 else frame(noise()[:120]))
            await pause(reactor, 0.002)
            bare.transport.abortConnection()
            await bare.lost
    for kind, subprotocol in WAYS:
        peer = await line(server, kind, subprotocol)
        if dice.random() < 0.5:
            await peer.join()
        peer.say_payload(noise())
        assert [each[2] for each in await peer.ended()] == ["wamp.error.protocol_violation"]
