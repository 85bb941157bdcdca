"""What the router asks of the outside, and what the outside may do with a session.

In: nothing, these are only shapes, filled by `node`. Out: `Authenticator`, `Calls`, `Topics`, `Policy`,
`Watcher`, asked by the router, and `Session` and `Realm` as they see them. Nothing here knows what
a principal or a tenant is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from twisted.internet.defer import Deferred


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a session is; `principal` belongs to the outside and is never looked into."""

    authid: str
    authrole: str
    authmethod: str
    authprovider: str
    principal: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a proof is checked against: of a secret its key only, of a pair of keys the public one."""

    salt: str
    iterations: int
    salted_key: bytes | None
    """PBKDF2 with HMAC-SHA-256 of the secret with this salt, 32 bytes; None: there is no secret."""

    public_key: bytes | None
    """Ed25519, 32 bytes; None: there is none."""

    authrole: str
    """What whoever proves it becomes, as far as is known now; a challenge of WAMP-CRA says it."""

    reference: Any
    """The outside's own, given back to `proven`."""


class DelayedCall(Protocol):
    """Something that was put off."""

    def active(self) -> bool: ...

    def cancel(self) -> None: ...


class Clock(Protocol):
    """A reactor, as far as the router needs one."""

    def seconds(self) -> float: ...

    def callLater(self, delay: float, callable: Callable[..., object], *args: Any) -> DelayedCall: ...


class Denied(Exception):
    """Raised by an `Authenticator`: this peer may not come in; its text is shown to the peer."""


class Realm(Protocol):
    """One organisation's sessions and subscriptions, while it has any session."""

    @property
    def name(self) -> str: ...

    @property
    def tenant(self) -> Any:
        """What `Authenticator.find_realm` gave when the realm appeared."""

    @property
    def sessions(self) -> Collection[Session]:
        """All sessions at this moment, a live view: copy it before a loop that closes some."""

    def publish(
        self,
        topic: str,
        args: list[Any],
        kwargs: dict[str, Any],
        exclude: int | None = None,
        publication: int | None = None,
    ) -> int:
        """Send an EVENT to every subscriber but the session with the id `exclude`; gives how many got it.

        `publication` is its id, if the outside has one that others know it by; else one is made up.
        """

    def is_observed(self, topic: str) -> bool:
        """Whether anybody is subscribed to this very topic."""


class Session(Protocol):
    """One WAMP session as the outside sees it."""

    grants: Any
    """The outside's own: None at first, never looked into by the router."""

    @property
    def id(self) -> int: ...

    @property
    def network(self) -> bytes | None:
        """A mark of where the peer comes from; None: nowhere in particular."""

    @property
    def realm(self) -> Realm: ...

    @property
    def identity(self) -> Identity: ...

    @property
    def is_open(self) -> bool:
        """Joined and neither closing nor gone; after an `await` this may have become false."""

    @property
    def revocations(self) -> int:
        """How often rights were taken from this session; changed by `drop_subscriptions` and `become`."""

    @property
    def topics(self) -> Collection[str]:
        """The topics it is subscribed to at this moment."""

    def become(self, identity: Identity) -> None:
        """From now on this session is somebody else; pending questions of authorization are asked again."""

    def drop_subscriptions(self, predicate: Callable[[str], bool], reason: str = ...) -> int:
        """End all subscriptions to topics for which the predicate holds and tell the peer; gives how many."""

    def close(self, reason: str, message: str = "") -> None:
        """GOODBYE with this URI and sentence for people, then disconnect."""


class Authenticator(Protocol):
    """Asked while a session says HELLO; a `HotlineError` raised here ends in ABORT with its URI."""

    def delay(self, network: bytes | None) -> float:
        """Seconds until one more may come from there; 0: now, which counts."""

    async def find_realm(self, name: str) -> Any | None:
        """The stable, hashable key of the tenant behind a realm's name, or None: there is no such realm."""

    async def anonymous(self, tenant: Any) -> Identity:
        """Who a peer without credentials is; makes up its authid; raises `Denied`."""

    async def ticket(self, tenant: Any, authid: str, ticket: str) -> Identity:
        """Who showed this ticket; raises `Denied`, the same for an unknown authid as for a wrong ticket."""

    async def credentials(self, tenant: Any, authid: str) -> Credentials | None:
        """What this authid may prove itself by; None: there is no such authid, which the peer is not told."""

    def provable_authroles(self) -> Sequence[str]:
        """What a proof may make of somebody; those nobody knows are challenged as one of these."""

    async def proven(self, tenant: Any, authid: str, authmethod: str, reference: Any) -> Identity:
        """Who that is who has just proved it; raises `Denied` if it is not so any more."""


class Calls(Protocol):
    """The built-in procedures."""

    def knows(self, uri: str) -> bool:
        """Whether there is such a procedure; any other gets `wamp.error.not_authorized`."""

    async def call(self, session: Session, uri: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """The one value of the RESULT; a `HotlineError` becomes an ERROR, anything else an incident."""


class Topics(Protocol):
    """Who may use which topic, and which are stored before they are sent. Deny by default."""

    async def may_subscribe(self, session: Session, topic: str) -> bool:
        """False: `wamp.error.not_authorized`; asked again if the session's rights changed meanwhile."""

    async def may_publish(
        self, session: Session, topic: str, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]] | None:
        """What to send on, the sender named by us; None: `wamp.error.not_authorized`. Not if durable."""

    def is_durable(self, topic: str) -> bool:
        """Whether a PUBLISH goes to `append` instead of to the subscribers."""

    def append(
        self, session: Session, topic: str, args: list[Any], kwargs: dict[str, Any], exclude_me: bool
    ) -> Deferred[int | None]:
        """Check and store; fires after the commit. Called in the order in which the session published.

        Gives the id of the publication, if its event has one of the outside's own. What is wrong with it
        may be raised at once.
        """

    async def history(self, session: Session, topic: str, filters: dict[str, Any]) -> list[dict[str, Any]]:
        """What was published to a durable topic, as `wamp.subscription.get_events` gives it."""


class Disclosure(Enum):
    """Whether others are told who publishes or calls."""

    NEVER = "asking for it is an error"
    ASKED = "only if the one who does it asks for it"
    ALWAYS = "by rule of the realm"


class Policy(Protocol):
    """The rules of a realm for what is more than single topics and built-in procedures. Deny by default.

    Never waits. Asked when something is used, and of patterns and registrations again by `become`.
    """

    def may_register(self, session: Session, procedure: str) -> bool:
        """Whether this session may offer a procedure of this name."""

    def may_call(self, session: Session, procedure: str) -> bool:
        """Whether it may call a procedure of this name that another session offers."""

    def may_match(self, session: Session, pattern: str, match: str) -> bool:
        """Whether it may see every event this pattern, a prefix or a wildcard, can ever match."""

    def may_inspect(self, session: Session) -> bool:
        """Whether it may use the meta procedures and see the meta events of its realm."""

    def may_be_shown(self, session: Session, uri: str) -> bool:
        """Whether somebody who may inspect sees subscriptions to, and registrations of, this."""

    def disclosure(self, session: Session, uri: str) -> Disclosure:
        """Of who publishes to, or calls, this."""


class Watcher(Protocol):
    """Told of what happens in the router, synchronously; an exception in it is logged and goes no further."""

    def session_joined(self, session: Session) -> None:
        """WELCOME was sent."""

    def session_left(self, session: Session) -> None:
        """It is gone from its realm, for whatever reason; exactly once per `session_joined`."""

    def topic_observed(self, realm: Realm, topic: str) -> None:
        """A topic got its first subscriber, to whom SUBSCRIBED was just sent: events may follow at once."""

    def topic_abandoned(self, realm: Realm, topic: str) -> None:
        """The last subscriber of a topic is gone."""
