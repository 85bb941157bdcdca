"""Who is subscribed to what in one realm.

In: subscribe, unsubscribe, publish, leave. Out: values that say what came of it; the caller does the sending.
It never waits, authorizes, sends or logs, and a subscriber is anything that can be a key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hotline.router.messages import Args, Event, Kwargs

Subscriber = TypeVar("Subscriber")


@dataclass(slots=True, eq=False)
class Subscription(Generic[Subscriber]):
    """One topic with at least one subscriber; its id is the same for all of them."""

    id: int
    topic: str
    subscribers: dict[Subscriber, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What came of it; `turned` if the topic got its first or lost its last subscriber."""

    id: int
    topic: str
    turned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Generic[Subscriber]):
    """One event and everybody it is for; None instead of an event if there is nobody."""

    publication: int
    event: Event | None
    recipients: list[Subscriber]


class Broker(Generic[Subscriber]):
    """The subscriptions of one realm, found by topic, by id and by subscriber."""

    __slots__ = ("_by_id", "_by_subscriber", "_by_topic", "_new_id")

    def __init__(self, new_id: Callable[[], int]) -> None:
        self._new_id = new_id
        self._by_topic: dict[str, Subscription[Subscriber]] = {}
        self._by_id: dict[int, Subscription[Subscriber]] = {}
        self._by_subscriber: dict[Subscriber, dict[str, Subscription[Subscriber]]] = {}

    def subscribe(self, subscriber: Subscriber, topic: str) -> Change:
        """Subscribe; once more to the same topic gives the same id again and changes nothing."""
        subscription = self._by_topic.get(topic)
        is_first = subscription is None
        if subscription is None:
            subscription = Subscription(id=self._unused_id(), topic=topic)
            self._by_topic[topic] = self._by_id[subscription.id] = subscription
        subscription.subscribers[subscriber] = None
        self._by_subscriber.setdefault(subscriber, {})[topic] = subscription
        return Change(id=subscription.id, topic=topic, turned=is_first)

    def unsubscribe(self, subscriber: Subscriber, subscription_id: int) -> Change | None:
        """End one subscription; None if this subscriber has none of that id, whoever else may have it."""
        subscription = self._by_id.get(subscription_id)
        if subscription is None or subscriber not in subscription.subscribers:
            return None
        return self._remove(subscriber, subscription)

    def drop(self, subscriber: Subscriber, predicate: Callable[[str], bool]) -> list[Change]:
        """End all of a subscriber's subscriptions to topics for which the predicate holds."""
        own = list(self._by_subscriber.get(subscriber, {}).values())
        return [self._remove(subscriber, each) for each in own if predicate(each.topic)]

    def leave(self, subscriber: Subscriber) -> list[Change]:
        """End all subscriptions of a subscriber; nothing of it is left afterwards."""
        return self.drop(subscriber, lambda topic: True)

    def publish(
        self, topic: str, args: Args, kwargs: Kwargs, exclude: Subscriber | None = None
    ) -> Delivery[Subscriber]:
        """Who gets what of a publication; `exclude` is its publisher, unless it wants its own events."""
        publication = self._new_id()
        subscription = self._by_topic.get(topic)
        if subscription is None:
            return Delivery(publication=publication, event=None, recipients=[])
        recipients = list(subscription.subscribers)
        if exclude is not None and exclude in subscription.subscribers:
            recipients.remove(exclude)
        event = Event(subscription.id, publication, {}, args, kwargs) if recipients else None
        return Delivery(publication=publication, event=event, recipients=recipients)

    def topics_of(self, subscriber: Subscriber) -> list[str]:
        """The topics of one subscriber, in the order in which it subscribed."""
        return list(self._by_subscriber.get(subscriber, ()))

    def count_of(self, subscriber: Subscriber) -> int:
        """How many subscriptions one subscriber has."""
        return len(self._by_subscriber.get(subscriber, ()))

    def is_observed(self, topic: str) -> bool:
        """Whether anybody is subscribed to this topic."""
        return topic in self._by_topic

    def is_empty(self) -> bool:
        """Whether no trace of any subscriber is left."""
        return not (self._by_topic or self._by_id or self._by_subscriber)

    def _remove(self, subscriber: Subscriber, subscription: Subscription[Subscriber]) -> Change:
        del subscription.subscribers[subscriber]
        own = self._by_subscriber[subscriber]
        del own[subscription.topic]
        if not own:
            del self._by_subscriber[subscriber]
        is_last = not subscription.subscribers
        if is_last:
            del self._by_topic[subscription.topic]
            del self._by_id[subscription.id]
        return Change(id=subscription.id, topic=subscription.topic, turned=is_last)

    def _unused_id(self) -> int:
        while (candidate := self._new_id()) in self._by_id:
            pass
        return candidate
