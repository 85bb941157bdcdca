"""Sums over all organisations, for whoever watches the whole.

In comes a database, out come numbers. No name, no id, nothing of any single organisation leaves here.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.store import organisations
from hotline.store.database import Database

_COUNT = """
SELECT (SELECT count(*) FROM rooms WHERE status = 'waiting') AS waiting,
    (SELECT count(*) FROM rooms WHERE status = 'active') AS active,
    (SELECT count(*) FROM mails) AS mails
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What is in the database just now."""

    waiting: int
    """Rooms whose client waits."""
    active: int
    """Rooms being served."""
    mails: int
    """Not yet taken by a mail server."""


async def count(database: Database) -> Totals:
    """:raises Unavailable: the database is away."""
    async with database.transaction() as tx:
        everybody = [each.organisation_id for each in await organisations.list_all(tx)]
    async with database.transaction(*everybody) as tx:
        return Totals(**(await tx.get(_COUNT))._asdict())
