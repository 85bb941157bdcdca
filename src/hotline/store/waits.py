"""How long the last clients waited. The database notes it by itself when a room is claimed first, and what is
read with the queue is forgotten here."""

from __future__ import annotations

from datetime import datetime, timedelta

from hotline.domain.estimate import DAYS
from hotline.store.database import Transaction
from hotline.store.due import Due

OLD = Due(
    """
SELECT organisation_id AS key, min(hour) + %(counting)s AS due_at FROM waits
WHERE hour < %(now)s - %(counting)s GROUP BY organisation_id
""",
    counting=timedelta(days=DAYS),
)
"""Organisations with waits that no longer count."""
FORGET = "DELETE FROM waits WHERE organisation_id = %(organisation)s AND hour < %(before)s"


async def forget_old(tx: Transaction, organisation_id: str, now: datetime) -> None:
    """Delete an organisation's waits that no longer count."""
    await tx.run(FORGET, organisation=organisation_id, before=now - timedelta(days=DAYS))
