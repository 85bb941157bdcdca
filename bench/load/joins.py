"""What it costs to let somebody in: connect, authenticate, be welcome.

In comes how many, out comes CPU for each.
"""

from __future__ import annotations

from typing import Any

from bench.clients.guests import in_parallel
from bench.load.common import Deaf, costing, guests_of, tell

_WARM = 20


async def play(order: dict[str, Any]) -> None:
    """Some first, so that nothing is done for the first time."""
    guests = guests_of(order["target"], Deaf())
    await in_parallel([guests.join] * _WARM)
    count = order["count"]
    with costing(order["target"]) as cost:
        await in_parallel([guests.join] * count)
    tell(
        what="joins",
        server_ms=round(1000 * cost.server / count, 3),
        database_ms=round(1000 * cost.database / count, 3),
        per_second=round(count / cost.seconds, 1),
        generator_share=round(cost.generator_share, 2),
    )
