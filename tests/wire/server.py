"""A server for the wire tests: the real router, the outside of the router's tests, real loopback sockets.

It finds its transports as the daemon does, through the plugin system.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint, UNIXClientEndpoint, serverFromString, wrapClientTLS
from twisted.internet.interfaces import IListeningPort, IStreamClientEndpoint
from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates
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
from tests.certificates import certify_localhost
from tests.router.outside import SERIALIZERS, House, Outside
from tests.wire.clients import Address

ALLOWED_ORIGIN = "https://hotline.example"
LOOPBACK = "tcp:0:interface=127.0.0.1"

# What listens: "http" is /ws on the HTTP port, "http longpoll" what is below /wamp there, the others are
# transports on ports of their own; with TLS by their endpoints, or on Unix sockets.
WEBSOCKETS = ("http", "https", "websocket", "websocket tls", "websocket unix")
RAWSOCKETS = ("rawsocket", "rawsocket tls", "rawsocket unix")
LONGPOLLS = ("http longpoll", "https longpoll", "longpoll", "longpoll tls")
SERIALIZER_NAMES = tuple(SERIALIZERS)
BATCHED = tuple(f"{name}.batched" for name in SERIALIZER_NAMES)

WAYS = [
    *product(WEBSOCKETS, (*SERIALIZER_NAMES, *BATCHED)),
    *product(RAWSOCKETS, SERIALIZER_NAMES),
    *product(LONGPOLLS, (*SERIALIZER_NAMES, *BATCHED)),
]
"""Every transport with every subprotocol that it has."""


class Server:
    """A house that listens, in every way there is."""

    def __init__(self, reactor: Any, directory: Path, limits: SessionLimits) -> None:
        self.reactor = reactor
        self.hub = Hub(
            serializers=SERIALIZERS,
            limits=limits,
            accept=lambda link: self.house.router.accept(link),
            allowed_origin=lambda origin, host: origin in (None, ALLOWED_ORIGIN),
            network_of=lambda host, said: f"{host} {said}".encode(),
        )
        self._directory = directory
        self._ports: dict[str, IListeningPort] = {}
        self.move_in()

    def move_in(self) -> None:
        """Another house behind the same ports, in which nothing has ever happened."""
        self.house = House(self.hub.limits, self.reactor)

    @property
    def outside(self) -> Outside:
        """What the router asks."""
        return self.house.outside

    async def listen(self) -> None:
        """Open all ports."""
        certificate = self._directory / "own.pem"
        authority = Certificate.loadPEM(certify_localhost(certificate))
        self.trusted = optionsForClientTLS("localhost", trustRoot=trustRootFromCertificates([authority]))
        tls = f"ssl:0:interface=127.0.0.1:privateKey={certificate}:certKey={certificate}"
        root = Resource()
        websockets = WampWebSocketFactory(self.hub, self.reactor)
        root.putChild(b"ws", websocket_resource(websockets))
        root.putChild(b"wamp", LongPollResource(self.hub, self.reactor))
        pages: Any = Site(root, timeout=1)
        pages.protocol = punctual(SessionLimits(hello_seconds=0.0), websockets)
        for kind, endpoint in (("http", LOOPBACK), ("https", tls)):
            self._ports[kind] = await serverFromString(self.reactor, endpoint).listen(pages)
        transports = {each.name: each for each in getPlugins(ITransport, twisted.plugins)}
        for kind in (*WEBSOCKETS, *RAWSOCKETS, *LONGPOLLS):
            name, _, more = kind.partition(" ")
            if name in transports:
                endpoint = {"": LOOPBACK, "tls": tls, "unix": f"unix:{self._path(name)}"}[more]
                self._ports[kind] = await transports[name].listen(self.reactor, endpoint, self.hub)

    def port(self, kind: str) -> int:
        """The number of a TCP port."""
        number: int = self._ports[kind].getHost().port
        return number

    def _path(self, name: str) -> Path:
        return self._directory / name

    def endpoint(self, kind: str) -> IStreamClientEndpoint:
        """How a client connects."""
        name, _, more = kind.partition(" ")
        if more == "unix":
            return UNIXClientEndpoint(self.reactor, str(self._path(name)))
        plain = TCP4ClientEndpoint(self.reactor, "127.0.0.1", self.port(name if more == "longpoll" else kind))
        return wrapClientTLS(self.trusted, plain) if is_secure(kind) else plain

    def address(self, kind: str, serializer: str = "json") -> Address:
        """Where and how Autobahn reaches this server."""
        endpoint = self.endpoint(kind)
        secure = "s" if is_secure(kind) else ""
        if kind in LONGPOLLS:
            # On a port of its own, or below /wamp on the HTTP port.
            path = "/wamp" if kind.startswith("http") else ""
            return Address("longpoll", f"http{secure}://localhost{path}", endpoint, serializer)
        if kind in RAWSOCKETS:
            return Address("rawsocket", f"rs{secure}://localhost", endpoint, serializer)
        path = "/ws" if kind.startswith("http") else "/"
        return Address("websocket", f"ws{secure}://localhost{path}", endpoint, serializer)

    async def stop(self) -> None:
        """Close all ports."""
        for port in self._ports.values():
            await port.stopListening()


def is_secure(kind: str) -> bool:
    """Whether it is spoken in TLS."""
    return kind.startswith("https") or kind.endswith(" tls")
