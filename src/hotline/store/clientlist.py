"""The clientlist: the open rooms of an organisation as its consultants see them, and the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotline.domain.model import Status
from hotline.domain.waiting import ListedRoom, Queue
from hotline.store import waits
from hotline.store.database import Transaction

# `unread`: what the client wrote that no consultant in the room has seen yet; the same for all who look.
_ENTRY = """
SELECT o.room_id, c.name, o.status, o.position, c.node IS NOT NULL AS present,
    CASE WHEN c.node IS NULL THEN c.seen_at END AS lost_since, o.left_message,
    CASE o.status WHEN 'waiting' THEN o.entered_at WHEN 'active' THEN o.claimed_at
        ELSE o.closed_at END AS since,
    s.consultant_id AS server_id, s.name AS server_name,
    (SELECT count(*) FROM messages m
     WHERE m.organisation_id = o.organisation_id AND m.room_id = o.room_id AND m.seq > (
        SELECT coalesce(max(seen_seq), 0) FROM members e WHERE e.organisation_id = o.organisation_id
            AND e.room_id = o.room_id AND e.role = 'consultant' AND e.left_at IS NULL)
     AND m.kind = 'message' AND m.sender_role = 'client') AS unread
FROM listed o
JOIN clients c ON c.organisation_id = o.organisation_id AND c.client_id = o.client_id
LEFT JOIN consultants s ON s.organisation_id = o.organisation_id AND s.consultant_id = o.served_by
"""
LIST = f"""
WITH listed AS (
    SELECT r.*, CASE WHEN r.status = 'waiting'
        AND NOT r.left_message
        THEN row_number() OVER (PARTITION BY r.status, r.left_message ORDER BY r.entered_at, r.room_id)
        END AS position
    FROM rooms r WHERE r.organisation_id = %(organisation)s AND r.status <> 'closed')
{_ENTRY} ORDER BY o.status DESC, o.entered_at, o.room_id
"""
FIND = f"""
WITH listed AS (
    SELECT r.*, CASE WHEN r.status = 'waiting' AND NOT r.left_message THEN (
        SELECT count(*) FROM rooms w
        WHERE w.organisation_id = r.organisation_id AND w.status = 'waiting' AND NOT w.left_message
          AND (w.entered_at, w.room_id) <= (r.entered_at, r.room_id)) END AS position
    FROM rooms r WHERE r.organisation_id = %(organisation)s AND r.room_id = ANY(%(rooms)s))
{_ENTRY}
"""
ROOMS_OF_CLIENTS = """
SELECT room_id FROM rooms
WHERE organisation_id = %(organisation)s AND client_id = ANY(%(clients)s) AND status <> 'closed'
"""
QUEUE = """
SELECT room_id, status FROM rooms
WHERE organisation_id = %(organisation)s AND (status = 'waiting' AND NOT left_message OR status = 'active')
ORDER BY entered_at, room_id
"""
HERE = """
SELECT count(*) AS count FROM consultants
WHERE organisation_id = %(organisation)s AND node IS NOT NULL AND presence = 'here'
"""
LEFT_MESSAGES = """
SELECT count(*) AS count FROM rooms
WHERE organisation_id = %(organisation)s AND status = 'waiting' AND left_message
"""


def _listed(row: Any) -> ListedRoom:
    return ListedRoom(
        room_id=row.room_id,
        name=row.name,
        status=Status(row.status),
        since=row.since,
        position=row.position,
        served_by=(row.server_id, row.server_name) if row.server_id else None,
        unread=row.unread,
        present=row.present,
        lost_since=row.lost_since,
        left_message=row.left_message,
    )


async def list_rooms(tx: Transaction, organisation_id: str) -> list[ListedRoom]:
    """Waiting ones first, then those being served, each in order of arrival."""
    return [_listed(row) for row in await tx.rows(LIST, organisation=organisation_id)]


async def find_rooms(tx: Transaction, organisation_id: str, room_ids: Sequence[str]) -> dict[str, ListedRoom]:
    """Some rooms as the list has them, also closed ones; those that are gone are not in it."""
    rows = await tx.rows(FIND, organisation=organisation_id, rooms=list(room_ids))
    return {row.room_id: _listed(row) for row in rows}


async def find_room(tx: Transaction, organisation_id: str, room_id: str) -> ListedRoom | None:
    """One room as the list has it, also when it is closed; None: it is gone."""
    return (await find_rooms(tx, organisation_id, [room_id])).get(room_id)


async def list_rooms_of_clients(
    tx: Transaction, organisation_id: str, client_ids: Sequence[str]
) -> list[str]:
    """The ids of the open rooms of some clients."""
    rows = await tx.rows(ROOMS_OF_CLIENTS, organisation=organisation_id, clients=list(client_ids))
    return [row.room_id for row in rows]


async def get_queue(tx: Transaction, organisation_id: str) -> Queue:
    """The queue as it is now."""
    rows = await tx.rows(QUEUE, organisation=organisation_id)
    waiting = tuple(row.room_id for row in rows if row.status == Status.WAITING)
    return Queue(
        waiting=waiting,
        served=len(rows) - len(waiting),
        consultants_here=(await tx.get(HERE, organisation=organisation_id)).count,
        waits=await waits.list_last(tx, organisation_id),
    )


async def count_left_messages(tx: Transaction, organisation_id: str) -> int:
    """How many wait for an answer."""
    count: int = (await tx.get(LEFT_MESSAGES, organisation=organisation_id)).count
    return count
