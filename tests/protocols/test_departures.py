"""The ends of many connections in one moment, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from hotline.protocols.departures import SEEN_TO_AT_ONCE, Departures


class Turns(Clock):
    """A clock that can be moved by one turn of the reactor: what is due, and not what that asks for."""

    def turn(self) -> None:
        due, self.calls = self.calls, []
        for call in due:
            call.func(*call.args, **call.kw)


def adder(departures: Departures, ended: list[int]) -> Callable[[int], None]:
    """Adds the end of the connection with a number."""
    return lambda number: departures.add(lambda: ended.append(number))


def test_few_at_once_and_none_later() -> None:
    """As long as few go nobody waits; afterwards nothing is left to be done."""
    clock, ended = Turns(), list[int]()
    add = adder(Departures(clock), ended)
    for number in range(SEEN_TO_AT_ONCE):
        add(number)
    assert ended == list(range(SEEN_TO_AT_ONCE))
    clock.turn()
    add(SEEN_TO_AT_ONCE)
    assert len(ended) == SEEN_TO_AT_ONCE + 1
    clock.turn()
    assert clock.getDelayedCalls() == []


@given(st.lists(st.integers(min_value=0, max_value=3 * SEEN_TO_AT_ONCE), min_size=1, max_size=30))
def test_all_in_order_and_so_many_a_turn(crowds: list[int]) -> None:
    """However many go in each turn: never more than so many at a time, in order, soon, and all of them."""
    clock, ended = Turns(), list[int]()
    add = adder(Departures(clock), ended)
    gone = 0
    for crowd in crowds:
        before = len(ended)
        clock.turn()
        for number in range(gone, gone + crowd):
            add(number)
        gone += crowd
        # As many as there were, up to the limit: nobody waits without need.
        assert len(ended) - before == min(gone - before, SEEN_TO_AT_ONCE)
    for _ in range(gone // SEEN_TO_AT_ONCE + 2):
        clock.turn()
    assert ended == list(range(gone))
    assert clock.getDelayedCalls() == []


def test_one_that_fails_costs_only_itself(no_logged_failures: list[str]) -> None:
    """Those who come after it have their turn, and it is in the log."""
    clock, ended = Turns(), list[int]()
    departures = Departures(clock)
    add = adder(departures, ended)
    for number in range(SEEN_TO_AT_ONCE):
        add(number)

    def fail() -> None:
        raise ZeroDivisionError

    departures.add(fail)
    add(SEEN_TO_AT_ONCE)
    clock.turn()
    assert ended == list(range(SEEN_TO_AT_ONCE + 1))
    assert len(no_logged_failures) == 1
    no_logged_failures.clear()
