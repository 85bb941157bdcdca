"""How often something happened: in come groups to count, out come sums of days.

Counts only: neither who nor in which room. What happens to rooms counts itself, by triggers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from hotline.store.database import Transaction

# In one order, so that two who count the same at once do not wait for each other for ever.
ADD = """
SELECT count(add_count(%(organisation)s, %(at)s, subject, value, change)) FROM (
    SELECT * FROM unnest(%(subjects)s::text[], %(values)s::text[], %(changes)s::integer[])
        AS given (subject, value, change) ORDER BY subject, value) AS ordered
"""
LIST = """
SELECT day, subject, value, count FROM counts
WHERE organisation_id = %(organisation)s AND day BETWEEN %(since)s AND %(until)s AND count > 0
ORDER BY day, subject, value
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often, on one day."""

    day: date
    subject: str
    value: str
    count: int


async def add(
    tx: Transaction, organisation_id: str, at: datetime, changes: Mapping[tuple[str, str], int]
) -> None:
    """Count (subject, value) so much more often, or less, on this time's day."""
    wanted = {group: change for group, change in Counter(changes).items() if change}
    if wanted:
        await tx.rows(
            ADD,
            organisation=organisation_id,
            at=at,
            subjects=[subject for subject, _ in wanted],
            values=[value for _, value in wanted],
            changes=list(wanted.values()),
        )


async def list_all(tx: Transaction, organisation_id: str, since: date, until: date) -> list[Count]:
    """What was counted on these days, both included."""
    rows = await tx.rows(LIST, organisation=organisation_id, since=since, until=until)
    return [Count(**row._asdict()) for row in rows]
