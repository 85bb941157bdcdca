"""The search for the highest rate, against servers that can do exactly so much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.search import Search, due


@given(st.floats(min_value=20, max_value=50_000), st.floats(min_value=20, max_value=50_000))
def test_finds_what_a_server_can_do(first: float, capacity: float) -> None:
    """Never above the capacity, not more than a tenth below it, and in few steps."""
    search = Search(first=first)
    steps = 0
    while (rate := search.next_rate()) is not None:
        search.learn(rate, is_good=rate <= capacity)
        steps += 1
    assert capacity / 1.11 <= search.good <= capacity
    assert steps <= 60
    assert search.to_confirm()[0] == search.good


def test_a_server_that_can_do_nothing() -> None:
    """The search ends, and has nothing to confirm."""
    search = Search(first=1000)
    while (rate := search.next_rate()) is not None:
        search.learn(rate, is_good=False)
    assert search.to_confirm() == []


def test_sending_keeps_the_pace() -> None:
    """The first message at once, then by the clock whatever happened meanwhile, never more than all."""
    assert [due(elapsed, 100, 50) for elapsed in (0.0, 0.009, 0.0101, 0.3, 0.49, 9.0)] == [
        1,
        1,
        2,
        31,
        50,
        50,
    ]
