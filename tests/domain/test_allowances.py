"""So many at once and so many in the long run, for each key apart, whatever is asked when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain.allowances import Allowance, Allowances, each_minute, hourly
from hotline.errors import TooFast

pauses = st.lists(st.floats(0, 30), max_size=60)


@given(st.integers(1, 5), st.floats(0.1, 10), pauses)
def test_never_more_than_allowed(burst: int, seconds: float, pauses: list[float]) -> None:
    """In any span of time not more than the burst and one for each `seconds` of it; who waits as long as they
    are told may, and not before."""
    allowance, allowances = Allowance(burst=burst, seconds=seconds), Allowances()
    now, done = 1000.0, []
    for pause in pauses:
        now += pause
        late = allowances.late((allowance, "a"), now)
        if late > 0:
            with pytest.raises(TooFast) as caught:
                allowances.spend([(allowance, "a")], now)
            assert caught.value.details == {"retry_after": round(late, 1)}
            now += late + 1e-6
        allowances.spend([(allowance, "a")], now)
        done.append(now)
    for first, begun in enumerate(done):
        for last, ended in enumerate(done[first:], start=first):
            assert last - first + 1 <= burst + (ended - begun) / seconds + 1e-3


def test_keys_and_allowances_are_apart() -> None:
    """What one has spent is neither another's, nor missing where something else is counted."""
    allowances = Allowances()
    allowances.spend([(hourly(1), "a")], 0.0)
    with pytest.raises(TooFast):
        allowances.spend([(hourly(1), "a")], 3599.0)
    allowances.spend([(hourly(1), "b")], 0.0)
    allowances.spend([(each_minute(1), "a")], 0.0)
    allowances.refund((hourly(1), "a"))
    allowances.refund((hourly(1), "nobody"))
    allowances.spend([(hourly(1), "a")], 0.0)


def test_what_costs_several_is_paid_by_all_or_none() -> None:
    """Who is refused for one of them has spent nothing of the others, and waits for the slowest."""
    allowances = Allowances()
    allowances.spend([(hourly(1), "node")], 0.0)
    both = [(hourly(2), "house"), (hourly(1), "node")]
    for _ in range(3):
        with pytest.raises(TooFast) as caught:
            allowances.spend(both, 0.0)
        assert caught.value.details == {"retry_after": 3600.0}
    allowances.spend(both, 3600.0)
    allowances.spend([(hourly(2), "house")], 3600.0)
    with pytest.raises(TooFast):
        allowances.spend([(hourly(2), "house")], 3600.0)


def test_no_limit_and_less_than_one() -> None:
    """0 lifts a limit; half a one an hour is one every two hours, and not none."""
    allowances = Allowances()
    for _ in range(1000):
        allowances.spend([(hourly(0), "a")], 0.0)
    allowances.spend([(hourly(0.5), "a")], 0.0)
    with pytest.raises(TooFast):
        allowances.spend([(hourly(0.5), "a")], 7199.0)
    allowances.spend([(hourly(0.5), "a")], 7200.0)


def test_memory_is_bounded() -> None:
    """Of very many keys those that were heard of last are kept."""
    allowances = Allowances(most=1000)
    for number in range(1000):
        allowances.spend([(hourly(1), number)], 0.0)
    allowances.refund((hourly(1), 0))
    allowances.spend([(hourly(1), 0)], 1.0)
    for number in range(1000, 1500):
        allowances.spend([(hourly(1), number)], 1.0)
    late = [allowances.late((hourly(1), number), 1.0) > 0 for number in range(1500)]
    assert late == [True] + 500 * [False] + 999 * [True]
    unbounded = Allowances(most=0)
    for number in range(1500):
        unbounded.spend([(hourly(1), number)], 0.0)
    assert all(unbounded.late((hourly(1), number), 0.0) > 0 for number in range(1500))
