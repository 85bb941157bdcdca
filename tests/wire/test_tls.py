"""TLS that never comes to anything: its time is bounded like everybody's, on every port."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, serverFromString, wrapClientTLS
from twisted.internet.protocol import Factory
from twisted.internet.ssl import CertificateOptions
from twisted.plugin import getPlugins
from twisted.web.resource import Resource

import twisted.plugins
from hotline.protocols.channel import punctual
from hotline.protocols.door import Door
from hotline.protocols.interfaces import Hub, ITransport
from hotline.protocols.limits import SessionLimits
from hotline.protocols.upgrade import websocket_resource
from hotline.protocols.websocket import WampWebSocketFactory
from hotline.web.request import site
from tests.certificates import certify_localhost
from tests.router.outside import SERIALIZERS, House
from tests.system.daemon import until
from tests.wire.clients import Bare, connect

HELLO_SECONDS = 0.3
# As long as last words may take to be written.
CLOSING_SECONDS = SessionLimits().closing_seconds

# How a handshake of TLS 1.2 or 1.3 begins: a record, a ClientHello, and nothing of what they announce.
HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where to listen for TLS."""
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    certify_localhost(file)
    return f"ssl:0:interface=127.0.0.1:privateKey={file}:certKey={file}"


def listening(reactor: Any, kind: str, endpoint: str, hub: Hub) -> Deferred[Any]:
    """A port as the daemon opens it."""
    if kind == "http":
        root = Resource()
        root.putChild(b"ws", websocket_resource(WampWebSocketFactory(hub, reactor)))
        return serverFromString(reactor, endpoint).listen(
            site(root, reactor, punctual(SessionLimits(hello_seconds=HELLO_SECONDS)))
        )
    (transport,) = (each for each in getPlugins(ITransport, twisted.plugins) if each.name == kind)
    return transport.listen(reactor, endpoint, hub)


@pytest.mark.parametrize("kind", ["http", "websocket", "rawsocket", "longpoll"])
@ensureDeferred
async def test_time_is_bounded(reactor: Any, endpoint: str, kind: str) -> None:
    """Nothing said, half a handshake, a whole one and then nothing, reading or not: all are gone."""
    limits = SessionLimits(hello_seconds=HELLO_SECONDS)
    house = House(limits, reactor)
    hub = Hub(
        serializers=SERIALIZERS,
        limits=limits,
        accept=house.router.accept,
        allowed_origin=lambda origin, host: True,
    )
    port = await listening(reactor, kind, endpoint, hub)
    door = Door(0, reactor)
    door.watch(port)
    number = port.getHost().port
    silent, half = await connect(reactor, number), await connect(reactor, number)
    half.transport.write(HALF_A_HELLO)
    secured = wrapClientTLS(CertificateOptions(), TCP4ClientEndpoint(reactor, "127.0.0.1", number))
    whole, deaf = [await secured.connect(Factory.forProtocol(Bare)) for _ in range(2)]
    await until(reactor, lambda: door.count == 4)
    deaf.transport.pauseProducing()

    await until(reactor, lambda: door.count == 0, HELLO_SECONDS + CLOSING_SECONDS + 1.0, "the last to go")
    for bare in (silent, half, whole):
        await bare.lost
    deaf.transport.abortConnection()
    await port.stopListening()
