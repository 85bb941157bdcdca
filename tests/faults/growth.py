"""Does a node grow? Pure: compares an early with a late calm moment of the same process.

In come the entries `vitals` (node, pid, resident, files, sessions, calm) and `connections` (count) of a run,
out come sentences that begin with `growth`, and the figures. Only calm moments count: everybody was live
again and nothing was broken. Too few of them in one life of a process: it is not judged, and that is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from hotline.domain.limits import DEFAULTS

GROWN_RESIDENT_BYTES = 32 << 20
GROWN_FILES = 16
"""Besides one for each session."""
GROWN_CONNECTIONS = 2 * (DEFAULTS.database_connections - 1)
"""Of two nodes together: each opens them as it needs them, up to the size of its pool, and keeps them."""
FEWEST = 6
"""Calm moments of a life, to be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One figure early and late: medians of the first and last tenth of the calm moments, at least three."""

    of: str
    early: float
    late: float
    seconds: float
    moments: int
    bound: float

    @property
    def is_too_much(self) -> bool:
        return self.late - self.early > self.bound

    def __str__(self) -> str:
        return (
            f"{self.of}: {self.early:,.0f}, and {self.late:,.0f} after {self.seconds:.0f} s"
            f" (at most {self.bound:,.0f} more)"
        )


class Growth:
    """Takes entries as they are written, then gives its judgement."""

    def __init__(self) -> None:
        self._lives: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
        self._connections: list[tuple[float, float]] = []
        self.latest: dict[int, dict[str, Any]] = {}

    def take(self, entry: dict[str, Any]) -> None:
        """The next entry, in order of time."""
        if entry["what"] == "vitals":
            self.latest[entry["node"]] = entry
            if entry["calm"]:
                self._lives[entry["node"], entry["pid"]].append(entry)
        elif entry["what"] == "connections":
            self._connections.append((entry["t"], entry["count"]))

    def changes(self) -> list[Change]:
        """Of every life that had calm moments enough."""
        found = [
            _compare("PostgreSQL connections of all nodes", self._connections, GROWN_CONNECTIONS),
        ]
        for (node, pid), moments in self._lives.items():
            name = f"node {node} (process {pid})"
            resident = [(each["t"], each["resident"]) for each in moments]
            files = [(each["t"], each["files"] - each["sessions"]) for each in moments]
            found.append(_compare(f"resident bytes of {name}", resident, GROWN_RESIDENT_BYTES))
            found.append(_compare(f"open files of {name}, besides sessions", files, GROWN_FILES))
        return [change for change in found if change is not None]

    def problems(self) -> list[str]:
        return [f"growth: {change}" for change in self.changes() if change.is_too_much]


def _compare(of: str, values: Sequence[tuple[float, float]], bound: float) -> Change | None:
    if len(values) < FEWEST:
        return None
    some = max(3, len(values) // 10)
    return Change(
        of=of,
        early=median(value for _, value in values[:some]),
        late=median(value for _, value in values[-some:]),
        seconds=values[-1][0] - values[0][0],
        moments=len(values),
        bound=bound,
    )
