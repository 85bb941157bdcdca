"""The broker alone: who is subscribed, who gets what, what is left behind."""

from __future__ import annotations

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hotline.router.broker import EXACT, PREFIX, WILDCARD, Broker, Delivery

SUBSCRIBERS = ("ann", "bob", "cy")
TOPICS = ("a", "a.b", "a.b.c")


def recipients_of(delivery: Delivery[str]) -> list[str]:
    """Everybody who gets an event of a publication, once for each event."""
    return [who for _, recipients in delivery.events for who in recipients]


def make_broker() -> Broker[str]:
    """A broker whose ids are 1, 2, 3 ..."""
    return Broker(itertools.count(1).__next__)


def test_same_topic_same_id() -> None:
    """All subscribers of a topic have the same subscription id, and once more gives it again."""
    broker = make_broker()
    first = broker.subscribe("ann", "a.b")
    assert broker.subscribe("bob", "a.b").id == first.id
    assert broker.subscribe("ann", "a.b").id == first.id
    assert broker.subscribe("ann", "a.c").id != first.id


def test_one_event_per_subscriber_however_often_it_subscribed() -> None:
    """A subscriber that subscribed twice gets one event."""
    broker = make_broker()
    broker.subscribe("ann", "a")
    broker.subscribe("ann", "a")
    assert recipients_of(broker.publish("a", [], {})) == ["ann"]


def test_turning_points_are_told() -> None:
    """The first subscriber and the last one to go are told apart from those between."""
    broker = make_broker()
    assert broker.subscribe("ann", "a").turned
    change = broker.subscribe("bob", "a")
    assert not change.turned
    gone = broker.unsubscribe("ann", change.id)
    assert gone is not None
    assert not gone.turned
    gone = broker.unsubscribe("bob", change.id)
    assert gone is not None
    assert gone.turned


def test_somebody_elses_subscription_cannot_be_ended() -> None:
    """An id is of use to nobody but its subscribers."""
    broker = make_broker()
    change = broker.subscribe("ann", "a")
    assert broker.unsubscribe("bob", change.id) is None
    assert broker.unsubscribe("ann", change.id + 1) is None
    assert recipients_of(broker.publish("a", [], {})) == ["ann"]


def test_publisher_is_left_out_only_if_asked_for() -> None:
    """`exclude` takes out one subscriber, and does no harm if it is none."""
    broker = make_broker()
    broker.subscribe("ann", "a")
    broker.subscribe("bob", "a")
    assert recipients_of(broker.publish("a", [], {}, "ann")) == ["bob"]
    assert recipients_of(broker.publish("a", [], {})) == ["ann", "bob"]
    assert recipients_of(broker.publish("a", [], {}, "cy")) == ["ann", "bob"]


def test_no_event_for_nobody() -> None:
    """A publication always has an id, and no event if nobody gets it."""
    broker = make_broker()
    broker.subscribe("ann", "a")
    delivery = broker.publish("a", [], {}, "ann")
    assert delivery.events == []
    assert broker.publish("b", [], {}).publication != delivery.publication


def test_patterns() -> None:
    """Prefix is a prefix of the string, wildcard whole components; each subscription has its own event."""
    broker = make_broker()
    for pattern, match in (
        ("a.b", EXACT),
        ("a.b", PREFIX),
        ("", PREFIX),
        ("a..c", WILDCARD),
        ("a.", WILDCARD),
        ("..", WILDCARD),
    ):
        broker.subscribe("ann", pattern, match)
    assert broker.subscribe("bob", "a.b").id != broker.subscribe("bob", "a.b", PREFIX).id
    broker.leave("bob")

    def matches(topic: str) -> list[tuple[str, str]]:
        return [(each.topic, each.match) for each in broker.matching(topic)]

    assert matches("a.b") == [("a.b", EXACT), ("a.b", PREFIX), ("", PREFIX), ("a.", WILDCARD)]
    assert matches("a.b-low") == [("a.b", PREFIX), ("", PREFIX), ("a.", WILDCARD)]
    assert matches("a.x.c") == [("", PREFIX), ("a..c", WILDCARD), ("..", WILDCARD)]
    assert matches("a.b.x.c") == [("a.b", PREFIX), ("", PREFIX)]
    broker.subscribe("ann", "wamp.", PREFIX)
    broker.subscribe("ann", "wamp..", WILDCARD)
    assert sorted(matches("wamp.a.b")) == [("wamp.", PREFIX), ("wamp..", WILDCARD)]
    delivery = broker.publish("a.b", [], {})
    assert [event.details for event, _ in delivery.events] == [{}, *[{"topic": "a.b"}] * 3]
    assert {event.publication for event, _ in delivery.events} == {delivery.publication}
    broker.leave("ann")
    assert broker.is_empty()


def test_only_those_who_are_meant() -> None:
    """A predicate picks among the subscribers, after the publisher was left out."""
    broker = make_broker()
    for who in SUBSCRIBERS:
        broker.subscribe(who, "a")
    assert recipients_of(broker.publish("a", [], {}, "ann", lambda who: who < "c")) == ["bob"]
    assert broker.publish("a", [], {}, None, lambda who: False).events == []


def is_match(topic: str, pattern: str, match: str) -> bool:
    """The definition, as naively as can be."""
    if match == EXACT:
        return topic == pattern
    if match == PREFIX:
        return topic[: len(pattern)] == pattern
    ours, theirs = topic.split("."), pattern.split(".")
    return len(ours) == len(theirs) and all(b in ("", a) for a, b in zip(ours, theirs, strict=True))


PATTERNS = (
    *((topic, EXACT) for topic in TOPICS),
    ("a", PREFIX),
    ("a.b", PREFIX),
    ("", PREFIX),
    ("a.", WILDCARD),
    (".b", WILDCARD),
    ("a..c", WILDCARD),
)

Pattern = tuple[str, str]


class BrokerAgainstModel(RuleBasedStateMachine):
    """Any sequence of what subscribers may do, against a set of pairs."""

    @initialize()
    def begin(self) -> None:
        self.broker = make_broker()
        self.pairs: set[tuple[str, Pattern]] = set()
        self.ids: dict[Pattern, int] = {}

    @rule(who=st.sampled_from(SUBSCRIBERS), pattern=st.sampled_from(PATTERNS))
    def subscribe(self, who: str, pattern: Pattern) -> None:
        is_first = all(each != pattern for _, each in self.pairs)
        change = self.broker.subscribe(who, *pattern)
        assert (change.topic, change.turned) == (pattern[0], is_first)
        assert change.is_new == ((who, pattern) not in self.pairs)
        if not is_first:
            assert change.id == self.ids[pattern]
        self.ids[pattern] = change.id
        self.pairs.add((who, pattern))

    @rule(who=st.sampled_from(SUBSCRIBERS), pattern=st.sampled_from(PATTERNS))
    def unsubscribe(self, who: str, pattern: Pattern) -> None:
        change = self.broker.unsubscribe(who, self.ids.get(pattern, 0))
        if (who, pattern) not in self.pairs:
            assert change is None
            return
        self.pairs.remove((who, pattern))
        assert change is not None
        assert change.turned == all(each != pattern for _, each in self.pairs)

    @rule(who=st.sampled_from(SUBSCRIBERS), topics=st.sets(st.sampled_from(TOPICS)))
    def drop(self, who: str, topics: set[str]) -> None:
        changes = self.broker.drop(who, lambda subscription: subscription.topic in topics)
        ended = {pair for pair in self.pairs if pair[0] == who and pair[1][0] in topics}
        self.pairs -= ended
        assert len(changes) == len(ended)

    @rule(who=st.sampled_from(SUBSCRIBERS))
    def leave(self, who: str) -> None:
        own = [pattern for each, pattern in self.pairs if each == who]
        assert len(self.broker.leave(who)) == len(own)
        self.pairs = {pair for pair in self.pairs if pair[0] != who}

    @rule(
        topic=st.sampled_from((*TOPICS, "b", "x.b", "a.x")),
        exclude=st.sampled_from((*SUBSCRIBERS, None)),
        meant=st.none() | st.sets(st.sampled_from(SUBSCRIBERS)),
    )
    def publish(self, topic: str, exclude: str | None, meant: set[str] | None) -> None:
        is_meant = None if meant is None else meant.__contains__
        delivery = self.broker.publish(topic, ["x"], {}, exclude, is_meant)
        expected = {
            (self.ids[pattern], who)
            for who, pattern in self.pairs
            if is_match(topic, *pattern) and who != exclude and (meant is None or who in meant)
        }
        got = [(event.subscription, who) for event, recipients in delivery.events for who in recipients]
        assert len(got) == len(expected)
        assert set(got) == expected
        for event, _ in delivery.events:
            assert ("topic" in event.details) == (event.subscription not in self.exact_ids())

    def exact_ids(self) -> set[int]:
        return {number for (_, match), number in self.ids.items() if match == EXACT}

    @invariant()
    def knows_what_the_model_knows(self) -> None:
        for who in SUBSCRIBERS:
            own = sorted(pattern[0] for each, pattern in self.pairs if each == who)
            assert sorted(self.broker.topics_of(who)) == own
            assert self.broker.count_of(who) == len(own)
        for topic in TOPICS:
            assert self.broker.is_observed(topic) == any(
                pattern == (topic, EXACT) for _, pattern in self.pairs
            )
        assert self.broker.is_empty() == (not self.pairs)


BrokerAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBrokerAgainstModel = BrokerAgainstModel.TestCase
