"""The clientlist: the open rooms of an organisation as its consultants see them, and the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotline.domain.estimate import LAST, Wait
from hotline.domain.model import Status
from hotline.domain.waiting import ListedAppointment, ListedRoom, Queue
from hotline.store import clients, data_keys
from hotline.store.database import Transaction
from hotline.store.prepared import prepared
from hotline.store.rooms import open_topic

# `unread`: what the client wrote that no consultant in the room has seen yet; the same for all who look.
_ENTRY = """
SELECT o.room_id, o.client_id, c.name, o.status, o.position, c.node IS NOT NULL AS present,
    CASE WHEN c.node IS NULL THEN c.seen_at END AS lost_since, o.left_message, c.language,
    c.return_hash IS NOT NULL AS has_code, o.topic, o.risk, o.priority, o.vanished_at,
    o.entered_at, o.closed_at,
    CASE o.status WHEN 'waiting' THEN o.entered_at WHEN 'active' THEN o.claimed_at
        ELSE o.closed_at END AS since,
    s.consultant_id AS server_id, s.name AS server_name,
    (SELECT count(*) FROM messages m
     WHERE m.organisation_id = o.organisation_id AND m.room_id = o.room_id AND m.seq > (
        SELECT coalesce(max(seen_seq), 0) FROM members e WHERE e.organisation_id = o.organisation_id
            AND e.room_id = o.room_id AND e.role = 'consultant' AND e.left_at IS NULL)
     AND m.kind = 'message' AND m.sender_role = 'client' AND NOT m.withdrawn) AS unread,
    (SELECT json_agg(json_build_array(k.consultant_id, k.name) ORDER BY m.joined_at, k.consultant_id)
     FROM members m
     JOIN consultants k ON k.organisation_id = m.organisation_id AND k.consultant_id = m.member_id
     WHERE m.organisation_id = o.organisation_id AND m.room_id = o.room_id
         AND m.role = 'consultant' AND m.left_at IS NULL) AS members,
    ARRAY(SELECT a.consultant_id FROM asked a
     WHERE a.organisation_id = o.organisation_id AND a.room_id = o.room_id
     ORDER BY a.asked_at, a.consultant_id) AS asked,
    p.begins_at, p.ends_at, p.kept_at, p.consultant_id AS appointed_id, k.name AS appointed_name
FROM listed o
JOIN clients c ON c.organisation_id = o.organisation_id AND c.client_id = o.client_id
LEFT JOIN consultants s ON s.organisation_id = o.organisation_id AND s.consultant_id = o.served_by
LEFT JOIN appointments p
    ON p.organisation_id = o.organisation_id AND p.room_id = o.room_id AND p.cancelled_at IS NULL
LEFT JOIN consultants k ON k.organisation_id = p.organisation_id AND k.consultant_id = p.consultant_id
"""
TURN = """
({0}.vanished_at IS NULL), -{0}.priority, coalesce({0}.appointed_at, 'infinity'), {0}.entered_at, {0}.room_id
""".strip()
"""Who comes first: a client whose consultant has vanished, then by urgency, then who has an appointment, then
by arrival."""
_OPEN = f"""
WITH open AS (
    SELECT r.*, CASE WHEN r.status = 'waiting' AND NOT r.left_message
        THEN row_number() OVER (PARTITION BY r.status, r.left_message ORDER BY {TURN.format("r")})
        END AS position
    FROM rooms r WHERE r.organisation_id = %(organisation)s AND r.status <> 'closed'
    -- What has ended is still listed for an appointment that is ahead.
    UNION ALL
    SELECT r.*, NULL FROM appointments a JOIN rooms r USING (organisation_id, room_id)
    WHERE a.organisation_id = %(organisation)s AND a.kept_at IS NULL AND a.cancelled_at IS NULL
        AND r.status = 'closed'),
"""
LIST = f"""
{_OPEN} listed AS (SELECT * FROM open WHERE room_id > %(after)s)
{_ENTRY} ORDER BY o.status = 'closed', o.status DESC, o.position, o.entered_at, o.room_id
"""
# In an order that no change of a room upsets.
PAGE = f"""
{_OPEN} listed AS (SELECT * FROM open WHERE room_id > %(after)s ORDER BY room_id LIMIT %(limit)s)
{_ENTRY} ORDER BY o.room_id
"""
_SOME = f"""
WITH listed AS (
    SELECT r.*, CASE WHEN r.status = 'waiting' AND NOT r.left_message THEN (
        SELECT count(*) FROM rooms w
        WHERE w.organisation_id = r.organisation_id AND w.status = 'waiting' AND NOT w.left_message
          AND ({TURN.format("w")}) <= ({TURN.format("r")})) END AS position
    FROM rooms r WHERE r.organisation_id = %(organisation)s AND"""
# What has ended is still listed for it.
_AHEAD = "p.begins_at IS NOT NULL AND p.kept_at IS NULL"
# Asked at every change; to plan them takes longer than to run them.
FIND = prepared(
    "find_rooms",
    f"{_SOME} r.room_id = ANY(%(rooms)s)) {_ENTRY}",
    organisation="text",
    rooms="text[]",
)
FIND_OF_CLIENTS = prepared(
    "find_rooms_of_clients",
    f"{_SOME} r.client_id = ANY(%(clients)s)) {_ENTRY} WHERE o.status <> 'closed' OR {_AHEAD}",
    organisation="text",
    clients="text[]",
)
ROOMS_OF_CLIENTS = """
SELECT room_id FROM rooms
WHERE organisation_id = %(organisation)s AND client_id = ANY(%(clients)s) AND status <> 'closed'
"""
SET_PRIORITY = """
UPDATE rooms SET priority = %(priority)s WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
QUEUE = f"""
WITH line AS (
    SELECT r.room_id, CASE WHEN r.claimed_at IS NULL THEN r.entered_position END AS began, r.entered_at,
        row_number() OVER (ORDER BY {TURN.format("r")}) AS turn FROM rooms r
    WHERE r.organisation_id = %(organisation)s AND r.status = 'waiting' AND NOT r.left_message)
SELECT ARRAY(SELECT room_id FROM line ORDER BY turn) AS waiting,
    ARRAY(SELECT began FROM line ORDER BY turn) AS began,
    ARRAY(SELECT entered_at FROM line ORDER BY turn) AS entered,
    (SELECT count(*) FROM rooms
        WHERE organisation_id = %(organisation)s AND status = 'active' AND served_by IS NOT NULL) AS served,
    (SELECT count(*) FROM consultants
        WHERE organisation_id = %(organisation)s AND node IS NOT NULL AND presence = 'here') AS here,
    ARRAY(
        SELECT ARRAY[position, seconds] FROM waits WHERE organisation_id = %(organisation)s
        ORDER BY hour DESC, wait_id LIMIT %(waits)s) AS waits
"""
LEFT_MESSAGES = """
SELECT count(*) AS count FROM rooms
WHERE organisation_id = %(organisation)s AND status = 'waiting' AND left_message
"""
# Older than the room named; one that is gone was as old as anything that is kept no longer.
CLOSED = f"""
WITH listed AS (
    SELECT r.*, NULL::bigint AS position FROM rooms r
    WHERE r.organisation_id = %(organisation)s AND r.status = 'closed'
        AND (%(before)s::text IS NULL OR (r.closed_at, r.room_id) < (
            SELECT b.closed_at, b.room_id FROM rooms b
            WHERE b.organisation_id = %(organisation)s AND b.room_id = %(before)s))
        AND (%(member)s::text IS NULL OR EXISTS (
            SELECT FROM members m WHERE m.organisation_id = r.organisation_id AND m.room_id = r.room_id
                AND m.member_id = %(member)s AND m.role = 'consultant' AND m.left_at IS NULL))
    ORDER BY r.closed_at DESC, r.room_id DESC LIMIT %(limit)s)
{_ENTRY} ORDER BY o.closed_at DESC, o.room_id DESC
"""


async def _listed(tx: Transaction, organisation_id: str, rows: list[Any]) -> list[ListedRoom]:
    names = await clients.open_names(tx, organisation_id, {row.client_id: row.name for row in rows})
    with_topic = [(organisation_id, row.room_id) for row in rows if row.topic is not None]
    ciphers = await data_keys.load(tx, with_topic)
    return [
        _room(
            row,
            names[row.client_id],
            open_topic(ciphers.get((organisation_id, row.room_id)), organisation_id, row.room_id, row.topic),
        )
        for row in rows
    ]


def _room(row: Any, name: str, topic: str | None) -> ListedRoom:
    return ListedRoom(
        room_id=row.room_id,
        name=name,
        status=Status(row.status),
        since=row.since,
        position=row.position,
        served_by=(row.server_id, row.server_name) if row.server_id else None,
        unread=row.unread,
        present=row.present,
        lost_since=row.lost_since,
        left_message=row.left_message,
        language=row.language,
        topic=topic,
        is_risk=row.risk,
        priority=row.priority,
        vanished_at=row.vanished_at,
        members=tuple((member_id, name) for member_id, name in row.members or ()),
        asked=tuple(row.asked),
        appointment=_appointment(row),
        has_code=row.has_code,
        entered_at=row.entered_at,
        closed_at=row.closed_at,
    )


def _appointment(row: Any) -> ListedAppointment | None:
    if row.begins_at is None:
        return None
    return ListedAppointment(
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        consultant=(row.appointed_id, row.appointed_name) if row.appointed_name else None,
        is_kept=row.kept_at is not None,
    )


async def list_rooms(
    tx: Transaction, organisation_id: str, after: str | None = None, limit: int | None = None
) -> list[ListedRoom]:
    """Waiting ones first, in their turn, then left messages, then those being served, in order of arrival,
    and those that have ended but for an appointment.

    With a `limit` so many of those after the room `after`, in the order of their ids.
    """
    if limit is None:
        rows = await tx.rows(LIST, organisation=organisation_id, after=after or "")
    else:
        rows = await tx.rows(PAGE, organisation=organisation_id, after=after or "", limit=limit)
    return await _listed(tx, organisation_id, rows)


async def find_rooms(tx: Transaction, organisation_id: str, room_ids: Sequence[str]) -> dict[str, ListedRoom]:
    """Some rooms as the list has them, also closed ones; those that are gone are not in it."""
    rows = await tx.rows(FIND, organisation=organisation_id, rooms=list(room_ids))
    return {room.room_id: room for room in await _listed(tx, organisation_id, rows)}


async def list_closed(
    tx: Transaction, organisation_id: str, member_id: str | None, before: str | None, limit: int
) -> tuple[list[ListedRoom], bool]:
    """Closed rooms, the last one first: of one member or all, older than the room `before`; whether there
    are more."""
    rows = await tx.rows(
        CLOSED, organisation=organisation_id, member=member_id, before=before, limit=limit + 1
    )
    return await _listed(tx, organisation_id, rows[:limit]), len(rows) > limit


async def list_rooms_of_clients(
    tx: Transaction, organisation_id: str, client_ids: Sequence[str]
) -> list[str]:
    """The ids of the open rooms of some clients."""
    rows = await tx.rows(ROOMS_OF_CLIENTS, organisation=organisation_id, clients=list(client_ids))
    return [row.room_id for row in rows]


async def find_rooms_of_clients(
    tx: Transaction, organisation_id: str, client_ids: Sequence[str]
) -> list[ListedRoom]:
    """The rooms of some clients that are on the list, as it has them."""
    rows = await tx.rows(FIND_OF_CLIENTS, organisation=organisation_id, clients=list(client_ids))
    return await _listed(tx, organisation_id, rows)


async def set_priority(tx: Transaction, organisation_id: str, room_id: str, priority: int) -> None:
    """1: before those that only came earlier; 0: no more so."""
    await tx.run(SET_PRIORITY, organisation=organisation_id, room=room_id, priority=priority)


async def get_queue(tx: Transaction, organisation_id: str) -> Queue:
    """The queue as it is now."""
    row = await tx.get(QUEUE, organisation=organisation_id, waits=LAST)
    return Queue(
        waiting=tuple(row.waiting),
        served=row.served,
        consultants_here=row.here,
        waits=tuple(Wait(position=position, seconds=seconds) for position, seconds in row.waits),
        begun={
            room_id: (position, at)
            for room_id, position, at in zip(row.waiting, row.began, row.entered, strict=True)
            if position is not None
        },
    )


async def count_left_messages(tx: Transaction, organisation_id: str) -> int:
    """How many wait for an answer."""
    count: int = (await tx.get(LEFT_MESSAGES, organisation=organisation_id)).count
    return count
