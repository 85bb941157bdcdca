"""Rooms and what becomes of them. Whoever changes a room holds its row from `lock` until the commit.

Topic and note stand sealed, with the room's key, which is made with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hotline.domain import rooms as life
from hotline.domain.model import Role, Room, Sender, Status
from hotline.store import clients, data_keys, members, messages, workload
from hotline.store.arrays import array
from hotline.store.database import Transaction
from hotline.store.due import Due
from hotline.store.sealed import open_, seal
from hotline.store.seals import Cipher

_COLUMNS = """
    room_id, client_id, status, last_seq, entered_at, closed_at, served_by, note, left_message, muted,
    appointed_at IS NOT NULL AS is_appointed
"""

ADD = f"""
WITH {data_keys.NEW}
INSERT INTO rooms
    (organisation_id, room_id, client_id, topic, risk, priority, entered_at, left_message, entered_position)
SELECT %(organisation)s, %(room)s, %(client)s, %(topic)s, %(risk)s, %(risk)s::int, %(now)s, %(left_message)s,
    count(*) + 1
FROM rooms WHERE organisation_id = %(organisation)s AND status = 'waiting' AND NOT left_message
"""
# A left message whose client is there now, and waits for its turn from here on.
TAKE_PLACE = """
UPDATE rooms SET left_message = false, topic = %(topic)s, risk = %(risk)s, priority = %(risk)s::int,
    entered_at = %(now)s, entered_position = 1 + (
    SELECT count(*) FROM rooms w
    WHERE w.organisation_id = %(organisation)s AND w.status = 'waiting' AND NOT w.left_message)
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
LOCK = f"""
SELECT {_COLUMNS} FROM rooms
WHERE organisation_id = %(organisation)s AND room_id = %(room)s FOR NO KEY UPDATE
"""
FIND = f"SELECT {_COLUMNS} FROM rooms WHERE organisation_id = %(organisation)s AND room_id = %(room)s"
# Drafts and questions that nobody can send or answer any more go with the room's end.
CHANGE = """
WITH unsent AS (
    DELETE FROM drafts
    WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND %(status)s = 'closed'),
unanswered AS (
    DELETE FROM asked
    WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND %(status)s = 'closed')
UPDATE rooms SET status = %(status)s, served_by = %(served_by)s, note = %(note)s,
    served_at = CASE WHEN served_by = %(served_by)s THEN served_at
        WHEN %(served_by)s IS NOT NULL THEN %(now)s END,
    vanished_at = CASE WHEN %(has_vanished)s THEN %(now)s WHEN %(status)s = 'waiting' THEN vanished_at END,
    claimed_at = CASE WHEN %(status)s = 'active' AND status <> 'active' THEN %(now)s ELSE claimed_at END,
    closed_at = CASE WHEN %(status)s = 'closed' THEN %(now)s END
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
OF_CLIENT = f"""
SELECT {_COLUMNS} FROM rooms WHERE organisation_id = %(organisation)s AND client_id = %(client)s
ORDER BY status = 'closed', entered_at DESC, room_id
"""
QUEUED = """
SELECT room_id FROM rooms
WHERE organisation_id = %(organisation)s AND status = 'waiting' AND NOT left_message ORDER BY room_id
"""
ABANDONED = Due("""
SELECT r.organisation_id || ' ' || r.room_id AS key, abandoned_at(r, c, o) AS due_at
FROM rooms r JOIN clients c USING (organisation_id, client_id) JOIN organisations o USING (organisation_id)
WHERE r.status <> 'closed' AND c.node IS NULL AND abandoned_at(r, c, o) < %(now)s
""")
"""Rooms whose client was away for longer than its place is held."""
_EXPIRED_AT = "expired_at(r, c, o, m.seen_seq >= r.last_seq)"
OF_EXPIRED = f"""
FROM rooms r LEFT JOIN clients c USING (organisation_id, client_id)
JOIN organisations o USING (organisation_id)
LEFT JOIN members m
    ON m.organisation_id = r.organisation_id AND m.room_id = r.room_id AND m.member_id = r.client_id
WHERE (r.status = 'closed' OR r.left_message) AND {_EXPIRED_AT} <= %(now)s AND NOT EXISTS (
    SELECT FROM appointments a WHERE a.organisation_id = r.organisation_id AND a.client_id = r.client_id)
"""
EXPIRED = Due(f"SELECT r.organisation_id || ' ' || r.room_id AS key, {_EXPIRED_AT} AS due_at {OF_EXPIRED}")
"""Rooms whose time to be kept is over."""
# Asked again under the room's lock: the client may have come back.
STILL_ABANDONED = """
SELECT c.client_id, c.name
FROM rooms r JOIN clients c USING (organisation_id, client_id) JOIN organisations o USING (organisation_id)
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
  AND r.status <> 'closed' AND c.node IS NULL AND abandoned_at(r, c, o) < %(now)s
"""
JOINED_BY = """
SELECT m.room_id FROM members m JOIN rooms r USING (organisation_id, room_id)
WHERE m.organisation_id = %(organisation)s AND m.member_id = %(consultant)s AND m.role = 'consultant'
  AND m.left_at IS NULL AND r.status <> 'closed'
ORDER BY m.room_id
"""
LAST_SEQS = """
SELECT known.organisation_id, known.room_id, r.last_seq
FROM unnest(%(organisations)s::text[], %(rooms)s::text[], %(seqs)s::bigint[])
    AS known (organisation_id, room_id, seq),
    LATERAL (SELECT last_seq FROM rooms
        WHERE organisation_id = known.organisation_id AND room_id = known.room_id OFFSET 0) r
WHERE r.last_seq > known.seq
"""


async def _room(tx: Transaction, organisation_id: str, row: Any) -> Room:
    tx.last_seqs[organisation_id, row.room_id] = row.last_seq
    note = None
    if row.note is not None:
        cipher = await data_keys.find(tx, organisation_id, row.room_id)
        note = open_(cipher, "rooms.note", organisation_id, row.room_id, stored=row.note)
    return Room(
        room_id=row.room_id,
        client_id=row.client_id,
        status=Status(row.status),
        last_seq=row.last_seq,
        entered_at=row.entered_at,
        closed_at=row.closed_at,
        served_by=row.served_by,
        note=note,
        left_message=row.left_message,
        is_appointed=row.is_appointed,
        is_muted=row.muted,
    )


async def add(
    tx: Transaction,
    organisation_id: str,
    room_id: str,
    client_id: str,
    now: datetime,
    *,
    topic: str | None = None,
    risk: bool = False,
    left_message: bool = False,
) -> None:
    """A waiting room with its client as the first member; after a risk answer with a raised priority."""
    cipher, key = await data_keys.make(tx, organisation_id, room_id)
    await tx.run(
        ADD,
        organisation=organisation_id,
        room=room_id,
        client=client_id,
        topic=seal_topic(cipher, organisation_id, room_id, topic),
        **key,
        risk=risk,
        now=now,
        left_message=left_message,
    )
    await members.add(tx, organisation_id, room_id, client_id, Role.CLIENT, now)


async def lock(tx: Transaction, organisation_id: str, room_id: str) -> Room:
    """The room, held until the end of the transaction. :raises NotFound: also for another organisation's."""
    row = await tx.get(LOCK, organisation=organisation_id, room=room_id)
    return await _room(tx, organisation_id, row)


async def get(tx: Transaction, organisation_id: str, room_id: str) -> Room:
    """The room as it is now. :raises NotFound: also for another organisation's."""
    row = await tx.get(FIND, organisation=organisation_id, room=room_id)
    return await _room(tx, organisation_id, row)


def seal_topic(cipher: Cipher, organisation_id: str, room_id: str, topic: str | None) -> str | None:
    """What to store of a room's topic."""
    return topic and seal(cipher, "rooms.topic", organisation_id, room_id, text=topic)


def open_topic(cipher: Cipher | None, organisation_id: str, room_id: str, stored: str | None) -> str | None:
    """A room's topic, of what is stored of it."""
    return stored and open_(cipher, "rooms.topic", organisation_id, room_id, stored=stored)


def seal_note(cipher: Cipher, organisation_id: str, room_id: str, note: str) -> str:
    """What to store of the note that travels with a room."""
    return seal(cipher, "rooms.note", organisation_id, room_id, text=note)


async def apply(
    tx: Transaction,
    organisation_id: str,
    room: Room,
    outcome: life.Outcome,
    sender: Sender,
    now: datetime,
    note: str | None = None,
) -> None:
    """Store what was decided about a locked room, with the entries that tell of it."""
    if note is not None:
        cipher = await data_keys.get(tx, organisation_id, room.room_id)
        note = seal_note(cipher, organisation_id, room.room_id, note)
    await tx.run(
        CHANGE,
        organisation=organisation_id,
        room=room.room_id,
        status=outcome.status,
        served_by=outcome.served_by,
        has_vanished=outcome.has_vanished,
        note=note,
        now=now,
    )
    for entry in outcome.entries:
        await messages.append_entry(tx, organisation_id, room.room_id, entry, sender, now)


async def take_place(
    tx: Transaction, organisation_id: str, room_id: str, now: datetime, *, topic: str | None, risk: bool
) -> None:
    """The client of a left message waits in the queue from now on, as if it had just come in."""
    cipher = await data_keys.get(tx, organisation_id, room_id)
    sealed = seal_topic(cipher, organisation_id, room_id, topic)
    await tx.run(TAKE_PLACE, organisation=organisation_id, room=room_id, now=now, topic=sealed, risk=risk)


async def list_of_client(tx: Transaction, organisation_id: str, client_id: str) -> list[Room]:
    """A client's rooms: open ones, then closed ones, the newest first."""
    rows = await tx.rows(OF_CLIENT, organisation=organisation_id, client=client_id)
    return [await _room(tx, organisation_id, row) for row in rows]


async def list_queued(tx: Transaction, organisation_id: str) -> list[str]:
    """The ids of all rooms that wait for their turn."""
    return [row.room_id for row in await tx.rows(QUEUED, organisation=organisation_id)]


async def dismiss(tx: Transaction, organisation_id: str, room_id: str, now: datetime) -> None:
    """Close the room with what its client is told at closing time, if it still waits for its turn.

    :raises NotFound: it is gone.
    """
    room = await lock(tx, organisation_id, room_id)
    outcome = life.dismiss(room)
    if outcome is not None and room.client_id is not None:
        profile = await clients.get_profile(tx, organisation_id, room_id)
        sender = Sender(id=room.client_id, name=profile.name, role=Role.CLIENT)
        await apply(tx, organisation_id, room, outcome, sender, now)


async def close_abandoned(tx: Transaction, organisation_id: str, room_id: str, now: datetime) -> None:
    """Close the room if its client is still away and it is still open. :raises NotFound: it is gone."""
    room = await lock(tx, organisation_id, room_id)
    client = await tx.find(STILL_ABANDONED, organisation=organisation_id, room=room_id, now=now)
    if client is None:
        return
    name = (await clients.open_names(tx, organisation_id, {client.client_id: client.name}))[client.client_id]
    sender = Sender(id=client.client_id, name=name, role=Role.CLIENT)
    await apply(tx, organisation_id, room, life.abandon(room, name), sender, now)


async def release_all(tx: Transaction, organisation_id: str, consultant_id: str, now: datetime) -> None:
    """A consultant goes for good: they leave all open rooms; one without another consultant waits again."""
    for row in await tx.rows(JOINED_BY, organisation=organisation_id, consultant=consultant_id):
        room = await lock(tx, organisation_id, row.room_id)
        for member in await members.list_all(tx, organisation_id, row.room_id):
            if member.id == consultant_id and room.status is not Status.CLOSED:
                sender = Sender(id=member.id, name=member.name, role=member.role)
                await leave(tx, organisation_id, room, sender, now)


async def leave(
    tx: Transaction,
    organisation_id: str,
    room: Room,
    sender: Sender,
    now: datetime,
    *,
    quickly: bool = False,
) -> None:
    """A member leaves a locked room, with what follows from it. :raises RoomClosed: it has ended."""
    if room.is_group:
        others = await members.list_consultants(tx, organisation_id, room.room_id)
        outcome = life.leave(room, sender, [each for each in others if each != sender.id], quickly=quickly)
    else:
        others = await workload.list_successors(tx, organisation_id, room.room_id, sender.id)
        outcome = life.leave(room, sender, others, quickly=quickly)
    await apply(tx, organisation_id, room, outcome, sender, now, note=room.note)
    await members.remove(tx, organisation_id, room.room_id, sender.id, now)


async def list_ahead(tx: Transaction, known: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Of (organisation, room, seq): those whose room has gone further, with its last seq."""
    rows = await tx.rows(
        LAST_SEQS,
        organisations=array(organisation for organisation, _, _ in known),
        rooms=array(room for _, room, _ in known),
        seqs=array(str(seq) for _, _, seq in known),
    )
    return [(row.organisation_id, row.room_id, row.last_seq) for row in rows]
