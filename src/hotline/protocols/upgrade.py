"""The place of WebSocket on the HTTP port.

In: requests for one path of a site. Out: connections taken over from the HTTP channel, 426 for all other
requests. It never redirects and never shows a status page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from autobahn.twisted.resource import WebSocketResource
from twisted.web.resource import IResource
from twisted.web.server import Request

from hotline.protocols.websocket import WampWebSocketFactory


class _Upgrade(WebSocketResource):
    """A leaf of the site."""

    def render(self, request: Request) -> Any:
        upgrade = (request.getHeader("upgrade") or "").lower()
        if request.method != b"GET" or upgrade != "websocket" or request.channel is None:
            request.setResponseCode(HTTPStatus.UPGRADE_REQUIRED)
            request.setHeader(b"upgrade", b"websocket")
            request.setHeader(b"content-type", b"text/plain; charset=utf-8")
            return b"This address speaks WAMP over WebSocket.\n"
        # The channel gives its transport away for good, and with it the place of the transport's producer.
        transport: Any = request.channel.transport
        transport.unregisterProducer()
        return super().render(request)  # type: ignore[no-untyped-call]  # Autobahn is partly untyped


def websocket_resource(websockets: WampWebSocketFactory) -> IResource:
    """The resource for `/ws`."""
    resource: IResource = _Upgrade(websockets)  # type: ignore[no-untyped-call]  # as above
    return resource
