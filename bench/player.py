"""The load generator as seen from the bench: a process on a core of its own.

In comes an order, out come the generator's lines as dicts.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.processes import pinned
from bench.systems.base import GENERATOR_CORE, ROOT, Failed, environment


class Player:
    """One generator at work."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it tells, until it ends. :raises Failed: and not well."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            print(f"    {_shown(told)}", file=sys.stderr, flush=True)
            yield told
        if self._process.wait():
            raise Failed("the generator failed")

    def read(self) -> dict[str, Any]:
        """The next thing it tells."""
        for told in self.lines():
            return told
        raise Failed("the generator ended")


@contextlib.contextmanager
def player(order: dict[str, Any]) -> Iterator[Player]:
    """A generator with this order; ended with the block."""
    process = subprocess.Popen(
        pinned(GENERATOR_CORE, [sys.executable, "-m", "bench.load"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=ROOT,
    )
    playing = Player(process)
    try:
        playing.write(json.dumps(order))
        yield playing
    finally:
        process.kill()
        process.communicate()


def _shown(told: dict[str, Any]) -> str:
    what, *rest = told.items()
    return f"{what[1]}: " + ", ".join(f"{name} {value}" for name, value in rest if value != {})
