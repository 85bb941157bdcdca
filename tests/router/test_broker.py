"""The broker alone: who is subscribed, who gets what, what is left behind."""

from __future__ import annotations

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hotline.router.broker import Broker

SUBSCRIBERS = ("ann", "bob", "cy")
TOPICS = ("a", "a.b", "a.b.c")


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
    assert broker.publish("a", [], {}).recipients == ["ann"]


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
    assert broker.publish("a", [], {}).recipients == ["ann"]


def test_publisher_is_left_out_only_if_asked_for() -> None:
    """`exclude` takes out one subscriber, and does no harm if it is none."""
    broker = make_broker()
    broker.subscribe("ann", "a")
    broker.subscribe("bob", "a")
    assert broker.publish("a", [], {}, "ann").recipients == ["bob"]
    assert broker.publish("a", [], {}).recipients == ["ann", "bob"]
    assert broker.publish("a", [], {}, "cy").recipients == ["ann", "bob"]


def test_no_event_for_nobody() -> None:
    """A publication always has an id, and no event if nobody gets it."""
    broker = make_broker()
    broker.subscribe("ann", "a")
    delivery = broker.publish("a", [], {}, "ann")
    assert (delivery.event, delivery.recipients) == (None, [])
    assert broker.publish("b", [], {}).publication != delivery.publication


class BrokerAgainstModel(RuleBasedStateMachine):
    """Any sequence of what subscribers may do, against a set of pairs."""

    @initialize()
    def begin(self) -> None:
        self.broker = make_broker()
        self.pairs: set[tuple[str, str]] = set()
        self.ids: dict[str, int] = {}

    @rule(who=st.sampled_from(SUBSCRIBERS), topic=st.sampled_from(TOPICS))
    def subscribe(self, who: str, topic: str) -> None:
        is_first = all(each != topic for _, each in self.pairs)
        change = self.broker.subscribe(who, topic)
        assert (change.topic, change.turned) == (topic, is_first)
        if not is_first:
            assert change.id == self.ids[topic]
        self.ids[topic] = change.id
        self.pairs.add((who, topic))

    @rule(who=st.sampled_from(SUBSCRIBERS), topic=st.sampled_from(TOPICS))
    def unsubscribe(self, who: str, topic: str) -> None:
        change = self.broker.unsubscribe(who, self.ids.get(topic, 0))
        if (who, topic) not in self.pairs:
            assert change is None
            return
        self.pairs.remove((who, topic))
        assert change is not None
        assert change.turned == all(each != topic for _, each in self.pairs)

    @rule(who=st.sampled_from(SUBSCRIBERS), topics=st.sets(st.sampled_from(TOPICS)))
    def drop(self, who: str, topics: set[str]) -> None:
        changes = self.broker.drop(who, topics.__contains__)
        ended = {(who, topic) for topic in topics} & self.pairs
        self.pairs -= ended
        assert {(who, change.topic) for change in changes} == ended

    @rule(who=st.sampled_from(SUBSCRIBERS))
    def leave(self, who: str) -> None:
        own = {topic for each, topic in self.pairs if each == who}
        assert {change.topic for change in self.broker.leave(who)} == own
        self.pairs = {pair for pair in self.pairs if pair[0] != who}

    @rule(topic=st.sampled_from(TOPICS), exclude=st.sampled_from((*SUBSCRIBERS, None)))
    def publish(self, topic: str, exclude: str | None) -> None:
        delivery = self.broker.publish(topic, ["x"], {}, exclude)
        expected = {who for who, each in self.pairs if each == topic and who != exclude}
        assert len(delivery.recipients) == len(expected)
        assert set(delivery.recipients) == expected
        assert (delivery.event is not None) == bool(expected)
        if delivery.event is not None:
            assert delivery.event.subscription == self.ids[topic]

    @invariant()
    def knows_what_the_model_knows(self) -> None:
        for who in SUBSCRIBERS:
            own = {topic for each, topic in self.pairs if each == who}
            assert set(self.broker.topics_of(who)) == own
            assert self.broker.count_of(who) == len(own)
        for topic in TOPICS:
            assert self.broker.is_observed(topic) == any(each == topic for _, each in self.pairs)
        assert self.broker.is_empty() == (not self.pairs)


BrokerAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBrokerAgainstModel = BrokerAgainstModel.TestCase
