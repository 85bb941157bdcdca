"""What scenarios share: the system's clients, what a stretch of time cost, and how to say what came out.

In comes the order's target, out come figures.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.clients.crossbar import CrossbarGuests
from bench.clients.ejabberd import EjabberdGuests
from bench.clients.guests import Guests, Listener
from bench.clients.hotline import HotlineGuests
from bench.processes import cpu_seconds

_GUESTS: dict[str, Callable[[dict[str, Any], Listener], Guests]] = {
    "hotline": HotlineGuests,
    "crossbar": CrossbarGuests,
    "ejabberd": EjabberdGuests,
}


class Deaf:
    """A listener for scenarios in which nobody speaks."""

    def acknowledged(self, nonce: str) -> None: ...

    def heard(self, nonce: str) -> None: ...

    def refused(self, nonce: str, reason: str) -> None: ...


def guests_of(target: dict[str, Any], listener: Listener) -> Guests:
    return _GUESTS[target["system"]](target, listener)


class Cost:
    """CPU seconds of server, database and generator, and the time."""

    def __init__(self) -> None:
        self.server = self.database = self.generator = self.seconds = 0.0

    @property
    def generator_share(self) -> float:
        """Of its core."""
        return self.generator / self.seconds if self.seconds else 0.0


@contextmanager
def costing(target: dict[str, Any]) -> Iterator[Cost]:
    """What is used between begin and end."""
    cost = Cost()
    before = _used(target)
    yield cost
    after = _used(target)
    cost.server, cost.database, cost.generator, cost.seconds = (
        b - a for a, b in zip(before, after, strict=True)
    )


def _used(target: dict[str, Any]) -> tuple[float, float, float, float]:
    database = target["database_pid"]
    return (
        cpu_seconds(target["server_pids"], without=database),
        cpu_seconds([database]) if database else 0.0,
        time.process_time(),
        time.perf_counter(),
    )


def tell(**figures: Any) -> None:
    """To whoever started us."""
    print(json.dumps(figures), flush=True)
