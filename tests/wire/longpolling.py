"""Long polls for Autobahn, which has none: a transport as its sessions want one, over HTTP requests."""

from __future__ import annotations

import json
from typing import Any

from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp.auth import create_authenticator
from autobahn.wamp.serializer import CBORSerializer, JsonSerializer, MsgPackSerializer
from autobahn.wamp.types import ComponentConfig, TransportDetails
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from tests.bodies import Body, Collected

SERIALIZERS = {"json": JsonSerializer, "msgpack": MsgPackSerializer, "cbor": CBORSerializer}


class Polls:
    """One connection by long polls, payload by payload; what is said goes out in order."""

    def __init__(self, reactor: Any, endpoint: IStreamClientEndpoint, url: str, subprotocol: str) -> None:
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        endpoints = Always(endpoint)
        self._agent = Agent.usingEndpointFactory(reactor, endpoints, self._pool)
        self._url = url
        self._subprotocol = f"wamp.2.{subprotocol}"
        self._unsent: list[bytes] = []
        self._is_sending = False
        self.name = ""

    async def post(self, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request."""
        url = f"{self._url}/{path}".encode()
        response = await self._agent.request(b"POST", url, bodyProducer=Body(body) if body else None)
        collected = Collected()
        response.deliverBody(collected)
        return response.code, await collected.ended

    async def open(self) -> None:
        """Agree on the subprotocol."""
        status, body = await self.post("open", json.dumps({"protocols": [self._subprotocol]}).encode())
        assert (status, json.loads(body)["protocol"]) == (200, self._subprotocol)
        self.name = json.loads(body)["transport"]

    async def receive(self) -> bytes | None:
        """The next body; None: it is over."""
        while True:
            status, body = await self.post(f"{self.name}/receive")
            if status != 204:
                return body if status == 200 else None

    def say(self, payload: bytes) -> None:
        """One body, behind those that were said before."""
        self._unsent.append(payload)
        if not self._is_sending:
            Deferred.fromCoroutine(self._send()).addErrback(lambda _: None)

    async def _send(self) -> None:
        self._is_sending = True
        while self._unsent:
            await self.post(f"{self.name}/send", self._unsent.pop(0))
        self._is_sending = False

    async def close(self) -> None:
        """Cut whatever is connected."""
        self._unsent.clear()
        await self._pool.closeCachedConnections()


@implementer(IAgentEndpointFactory)
class Always:
    """The same endpoint, whatever the URL says."""

    def __init__(self, endpoint: IStreamClientEndpoint) -> None:
        self._endpoint = endpoint

    def endpointForURI(self, uri: Any) -> IStreamClientEndpoint:
        return self._endpoint


class LongPolling:
    """Long polls as a transport of Autobahn's."""

    transport_details = TransportDetails()

    def __init__(self, polls: Polls, serializer: Any) -> None:
        self._polls = polls
        self._serializer = serializer
        self._is_open = False
        self.is_closed: Deferred[None] = Deferred()

    async def run(self, session: Any) -> None:
        """Open, then fetch until it is over."""
        await self._polls.open()
        self._is_open = True
        session.onOpen(self)
        while (body := await self._polls.receive()) is not None:
            for message in self._serializer.unserialize(body, self._serializer._serializer.BINARY):
                session.onMessage(message)
        self._is_open = False
        session.onClose(True)
        self.is_closed.callback(None)
        await self._polls.close()

    def send(self, message: Any) -> None:
        """What Autobahn wants said; in order."""
        self._polls.say(self._serializer.serialize(message)[0])

    def isOpen(self) -> bool:
        return self._is_open

    def close(self) -> None:
        """Autobahn has said goodbye: the next answer tells that it is over."""

    abort = close


class Session(ApplicationSession):
    """A session that joins, and tells how it went."""

    def __init__(self, realm: str, authentication: dict[str, Any]) -> None:
        super().__init__(ComponentConfig(realm))
        self._authentication = authentication
        self.joined: Deferred[Any] = Deferred()
        self.left: Deferred[Any] = Deferred()
        self.gone: Deferred[Any] = Deferred()

    def onConnect(self) -> None:
        methods = list(self._authentication) or ["anonymous"]
        authid = self._authentication.get(methods[0], {}).get("authid")
        self.join(self.config.realm, authmethods=methods, authid=authid)

    def onChallenge(self, challenge: Any) -> str:
        answering = create_authenticator(challenge.method, **self._authentication[challenge.method])
        return str(answering.on_challenge(self, challenge))

    def onJoin(self, details: Any) -> None:
        self.joined.callback(details)

    def onLeave(self, details: Any) -> None:
        if self.joined.called:
            self.left.callback(details)
        else:
            self.joined.errback(RuntimeError(f"{details.reason}: {details.message}"))

    def onDisconnect(self) -> None:
        self.gone.callback(True)


def made_serializer(subprotocol: str) -> Any:
    """Autobahn's, of `json.batched` and the like."""
    name, _, batched = subprotocol.partition(".")
    return SERIALIZERS[name](batched=bool(batched))


def connect(
    reactor: Any, endpoint: IStreamClientEndpoint, url: str, subprotocol: str, session: Session
) -> None:
    """Begin; the session tells how it goes on."""
    connection = LongPolling(Polls(reactor, endpoint, url, subprotocol), made_serializer(subprotocol))
    Deferred.fromCoroutine(connection.run(session)).addErrback(
        lambda failure: None if session.joined.called else session.joined.errback(failure)
    )
