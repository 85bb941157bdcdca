"""How long somebody will probably wait, learnt from the organisation's own last waits.

In come waits (at which place somebody began, how long it took), a place and one's own wait so far; out comes
what is still to come, as a range in minutes for people, or nothing when there is too little to go on. Never a
single number: it would be taken for a promise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

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
    """From low to high minutes; low 0: perhaps at once. Both 0: it takes longer than it did for most."""

    low_minutes: int
    high_minutes: int


LONGER = Estimate(low_minutes=0, high_minutes=0)


def estimate(waits: Sequence[Wait], position: int, so_far: Wait | None = None) -> Estimate | None:
    """For somebody at this place, who has waited `so_far`; None: too few have waited lately.

    Waits that began at a similar place count alone when there are enough of them.
    """
    similar = [wait for wait in waits if position <= 2 * wait.position and wait.position <= 2 * position]
    counted = similar if len(similar) >= ENOUGH else waits
    if len(counted) < ENOUGH:
        return None
    low, _, high = quantiles([wait.seconds * position / wait.position for wait in counted], n=4)
    spent = _spent_here(counted, position, so_far) if so_far else 0
    if spent >= max(high, 60):
        return LONGER
    low_minutes = _rounded(max(low - spent, 0) / 60, math.floor)
    high_minutes = _rounded(max(high - spent, 0) / 60, math.ceil)
    return Estimate(low_minutes=low_minutes, high_minutes=max(high_minutes, low_minutes + _step(low_minutes)))


def _spent_here(waits: Sequence[Wait], position: int, so_far: Wait) -> float:
    """How many seconds were waited at this place: all but what the places before usually take."""
    usual = median(wait.seconds / wait.position for wait in waits)
    return max(so_far.seconds - usual * max(so_far.position - position, 0), 0)


def _rounded(minutes: float, whole: Callable[[float], int]) -> int:
    step = _step(minutes)
    return whole(minutes / step) * step


def _step(minutes: float) -> int:
    """As people say it: by the minute up to ten, then by five, beyond an hour by fifteen."""
    return 1 if minutes < 10 else 5 if minutes < 60 else 15
