"""One organisation's sessions and subscriptions: realms never meet, so isolation is by construction.

In: sessions that join and leave, topics, events of the outside. Out: frames on links, news for the watcher.
It never authorizes: whoever calls it has asked before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from twisted.logger import Logger

from hotline.protocols.interfaces import Encoding, Link
from hotline.router import ports
from hotline.router.broker import Broker, Change
from hotline.router.ids import new_id
from hotline.router.messages import Args, Event, Kwargs


class Member(ports.Session, Protocol):
    """A session as its realm needs it."""

    @property
    def link(self) -> Link: ...


class Realm:
    """Appears with its first session and goes with its last."""

    log = Logger()

    def __init__(self, *, name: str, tenant: Any, watcher: ports.Watcher) -> None:
        self.name = name
        self.tenant = tenant
        self._watcher = watcher
        self._broker: Broker[Member] = Broker(new_id)
        self._sessions: dict[int, Member] = {}

    @property
    def sessions(self) -> Collection[Member]:
        return self._sessions.values()

    def join(self, session: Member) -> None:
        """A session is in from now on."""
        self._sessions[session.id] = session
        self._tell(self._watcher.session_joined, session)

    def leave(self, session: Member) -> None:
        """A session and all of its subscriptions are gone."""
        changes = self._broker.leave(session)
        if self._sessions.pop(session.id, None) is None:
            return
        self._abandon(changes)
        self._tell(self._watcher.session_left, session)

    def subscribe(self, session: Member, topic: str) -> Change:
        """Subscribe a session; whoever answers it calls `observe` right after."""
        return self._broker.subscribe(session, topic)

    def observe(self, change: Change) -> None:
        """Tell the watcher if a subscription was the first to its topic, after SUBSCRIBED went out."""
        if change.turned and self._broker.is_observed(change.topic):
            self._tell(self._watcher.topic_observed, self, change.topic)

    def unsubscribe(self, session: Member, subscription: int) -> Change | None:
        """End one subscription of this session; None if it has none of that id."""
        change = self._broker.unsubscribe(session, subscription)
        if change is not None:
            self._abandon([change])
        return change

    def drop(self, session: Member, predicate: Callable[[str], bool]) -> list[Change]:
        """End the subscriptions of this session whose topics the predicate picks."""
        changes = self._broker.drop(session, predicate)
        self._abandon(changes)
        return changes

    def topics_of(self, session: Member) -> list[str]:
        """The topics a session is subscribed to."""
        return self._broker.topics_of(session)

    def count_of(self, session: Member) -> int:
        """How many topics a session is subscribed to."""
        return self._broker.count_of(session)

    def is_observed(self, topic: str) -> bool:
        """Whether anybody is subscribed to this very topic."""
        return self._broker.is_observed(topic)

    def publish(self, topic: str, args: Args, kwargs: Kwargs, exclude: int | None = None) -> int:
        """Send an EVENT to every subscriber but the session with the id `exclude`; gives to how many."""
        return self.deliver(topic, args, kwargs, None if exclude is None else self._sessions.get(exclude))[1]

    def deliver(self, topic: str, args: Args, kwargs: Kwargs, exclude: Member | None) -> tuple[int, int]:
        """As `publish`; gives the id of the publication too."""
        delivery = self._broker.publish(topic, args, kwargs, exclude)
        if delivery.event is not None:
            self._send(delivery.event, delivery.recipients)
        return delivery.publication, len(delivery.recipients)

    def _send(self, event: Event, recipients: Sequence[Member]) -> None:
        # One frame per kind of link: encoding costs more than writing, and recipients may be hundreds.
        frames: dict[Encoding, bytes | None] = {}
        for session in recipients:
            link = session.link
            encoding = link.encoding
            if encoding in frames:
                frame = frames[encoding]
            else:
                frame = frames[encoding] = self._frame(encoding, event)
            if frame is not None:
                link.write(frame)

    def _frame(self, encoding: Encoding, event: Event) -> bytes | None:
        try:
            return encoding.encode(event)
        except Exception:
            # What one serializer can carry (a huge integer, a lone surrogate), another may not.
            self.log.failure("an event cannot be expressed in {encoding}", encoding=encoding)
            return None

    def _abandon(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.turned:
                self._tell(self._watcher.topic_abandoned, self, change.topic)

    def _tell(self, news: Callable[..., None], *facts: Any) -> None:
        try:
            news(*facts)
        except Exception:
            self.log.failure("the watcher failed")
