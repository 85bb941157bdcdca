"""SUBSCRIBE, UNSUBSCRIBE and PUBLISH of sessions: asked outside, then done in the realm's broker.

In: these messages. Out: their answers, events. It never keeps a right: each one is asked for when it is used,
and asked again if the session's rights changed while the answer was on its way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from twisted.python.failure import Failure

from hotline.errors import NotAllowed
from hotline.router import meta, uris
from hotline.router.broker import EXACT, PREFIX, WILDCARD, Subscription
from hotline.router.desk import Desk
from hotline.router.ids import new_id
from hotline.router.messages import Publish, Published, Subscribe, Subscribed, Unsubscribe, Unsubscribed
from hotline.router.options import Args, Details, Kwargs
from hotline.router.ports import Disclosure, Policy, Topics
from hotline.router.refusals import Refusal, refusal_of
from hotline.router.selection import selection_of
from hotline.router.session import Session
from hotline.router.tasks import Tasks

Answer = TypeVar("Answer")

NOT_AUTHORIZED = Refusal(uris.NOT_AUTHORIZED, "You may not use this topic.", {})
NOT_A_PATTERN = Refusal(uris.INVALID_URI, "This is not a pattern.", {})
NOT_DISCLOSED = Refusal(uris.DISCLOSE_ME_DISALLOWED, "Who publishes is not disclosed here.", {})
NOT_SELECTIVE = Refusal(uris.OPTION_NOT_ALLOWED, "What is said here is for everybody, as it is.", {})


class _Turn:
    """The place of one publication among those of its session: they go out as they came in."""

    __slots__ = ("message", "payload", "refusal")

    def __init__(self, message: Publish) -> None:
        self.message = message
        self.payload: tuple[Args, Kwargs] | None = None
        self.refusal: Refusal | None = None


class PubSub(Desk):
    """Where sessions subscribe and publish."""

    def __init__(self, *, topics: Topics, policy: Policy, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._topics = topics
        self._policy = policy

    def subscribe_received(self, session: Session, message: Subscribe) -> None:
        """Ask whether this session may, then subscribe it."""
        if session.roles.subscriber is None:
            session.violated("the role of a subscriber was not announced")
        elif message.options.match != EXACT:
            if self.is_acceptable(session, message):
                self._subscribe_to_pattern(session, message)
        elif self.is_acceptable(session, message, message.topic):
            if self._has_too_many(session):
                session.refuse(message, _too_many(session))
            elif not message.topic.startswith(uris.RESERVED):
                self.start(session, self._subscribe(session, message))
            elif message.topic in meta.TOPICS and self._policy.may_inspect(session):
                self._subscribed(session, message)
            else:
                session.refuse(message, NOT_AUTHORIZED)

    def unsubscribe_received(self, session: Session, message: Unsubscribe) -> None:
        """End one of this session's own subscriptions."""
        if session.roles.subscriber is None:
            session.violated("the role of a subscriber was not announced")
        elif self.is_acceptable(session, message):
            if session.realm.unsubscribe(session, message.subscription) is None:
                session.refuse(message, Refusal(uris.NO_SUCH_SUBSCRIPTION, "", {}))
            else:
                session.send(Unsubscribed(message.request))

    def publish_received(self, session: Session, message: Publish) -> None:
        """Hand it to the store if its topic is durable; else ask, then send it on."""
        if session.roles.publisher is None:
            session.violated("the role of a publisher was not announced")
        elif message.options.ppt_scheme and not session.roles.has_passthru("publisher"):
            session.violated("payload passthru mode was not announced by this publisher")
        elif self.is_acceptable(session, message, message.topic):
            if message.topic.startswith(uris.RESERVED):
                self.refuse(session, message, NOT_AUTHORIZED)
            elif self._topics.is_durable(message.topic):
                if message.options.is_plain:
                    self._append(session, message)
                else:
                    # Who reads the history later would see what was not meant for them.
                    self.refuse(session, message, NOT_SELECTIVE)
            elif message.options.disclose_me and self.undisclosable(session, message):
                self.refuse(session, message, NOT_DISCLOSED)
            else:
                turn = _Turn(message)
                if session.publications is None:
                    session.publications = deque()
                session.publications.append(turn)
                self.start(session, self._publish(session, turn))

    def undisclosable(self, session: Session, message: Publish) -> Refusal | None:
        """Why this may not be published with the name it asks to be published with."""
        if message.options.disclose_me:
            disclosure = self._policy.disclosure(session, message.topic)
            return NOT_DISCLOSED if disclosure is Disclosure.NEVER else None
        return None

    def deliver(self, session: Session, message: Publish, args: Args, kwargs: Kwargs) -> int:
        """Send on what was authorized; gives the id of the publication."""
        return session.realm.deliver(
            message.topic,
            args,
            kwargs,
            session if message.options.exclude_me else None,
            selection_of(message.options),
            self._details(session, message),
        )[0]

    def recheck(self, session: Session) -> None:
        """The session has become somebody else, who may not see all that it did."""
        session.revoke(lambda subscription: not self._may_keep(session, subscription))

    def _may_keep(self, session: Session, subscription: Subscription[Any]) -> bool:
        if subscription.match != EXACT:
            return self._policy.may_match(session, subscription.topic, subscription.match)
        return not subscription.topic.startswith(uris.RESERVED) or self._policy.may_inspect(session)

    def _subscribe_to_pattern(self, session: Session, message: Subscribe) -> None:
        match = message.options.match
        longest = session.limits.uri_length
        if match in (PREFIX, WILDCARD) and not uris.is_pattern(message.topic, match, longest):
            session.refuse(message, NOT_A_PATTERN)
        elif match not in (PREFIX, WILDCARD) or not self._policy.may_match(session, message.topic, match):
            session.refuse(message, NOT_AUTHORIZED)
        elif self._has_too_many(session):
            session.refuse(message, _too_many(session))
        else:
            self._subscribed(session, message)

    def _subscribed(self, session: Session, message: Subscribe) -> None:
        change = session.realm.subscribe(session, message.topic, message.options.match)
        session.send(Subscribed(message.request, change.id))
        session.realm.announce(session, change)

    async def _subscribe(self, session: Session, message: Subscribe) -> None:
        try:
            may = await self._ask(session, lambda: self._topics.may_subscribe(session, message.topic))
        except Exception as problem:
            refusal = refusal_of(problem)
            if session.is_open:
                session.refuse(message, refusal)
            return
        if not session.is_open:
            return
        if not may:
            session.refuse(message, NOT_AUTHORIZED)
        elif self._has_too_many(session):
            session.refuse(message, _too_many(session))
        else:
            self._subscribed(session, message)

    def _append(self, session: Session, message: Publish) -> None:
        # No coroutine: this is what sessions ask for most, and coroutines were a tenth of what it cost.
        try:
            appended = self._topics.append(
                session, message.topic, message.args, message.kwargs, message.options.exclude_me
            )
        except Exception as problem:
            self.refuse(session, message, refusal_of(problem))
            return
        session.pending_count += 1
        asked = (session, message)
        self._tasks.keep(appended.addCallbacks(self._appended, self._not_appended, asked, errbackArgs=asked))

    def _appended(self, publication: int | None, session: Session, message: Publish) -> None:
        session.pending_count -= 1
        if session.is_open and message.options.acknowledge:
            session.send(Published(message.request, publication or new_id()))

    def _not_appended(self, failure: Failure, session: Session, message: Publish) -> None:
        session.pending_count -= 1
        refusal = refusal_of(failure.value)  # type: ignore[arg-type]  # a failure has one
        if session.is_open:
            self.refuse(session, message, refusal)

    async def _publish(self, session: Session, turn: _Turn) -> None:
        message = turn.message
        try:
            turn.payload = await self._ask(
                session,
                lambda: self._topics.may_publish(session, message.topic, message.args, message.kwargs),
            )
            if turn.payload is None:
                turn.refusal = NOT_AUTHORIZED
        except Exception as problem:
            turn.refusal = refusal_of(problem)
        turns: deque[_Turn] | None = session.publications
        while turns and session.is_open and (turns[0].payload is not None or turns[0].refusal is not None):
            self._finish(session, turns.popleft())

    def _finish(self, session: Session, turn: _Turn) -> None:
        message = turn.message
        if turn.refusal is not None:
            self.refuse(session, message, turn.refusal)
        elif turn.payload is not None:
            args, kwargs = turn.payload
            publication = self.deliver(session, message, args, kwargs)
            if session.is_open and message.options.acknowledge:
                session.send(Published(message.request, publication))

    def _details(self, session: Session, message: Publish) -> Details:
        details = message.options.passthru
        disclosure = self._policy.disclosure(session, message.topic)
        if disclosure is Disclosure.ALWAYS or (
            message.options.disclose_me and disclosure is Disclosure.ASKED
        ):
            details["publisher"] = session.id
            details["publisher_authid"] = session.identity.authid
            details["publisher_authrole"] = session.identity.authrole
        return details

    async def _ask(self, session: Session, question: Callable[[], Awaitable[Answer]]) -> Answer:
        while True:
            before = session.revocations
            answer = await question()
            if session.revocations == before or not session.is_open:
                return answer

    def _has_too_many(self, session: Session) -> bool:
        limit = session.limits.subscriptions
        return bool(limit) and session.realm.count_of(session) >= limit


def _too_many(session: Session) -> Refusal:
    return Refusal(NotAllowed.uri, "Too many subscriptions.", {"subscriptions": session.limits.subscriptions})
