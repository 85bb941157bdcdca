"""What statistics tell of groups so small that somebody might be recognised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain.statistics import SMALLEST_GROUP, grouped, total


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([], 0),
        ([0, 0], 0),
        ([2], "<5"),
        ([2, 2], "<5"),
        ([2, 3], 5),
        ([7, 5], 12),
        ([7, 5, 1], ">12"),
        ([7, 5, 2, 2], ">12"),
        ([7, 5, 2, 3], 17),
    ],
)
def test_totals(counts: list[int], told: int | str) -> None:
    """A total does not tell how small a group is that is hidden beside it."""
    assert total(counts) == told


@given(st.lists(st.integers(0, 9), max_size=6))
def test_nothing_is_told_of_fewer_than_five(counts: list[int]) -> None:
    """What is hidden, taken together, is either nothing, five or more, or unknown."""
    told, shown = total(counts), [each for each in map(grouped, counts) if isinstance(each, int)]
    if isinstance(told, int):
        rest = told - sum(shown)
        assert rest == 0 or rest >= SMALLEST_GROUP
