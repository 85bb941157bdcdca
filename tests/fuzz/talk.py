"""Bytes as a WAMP peer might send them, to the real router, on every kind of connection there is.

In: any bytes. Out: nothing, or AssertionError: something broke, somebody else noticed, the peer learned of
our inside, or anything was left when its connection was gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from hotline.discreet import BoundedRequest
from hotline.protocols.interfaces import Hub
from hotline.protocols.limits import SessionLimits
from hotline.protocols.longpoll import LongPollResource
from hotline.protocols.longpoll_port import LongPollSite
from hotline.protocols.rawsocket import RawSocketFactory
from hotline.protocols.websocket import WampWebSocketFactory
from tests.fuzz.watch import tells_nothing, unbroken
from tests.router.outside import SERIALIZERS, House, Peer

BETWEEN = {"json": b"\n", "msgpack": b"\xc1\xc1", "cbor": b"\xff\xff"}
"""What stands between two messages of one input; no message of that serializer has it between two values."""

LINK = b"@@@"
"""Stands in requests of long polls for the name of the transport that was opened for them."""

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: hotline.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: %s\r\n\r\n"
)
SUBPROTOCOLS = (
    b"wamp.2.json",
    b"wamp.2.msgpack",
    b"wamp.2.cbor",
    b"wamp.2.json.batched",
    b"wamp.2.msgpack.batched",
    b"wamp.2.cbor.batched",
)
ANSWER_BYTES = 1_000_000
"""No input of a few kilobytes is worth more than this in answers."""


class Visited:
    """A house with somebody well-behaved in it, who notices."""

    def __init__(self) -> None:
        self.house = House()
        # What a peer says, hotline never says again without having checked it.
        self.house.outside.procedures["hotline.echo"] = lambda session, args, kwargs: [len(args), len(kwargs)]
        self.hub = Hub(
            serializers=SERIALIZERS,
            limits=SessionLimits(),
            accept=self.house.router.accept,
            allowed_origin=lambda origin, host: True,
        )
        self._witness = Peer(self.house).join("other")

    def left(self) -> None:
        """All others are gone: the one is served as before, and then nothing is left."""
        # Longer than anything waits: pings, calls, words that nobody fetches.
        for _ in range(40):
            self.house.clock.advance(5)
        ((code, request, *_),) = self._witness.say(48, 1, {}, "hotline.echo", [1], {})
        assert (code, request) == (50, 1)
        self._witness.session.link_lost()
        router = self.house.router
        assert not router.sessions
        assert not router.realms
        assert not len(router.tasks)
        assert not self.house.clock.getDelayedCalls()


def session(serializer: str) -> Callable[[bytes], None]:
    """Messages: the first byte says who sends them, a newcomer, an anonymous one, staff or a script."""

    def taken(data: bytes) -> None:
        with unbroken():
            visited = Visited()
            peer = Peer(visited.house, serializer)
            who = data[0] & 3 if data else 0
            if who == 1:
                peer.join()
            elif who == 2:
                peer.log_in("bob", "secret")
            elif who == 3:
                peer.log_in()
            answered = 0
            for payload in data[1:].split(BETWEEN[serializer]):
                for answer in peer.say_bytes(payload):
                    shown = repr(answer).encode()
                    answered += len(shown)
                    tells_nothing(shown, data)
                visited.house.clock.advance(0.05)
            assert answered < ANSWER_BYTES
            peer.session.link_lost()
            visited.left()

    return taken


def rawsocket(data: bytes) -> None:
    """A whole connection: handshake and frames, in pieces of the size that the first byte says."""
    with unbroken():
        visited = Visited()
        _connected(visited, RawSocketFactory(visited.hub, visited.house.clock), data, b"")
        visited.left()


def websocket(data: bytes) -> None:
    """What follows the opening handshake; the first byte says in which subprotocol and pieces."""
    with unbroken():
        visited = Visited()
        chosen = SUBPROTOCOLS[(data[0] if data else 0) % len(SUBPROTOCOLS)]
        _connected(visited, WampWebSocketFactory(visited.hub, visited.house.clock), data, UPGRADE % chosen)
        visited.left()


def upgrade(data: bytes) -> None:
    """The opening handshake of WebSocket itself."""
    with unbroken():
        visited = Visited()
        _connected(visited, WampWebSocketFactory(visited.hub, visited.house.clock), data, b"")
        visited.left()


class _Bounded(BoundedRequest):
    # Once, and not for each input: what zope.interface has looked up for a class stays.
    most_bytes = 65536


def longpoll(data: bytes) -> None:
    """Requests on a port of long polls, with a transport that is open."""
    with unbroken():
        visited = Visited()
        clock = visited.house.clock
        resource = LongPollResource(visited.hub, clock)
        factory: Any = LongPollSite(resource, requestFactory=_Bounded, reactor=clock)
        opened = _Line(factory)
        opened.take(
            b'POST /open HTTP/1.1\r\nHost: a\r\nContent-Length: 29\r\n\r\n{"protocols":["wamp.2.json"]}'
        )
        name = opened.heard().rpartition(b'"transport":"')[2].partition(b'"')[0]
        assert name
        _connected(visited, factory, data.replace(LINK, name), b"")
        opened.lose()
        visited.left()


class _Line:
    """A connection in memory."""

    def __init__(self, factory: Any) -> None:
        self.transport = StringTransport(peerAddress=IPv4Address("TCP", "192.0.2.7", 4711))
        self.protocol = factory.buildProtocol(self.transport.getPeer())
        self.protocol.makeConnection(self.transport)

    def take(self, data: bytes) -> None:
        if data and not (self.transport.disconnecting or self.transport.disconnected):
            self.protocol.dataReceived(data)

    def heard(self) -> bytes:
        heard: bytes = self.transport.value()
        self.transport.clear()
        return heard

    def lose(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))


def _connected(visited: Visited, factory: Any, data: bytes, before: bytes) -> None:
    line = _Line(factory)
    line.take(before)
    for piece in _pieces(data):
        line.take(piece)
        visited.house.clock.advance(0.05)
    heard = line.heard()
    tells_nothing(heard, data)
    assert len(heard) < ANSWER_BYTES
    line.lose()


def _pieces(data: bytes) -> Iterator[bytes]:
    """All of it at once, or in pieces, as the first byte says."""
    size = (0, 1, 3, 7, 16, 100)[(data[0] if data else 0) // 43]
    rest = data[1:]
    for start in range(0, len(rest), size or len(rest) or 1):
        yield rest[start : start + (size or len(rest))]
