"""What happened, written down: one JSON object a line, in the order in which it happened.

In come events of a run as keywords, out comes `history.jsonl`, and each entry at once to whoever listens. It
judges nothing; that is the checker's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class History:
    """One run's file. All entries have a time `t` (one clock, in seconds) and a kind `what`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.listeners: list[Callable[[Entry], None]] = []
        self._file = path.open("w", encoding="utf-8")

    def write(self, what: str, **fields: Any) -> float:
        """Write down one thing; gives its time."""
        t = time.monotonic()
        entry = {"t": round(t, 6), "what": what, **fields}
        self._file.write(json.dumps(entry) + "\n")
        for take in self.listeners:
            take(entry)
        return t

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> Iterator[Entry]:
    """All entries of a file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
