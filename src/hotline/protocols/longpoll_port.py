"""Long polls on a port of their own, for `--transport longpoll:ENDPOINT`.

In: an endpoint. Out: a site that is nothing but `LongPollResource`. It never keeps more of a request than a
message may have, and no access log.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.plugin import IPlugin
from twisted.web.server import Site
from zope.interface import implementer  # type: ignore[import-untyped,unused-ignore]  # no stubs

from hotline.discreet import DiscreetRequest
from hotline.protocols.channel import punctual
from hotline.protocols.interfaces import Hub, ITransport
from hotline.protocols.longpoll import LongPollResource


class BoundedRequest(DiscreetRequest):
    """A request that keeps no more of its body than a message may have, on a port of our own."""

    limit = 0
    too_large = False
    _received = 0

    def gotLength(self, length: int | None) -> None:
        self.too_large = bool(self.limit) and length is not None and length > self.limit
        super().gotLength(0 if self.too_large else length)  # type: ignore[no-untyped-call]  # Twisted

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self.limit and self._received > self.limit:
            self.too_large = True
        if not self.too_large:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]  # Twisted


class LongPollSite(Site):
    """A site that writes no access log."""

    noisy = False

    def log(self, request: Any) -> None:
        """Says nothing."""

    def acceptableProtocols(self) -> list[bytes]:
        return [b"http/1.1"]


@implementer(IPlugin, ITransport)
class LongPollTransport:
    """Long polls on an endpoint of their own, directly below its root."""

    name = "longpoll"

    def listen(self, reactor: Any, endpoint: str, hub: Hub) -> Deferred[IListeningPort]:
        """Listen for requests."""
        kind = type("Bounded", (BoundedRequest,), {"limit": hub.limits.message_bytes})
        pages: Any = LongPollSite(LongPollResource(hub, reactor), requestFactory=kind, reactor=reactor)  # type: ignore[no-untyped-call]  # Twisted
        pages.protocol = punctual(hub.limits)
        listening: Deferred[IListeningPort] = serverFromString(reactor, endpoint).listen(pages)
        return listening
