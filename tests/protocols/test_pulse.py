"""Pings for many connections on one timer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from hotline.protocols.pulse import MOST_AT_ONCE, TOGETHER_SECONDS, Pulse

INTERVAL, PATIENCE = 30.0, 15.0


class One:
    """A connection that notes when it was pinged and when it was given up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.pings: list[float] = []
        self.misses: list[float] = []

    def ping(self) -> None:
        self.pings.append(self._clock.seconds())

    def missed(self) -> None:
        self.misses.append(self._clock.seconds())


def test_one_that_answers_once() -> None:
    """Pinged after an interval, and an interval after its answer; given up when it does not answer."""
    clock = Clock()
    pulse, one = Pulse(clock, INTERVAL, PATIENCE), One(clock)
    pulse.add(one)
    clock.advance(30)
    assert one.pings == [30]
    clock.advance(10)
    pulse.heard(one)
    pulse.heard(one)
    clock.advance(30)
    assert one.pings == [30, 70]
    clock.advance(15)
    assert one.misses == [85]
    assert not clock.getDelayedCalls()


def test_what_is_said_unasked_changes_nothing() -> None:
    """A connection that talks is pinged all the same: that costs less than to put it off each time."""
    clock = Clock()
    pulse, one = Pulse(clock, INTERVAL, PATIENCE), One(clock)
    pulse.add(one)
    clock.advance(29)
    pulse.heard(one)
    clock.advance(1)
    assert one.pings == [30]


def test_limits_of_nothing() -> None:
    """Without an interval nobody is pinged, and without patience nobody is given up."""
    clock = Clock()
    pulse, one = Pulse(clock, 0, PATIENCE), One(clock)
    pulse.add(one)
    pulse.heard(one)
    assert not clock.getDelayedCalls()
    pulse = Pulse(clock, INTERVAL, 0)
    pulse.add(one)
    for _ in range(3):
        clock.advance(INTERVAL)
    assert one.pings == [30, 60, 90]
    assert one.misses == []


def test_thousands_at_once_are_seen_to_in_turn() -> None:
    """So many in one turn of the reactor, the others in the next ones."""
    clock = Clock()
    pulse = Pulse(clock, INTERVAL, PATIENCE)
    all_of_them = [One(clock) for _ in range(3 * MOST_AT_ONCE + 1)]
    for one in all_of_them:
        pulse.add(one)
    clock.advance(INTERVAL)
    assert sum(len(one.pings) for one in all_of_them) <= MOST_AT_ONCE
    for _ in range(4):
        clock.advance(TOGETHER_SECONDS)
    assert all(len(one.pings) == 1 for one in all_of_them)


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "heard", "discard", "wait"]), st.integers(0, 4), st.floats(0, 20)),
    max_size=60,
)


@given(STEPS)
def test_whatever_happens(steps: list[tuple[str, int, float]]) -> None:
    """Nobody who is gone is pinged, nobody is given up unasked, and nothing is left when all are gone."""
    clock = Clock()
    pulse = Pulse(clock, INTERVAL, PATIENCE)
    ones = [One(clock) for _ in range(5)]
    here: dict[One, float] = {}
    for what, number, seconds in steps:
        one = ones[number]
        before = {each: (len(each.pings), len(each.misses)) for each in ones}
        if what == "add" and one not in here:
            here[one] = clock.seconds()
            pulse.add(one)
        elif what == "heard":
            pulse.heard(one)
        elif what == "discard":
            here.pop(one, None)
            pulse.discard(one)
        elif what == "wait":
            clock.advance(seconds)
        for each in ones:
            pings, misses = before[each]
            if each not in here:
                assert (len(each.pings), len(each.misses)) == (pings, misses)
            if len(each.misses) > misses:
                asked = each.pings[pings - 1] if len(each.pings) == pings else each.pings[-1]
                assert clock.seconds() - asked >= PATIENCE
                del here[each]
    for each in list(here):
        pulse.discard(each)
    assert not clock.getDelayedCalls()
