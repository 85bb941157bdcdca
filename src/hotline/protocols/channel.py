"""HTTP/1.1 for which nobody can take their time.

In: bytes of a connection. Out: Twisted's requests; or, where what comes first is plainly the opening
of a WebSocket, a protocol of its own. A request has to be there within its time, however slowly it trickles
in; between two a connection may be idle. It never logs an address.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.tcp import Connection
from twisted.web.http import HTTPChannel

from hotline.protocols.limits import SessionLimits

_OPENING = b"GET /ws HTTP/1.1\r\n"
_HEAD_END = b"\r\n\r\n"


class PunctualChannel(HTTPChannel):
    """One connection; `request_seconds` for a request's head, as many for its body (0: only `timeOut`), and
    `closing_seconds` for an answer to be fetched when its own time is over."""

    request_seconds = 0.0
    closing_seconds = 0.0
    websockets: IProtocolFactory | None = None
    transport: Any
    _has_begun = False
    _is_receiving = False
    _idle_seconds: float | None = None

    def connectionMade(self) -> None:
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted
        self._idle_seconds = self.timeOut
        self._begin()

    def dataReceived(self, data: bytes) -> None:
        if not self._has_begun:
            self._has_begun = True
            if self.websockets is not None and _is_opening(data) and _is_plain(self.transport):
                self._give_away(self.websockets, data)
                return
        if self.request_seconds:
            # Twisted's own would begin to count anew with every byte.
            if not self._is_receiving and not self._handlingRequest:
                self._begin()
            # LineReceiver's, which is the next but one.
            super(HTTPChannel, self).dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted
        else:
            super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted

    def allHeadersReceived(self) -> None:
        super().allHeadersReceived()  # type: ignore[no-untyped-call]  # Twisted
        self._begin()

    def requestDone(self, request: Any) -> None:
        # What came meanwhile is the beginning of the next request.
        self._is_receiving = False
        self._savedTimeOut = self._idle_seconds
        super().requestDone(request)  # type: ignore[no-untyped-call]  # Twisted

    def timeoutConnection(self) -> None:
        if self.closing_seconds:
            self._abortingCall = self.callLater(  # type: ignore[no-untyped-call]  # Twisted
                self.closing_seconds, self.forceAbortClient
            )
        self.loseConnection()  # type: ignore[no-untyped-call]  # Twisted

    def forceAbortClient(self) -> None:
        self._abortingCall = None
        if self.transport is not None:
            self.transport.abortConnection()

    def _give_away(self, websockets: IProtocolFactory, data: bytes) -> None:
        # Twisted would read the request, and have it written down again for Autobahn, who reads it anew.
        transport, self.transport = self.transport, None
        self.setTimeout(None)  # type: ignore[no-untyped-call]  # Twisted
        transport.unregisterProducer()
        protocol: Any = websockets.buildProtocol(transport.getPeer())
        transport.protocol = protocol
        protocol.makeConnection(transport)
        protocol.dataReceived(data)

    def _begin(self) -> None:
        self._is_receiving = True
        if self.request_seconds:
            self.setTimeout(self.request_seconds)  # type: ignore[no-untyped-call]  # Twisted


def _is_plain(transport: Any) -> bool:
    return isinstance(transport, Connection) and not transport.TLS


def _is_opening(data: bytes) -> bool:
    """Whether this is all of a request as browsers open a WebSocket with; what it asks for is not judged."""
    if not data.startswith(_OPENING) or data.find(_HEAD_END) != len(data) - len(_HEAD_END):
        return False
    head = data.lower()
    has_body = b"\ncontent-length" in head or b"\ntransfer-encoding" in head
    return b"\nupgrade: websocket\r\n" in head and not has_body


def punctual(limits: SessionLimits, websockets: IProtocolFactory | None = None) -> Any:
    """What a site makes its channels with.

    :param websockets: makes what a plain socket is given to that opens a WebSocket at /ws.
    """
    parts = {
        "request_seconds": limits.hello_seconds,
        "closing_seconds": limits.closing_seconds,
        "websockets": websockets,
    }
    return type("Punctual", (PunctualChannel,), parts)
