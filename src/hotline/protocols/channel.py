"""HTTP/1.1 for which nobody can take their time.

In: bytes of a connection. Out: Twisted's requests. A request has to be there within its time, however slowly
it trickles in; between two a connection may be idle. It never logs an address.
"""

from __future__ import annotations

from typing import Any

from twisted.web.http import HTTPChannel

CLOSING_SECONDS = 5.0
"""Time for an answer to be fetched when the connection's own time is over."""


class PunctualChannel(HTTPChannel):
    """One connection; `request_seconds` for a request's head, as many for its body (0: only `timeOut`)."""

    request_seconds = 0.0
    transport: Any
    _is_receiving = False
    _idle_seconds: float | None = None

    def connectionMade(self) -> None:
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted
        self._idle_seconds = self.timeOut
        self._begin()

    def dataReceived(self, data: bytes) -> None:
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
        self._abortingCall = self.callLater(  # type: ignore[no-untyped-call]  # Twisted
            CLOSING_SECONDS, self.forceAbortClient
        )
        self.loseConnection()  # type: ignore[no-untyped-call]  # Twisted

    def forceAbortClient(self) -> None:
        self._abortingCall = None
        if self.transport is not None:
            self.transport.abortConnection()

    def _begin(self) -> None:
        self._is_receiving = True
        if self.request_seconds:
            self.setTimeout(self.request_seconds)  # type: ignore[no-untyped-call]  # Twisted


def punctual(request_seconds: float) -> Any:
    """What a site makes its channels with."""
    return type("Punctual", (PunctualChannel,), {"request_seconds": request_seconds})
