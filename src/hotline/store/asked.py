"""Consultants who were asked into a room and have not answered yet."""

from __future__ import annotations

from datetime import datetime

from hotline.store.database import Transaction

ADD = """
INSERT INTO asked (organisation_id, room_id, consultant_id, asked_at)
VALUES (%(organisation)s, %(room)s, %(consultant)s, %(now)s) ON CONFLICT DO NOTHING
"""
REMOVE = """
DELETE FROM asked
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND consultant_id = %(consultant)s
"""
LIST = """
SELECT consultant_id FROM asked
WHERE organisation_id = %(organisation)s AND room_id = %(room)s ORDER BY asked_at, consultant_id
"""


async def add(tx: Transaction, organisation_id: str, room_id: str, consultant_id: str, now: datetime) -> None:
    """Asked from now on; once."""
    await tx.run(ADD, organisation=organisation_id, room=room_id, consultant=consultant_id, now=now)


async def remove(tx: Transaction, organisation_id: str, room_id: str, consultant_id: str) -> None:
    """They will not come."""
    await tx.run(REMOVE, organisation=organisation_id, room=room_id, consultant=consultant_id)


async def list_ids(tx: Transaction, organisation_id: str, room_id: str) -> list[str]:
    """Who was asked, the first one first."""
    return [row.consultant_id for row in await tx.rows(LIST, organisation=organisation_id, room=room_id)]
