"""Long polls for Autobahn, which has none: a transport as its sessions want one, over HTTP requests."""

from __future__ import annotations

import json
from typing import Any

from autobahn.twisted.wamp import ApplicationSession
from autobahn.wamp.auth import AuthWampCra
from autobahn.wamp.serializer import CBORSerializer, JsonSerializer, MsgPackSerializer
from autobahn.wamp.types import ComponentConfig, TransportDetails
from twisted.internet.defer import Deferred
from twisted.web.client import Agent, HTTPConnectionPool

from tests.bodies import Body, Collected

SERIALIZERS = {"json": JsonSerializer, "msgpack": MsgPackSerializer, "cbor": CBORSerializer}


class LongPolling:
    """One connection by long polls."""

    transport_details = TransportDetails()

    def __init__(self, reactor: Any, url: str, subprotocol: str) -> None:
        self._reactor = reactor
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        self._agent = Agent(reactor, pool=self._pool)
        self._url = url
        name, _, batched = subprotocol.partition(".")
        self._serializer = SERIALIZERS[name](batched=bool(batched))
        self._subprotocol = f"wamp.2.{subprotocol}"
        self._unsent: list[bytes] = []
        self._is_sending = False
        self._is_open = False
        self.is_closed: Deferred[None] = Deferred()

    async def post(self, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request."""
        url = f"{self._url}/{path}".encode()
        response = await self._agent.request(b"POST", url, bodyProducer=Body(body) if body else None)
        collected = Collected()
        response.deliverBody(collected)
        return response.code, await collected.ended

    async def run(self, session: Any) -> None:
        """Open, then fetch until it is over."""
        status, body = await self.post("open", json.dumps({"protocols": [self._subprotocol]}).encode())
        assert (status, json.loads(body)["protocol"]) == (200, self._subprotocol)
        self._name = json.loads(body)["transport"]
        self._is_open = True
        session.onOpen(self)
        while self._is_open:
            status, body = await self.post(f"{self._name}/receive")
            if status == 200:
                for message in self._serializer.unserialize(body, self._serializer._serializer.BINARY):
                    session.onMessage(message)
            elif status != 204:
                self._is_open = False
        session.onClose(True)
        self.is_closed.callback(None)
        await self._pool.closeCachedConnections()

    def send(self, message: Any) -> None:
        """What Autobahn wants said; in order."""
        self._unsent.append(self._serializer.serialize(message)[0])
        if not self._is_sending:
            Deferred.fromCoroutine(self._send()).addErrback(lambda _: None)

    async def _send(self) -> None:
        self._is_sending = True
        while self._unsent and self._is_open:
            await self.post(f"{self._name}/send", self._unsent.pop(0))
        self._is_sending = False

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
        details = self._authentication[challenge.method]
        if challenge.method == "ticket":
            return str(details["ticket"])
        return str(AuthWampCra(**details).on_challenge(self, challenge))

    def onJoin(self, details: Any) -> None:
        self.joined.callback(details)

    def onLeave(self, details: Any) -> None:
        if self.joined.called:
            self.left.callback(details)
        else:
            self.joined.errback(RuntimeError(f"{details.reason}: {details.message}"))

    def onDisconnect(self) -> None:
        self.gone.callback(True)


async def join(reactor: Any, url: str, subprotocol: str, realm: str, authentication: dict[str, Any]) -> Any:
    """A joined session and the details of its WELCOME; raises RuntimeError if it is not let in."""
    session = Session(realm, authentication)
    connection = LongPolling(reactor, url, subprotocol)
    Deferred.fromCoroutine(connection.run(session)).addErrback(
        lambda failure: None if session.joined.called else session.joined.errback(failure)
    )
    details = await session.joined
    return session, details
