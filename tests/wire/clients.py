"""Clients for the wire tests: Autobahn's own, made awaitable, and a bare socket for what it never sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autobahn.twisted.component import Component
from autobahn.twisted.websocket import WampWebSocketClientFactory
from autobahn.wamp.types import PublishOptions
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from tests.wire import longpolling

ACKNOWLEDGED = PublishOptions(acknowledge=True)
TO_ME_TOO = PublishOptions(acknowledge=True, exclude_me=False)


@dataclass(frozen=True, slots=True)
class Address:
    """A transport as Autobahn's components describe it."""

    kind: str
    url: str
    endpoint: IStreamClientEndpoint
    serializer: str

    def as_transport(self) -> dict[str, Any]:
        """For `Component`."""
        transport = {"type": self.kind, "url": self.url, "endpoint": self.endpoint, "max_retries": 0}
        if self.kind == "websocket":
            return {**transport, "serializers": [self.serializer]}
        return {**transport, "serializer": self.serializer}


@dataclass(slots=True)
class Client:
    """A joined session of Autobahn, the details of its WELCOME, and how it ended."""

    session: Any
    details: Any
    left: Deferred[Any] = field(default_factory=Deferred)
    gone: Deferred[Any] = field(default_factory=Deferred)


async def join(reactor: Any, address: Address, realm: str = "acme", **authentication: Any) -> Client:
    """Join with Autobahn; raises what Autobahn fails with if it is not let in."""
    if address.kind == "longpoll" or address.serializer.endswith(".batched"):
        # Components know neither.
        session = longpolling.Session(realm, authentication)
        if address.kind == "longpoll":
            longpolling.connect(reactor, address.endpoint, address.url, address.serializer, session)
        else:
            factory = WampWebSocketClientFactory(
                lambda: session,
                url=address.url,
                serializers=[longpolling.made_serializer(address.serializer)],
                reactor=reactor,
            )
            factory.noisy = False
            await address.endpoint.connect(factory)
        return Client(session, await session.joined, session.left, session.gone)
    component = Component(
        transports=[address.as_transport()], realm=realm, authentication=authentication or None
    )
    joined: Deferred[Client] = Deferred()
    clients: list[Client] = []

    def on_join(session: Any, details: Any) -> None:
        clients.append(Client(session, details))
        joined.callback(clients[0])

    def on_leave(session: Any, details: Any) -> None:
        if clients and not clients[0].left.called:
            clients[0].left.callback(details)
        elif not joined.called:
            joined.errback(RuntimeError(f"{details.reason}: {details.message}"))

    def on_disconnect(session: Any, was_clean: bool) -> None:
        if clients and not clients[0].gone.called:
            clients[0].gone.callback(was_clean)

    component.on("join", on_join)
    component.on("leave", on_leave)
    component.on("disconnect", on_disconnect)

    def failed(failure: Failure) -> None:
        if not joined.called:
            joined.errback(failure)

    component.start(reactor).addErrback(failed)
    return await joined


async def leave(client: Client) -> None:
    """GOODBYE, until the connection is gone."""
    client.session.leave()
    await client.gone


class Inbox:
    """What a subscription brought, in order; a test waits until it is enough."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self.events: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self._waiting: list[tuple[int, Deferred[None]]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        self.events.append((args, kwargs))
        for count, deferred in list(self._waiting):
            if len(self.events) >= count:
                self._waiting.remove((count, deferred))
                deferred.callback(None)

    async def has(self, count: int) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Wait until so many events are there."""
        if len(self.events) < count:
            deferred: Deferred[None] = Deferred()
            self._waiting.append((count, deferred))
            deferred.addTimeout(10, self._reactor)
            await deferred
        return self.events


class Bare(Protocol):
    """A socket that collects what it hears."""

    def __init__(self) -> None:
        self.heard = b""
        self.lost: Deferred[bytes] = Deferred()
        self._wanted: list[tuple[Callable[[bytes], bool], Deferred[bytes]]] = []

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        for wanted in list(self._wanted):
            if wanted[0](self.heard):
                self._wanted.remove(wanted)
                wanted[1].callback(self.heard)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.callback(self.heard)
        for _, deferred in self._wanted:
            deferred.errback(Failure(ConnectionDone(repr(self.heard[-200:]))))

    async def until(self, enough: Callable[[bytes], bool]) -> bytes:
        """Wait until what was heard is enough."""
        if enough(self.heard):
            return self.heard
        deferred: Deferred[bytes] = Deferred()
        self._wanted.append((enough, deferred))
        return await deferred


async def connect(reactor: Any, port: int) -> Bare:
    """A bare connection to a port of the loopback interface."""
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
    bare: Bare = await endpoint.connect(Factory.forProtocol(Bare))
    return bare


async def pause(reactor: Any, seconds: float) -> None:
    """Let the reactor run for a while."""
    await deferLater(reactor, seconds, lambda: None)
