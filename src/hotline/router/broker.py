"""Who is subscribed to what in one realm.

In: subscribe, unsubscribe, publish, leave. Out: values that say what came of it; the caller does the sending.
It never waits, authorizes, sends or logs, and a subscriber is anything that can be a key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from hotline.router.ids import unused_id
from hotline.router.messages import Event
from hotline.router.options import Args, Details, Kwargs
from hotline.router.uris import RESERVED

Subscriber = TypeVar("Subscriber")

EXACT, PREFIX, WILDCARD = "exact", "prefix", "wildcard"


@dataclass(slots=True, eq=False)
class Subscription(Generic[Subscriber]):
    """One topic or pattern with at least one subscriber; its id is the same for all of them."""

    id: int
    topic: str
    match: str = EXACT
    created: float = 0.0
    subscribers: dict[Subscriber, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change(Generic[Subscriber]):
    """What came of it; `turned` if the topic or pattern got its first or lost its last subscriber."""

    subscription: Subscription[Subscriber]
    turned: bool
    is_new: bool = True

    @property
    def id(self) -> int:
        return self.subscription.id

    @property
    def topic(self) -> str:
        return self.subscription.topic


_Place = tuple[str, int, tuple[int, ...]]
"""Prefixes of one length; or wildcards of so many components, of which the same are left open."""


class Delivery(NamedTuple, Generic[Subscriber]):
    """One publication: each event of it, and whom that one is for; one event for each subscription."""

    publication: int
    events: list[tuple[Event, list[Subscriber]]]


class Broker(Generic[Subscriber]):
    """The subscriptions of one realm, found by topic, by id and by subscriber."""

    __slots__ = ("_by_id", "_by_pattern", "_by_subscriber", "_by_topic", "_new_id", "_now")

    def __init__(self, new_id: Callable[[], int], now: Callable[[], float] = lambda: 0.0) -> None:
        self._new_id = new_id
        self._now = now
        self._by_topic: dict[str, Subscription[Subscriber]] = {}
        # By kind, and length of a prefix or count of a wildcard's components, to find quickly what matches.
        # Looked for once for each place there is, however many patterns are in it.
        self._by_pattern: dict[_Place, dict[str, Subscription[Subscriber]]] = {}
        self._by_id: dict[int, Subscription[Subscriber]] = {}
        self._by_subscriber: dict[Subscriber, dict[int, Subscription[Subscriber]]] = {}

    def subscribe(self, subscriber: Subscriber, topic: str, match: str = EXACT) -> Change[Subscriber]:
        """Subscribe; once more to the same topic gives the same id again and changes nothing."""
        subscription = self.find(topic, match)
        is_first = subscription is None
        if subscription is None:
            subscription = Subscription(unused_id(self._new_id, self._by_id), topic, match, self._now())
            self._by_id[subscription.id] = subscription
            if match == EXACT:
                self._by_topic[topic] = subscription
            else:
                self._by_pattern.setdefault(_place_of(topic, match), {})[topic] = subscription
        is_new = subscriber not in subscription.subscribers
        subscription.subscribers[subscriber] = None
        self._by_subscriber.setdefault(subscriber, {})[subscription.id] = subscription
        return Change(subscription, is_first, is_new)

    def unsubscribe(self, subscriber: Subscriber, subscription_id: int) -> Change[Subscriber] | None:
        """End one subscription; None if this subscriber has none of that id, whoever else may have it."""
        subscription = self._by_id.get(subscription_id)
        if subscription is None or subscriber not in subscription.subscribers:
            return None
        return self._remove(subscriber, subscription)

    def drop(
        self, subscriber: Subscriber, predicate: Callable[[Subscription[Subscriber]], bool]
    ) -> list[Change[Subscriber]]:
        """End all of a subscriber's subscriptions for which the predicate holds."""
        own = list(self._by_subscriber.get(subscriber, {}).values())
        return [self._remove(subscriber, each) for each in own if predicate(each)]

    def leave(self, subscriber: Subscriber) -> list[Change[Subscriber]]:
        """End all subscriptions of a subscriber; nothing of it is left afterwards."""
        return self.drop(subscriber, lambda subscription: True)

    def publish(
        self,
        topic: str,
        args: Args,
        kwargs: Kwargs,
        exclude: Subscriber | None = None,
        is_meant: Callable[[Subscriber], bool] | None = None,
        details: Details | None = None,
        publication: int | None = None,
    ) -> Delivery[Subscriber]:
        """Who gets what of a publication; `exclude` is its publisher, unless it wants its own events."""
        if publication is None:
            publication = self._new_id()
        events: list[tuple[Event, list[Subscriber]]] = []
        exact = self._by_topic.get(topic)
        for subscription in (exact,) if not self._by_pattern else self.matching(topic):
            if subscription is None:
                continue
            recipients = list(subscription.subscribers)
            if exclude is not None and exclude in subscription.subscribers:
                recipients.remove(exclude)
            if is_meant is not None:
                recipients = [each for each in recipients if is_meant(each)]
            if recipients:
                told = details or {}
                if subscription is not exact:
                    told = {**told, "topic": topic}
                events.append((Event(subscription.id, publication, told, args, kwargs), recipients))
        return Delivery(publication, events)

    def find(self, topic: str, match: str = EXACT) -> Subscription[Subscriber] | None:
        """The subscription to this very topic or pattern."""
        if match == EXACT:
            return self._by_topic.get(topic)
        return self._by_pattern.get(_place_of(topic, match), {}).get(topic)

    def get(self, subscription_id: int) -> Subscription[Subscriber] | None:
        """The subscription with this id."""
        return self._by_id.get(subscription_id)

    def subscriptions(self) -> list[Subscription[Subscriber]]:
        """All of them, the oldest first."""
        return list(self._by_id.values())

    def matching(self, topic: str) -> Iterator[Subscription[Subscriber]]:
        """All subscriptions that get what is published to this topic.

        What the router tells of itself, under `wamp.`, is only for patterns that say so.
        """
        exact = self._by_topic.get(topic)
        if exact is not None:
            yield exact
        components = topic.split(".") if self._by_pattern else []
        begin = RESERVED if topic.startswith(RESERVED) else ""
        for (kind, size, blanks), patterns in self._by_pattern.items():
            if kind == PREFIX:
                pattern = topic[:size]
            elif size == len(components):
                pattern = ".".join("" if place in blanks else own for place, own in enumerate(components))
            else:
                continue
            found = patterns.get(pattern)
            if found is not None and found.topic.startswith(begin):
                yield found

    def has(self, subscriber: Subscriber, subscription_id: int) -> bool:
        """Whether this is one of the subscriber's own subscriptions."""
        return subscription_id in self._by_subscriber.get(subscriber, ())

    def topics_of(self, subscriber: Subscriber) -> list[str]:
        """The topics and patterns of one subscriber, in the order in which it subscribed."""
        return [each.topic for each in self._by_subscriber.get(subscriber, {}).values()]

    def count_of(self, subscriber: Subscriber) -> int:
        """How many subscriptions one subscriber has."""
        return len(self._by_subscriber.get(subscriber, ()))

    def is_observed(self, topic: str) -> bool:
        """Whether anybody is subscribed to this very topic."""
        return topic in self._by_topic

    def is_empty(self) -> bool:
        """Whether no trace of any subscriber is left."""
        return not (self._by_topic or self._by_pattern or self._by_id or self._by_subscriber)

    def _remove(self, subscriber: Subscriber, subscription: Subscription[Subscriber]) -> Change[Subscriber]:
        del subscription.subscribers[subscriber]
        own = self._by_subscriber[subscriber]
        del own[subscription.id]
        if not own:
            del self._by_subscriber[subscriber]
        is_last = not subscription.subscribers
        if is_last:
            del self._by_id[subscription.id]
            if subscription.match == EXACT:
                del self._by_topic[subscription.topic]
            else:
                place = _place_of(subscription.topic, subscription.match)
                del self._by_pattern[place][subscription.topic]
                if not self._by_pattern[place]:
                    del self._by_pattern[place]
        return Change(subscription, is_last)


def _place_of(topic: str, match: str) -> _Place:
    if match == PREFIX:
        return match, len(topic), ()
    components = topic.split(".")
    return match, len(components), tuple(place for place, each in enumerate(components) if not each)
