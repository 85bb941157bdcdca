"""How long the last clients waited. The database notes it by itself when a room is claimed first, and what is
read with the queue is forgotten here."""

from __future__ import annotations

from datetime import datetime, timedelta

from hotline.domain.estimate import DAYS
from hotline.store.database import Transaction

WITH_OLD = "SELECT organisation_id FROM organisations_with_waits(%(before)s)"
FORGET = "DELETE FROM waits WHERE organisation_id = %(organisation)s AND hour < %(before)s"


async def list_with_old(tx: Transaction, now: datetime) -> list[str]:
    """The organisations with waits that no longer count."""
    return [row.organisation_id for row in await tx.rows(WITH_OLD, before=now - timedelta(days=DAYS))]


async def forget_old(tx: Transaction, organisation_id: str, now: datetime) -> None:
    """Delete an organisation's waits that no longer count."""
    await tx.run(FORGET, organisation=organisation_id, before=now - timedelta(days=DAYS))
