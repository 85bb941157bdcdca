"""Reading the last 50 messages of a long room again and again, as many browsers that come back do.

In come lengths of rooms, out come pages a second.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench.load.common import Deaf, costing, guests_of, tell

_READERS = 10
_WARM_SECONDS = 0.5


async def play(order: dict[str, Any]) -> None:
    """The server is kept busy by ten readers, each of whom asks when it has its answer."""
    guests = guests_of(order["target"], Deaf())
    for messages in order["lengths"]:
        readers = [await guests.reader(messages) for _ in range(_READERS)]
        await _read(readers, _WARM_SECONDS)
        with costing(order["target"]) as cost:
            pages = await _read(readers, order["seconds"])
        tell(
            what="reload",
            messages=messages,
            per_second=round(pages / cost.seconds, 1),
            server_ms=round(1000 * cost.server / pages, 3),
            database_ms=round(1000 * cost.database / pages, 3),
            generator_share=round(cost.generator_share, 2),
        )


async def _read(readers: list[Any], seconds: float) -> int:
    end = time.monotonic() + seconds

    async def work(read: Any) -> int:
        pages = 0
        while time.monotonic() < end:
            await read()
            pages += 1
        return pages

    return sum(await asyncio.gather(*(work(read) for read in readers)))
