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

from hotline.discreet import BoundedRequest
from hotline.protocols.channel import punctual
from hotline.protocols.interfaces import Hub, ITransport
from hotline.protocols.longpoll import LongPollResource


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
        kind = type("Bounded", (BoundedRequest,), {"most_bytes": hub.limits.message_bytes})
        pages: Any = LongPollSite(LongPollResource(hub, reactor), requestFactory=kind, reactor=reactor)  # type: ignore[no-untyped-call]  # Twisted
        pages.protocol = punctual(hub.limits)
        listening: Deferred[IListeningPort] = serverFromString(reactor, endpoint).listen(pages)
        return listening
