"""Which rate to try next, when the highest that is still good is looked for.

In comes whether a rate was good, out comes the next one. It neither sends nor waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_FACTOR = 1.2
_PRECISION = 1.1
_LOWEST = 10.0
_CONFIRMATIONS = (1.0, 0.95, 0.9, 0.8, 0.65, 0.5)


@dataclass(slots=True)
class Search:
    """Up by a factor, down by a larger one each time, until a good and a bad are known; then between."""

    first: float
    good: float = 0.0
    bad: float = math.inf
    fall: float = 1.0

    def next_rate(self) -> float | None:
        """None: known closely enough, or there is none."""
        if self.bad == math.inf:
            return self.good * _FACTOR if self.good else self.first
        if not self.good:
            return max(self.bad / self.fall, _LOWEST) if self.bad > _LOWEST else None
        return math.sqrt(self.good * self.bad) if self.bad / self.good > _PRECISION else None

    def learn(self, rate: float, *, is_good: bool) -> None:
        if is_good:
            self.good = max(self.good, rate)
        else:
            self.bad = min(self.bad, rate)
            self.fall *= _FACTOR

    def to_confirm(self) -> list[float]:
        """Rates to try for longer, until one holds."""
        return [self.good * share for share in _CONFIRMATIONS] if self.good else []


def due(elapsed: float, rate: float, count: int) -> int:
    """How many of `count` messages should have been sent so long after the first one."""
    return min(int(elapsed * rate) + 1, count)
