"""How long somebody will probably wait, learnt from the organisation's own last waits.

In come waits (at which place somebody began, how long it took) and a place; out comes a range in minutes for
people, or nothing when there is too little to go on. Never a single number: it would be taken for a promise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles

ENOUGH = 8
"""Waits needed for an estimate."""
LAST = 50
"""How many of the last waits count."""
DAYS = 14
"""Waits older than this do not count, and are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Somebody began at this place, from 1, and was served after so many seconds."""

    position: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """From low to high minutes; low 0: perhaps at once."""

    low_minutes: int
    high_minutes: int


def estimate(waits: Sequence[Wait], position: int) -> Estimate | None:
    """For somebody at this place; None: too few have waited lately.

    Waits that began at a similar place count alone when there are enough of them.
    """
    similar = [wait for wait in waits if position <= 2 * wait.position and wait.position <= 2 * position]
    counted = similar if len(similar) >= ENOUGH else waits
    if len(counted) < ENOUGH:
        return None
    low, _, high = quantiles([wait.seconds * position / wait.position for wait in counted], n=4)
    low_minutes = _rounded(max(low, 0) / 60, math.floor)
    high_minutes = _rounded(high / 60, math.ceil)
    return Estimate(low_minutes=low_minutes, high_minutes=max(high_minutes, low_minutes + _step(low_minutes)))


def _rounded(minutes: float, whole: Callable[[float], int]) -> int:
    step = _step(minutes)
    return whole(minutes / step) * step


def _step(minutes: float) -> int:
    """As people say it: by the minute up to ten, then by five, beyond an hour by fifteen."""
    return 1 if minutes < 10 else 5 if minutes < 60 else 15
