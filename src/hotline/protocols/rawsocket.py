"""WAMP over RawSocket, for scripts: four octets of handshake, then frames with a length before them.

In: bytes of a TCP or Unix connection. Out: messages for the receiver, frames on the wire, PING now and
then. It never answers what is no RawSocket, and accepts no frame longer than it announced.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IDelayedCall, IListeningPort
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.plugin import IPlugin
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped,unused-ignore]  # no stubs

from hotline.protocols.backlog import Backlog, Turn
from hotline.protocols.inflow import PING_COST, Inflow
from hotline.protocols.interfaces import Hub, ITransport, Receiver, Serializer, TooLong, Undecodable

MAGIC = 0x7F
HEADER_BYTES = 4

MESSAGE, PING, PONG = 0, 1, 2
LENGTH_BIT = 8
"""Beside the kind: one more bit of the length, for a frame of 16 MiB to the byte."""

SERIALIZER_UNSUPPORTED = 1
RESERVED_BITS_USED = 3
"""What a refusing handshake says. The other two, about lengths and connections, never apply here."""

LONGEST_EXPONENT = 15
LONGEST_FRAME = 2**24 - 1


class RawSocketEncoding:
    """Makes the frames of one serializer."""

    def __init__(self, serializer: Serializer) -> None:
        self.serializer = serializer

    def encode(self, message: Any) -> bytes:
        payload = self.serializer.encode(message)
        if len(payload) > LONGEST_FRAME:
            raise ValueError("longer than any frame of RawSocket")
        return len(payload).to_bytes(HEADER_BYTES, "big") + payload


class RawSocket(Protocol):
    """One connection, and the link of the session on it."""

    factory: RawSocketFactory
    transport: Any
    encoding: RawSocketEncoding
    network: bytes | None = None

    def __init__(self, hub: Hub, reactor: Any, exponent: int) -> None:
        self._hub = hub
        self._reactor = reactor
        self._exponent = exponent
        # As announced, or a limit in between that was made for other transports.
        self._longest_in = max(2 ** (9 + exponent), hub.limits.message_bytes)
        self._longest_out = 0
        self._data = b""
        self._receiver: Receiver | None = None
        self._backlog: Backlog | None = None
        self._inflow: Inflow | None = None
        self._is_closing = False
        self._is_overflowed = False
        self._timer: IDelayedCall | None = None
        self._is_ping_pending = False

    # The link (hotline.protocols.interfaces.Link)

    def write(self, frame: bytes) -> None:
        backlog = self._backlog
        if self._is_closing or backlog is None:
            return
        if len(frame) - HEADER_BYTES > self._longest_out:
            raise TooLong("a message is longer than this peer takes")
        if backlog.is_over and not self._is_overflowed:
            # From here on only the last words of the receiver are written, who closes the link.
            self._is_overflowed = True
            if self._receiver is not None:
                self._receiver.overflowed()
        else:
            backlog.write(frame)

    def send(self, message: Any) -> None:
        self.write(self.encoding.encode(message))

    def close(self, reason: str) -> None:
        """RawSocket has no word for goodbye: the reason was said in WAMP."""
        if self._is_closing:
            return
        self._is_closing = True
        self._data = b""
        self._release()
        self.transport.loseConnection()
        # A peer that does not read would keep what is still to be written, and the connection, for ever.
        if self._hub.limits.closing_seconds:
            self._put_off(self._hub.limits.closing_seconds, self.transport.abortConnection)
        else:
            self._cancel_timer()

    # What Twisted calls

    def connectionMade(self) -> None:
        if self._hub.limits.hello_seconds:
            self._put_off(self._hub.limits.hello_seconds, self.transport.abortConnection)

    def dataReceived(self, data: bytes) -> None:
        if self._is_closing:
            return
        if self._inflow is not None:
            self._inflow.read(len(data))
        data = self._data + data if self._data else data
        if self._receiver is None:
            if len(data) < HEADER_BYTES and data[0] == MAGIC:
                self._data = data
                return
            self._shake_hands(data[:HEADER_BYTES])
            data = data[HEADER_BYTES:]
        self._data = b""
        position = self._take_frames(data)
        if not self._is_closing:
            self._data = data[position:]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._is_closing = True
        self._cancel_timer()
        self._release()
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.link_lost()

    # How it is done

    def _shake_hands(self, octets: bytes) -> None:
        if octets[0] != MAGIC:
            self.close("not a RawSocket")
            return
        encoding = self.factory.encodings.get(octets[1] & 15)
        if octets[2:] != b"\0\0":
            self._refuse(RESERVED_BITS_USED)
        elif encoding is None:
            self._refuse(SERIALIZER_UNSUPPORTED)
        else:
            self.encoding = encoding
            self._longest_out = min(2 ** (9 + (octets[1] >> 4)), LONGEST_FRAME)
            self.transport.write(bytes((MAGIC, self._exponent << 4 | octets[1] & 15, 0, 0)))
            self.network = self._hub.network_of(getattr(self.transport.getPeer(), "host", None), None)
            limits = self._hub.limits
            self._backlog = Backlog(self.transport, limits.outgoing_bytes, self.factory.turn)
            self._inflow = Inflow(
                self.transport,
                self._reactor,
                limits.incoming_bytes_per_second,
                limits.incoming_burst_seconds,
            )
            self._wait_for_ping()
            self._receiver = self._hub.accept(self)

    def _refuse(self, error: int) -> None:
        self.transport.write(bytes((MAGIC, error << 4, 0, 0)))
        self.close("handshake refused")

    def _take_frames(self, data: bytes) -> int:
        position, end = 0, len(data)
        while not self._is_closing and end - position >= HEADER_BYTES:
            kind = data[position] & ~LENGTH_BIT
            length = int.from_bytes(data[position + 1 : position + HEADER_BYTES], "big")
            if data[position] & LENGTH_BIT:
                length += 2**24
            if kind > PONG or length > self._longest_in:
                self._violated("this is no frame, or one too long")
                break
            stop = position + HEADER_BYTES + length
            if stop > end:
                break
            payload = data[position + HEADER_BYTES : stop]
            position = stop
            if kind == MESSAGE:
                self._payload_received(payload)
            elif kind == PING:
                self._pong(payload)
            self._is_ping_pending = False
        return position

    def _payload_received(self, payload: bytes) -> None:
        try:
            message = self.encoding.serializer.decode(payload)
        except Undecodable as error:
            self._violated(str(error))
        else:
            if self._receiver is not None:
                self._receiver.message_received(message)

    def _violated(self, reason: str) -> None:
        if self._receiver is not None:
            self._receiver.violated(reason)
        self.close(reason)

    def _pong(self, payload: bytes) -> None:
        # No client has to send any: a flood of them ends the connection.
        if self._inflow is not None:
            if self._inflow.is_waiting:
                self._is_closing = True
                self.transport.abortConnection()
                return
            self._inflow.read(PING_COST)
        if len(payload) > self._longest_out:
            self.close("a pong is longer than this peer takes")
            return
        self.write(bytes((PONG,)) + len(payload).to_bytes(3, "big") + payload)

    def _wait_for_ping(self) -> None:
        self._cancel_timer()
        if self._hub.limits.ping_seconds:
            self._put_off(self._hub.limits.ping_seconds, self._ping)

    def _ping(self) -> None:
        self._is_ping_pending = True
        self.write(bytes((PING, 0, 0, 0)))
        if not self._is_closing and self._hub.limits.ping_timeout_seconds:
            self._put_off(self._hub.limits.ping_timeout_seconds, self._pong_is_due)
        elif not self._is_closing:
            self._wait_for_ping()

    def _pong_is_due(self) -> None:
        if self._is_ping_pending:
            self._is_closing = True
            self.transport.abortConnection()
        else:
            self._wait_for_ping()

    def _put_off(self, delay: float, action: Any) -> None:
        self._cancel_timer()
        self._timer = self._reactor.callLater(delay, action)

    def _cancel_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()

    def _release(self) -> None:
        backlog, self._backlog = self._backlog, None
        if backlog is not None:
            backlog.release()
        inflow, self._inflow = self._inflow, None
        if inflow is not None:
            inflow.release()


class RawSocketFactory(ServerFactory):
    """Makes the connections of one port."""

    noisy = False

    def __init__(self, hub: Hub, reactor: Any) -> None:
        self._hub = hub
        self._reactor = reactor
        self.turn = Turn(reactor)
        self.encodings = {each.rawsocket_id: RawSocketEncoding(each) for each in hub.serializers.values()}
        limit = hub.limits.message_bytes
        self._exponent = min(max(limit.bit_length() - 10, 0), LONGEST_EXPONENT) if limit else LONGEST_EXPONENT

    def buildProtocol(self, addr: object) -> Any:
        protocol = RawSocket(self._hub, self._reactor, self._exponent)
        protocol.factory = self
        return protocol


@implementer(IPlugin, ITransport)
class RawSocketTransport:
    """RawSocket on an endpoint, TCP or Unix."""

    name = "rawsocket"

    def listen(self, reactor: Any, endpoint: str, hub: Hub) -> Deferred[IListeningPort]:
        """Listen for RawSocket connections."""
        listening: Deferred[IListeningPort] = serverFromString(reactor, endpoint).listen(
            RawSocketFactory(hub, reactor)
        )
        return listening
