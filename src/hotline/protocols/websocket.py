"""WAMP over WebSocket: Autobahn's protocol with short paths for the frames nearly all messages come in.

In: bytes of a connection that is open. Out: messages for the receiver, frames on the wire. Fragments, control
frames and the closing handshake are left to Autobahn. No compression; it never logs a word of the peer.
"""

from __future__ import annotations

from typing import Any

from autobahn.websocket.protocol import WebSocketProtocol
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IDelayedCall, IListeningPort
from twisted.internet.protocol import connectionDone
from twisted.plugin import IPlugin
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped,unused-ignore]  # no stubs

from hotline.protocols.backlog import Backlog
from hotline.protocols.batches import AUTOBAHNS_SEPARATOR
from hotline.protocols.inflow import PING_COST, Inflow
from hotline.protocols.interfaces import Hub, ITransport, Receiver, Undecodable
from hotline.protocols.websocket_opening import Opening
from hotline.protocols.websocket_shared import SharedByConnections

NORMAL_CLOSURE = 1000
NO_TEXT = 1007
"""Of text that is not UTF-8."""
CLOSURES = {"wamp.close.system_shutdown": 1012}
"""Codes of reasons that have one of their own: 1012 is a service that restarts, so come back."""

CLOSE_REASON_BYTES = 123

PING = bytes((0x89, 0))
PONG_OCTET = 0x8A
PONG_START = bytes((PONG_OCTET, 0x80))
"""Of the answer to our ping; four bytes of a mask for nothing follow."""
PONG_BYTES = 6

LATE_BYTES = 65536
"""Most bytes that are read of a peer to which the end was announced."""


class WampWebSocket(Opening):
    """One connection, and the link of the session on it."""

    is_closed: Any
    maxFramePayloadSize: int

    _receiver: Receiver | None = None
    _backlog: Backlog | None = None
    _inflow: Inflow | None = None
    _late_bytes = 0
    _first_octet = 0
    _is_overflowed = False
    _is_first_batch = True
    _closure = NORMAL_CLOSURE
    _abort_call: IDelayedCall | None = None

    # The link (hotline.protocols.interfaces.Link)

    def write(self, frame: bytes) -> None:
        backlog = self._backlog
        if self.state != self.STATE_OPEN or backlog is None:
            return
        if backlog.is_over and not self._is_overflowed:
            # From here on only the last words of the receiver are written, who closes the link.
            self._is_overflowed = True
            if self._receiver is not None:
                self._receiver.overflowed()
            return
        backlog.write(frame)

    def send(self, message: Any) -> None:
        self.write(self.encoding.encode(message))

    def close(self, reason: str) -> None:
        if self.state == self.STATE_OPEN:
            # Autobahn's sendClose knows 1000 of these only.
            words = reason.encode()[:CLOSE_REASON_BYTES].decode(errors="ignore").encode()
            self.sendCloseFrame(CLOSURES.get(reason, self._closure), words)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        # Autobahn's own frames: nothing may be said after the one that closes.
        if self._backlog is not None:
            self._backlog.flush()
        super().sendData(data, sync, chopsize)

    def onOpen(self) -> None:
        self._first_octet = self.encoding.first_octet
        limits = self.factory.hub.limits
        self._backlog = Backlog(self.transport, limits.outgoing_bytes, self.factory.turn)
        self._inflow = Inflow(
            self.transport,
            self.factory.reactor,
            limits.incoming_bytes_per_second,
            limits.incoming_burst_seconds,
        )
        self.factory.pulse.add(self)
        self._receiver = self.factory.hub.accept(self)

    # The pulse (hotline.protocols.pulse.Pulsating)

    def ping(self) -> None:
        self.write(PING)

    def missed(self) -> None:
        self.dropConnection(abort=True)

    def onFrameEnd(self) -> None:
        # Not before the frame is whole: who stops in the middle of one is dead.
        super().onFrameEnd()
        self.factory.pulse.heard(self)

    # Receiving

    def dataReceived(self, data: bytes) -> None:
        if self.state == self.STATE_OPEN:
            if self._inflow is not None:
                self._inflow.read(len(data))
            if not self.data and self.current_frame is None:
                if len(data) == PONG_BYTES and data.startswith(PONG_START):
                    self.factory.pulse.heard(self)
                    return
                if not self.inside_message:
                    data = self._take_whole_frames(data)
                if not data:
                    return
        elif self.state == self.STATE_CLOSED:
            return
        elif self.state == self.STATE_CONNECTING:
            if 0 < self.factory.hub.limits.handshake_bytes < len(self.data) + len(data):
                self.dropConnection(abort=True)
                return
        elif self.state == self.STATE_CLOSING:
            # All that is awaited is the answer to a closing handshake.
            self._late_bytes += len(data)
            if self._late_bytes > LATE_BYTES:
                self.dropConnection(abort=True)
                return
        self._dataReceived(data)

    def _take_whole_frames(self, data: bytes) -> bytes:
        # Frames that are all there, final, masked, of our kind and of a length below 64 KiB; gives the rest.
        first_octet = self._first_octet
        limit = self.maxFramePayloadSize
        position, end = 0, len(data)
        while end - position >= 6 and data[position] == first_octet:
            length = data[position + 1] - 128
            start = position + 6
            if length == 126:
                length = data[position + 2] << 8 | data[position + 3]
                if length < 126:
                    break
                start += 2
            elif not 0 <= length < 126:
                break
            stop = start + length
            if stop > end or 0 < limit < length:
                break
            payload = data[start:stop]
            key = int.from_bytes((data[start - 4 : start] * (length // 4 + 1))[:length], "big")
            position = stop
            self._payload_received((int.from_bytes(payload, "big") ^ key).to_bytes(length, "big"))
            if self.state != self.STATE_OPEN:
                break
        if position:
            self.factory.pulse.heard(self)
        return data[position:] if position else data

    def _onMessage(self, payload: bytes, isBinary: bool) -> None:
        # What came in fragments, or in several reads.
        if self.state != self.STATE_OPEN or self._receiver is None:
            return
        if isBinary is self.encoding.serializer.is_binary:
            self._payload_received(payload)
        else:
            self._receiver.violated("this serializer uses the other kind of frame")

    def onPing(self, payload: bytes) -> None:
        # By our own way out: who sends pings and reads nothing is bounded as anybody else. Pings cost more
        # than their bytes, and no client has to send any: a flood of them ends the connection.
        if self._inflow is not None:
            if self._inflow.is_waiting:
                self.dropConnection(abort=True)
                return
            self._inflow.read(PING_COST)
        self.write(bytes((PONG_OCTET, len(payload))) + payload)

    def _payload_received(self, payload: bytes) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        if self.encoding.batch is not None:
            self._batch_received(receiver, payload)
            return
        try:
            message = self.encoding.serializer.decode(payload)
        except Undecodable as error:
            self._violated(receiver, payload, str(error))
        else:
            receiver.message_received(message)

    def _batch_received(self, receiver: Receiver, payload: bytes) -> None:
        is_first, self._is_first_batch = self._is_first_batch, False
        if (
            is_first
            and self.encoding.serializer is self.factory.json
            and payload.endswith(AUTOBAHNS_SEPARATOR)
        ):
            # Before anything was sent: the first thing a peer says.
            self.encoding = self.factory.autobahns_json
        try:
            batch = self.encoding.batch
            messages = [] if batch is None else batch.split(payload)
            for each in messages:
                message = self.encoding.serializer.decode(each)
                if self.state == self.STATE_OPEN:
                    receiver.message_received(message)
        except Undecodable as error:
            self._violated(receiver, payload, str(error))

    def _violated(self, receiver: Receiver, payload: bytes, reason: str) -> None:
        if not self.encoding.serializer.is_binary and not _is_text(payload):
            self._closure = NO_TEXT
        receiver.violated(reason)

    # The end

    def unregisterProducer(self) -> None:
        # Called by Autobahn before it drops the connection, which a producer would keep open.
        self._release()

    def _closeConnection(self, abort: bool = False) -> None:
        super()._closeConnection(abort)
        seconds = self.factory.hub.limits.closing_seconds
        if not abort and self._abort_call is None and seconds:
            # A peer that does not read would keep what is still to be written, and the connection, for ever.
            self._abort_call = self.factory.reactor.callLater(seconds, self._abort)

    def _abort(self) -> None:
        self._abort_call = None
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._abort_call is not None:
            self._abort_call.cancel()
            self._abort_call = None
        # Not all of Autobahn's own: it puts the end into words for a log, which takes longer than the rest.
        WebSocketProtocol._connectionLost(self, reason)  # type: ignore[arg-type]  # Autobahn's annotation
        self.factory.countConnections -= 1
        self._lose()
        # Its result is this very object: a cycle per connection.
        self.is_closed = None

    def _fail_connection(self, code: int = 1001, reason: str = "") -> None:
        super()._fail_connection(code, reason)
        # The closing handshake may take a while, but this session is over.
        self._lose()

    def _lose(self) -> None:
        self._release()
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.link_lost()

    def _release(self) -> None:
        backlog, self._backlog = self._backlog, None
        if backlog is not None:
            backlog.release()
        self.factory.pulse.discard(self)
        inflow, self._inflow = self._inflow, None
        if inflow is not None:
            inflow.release()


def _is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


class WampWebSocketFactory(SharedByConnections):
    """Makes the connections of one port or one HTTP resource."""

    kind = WampWebSocket


@implementer(IPlugin, ITransport)
class WebSocketTransport:
    """WebSocket on an endpoint of its own, under any path."""

    name = "websocket"

    def listen(self, reactor: Any, endpoint: str, hub: Hub) -> Deferred[IListeningPort]:
        """Listen for WebSocket connections."""
        listening: Deferred[IListeningPort] = serverFromString(reactor, endpoint).listen(
            WampWebSocketFactory(hub, reactor)
        )
        return listening
