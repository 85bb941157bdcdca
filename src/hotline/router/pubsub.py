"""SUBSCRIBE, UNSUBSCRIBE and PUBLISH of sessions: asked outside, then done in the realm's broker.

In: these messages. Out: their answers, events. It never keeps a right: each one is asked for when it is used,
and asked again if the session's rights changed while the answer was on its way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hotline.errors import NotAllowed
from hotline.router import uris
from hotline.router.desk import Desk
from hotline.router.ids import new_id
from hotline.router.messages import (
    Args,
    Kwargs,
    Publish,
    Published,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
)
from hotline.router.ports import Topics
from hotline.router.refusals import Refusal, refusal_of
from hotline.router.session import Session
from hotline.router.tasks import Tasks

Answer = TypeVar("Answer")

NOT_AUTHORIZED = Refusal(uris.NOT_AUTHORIZED, "You may not use this topic.", {})


class _Turn:
    """The place of one publication among those of its session: they go out as they came in."""

    __slots__ = ("message", "payload", "refusal")

    def __init__(self, message: Publish) -> None:
        self.message = message
        self.payload: tuple[Args, Kwargs] | None = None
        self.refusal: Refusal | None = None


class PubSub(Desk):
    """Where sessions subscribe and publish."""

    def __init__(self, *, topics: Topics, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._topics = topics

    def subscribe_received(self, session: Session, message: Subscribe) -> None:
        """Ask whether this session may, then subscribe it."""
        if session.roles.subscriber is None:
            session.violated("the role of a subscriber was not announced")
        elif message.options.match != "exact":
            if self.is_acceptable(session, message):
                session.refuse(message, Refusal(uris.NOT_AUTHORIZED, "Subscribe to single topics.", {}))
        elif self.is_acceptable(session, message, message.topic):
            if self._has_too_many(session):
                session.refuse(message, _too_many(session))
            else:
                self.start(session, self._subscribe(session, message))

    def unsubscribe_received(self, session: Session, message: Unsubscribe) -> None:
        """End one of this session's own subscriptions."""
        if self.is_acceptable(session, message):
            if session.realm.unsubscribe(session, message.subscription) is None:
                session.refuse(message, Refusal(uris.NO_SUCH_SUBSCRIPTION, "", {}))
            else:
                session.send(Unsubscribed(message.request))

    def publish_received(self, session: Session, message: Publish) -> None:
        """Hand it to the store if its topic is durable; else ask, then send it on."""
        if session.roles.publisher is None:
            session.violated("the role of a publisher was not announced")
        elif self.is_acceptable(session, message, message.topic):
            if message.topic.startswith(uris.RESERVED):
                self.refuse(session, message, NOT_AUTHORIZED)
            elif self._topics.is_durable(message.topic):
                self.start(session, self._append(session, message))
            else:
                turn = _Turn(message)
                if session.publications is None:
                    session.publications = deque()
                session.publications.append(turn)
                self.start(session, self._publish(session, turn))

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
            change = session.realm.subscribe(session, message.topic)
            session.send(Subscribed(message.request, change.id))
            session.realm.observe(change)

    async def _append(self, session: Session, message: Publish) -> None:
        try:
            await self._topics.append(
                session, message.topic, message.args, message.kwargs, message.options.exclude_me
            )
        except Exception as problem:
            refusal = refusal_of(problem)
            if session.is_open:
                self.refuse(session, message, refusal)
        else:
            if session.is_open and message.options.acknowledge:
                session.send(Published(message.request, new_id()))

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
            exclude = session if message.options.exclude_me else None
            publication, _ = session.realm.deliver(message.topic, args, kwargs, exclude)
            if session.is_open and message.options.acknowledge:
                session.send(Published(message.request, publication))

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
