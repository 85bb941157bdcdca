"""Percentiles and medians, as the table of docs/performance.md has them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import middle, milliseconds, percentile

NUMBERS = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=300)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_percentiles_of_a_hundred(share: float, expected: float) -> None:
    """Of 1 to 100 the percentiles are themselves."""
    assert percentile(list(range(100, 0, -1)), share) == expected


@given(NUMBERS, st.integers(0, 1000))
def test_that_share_is_not_above(values: list[float], mille: int) -> None:
    """At least the share is not above a percentile, and less than the share is below it."""
    found = percentile(values, mille / 1000)
    assert found in values
    assert sum(value <= found for value in values) * 1000 >= mille * len(values)
    assert sum(value < found for value in values) * 1000 <= mille * len(values)


def test_nothing_measured_is_no_figure() -> None:
    """No samples: not a number, rather than 0."""
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(middle([]))


def test_units_and_median() -> None:
    """Seconds become milliseconds; of an even number of samples the median lies between."""
    assert milliseconds([0.0012345], 0.99) == 1.23
    assert middle([4, 1, 2, 3]) == 2.5
