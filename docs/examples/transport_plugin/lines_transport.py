"""WAMP in lines: each message JSON on a line of its own.

In: lines of a connection. Out: messages for the receiver, lines for the peer. A line longer than a message
may be ends the connection, and so does a peer that reads too slowly.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IDelayedCall, IListeningPort
from twisted.internet.protocol import Factory, connectionDone
from twisted.plugin import IPlugin
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from hotline.protocols.backlog import Backlog, Turn
from hotline.protocols.interfaces import Hub, ITransport, Receiver, Serializer, Undecodable

CLOSING_SECONDS = 5.0
"""Time for the last words to be written."""


class LinesEncoding:
    """A message as a line; JSON has no line ends of its own."""

    def __init__(self, serializer: Serializer) -> None:
        self.serializer = serializer

    def encode(self, message: Any) -> bytes:
        return self.serializer.encode(message) + b"\n"


class Lines(LineOnlyReceiver):
    """One connection, and the link of the session on it."""

    delimiter = b"\n"
    factory: LinesFactory
    network: bytes | None = None

    def __init__(self, hub: Hub, encoding: LinesEncoding) -> None:
        self.encoding = encoding
        self.MAX_LENGTH = hub.limits.message_bytes or 2**24
        self._hub = hub
        self._receiver: Receiver | None = None
        self._backlog: Backlog | None = None
        self._is_overflowed = False
        self._abort_call: IDelayedCall | None = None

    # The link

    def write(self, frame: bytes) -> None:
        backlog = self._backlog
        if backlog is None:
            return
        if backlog.is_over and not self._is_overflowed:
            self._is_overflowed = True
            if self._receiver is not None:
                self._receiver.overflowed()
            return
        backlog.write(frame)

    def send(self, message: Any) -> None:
        self.write(self.encoding.encode(message))

    def close(self, reason: str) -> None:
        if self._backlog is None:
            return
        self._release()
        self.transport.loseConnection()
        # A peer that does not read would keep what is still to be written, and the connection, for ever.
        self._abort_call = self.factory.reactor.callLater(CLOSING_SECONDS, self._abort)

    # What Twisted calls

    def connectionMade(self) -> None:
        # A mark of where the peer comes from, for limits per network; without one it comes from nowhere.
        self.network = self._hub.network_of(getattr(self.transport.getPeer(), "host", None), None)
        self._backlog = Backlog(self.transport, self._hub.limits.outgoing_bytes, self.factory.turn)
        self._receiver = self._hub.accept(self)

    def lineReceived(self, line: bytes) -> None:
        if self._receiver is None or self._backlog is None:
            return
        try:
            message = self.encoding.serializer.decode(line)
        except Undecodable as error:
            self._receiver.violated(str(error))
        else:
            self._receiver.message_received(message)

    def lineLengthExceeded(self, line: bytes) -> None:
        if self._receiver is not None and self._backlog is not None:
            self._receiver.violated("this line is too long")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._abort_call is not None:
            self._abort_call.cancel()
        self._release()
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.link_lost()

    def _abort(self) -> None:
        self._abort_call = None
        self.transport.abortConnection()

    def _release(self) -> None:
        backlog, self._backlog = self._backlog, None
        if backlog is not None:
            backlog.release()


class LinesFactory(Factory):
    """Makes the connections of one port; they share one encoding."""

    noisy = False

    def __init__(self, hub: Hub, reactor: Any) -> None:
        self._hub = hub
        self.reactor = reactor
        self.turn = Turn(reactor)
        self._encoding = LinesEncoding(hub.serializers["json"])

    def buildProtocol(self, addr: object) -> Lines:
        lines = Lines(self._hub, self._encoding)
        lines.factory = self
        return lines


@implementer(IPlugin, ITransport)
class LinesTransport:
    """`--transport lines:ENDPOINT`."""

    name = "lines"

    def listen(self, reactor: Any, endpoint: str, hub: Hub) -> Deferred[IListeningPort]:
        return serverFromString(reactor, endpoint).listen(LinesFactory(hub, reactor))
