"""One who speaks to many: what each copy costs the server.

In come the numbers of listeners and of events, out come microseconds of CPU for each copy.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench.load.common import Deaf, costing, guests_of, tell

_PAUSE_SECONDS = 0.03
_LATE_SECONDS = 10.0


class Counter(Deaf):
    """How many copies have come."""

    def __init__(self) -> None:
        self.copies = 0

    def heard(self, nonce: str) -> None:
        self.copies += 1


async def play(order: dict[str, Any]) -> None:
    """Each event once all copies of the one before have come."""
    counter = Counter()
    guests = guests_of(order["target"], counter)
    say = await guests.audience(order["listeners"])
    await _speak(say, counter, 10, order["listeners"], "w")
    with costing(order["target"]) as cost:
        await _speak(say, counter, order["events"], order["listeners"], "e")
    tell(
        what="fan",
        server_us=round(1e6 * cost.server / (order["events"] * order["listeners"]), 1),
        database_us=round(1e6 * cost.database / (order["events"] * order["listeners"]), 1),
        generator_share=round(cost.generator_share, 2),
    )


async def _speak(say: Any, counter: Counter, events: int, listeners: int, prefix: str) -> None:
    for number in range(events):
        wanted = counter.copies + listeners
        say(f"{prefix}{number}")
        end = time.monotonic() + _LATE_SECONDS
        while counter.copies < wanted:
            if time.monotonic() > end:
                raise SystemExit(f"{wanted - counter.copies} copies of {listeners} did not come")
            await asyncio.sleep(0.001)
        await asyncio.sleep(_PAUSE_SECONDS)
