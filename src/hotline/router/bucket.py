"""How fast a session may speak: a token bucket.

In: the time. Out: 0, or the seconds to wait. It never looks at a clock itself and never sleeps.
"""

from __future__ import annotations


class TokenBucket:
    """`burst` at once, `rate` per second in the long run; a rate or burst of 0 means no limit."""

    __slots__ = ("_burst", "_rate", "_tokens", "_updated_at")

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        self._rate = rate if burst else 0.0
        self._burst = max(float(burst), 1.0)
        self._tokens = self._burst
        self._updated_at = now

    def take(self, now: float) -> float:
        """Take one token and give 0.0, or leave the bucket alone and give the seconds until there is one."""
        if not self._rate:
            return 0.0
        tokens = min(self._burst, self._tokens + max(now - self._updated_at, 0.0) * self._rate)
        self._updated_at = now
        if tokens >= 1.0:
            self._tokens = tokens - 1.0
            return 0.0
        self._tokens = tokens
        return (1.0 - tokens) / self._rate
