"""Deleting conversations and surveys for good, each with a receipt.

In come ids whose rows the caller may delete, out goes everything there was of them, their keys first. Whether
their time has come is asked here once more, under the lock.
"""

from __future__ import annotations

from datetime import datetime

from hotline.errors import NotFound
from hotline.store import receipts, rooms, surveys
from hotline.store.database import Transaction

STILL_EXPIRED = """
SELECT 1
FROM rooms r JOIN clients c USING (organisation_id, client_id) JOIN organisations o USING (organisation_id)
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND expired_at(r, c, o) <= %(now)s
"""
_OF_ROOM = "WHERE organisation_id = %(organisation)s AND room_id = %(room)s"
COUNTS = f"""
SELECT (SELECT count(*) FROM messages {_OF_ROOM}) AS messages,
    (SELECT count(*) FROM notes {_OF_ROOM}) AS notes,
    (SELECT count(*) FROM records {_OF_ROOM}) AS records,
    (SELECT count(*) FROM drafts {_OF_ROOM}) AS drafts
"""
DELETE = """
DELETE FROM rooms WHERE organisation_id = %(organisation)s AND room_id = %(room)s RETURNING client_id
"""
FORGET_CLIENT = """
DELETE FROM clients c WHERE organisation_id = %(organisation)s AND client_id = %(client)s
  AND NOT EXISTS (SELECT FROM rooms r
      WHERE r.organisation_id = c.organisation_id AND r.client_id = c.client_id)
"""


async def expire_room(tx: Transaction, organisation_id: str, room_id: str, now: datetime) -> None:
    """Delete the room if its time is still over, and its client with the last room."""
    try:
        await rooms.lock(tx, organisation_id, room_id)
    except NotFound:
        return
    if await tx.find(STILL_EXPIRED, organisation=organisation_id, room=room_id, now=now):
        await delete_room(tx, organisation_id, room_id, "retention", now)


async def delete_room(tx: Transaction, organisation_id: str, room_id: str, kind: str, now: datetime) -> None:
    """Delete a locked room with all that belongs to it, and its client with the last one."""
    counts = await tx.get(COUNTS, organisation=organisation_id, room=room_id)
    deleted = await tx.get(DELETE, organisation=organisation_id, room=room_id)
    forgotten = await tx.run(FORGET_CLIENT, organisation=organisation_id, client=deleted.client_id)
    told = {"rooms": 1, **counts._asdict(), "clients": forgotten}
    await receipts.add(tx, organisation_id, kind, told, now)


async def expire_survey(tx: Transaction, organisation_id: str, survey_id: str, now: datetime) -> None:
    """Delete one client's answers, unless another node has; what was counted stays."""
    if await surveys.delete(tx, organisation_id, survey_id):
        await receipts.add(tx, organisation_id, "retention", {"surveys": 1}, now)
