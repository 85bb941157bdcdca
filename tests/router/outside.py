"""What the tests of router and wire put around the router: an outside of plain dicts, and links that collect.

`Outside` fills all of the router's ports at once; a test makes it wait by naming a port in `held`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import cbor2
import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from hotline.errors import HotlineError
from hotline.protocols.interfaces import Serializer, TooLong, Undecodable
from hotline.protocols.limits import NodeLimits, SessionLimits
from hotline.protocols.serializers import make_serializers
from hotline.router import ports
from hotline.router.messages import Incoming
from hotline.router.ports import Credentials, Denied, Disclosure, Identity
from hotline.router.router import Router
from hotline.router.session import Session

SERIALIZERS = make_serializers(Incoming)

DUMPS: dict[str, Callable[[Any], bytes]] = {
    "json": lambda value: json.dumps(value).encode(),
    "msgpack": msgspec.msgpack.encode,
    "cbor": cbor2.dumps,
}
LOADS: dict[str, Callable[[bytes], Any]] = {
    "json": json.loads,
    "msgpack": msgspec.msgpack.decode,
    "cbor": cbor2.loads,
}


class Outside:
    """Authenticator, calls, topics and watcher of a house with two organisations, `acme` and `other`."""

    def __init__(self) -> None:
        self.tenants = {"acme": "tenant-1", "other": "tenant-2"}
        self.tickets = {("bob", "secret"): "staff", ("mary", "hidden"): "manager"}
        self.known: dict[str, Credentials] = {}
        self.delays: dict[bytes | None, float] = {}
        self.procedures: dict[str, Callable[..., Any]] = {
            "hotline.echo": lambda session, args, kwargs: {"args": args, "kwargs": kwargs},
            "hotline.whoami": lambda session, args, kwargs: {"authid": session.identity.authid},
        }
        self.may: Callable[[Any, str], bool] = lambda session, topic: topic.startswith(("hotline.", "plain."))
        self.stored: list[tuple[str, list[Any], dict[str, Any]]] = []
        self.news: list[tuple[Any, ...]] = []
        self.problem: HotlineError | None = None
        self.held: set[str] = set()
        self.waiting: list[Deferred[None]] = []
        self._anonymous_count = 0

    def let_go(self, which: int = 0) -> None:
        """One of those who wait goes on."""
        self.waiting.pop(which).callback(None)

    async def _hold(self, port: str) -> None:
        if port in self.held:
            waiting: Deferred[None] = Deferred()
            self.waiting.append(waiting)
            await waiting
        if self.problem is not None:
            raise self.problem

    # Authenticator

    def delay(self, network: bytes | None) -> float:
        return self.delays.get(network, 0.0)

    async def find_realm(self, name: str) -> Any | None:
        await self._hold("find_realm")
        return self.tenants.get(name)

    async def anonymous(self, tenant: Any) -> Identity:
        await self._hold("anonymous")
        self._anonymous_count += 1
        return Identity(
            authid=f"anonymous{self._anonymous_count}",
            authrole="client",
            authmethod="anonymous",
            authprovider="hotline",
            principal=None,
        )

    async def ticket(self, tenant: Any, authid: str, ticket: str) -> Identity:
        await self._hold("ticket")
        role = self.tickets.get((authid, ticket))
        if role is None:
            raise Denied("This ticket is not valid.")
        return Identity(
            authid=authid,
            authrole=role,
            authmethod="ticket",
            authprovider="hotline",
            principal=(tenant, authid),
        )

    async def credentials(self, tenant: Any, authid: str) -> Credentials | None:
        await self._hold("credentials")
        return self.known.get(authid)

    def provable_authroles(self) -> list[str]:
        return ["staff", "manager"]

    async def proven(self, tenant: Any, authid: str, authmethod: str, reference: Any) -> Identity:
        await self._hold("proven")
        if authid not in self.known:
            raise Denied("Gone meanwhile.")
        return Identity(
            authid=authid,
            authrole=reference,
            authmethod=authmethod,
            authprovider="hotline",
            principal=(tenant, authid),
        )

    # Calls

    def knows(self, uri: str) -> bool:
        return uri in self.procedures

    async def call(self, session: ports.Session, uri: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        await self._hold("call")
        return self.procedures[uri](session, args, kwargs)

    # Topics: "hotline." is durable, "plain." is not, anything else is nobody's

    async def may_subscribe(self, session: ports.Session, topic: str) -> bool:
        await self._hold("may_subscribe")
        return self.may(session, topic)

    async def may_publish(
        self, session: ports.Session, topic: str, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]] | None:
        await self._hold("may_publish")
        return (args, {**kwargs, "sender": session.identity.authid}) if self.may(session, topic) else None

    def is_durable(self, topic: str) -> bool:
        return topic.startswith("hotline.")

    def append(
        self, session: ports.Session, topic: str, args: list[Any], kwargs: dict[str, Any], exclude_me: bool
    ) -> Deferred[int | None]:
        return Deferred.fromCoroutine(self._append(session, topic, args, kwargs, exclude_me))

    async def _append(
        self, session: ports.Session, topic: str, args: list[Any], kwargs: dict[str, Any], exclude_me: bool
    ) -> int | None:
        self.stored.append((topic, args, kwargs))
        seq = len(self.stored)
        await self._hold("append")
        session.realm.publish(topic, args, {**kwargs, "seq": seq}, session.id if exclude_me else None, seq)
        return seq

    async def history(
        self, session: ports.Session, topic: str, filters: dict[str, Any]
    ) -> list[dict[str, Any]]:
        await self._hold("history")
        limit = filters.get("limit", 10)
        stored = [(args, kwargs) for each, args, kwargs in self.stored if each == topic]
        return [
            {"publication": number, "timestamp": "now", "details": {}, "args": args, "kwargs": kwargs}
            for number, (args, kwargs) in enumerate(stored[:limit], 1)
        ]

    # Policy: managers are scripts; names with a component `asked` or `always` disclose who uses them

    def may_register(self, session: ports.Session, procedure: str) -> bool:
        return self.is_script(session) and procedure.startswith("org.")

    def may_call(self, session: ports.Session, procedure: str) -> bool:
        return procedure.startswith("org.") and not procedure.startswith("org.secret.")

    def may_match(self, session: ports.Session, pattern: str, match: str) -> bool:
        return self.is_script(session) and pattern.startswith(("plain.", "wamp."))

    def may_inspect(self, session: ports.Session) -> bool:
        return self.is_script(session)

    def may_be_shown(self, session: ports.Session, uri: str) -> bool:
        return not uri.startswith("hotline.")

    def disclosure(self, session: ports.Session, uri: str) -> Disclosure:
        kinds = {"asked": Disclosure.ASKED, "always": Disclosure.ALWAYS}
        return next((kinds[part] for part in uri.split(".") if part in kinds), Disclosure.NEVER)

    def is_script(self, session: ports.Session) -> bool:
        return session.identity.authrole == "manager"

    # Watcher

    def session_joined(self, session: ports.Session) -> None:
        self.news.append(("joined", session.id))

    def session_left(self, session: ports.Session) -> None:
        self.news.append(("left", session.id))

    def topic_observed(self, realm: ports.Realm, topic: str) -> None:
        self.news.append(("observed", realm.name, topic))

    def topic_abandoned(self, realm: ports.Realm, topic: str) -> None:
        self.news.append(("abandoned", realm.name, topic))


class PayloadEncoding:
    """A frame that is just the payload."""

    def __init__(self, serializer: Serializer) -> None:
        self.serializer = serializer

    def encode(self, message: Any) -> bytes:
        return self.serializer.encode(message)


ENCODINGS = {name: PayloadEncoding(each) for name, each in SERIALIZERS.items()}


class ListLink:
    """A link without a network: what was written is in a list, as the arrays a client would read."""

    def __init__(self, name: str, network: bytes | None = None) -> None:
        self.name = name
        self.network = network
        self.encoding = ENCODINGS[name]
        self.sent: list[Any] = []
        self.closed: str | None = None
        self.wrote: Callable[[], None] = lambda: None
        self.longest = 0

    def write(self, frame: bytes) -> None:
        if 0 < self.longest < len(frame):
            raise TooLong("too long for this peer")
        if self.closed is None:
            self.sent.append(LOADS[self.name](frame))
            self.wrote()

    def send(self, message: Any) -> None:
        self.write(self.encoding.encode(message))

    def close(self, reason: str) -> None:
        if self.closed is None:
            self.closed = reason


class Peer:
    """A client at message level: arrays in, arrays out, through the bytes of one serializer."""

    def __init__(self, house: House, name: str = "json", network: bytes | None = None) -> None:
        self.link = ListLink(name, network)
        self.session: Session = house.router.accept(self.link)

    def say(self, *array: Any) -> list[Any]:
        """Send one message; gives what came back meanwhile."""
        return self.say_bytes(DUMPS[self.link.name](list(array)))

    def say_bytes(self, payload: bytes) -> list[Any]:
        """Send one payload, whatever it is."""
        try:
            message = self.link.encoding.serializer.decode(payload)
        except Undecodable as problem:
            self.session.violated(str(problem))
        else:
            self.session.message_received(message)
        return self.heard()

    def heard(self) -> list[Any]:
        """What came since the last time."""
        heard, self.link.sent = self.link.sent, []
        return heard

    def join(self, realm: str = "acme", **details: Any) -> Peer:
        """HELLO as anonymous, until WELCOME."""
        (welcome,) = self.say(1, realm, {"roles": ROLES, **details})
        assert welcome[0] == 2
        return self

    def log_in(
        self, authid: str = "mary", ticket: str = "hidden", realm: str = "acme", **details: Any
    ) -> Peer:
        """HELLO with a ticket, until WELCOME."""
        hello = {"roles": CALLEE_ROLES, "authmethods": ["ticket"], "authid": authid, **details}
        assert self.say(1, realm, hello)[0][0] == 4
        (welcome,) = self.say(5, ticket, {})
        assert welcome[0] == 2
        return self

    def register(self, procedure: str, request: int = 1, **options: Any) -> int:
        """REGISTER, until REGISTERED; gives the registration's id."""
        (registered,) = self.say(64, request, options, procedure)
        assert registered[:2] == [65, request]
        return int(registered[2])

    def subscribe(self, topic: str, request: int = 1) -> int:
        """SUBSCRIBE, until SUBSCRIBED; gives the subscription's id."""
        (subscribed,) = self.say(32, request, {}, topic)
        assert subscribed[:2] == [33, request]
        return int(subscribed[2])


ROLES: dict[str, Any] = {
    "publisher": {},
    "subscriber": {"features": {"subscription_revocation": True}},
    "caller": {},
}


CALLEE_ROLES: dict[str, Any] = {
    **ROLES,
    "callee": {"features": {"call_canceling": True, "progressive_call_results": True}},
}


class House:
    """A router with its outside."""

    def __init__(
        self,
        limits: SessionLimits | None = None,
        reactor: Any = None,
        node_limits: NodeLimits | None = None,
    ) -> None:
        self.clock = Clock()
        self.outside = Outside()
        self.router = Router(
            clock=self.clock if reactor is None else reactor,
            limits=SessionLimits() if limits is None else limits,
            node_limits=node_limits,
            authenticator=self.outside,
            calls=self.outside,
            topics=self.outside,
            policy=self.outside,
            watcher=self.outside,
        )


# The type checker sees to it that the outside of the tests fills the router's ports.
_authenticator: type[ports.Authenticator] = Outside
_calls: type[ports.Calls] = Outside
_topics: type[ports.Topics] = Outside
_policy: type[ports.Policy] = Outside
_watcher: type[ports.Watcher] = Outside


def uri_of(answers: list[Any]) -> str:
    """The URI of the one ERROR that came."""
    (answer,) = answers
    assert answer[0] == 8
    return str(answer[4])
