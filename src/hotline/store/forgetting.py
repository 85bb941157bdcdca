"""Deleting conversations and surveys for good, each with a receipt.

In come ids whose rows the caller may delete, out goes everything there was of them, their keys first. Whether
their time has come is asked here once more, under the lock.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain.model import Role, Sender
from hotline.store import data_keys, members, messages, receipts, rooms, surveys
from hotline.store.database import Transaction

STILL_EXPIRED = f"""
SELECT 1 {rooms.OF_EXPIRED} AND r.organisation_id = %(organisation)s AND r.room_id = %(room)s
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

FORGET_GROUP = """
DELETE FROM clients c USING group_clients g
WHERE g.organisation_id = %(organisation)s AND g.room_id = %(room)s
  AND c.organisation_id = g.organisation_id AND c.client_id = g.client_id
"""
SAID_BY = f"""
SELECT {messages.COLUMNS} FROM messages {_OF_ROOM} AND sender_id = %(client)s
"""
UNSAY = f"""
UPDATE messages m SET text = e.text, withdrawn = withdrawn OR kind = 'message'
FROM unnest(%(seqs)s::bigint[], %(texts)s::text[]) AS e (seq, text) {_OF_ROOM} AND m.seq = e.seq
"""
# Of who was removed the device stays, which is to keep them out for as long as the group is there.
LEAVE_BEHIND = f"DELETE FROM group_clients {_OF_ROOM} AND client_id = %(client)s AND NOT removed"
DELETE_CLIENT = "DELETE FROM clients WHERE organisation_id = %(organisation)s AND client_id = %(client)s"


async def expire_room(tx: Transaction, organisation_id: str, room_id: str, now: datetime) -> None:
    """Delete the room if its time is still over, and its client with the last room.

    :raises NotFound: it is gone already.
    """
    await rooms.lock(tx, organisation_id, room_id)
    if await tx.find(STILL_EXPIRED, organisation=organisation_id, room=room_id, now=now):
        await delete_room(tx, organisation_id, room_id, "retention", now)


async def delete_room(tx: Transaction, organisation_id: str, room_id: str, kind: str, now: datetime) -> None:
    """Delete a locked room with all that belongs to it, and its client with the last one, or its group's."""
    counts = await tx.get(COUNTS, organisation=organisation_id, room=room_id)
    forgotten = await tx.run(FORGET_GROUP, organisation=organisation_id, room=room_id)
    deleted = await tx.get(DELETE, organisation=organisation_id, room=room_id)
    forgotten += await tx.run(FORGET_CLIENT, organisation=organisation_id, client=deleted.client_id)
    told = {"rooms": 1, **counts._asdict(), "clients": forgotten}
    await receipts.add(tx, organisation_id, kind, told, now)


async def unsay(tx: Transaction, organisation_id: str, room_id: str, client_id: str, now: datetime) -> None:
    """Delete a client of a locked group: its name, and the words of all that is in the room by it."""
    where = {"organisation": organisation_id, "room": room_id, "client": client_id}
    rows = await tx.rows(SAID_BY, **where)
    if rows:
        cipher = await data_keys.get(tx, organisation_id, room_id)
        nobody = Sender(id=client_id, name="", role=Role.CLIENT)
        texts = [messages.reseal(cipher, organisation_id, room_id, row, nobody, "") for row in rows]
        await tx.run(UNSAY, **where, seqs=[row.seq for row in rows], texts=texts)
    await members.remove(tx, organisation_id, room_id, client_id, now)
    await tx.run(LEAVE_BEHIND, **where)
    forgotten = await tx.run(DELETE_CLIENT, **where)
    await receipts.add(tx, organisation_id, "client", {"messages": len(rows), "clients": forgotten}, now)


async def expire_survey(tx: Transaction, organisation_id: str, survey_id: str, now: datetime) -> None:
    """Delete one client's answers, unless another node has; what was counted stays."""
    if await surveys.delete(tx, organisation_id, survey_id):
        await receipts.add(tx, organisation_id, "retention", {"surveys": 1}, now)
