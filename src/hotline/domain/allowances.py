"""So many at once, and one more each time so many seconds have passed: of whatever, for whomever.

In come keys (never an address itself) and the time, out comes TooFast. Being refused costs nothing, and what
is owed to nobody is forgotten.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from hotline.domain.limits import DEFAULTS
from hotline.errors import TooFast


class Allowance(NamedTuple):
    """So many at once, and one more each time so many seconds have passed; a burst of 0: any number.

    A part of keys that are looked up for every message: no dataclass is hashed as fast.
    """

    burst: float
    seconds: float


Cost = tuple[Allowance, Hashable]
"""What is spent, and whose."""


def hourly(count: float) -> Allowance:
    """So many at once, and so many in each hour."""
    return Allowance(burst=count, seconds=3600 / count if count else 0.0)


def each_minute(count: float) -> Allowance:
    """So many at once, and so many in each minute."""
    return Allowance(burst=count, seconds=60 / count if count else 0.0)


class Allowances:
    """One node's memory of who has done how much.

    :param most: keys that it holds (0: any number); beyond it the one heard of least lately is forgotten.
    """

    def __init__(self, most: int = DEFAULTS.remembered) -> None:
        self._most = most
        # When everything will be forgotten about a key.
        self._forgotten_at: dict[Cost, float] = {}

    def spend(self, costs: Sequence[Cost], now: float) -> None:
        """It is about to be done. :raises TooFast: too often lately, for any of these; nothing is counted."""
        for cost in costs:
            if self.late(cost, now) > 0:
                late = max(self.late(each, now) for each in costs)
                raise TooFast(retry_after=round(late, 1))
        for cost in costs:
            self.count(cost, now)

    def late(self, cost: Cost, now: float) -> float:
        """Seconds until it may be done once more; 0 or less: now."""
        burst, seconds = cost[0]
        if not burst:
            return 0.0
        owed = self._forgotten_at.get(cost, 0.0) - now
        return owed - (burst - 1) * seconds if burst > 1 else owed

    def count(self, cost: Cost, now: float) -> None:
        """It is done."""
        burst, seconds = cost[0]
        if burst:
            until = self._forgotten_at.pop(cost, now)
            # The latest are last.
            self._forgotten_at[cost] = (until if until > now else now) + seconds
            if 0 < self._most < len(self._forgotten_at):
                del self._forgotten_at[next(iter(self._forgotten_at))]

    def refund(self, cost: Cost) -> None:
        """As if it had not been done."""
        if cost in self._forgotten_at:
            self._forgotten_at[cost] -= cost[0].seconds
