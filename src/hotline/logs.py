"""A log that nobody outside can fill.

In: what is logged, again and again. Out: the first few lines of each kind in a minute, then how many were
left out. It never leaves a kind out altogether.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

from twisted.logger import Logger, LogLevel

LINES = 5
SECONDS = 60.0


@dataclass(slots=True)
class _Minute:
    began_at: float
    lines: int = 0
    left_out: int = 0


# By place and kind of line; formats are constants of the code, so there are few.
recent: dict[tuple[str, str | None], _Minute] = {}


class SampledLogger(Logger):
    """For lines that somebody else can provoke; not for incidents, each of which somebody was told of."""

    def emit(self, level: Any, format: str | None = None, **fields: Any) -> None:
        now = monotonic()
        minute = recent.setdefault((self.namespace, format), _Minute(now))
        left_out = 0
        if now - minute.began_at >= SECONDS:
            left_out = minute.left_out
            minute.began_at, minute.lines, minute.left_out = now, 0, 0
        if minute.lines >= LINES:
            minute.left_out += 1
            return
        minute.lines += 1
        if left_out:
            super().emit(LogLevel.info, "{left_out} lines like the next were left out", left_out=left_out)
        super().emit(level, format, **fields)
