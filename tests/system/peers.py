"""Autobahn's own clients, for tests that talk to a real daemon.

In come addresses and credentials, out come sessions, errors and events. `Member` is a person in a room as the
manual tells scripts to be: reads on from the last seq it knows, and says again what was not acknowledged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from autobahn.exception import Disconnected
from autobahn.twisted.rawsocket import WampRawSocketClientFactory
from autobahn.twisted.wamp import ApplicationSession
from autobahn.twisted.websocket import WampWebSocketClientFactory
from autobahn.wamp.exception import ApplicationError, TransportLost
from autobahn.wamp.serializer import CBORSerializer, JsonSerializer, MsgPackSerializer
from autobahn.wamp.types import CloseDetails, ComponentConfig, PublishOptions
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import clientFromString
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.python.failure import Failure

from tests.system.daemon import sleep

SERIALIZERS = {"json": JsonSerializer, "msgpack": MsgPackSerializer, "cbor": CBORSerializer}
ACKNOWLEDGED = PublishOptions(acknowledge=True)
HEARD_TOO = PublishOptions(acknowledge=True, exclude_me=False)

# What a cut connection looks like from the client's side.
CUT = (TransportLost, ConnectError, ConnectionClosed, Disconnected)


class Refused(Exception):
    """The router said ABORT, or the connection went before WELCOME."""


class Peer(ApplicationSession):  # type: ignore[misc]  # Autobahn is untyped
    """One session; `left` says why it ended."""

    def __init__(self, config: ComponentConfig, authid: str | None, ticket: str | None) -> None:
        super().__init__(config)
        self._authid = authid
        self._ticket = ticket
        self.joined: Deferred[Peer] = Deferred()
        self.gone: Deferred[None] = Deferred()
        self.left: CloseDetails | None = None
        self.details: Any = None

    def onConnect(self) -> None:
        if self._ticket is None:
            self.join(self.config.realm, ["anonymous"])
        else:
            self.join(self.config.realm, ["ticket"], self._authid)

    def onChallenge(self, challenge: Any) -> str | None:
        return self._ticket

    def onJoin(self, details: Any) -> None:
        self.details = details
        self.joined.callback(self)

    def onLeave(self, details: CloseDetails) -> None:
        self.left = details
        self._fail(details.reason)
        # Requests without an answer end as those of a cut connection do.
        super().onDisconnect()
        self.disconnect()

    def onDisconnect(self) -> None:
        super().onDisconnect()
        self._fail("connection lost")
        if not self.gone.called:
            self.gone.callback(None)

    def publish(self, *args: Any, **kwargs: Any) -> Any:
        return self._send(self._publish_reqs, super().publish, *args, **kwargs)

    def subscribe(self, *args: Any, **kwargs: Any) -> Any:
        return self._send(self._subscribe_reqs, super().subscribe, *args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        return self._send(self._call_reqs, super().call, *args, **kwargs)

    def _send(self, requests: dict[int, Any], send: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        before = set(requests)
        try:
            return send(*args, **kwargs)
        except Exception:
            # Autobahn keeps what it could not send, and complains later that nobody waits for it.
            for number in set(requests) - before:
                del requests[number]
            raise

    def _fail(self, reason: str) -> None:
        if not self.joined.called:
            self.joined.errback(Refused(reason))

    async def collect(self, topic: str) -> list[dict[str, Any]]:
        """Subscribe; the list grows with every event (its text under "text")."""
        events: list[dict[str, Any]] = []

        def heard(*args: Any, **kwargs: Any) -> None:
            events.append({**kwargs, "text": args[0]} if args else kwargs)

        await self.subscribe(heard, topic)
        return events

    async def say(self, room: str, text: str, nonce: str) -> None:
        """Publish to a room; returns when it was acknowledged."""
        await self.publish(f"hotline.room.{room}", text, nonce=nonce, options=ACKNOWLEDGED)

    async def end(self) -> None:
        """Hang up, and wait until that is done."""
        if not self.gone.called:
            self.disconnect()
            await self.gone


async def connect(
    reactor: Any,
    url: str,
    realm: str,
    *,
    authid: str | None = None,
    ticket: str | None = None,
    serializer: str = "json",
) -> Peer:
    """A welcomed session over `ws://...` or, for any other Twisted client endpoint, RawSocket.

    :raises Refused: with the router's reason.
    """
    peer = Peer(ComponentConfig(realm), authid, ticket)
    chosen = SERIALIZERS[serializer]()
    if url.startswith("ws:"):
        factory = WampWebSocketClientFactory(lambda: peer, url=url, serializers=[chosen], reactor=reactor)
        endpoint = f"tcp:127.0.0.1:{factory.port}"
    else:
        factory, endpoint = WampRawSocketClientFactory(lambda: peer, serializer=chosen), url
    factory.noisy = False
    protocol = await clientFromString(reactor, endpoint).connect(factory)
    # A session that was never opened is not told of its end.
    protocol.is_closed.addBoth(lambda _: peer.onDisconnect())
    try:
        return await peer.joined
    except BaseException:
        # Whoever does not wait for it any more does not keep it open either.
        protocol.transport.abortConnection()
        raise


async def failure(deferred: Any) -> ApplicationError:
    """The WAMP error with which this ends; anything else is a failed test."""
    try:
        value = await deferred
    except ApplicationError as error:
        return error
    raise AssertionError(f"this went well: {value!r}")


class Member:
    """Somebody in a room who survives cut connections and restarted servers."""

    def __init__(
        self, reactor: Any, url: Callable[[], str], realm: str, room: str, *, authid: str, ticket: str
    ) -> None:
        self._reactor = reactor
        self._url = url
        self._realm = realm
        self._credentials = {"authid": authid, "ticket": ticket}
        self._name = f"{authid}-{room}"
        self._topic = f"hotline.room.{room}"
        self._room = room
        self._outbox: deque[tuple[str, str]] = deque()
        self._held: list[dict[str, Any]] | None = None
        self._ending = False
        self._peer: Peer | None = None
        self._said = 0
        self._death: Failure | None = None
        self.seen: list[dict[str, Any]] = []
        self.acknowledged: list[str] = []
        self.errors: list[str] = []
        self.sessions = 0
        self.living: Deferred[None] | None = None

    def begin(self) -> None:
        self.living = Deferred.fromCoroutine(self._live())
        self.living.addErrback(self._died)

    async def end(self) -> None:
        self._ending = True
        if self._peer is not None:
            await self._peer.end()
        if self.living is not None:
            await self.living

    def say(self, text: str) -> None:
        """It goes out now or later, but it goes out."""
        self._said += 1
        self._outbox.append((text, f"{self._name}-{self._said}"))

    def __repr__(self) -> str:
        state = "gone" if self._peer is None or self._peer.gone.called else "here"
        return (
            f"<{self._name}: {self.sessions} sessions, {len(self._outbox)} to say, last {self.last}, "
            f"{state}, {'reading' if self._held is not None else 'live'}, {self.errors[-3:]}>"
        )

    @property
    def last(self) -> int:
        return int(self.seen[-1]["seq"]) if self.seen else 0

    @property
    def has_said_all(self) -> bool:
        if self._death is not None:
            self._death.raiseException()
        return not self._outbox

    def _died(self, failure: Failure) -> None:
        self._death = failure

    async def _live(self) -> None:
        while not self._ending:
            try:
                self._peer = peer = await connect(
                    self._reactor, self._url(), self._realm, **self._credentials
                )
                self.sessions += 1
                await self._catch_up(peer)
                while not self._ending and not peer.gone.called:
                    if self._outbox:
                        await self._send(peer)
                    else:
                        await sleep(self._reactor, 0.01)
            except (Refused, *CUT) as cut:
                self.errors.append(str(cut))
                await sleep(self._reactor, 0.05)
            except ApplicationError as error:
                self._note(error)
                await peer.end()

    async def _catch_up(self, peer: Peer) -> None:
        self._held = []
        await peer.subscribe(lambda text, **event: self._heard({**event, "text": text}), self._topic)
        more = True
        while more:
            page = await peer.call("hotline.room.history", room=self._room, after=self.last, limit=200)
            self.seen += page["messages"]
            more = page["more"]
        held, self._held = self._held, None
        for event in held:
            self._heard(event)

    def _heard(self, event: dict[str, Any]) -> None:
        if self._held is not None:
            self._held.append(event)
        elif event["seq"] > self.last:
            # Neither sorted nor filled in: the server promises the order.
            self.seen.append(event)

    def _note(self, error: ApplicationError) -> None:
        if error.error != "hotline.error.unavailable":
            raise error
        self.errors.append(error.error)

    async def _send(self, peer: Peer) -> None:
        text, nonce = self._outbox[0]
        try:
            await peer.publish(self._topic, text, nonce=nonce, options=HEARD_TOO)
        except ApplicationError as error:
            self._note(error)
            await sleep(self._reactor, 0.05)
        else:
            self._outbox.popleft()
            self.acknowledged.append(text)
