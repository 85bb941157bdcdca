"""A server for the wire tests: the real router, the outside of the router's tests, real loopback sockets.

It finds its transports as the daemon does, through the plugin system.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IListeningPort
from twisted.plugin import getPlugins
from twisted.web.resource import Resource
from twisted.web.server import Site

import twisted.plugins
from hotline.protocols.channel import punctual
from hotline.protocols.interfaces import Hub, ITransport
from hotline.protocols.limits import SessionLimits
from hotline.protocols.longpoll import LongPollResource
from hotline.protocols.upgrade import websocket_resource
from hotline.protocols.websocket import WampWebSocketFactory
from tests.router.outside import SERIALIZERS, House, Outside
from tests.wire.clients import Address

ALLOWED_ORIGIN = "https://hotline.example"


class Server:
    """A house that listens."""

    def __init__(self, reactor: Any, directory: Path, limits: SessionLimits) -> None:
        self.reactor = reactor
        self.house = House(limits, reactor)
        self.hub = Hub(
            serializers=SERIALIZERS,
            limits=limits,
            accept=self.house.router.accept,
            allowed_origin=lambda origin, host: origin in (None, ALLOWED_ORIGIN),
            network_of=lambda host, said: f"{host} {said}".encode(),
        )
        self._socket = directory / "rawsocket"
        self._ports: dict[str, IListeningPort] = {}

    @property
    def outside(self) -> Outside:
        """What the router asks."""
        return self.house.outside

    async def listen(self) -> None:
        """Open all ports."""
        transports = {each.name: each for each in getPlugins(ITransport, twisted.plugins)}
        loopback = "tcp:0:interface=127.0.0.1"
        root = Resource()
        websockets = WampWebSocketFactory(self.hub, self.reactor)
        root.putChild(b"ws", websocket_resource(websockets))
        root.putChild(b"wamp", LongPollResource(self.hub, self.reactor))
        pages: Any = Site(root, timeout=1)
        pages.protocol = punctual(0.0, websockets)
        self._ports = {
            "http": self.reactor.listenTCP(0, pages, interface="127.0.0.1"),
            "websocket": await transports["websocket"].listen(self.reactor, loopback, self.hub),
            "longpoll": await transports["longpoll"].listen(self.reactor, loopback, self.hub),
            "rawsocket": await transports["rawsocket"].listen(self.reactor, loopback, self.hub),
            "unix": await transports["rawsocket"].listen(self.reactor, f"unix:{self._socket}", self.hub),
        }

    def port(self, kind: str) -> int:
        """The number of a TCP port."""
        number: int = self._ports[kind].getHost().port
        return number

    def address(self, kind: str, serializer: str = "json") -> Address:
        """Where and how Autobahn reaches this server."""
        if kind == "unix":
            endpoint: dict[str, Any] = {"type": "unix", "path": str(self._socket)}
            return Address("rawsocket", "rs://localhost", endpoint, serializer)
        if kind in ("longpoll", "http longpoll"):
            # On a port of its own, or below /wamp on the HTTP port.
            path = f":{self.port('longpoll')}" if kind == "longpoll" else f":{self.port('http')}/wamp"
            return Address("longpoll", f"http://127.0.0.1{path}", {}, serializer)
        endpoint = {"type": "tcp", "host": "127.0.0.1", "port": self.port(kind)}
        if kind == "rawsocket":
            return Address("rawsocket", f"rs://127.0.0.1:{self.port(kind)}", endpoint, serializer)
        path = "/ws" if kind == "http" else "/"
        return Address("websocket", f"ws://127.0.0.1:{self.port(kind)}{path}", endpoint, serializer)

    async def stop(self) -> None:
        """Close all ports and sessions."""
        for port in self._ports.values():
            await port.stopListening()
        await self.house.router.close_all()
