"""One WAMP session: its life from the first byte to the last, whatever it asks for in between.

In: messages of its link, decisions of the outside. Out: messages on its link, exactly one departure from its
realm. It never decides what a message means: a table from state and message, made by the router, does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import Any

from twisted.logger import Logger

from hotline.errors import HotlineError
from hotline.protocols.interfaces import Link, TooLong
from hotline.protocols.limits import SessionLimits
from hotline.router import uris
from hotline.router.broker import Subscription
from hotline.router.bucket import TokenBucket
from hotline.router.ids import new_id
from hotline.router.messages import (
    CODE_OF,
    Abort,
    Error,
    Goodbye,
    Invocation,
    Message,
    Publish,
    RegistrationRevoked,
    Result,
    Revoked,
    Yielded,
)
from hotline.router.options import Args, Kwargs, Roles
from hotline.router.ports import Clock, DelayedCall, Identity
from hotline.router.realm import Realm
from hotline.router.refusals import INTERNAL, Refusal


class State(Enum):
    """The life of a session."""

    CONNECTED = "nothing said yet"
    ASKING = "waiting for the authenticator"
    CHALLENGED = "waiting for AUTHENTICATE"
    OPEN = "welcomed"
    CLOSED = "over, or only waiting for the link to end"


Transitions = Mapping[State, Mapping[type[Message], Callable[["Session", Any], None]]]
"""What each message does in each state; a message that is not in here is a protocol violation."""


class Session:
    """One session, as its link, the rest of the router and the outside know it."""

    __slots__ = (
        "_bucket",
        "_changed",
        "_clock",
        "_deadline",
        "_identity",
        "_left",
        "_lost",
        "_realm",
        "_refusals",
        "_transitions",
        "claim",
        "grants",
        "id",
        "limits",
        "link",
        "pending_calls",
        "pending_count",
        "publications",
        "revocations",
        "roles",
        "state",
        "testaments",
    )

    log = Logger()

    def __init__(
        self,
        *,
        link: Link,
        transitions: Transitions,
        clock: Clock,
        limits: SessionLimits,
        changed: Callable[[Session], None],
        left: Callable[[Session], None],
        lost: Callable[[Session], None],
    ) -> None:
        self.link = link
        self.limits = limits
        self.id = new_id()
        self.state = State.CONNECTED
        self.roles = Roles()
        self.grants: Any = None
        self.revocations = 0
        # Owned by the handshake, the desks, the dealer; here because they belong to one session.
        self.claim: Any = None
        self.pending_calls: dict[int, Any] = {}
        self.pending_count = 0
        self.publications: Any = None
        self.testaments: dict[str, list[Publish]] = {}
        self._transitions = transitions
        self._clock = clock
        self._changed = changed
        self._left = left
        self._lost = lost
        self._realm: Realm | None = None
        self._identity: Identity | None = None
        self._bucket = TokenBucket(rate=limits.messages_per_second, burst=limits.burst, now=clock.seconds())
        self._refusals: TokenBucket | None = None
        self._deadline: DelayedCall | None = None
        if limits.hello_seconds:
            self._deadline = clock.callLater(limits.hello_seconds, self._hello_missed)

    # What the outside may do (hotline.router.ports.Session)

    @property
    def network(self) -> bytes | None:
        # A transport from outside may be older than this.
        return getattr(self.link, "network", None)

    @property
    def realm(self) -> Realm:
        if self._realm is None:
            raise RuntimeError("this session has not joined a realm yet")
        return self._realm

    @property
    def identity(self) -> Identity:
        if self._identity is None:
            raise RuntimeError("this session has not joined a realm yet")
        return self._identity

    @property
    def is_open(self) -> bool:
        return self.state is State.OPEN

    @property
    def topics(self) -> Collection[str]:
        return self.realm.topics_of(self)

    def become(self, identity: Identity) -> None:
        """From now on this session is somebody else."""
        self._identity = identity
        self.revocations += 1
        if self.is_open:
            self._changed(self)

    def drop_subscriptions(self, predicate: Callable[[str], bool], reason: str = uris.NOT_AUTHORIZED) -> int:
        """End the subscriptions the predicate picks, and have pending authorizations asked again."""
        self.revocations += 1
        return self.revoke(lambda subscription: predicate(subscription.topic), reason)

    def revoke(
        self, predicate: Callable[[Subscription[Any]], bool], reason: str = uris.NOT_AUTHORIZED
    ) -> int:
        """As `drop_subscriptions`, by whole subscriptions; what is being authorized just now goes on."""
        if not self.is_open:
            return 0
        changes = self.realm.drop(self, predicate)
        subscriber = self.roles.subscriber
        # Clients that did not announce the feature take an unasked UNSUBSCRIBED for a violation.
        if subscriber is not None and subscriber.features.understands_revocation:
            for change in changes:
                self.send(Revoked(0, {"subscription": change.id, "reason": reason}))
        return len(changes)

    def drop_registrations(self, predicate: Callable[[str], bool], reason: str = uris.NOT_AUTHORIZED) -> None:
        """End the registrations the predicate picks, and tell the peer if it understands."""
        callee = self.roles.callee
        for registration in self.realm.drop_registrations(self, predicate):
            if callee is not None and callee.features.understands_revocation:
                self.send(RegistrationRevoked(0, {"registration": registration, "reason": reason}))

    def close(self, reason: str, message: str = "") -> None:
        """GOODBYE, out of the realm, then disconnect."""
        if self.state is State.OPEN:
            self.send(Goodbye({"message": message} if message else {}, reason))
            self.end(reason)
        elif self.state is not State.CLOSED:
            self.abort(Refusal(reason, message, {}))

    # What the link tells (hotline.protocols.interfaces.Receiver)

    def message_received(self, message: Any) -> None:
        act = self._transitions[self.state].get(type(message))
        if act is not None:
            try:
                act(self, message)
            except Exception:
                # Our own mistake: it costs this session, never the server or anybody else.
                self.log.failure("session {session} broke", session=self.id)
                self.abort(Refusal(INTERNAL, HotlineError.sentence, {}))
                self.link.close(INTERNAL)
        elif self.state is not State.CLOSED:
            self.violated("this message is not allowed here")

    def violated(self, reason: str) -> None:
        self.abort(Refusal(uris.PROTOCOL_VIOLATION, reason, {}))

    def overflowed(self) -> None:
        self.close(uris.TOO_SLOW, "This connection reads more slowly than it is written to.")

    def link_lost(self) -> None:
        self._leave()
        self._lost(self)

    # What the rest of the router does with it

    def admit(self, realm: Realm, identity: Identity, welcome: Message) -> None:
        """It is open from now on: welcomed first, then known in its realm."""
        self._cancel_deadline()
        self._realm = realm
        self._identity = identity
        self.state = State.OPEN
        self.send(welcome)
        if self.is_open:
            realm.join(self)

    def send(self, message: Message) -> None:
        """Send one message; raises if the serializer cannot express it, or it is an answer too long."""
        try:
            self.link.write(self.link.encoding.encode(message))
        except TooLong as problem:
            if isinstance(message, Result | Yielded | Invocation | Error):
                # Something shorter can be said instead.
                raise
            self.link.close(str(problem))

    def refuse(self, request: Any, refusal: Refusal) -> None:
        """Answer a request with ERROR."""
        args: Args = [refusal.sentence] if refusal.sentence else []
        self._send_error(CODE_OF[type(request)], request.request, refusal.uri, args, refusal.details)

    def abort(self, refusal: Refusal) -> None:
        """ABORT, out of the realm, then disconnect; nothing that arrives afterwards counts."""
        if self.state is State.CLOSED:
            return
        details = {"message": refusal.sentence, **refusal.details} if refusal.sentence else refusal.details
        try:
            self.send(Abort(details, refusal.uri))
        except (ValueError, TypeError, OverflowError, RecursionError):
            self.send(Abort({}, refusal.uri))
        self.end(refusal.uri)

    def end(self, reason: str) -> None:
        """Out of the realm and disconnect, all words being said."""
        self._leave()
        self.link.close(reason)

    def too_soon(self) -> float:
        """Count one request against the limit: 0, or the seconds after which it may come again."""
        return self._bucket.take(self._clock.seconds())

    def insists(self) -> bool:
        """Count one request that is refused for coming too soon: whether these are too many themselves."""
        if self._refusals is None:
            limits, now = self.limits, self._clock.seconds()
            self._refusals = TokenBucket(rate=limits.messages_per_second, burst=limits.refusals, now=now)
        return self._refusals.take(self._clock.seconds()) > 0

    def _send_error(self, code: int, request: int, uri: str, args: Args, kwargs: Kwargs) -> None:
        try:
            self.send(Error(code, request, {}, uri, args, kwargs))
        except (ValueError, TypeError, OverflowError, RecursionError):
            self.send(Error(code, request, {}, uri))

    def _hello_missed(self) -> None:
        self._deadline = None
        self.abort(Refusal(uris.TIMEOUT, "This took too long to say hello.", {}))

    def _cancel_deadline(self) -> None:
        deadline, self._deadline = self._deadline, None
        if deadline is not None:
            deadline.cancel()

    def _leave(self) -> None:
        was_open = self.state is State.OPEN
        self.state = State.CLOSED
        self._cancel_deadline()
        if was_open:
            self.publications = None
            self.realm.leave(self)
            self._left(self)
