"""Appointments of clients: given, moved, cancelled, kept and forgotten.

In come a client and times, out come Appointments, and rooms that are first in the queue. Whoever changes one
holds the client's newest room before (`hold`). Decides nothing: the domain does.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain import appointments as terms
from hotline.domain import entries
from hotline.domain.appointments import Appointment, Coming
from hotline.domain.model import Role, Room, Sender
from hotline.errors import NotFound
from hotline.store import clients, counts, messages, rooms
from hotline.store.database import Transaction
from hotline.store.due import Due

FIND = """
SELECT a.consultant_id, a.begins_at, a.ends_at, a.kept_at, a.cancelled_at,
    EXISTS (SELECT FROM rooms r WHERE r.organisation_id = a.organisation_id AND r.client_id = a.client_id
        AND r.appointed_at = a.begins_at AND r.claimed_at IS NOT NULL) AS is_served
FROM appointments a WHERE a.organisation_id = %(organisation)s AND a.client_id = %(client)s
"""
# Who has come already, by an appointment that is no more.
_AS_OTHERS = """
WITH waits_as_others AS (
    UPDATE rooms SET appointed_at = NULL
    WHERE organisation_id = %(organisation)s AND client_id = %(client)s
        AND status <> 'closed' AND appointed_at IS NOT NULL)
"""
PUT = f"""
{_AS_OTHERS}
INSERT INTO appointments AS a (organisation_id, client_id, room_id, consultant_id, begins_at, ends_at)
VALUES (%(organisation)s, %(client)s, %(room)s, %(consultant)s, %(begins_at)s, %(ends_at)s)
ON CONFLICT (organisation_id, client_id) DO UPDATE SET room_id = excluded.room_id,
    consultant_id = excluded.consultant_id, begins_at = excluded.begins_at, ends_at = excluded.ends_at,
    kept_at = NULL, cancelled_at = NULL
"""
CANCEL = f"""
{_AS_OTHERS}
UPDATE appointments SET cancelled_at = %(now)s
WHERE organisation_id = %(organisation)s AND client_id = %(client)s AND cancelled_at IS NULL
"""
# It waits for no longer than from now on, and nobody learns from it how long others wait.
PUT_FIRST = """
WITH there AS (
    UPDATE clients SET seen_at = greatest(seen_at, %(now)s)
    WHERE organisation_id = %(organisation)s AND client_id = %(client)s)
UPDATE rooms SET appointed_at = %(begins_at)s, entered_position = NULL, left_message = false,
    entered_at = CASE WHEN left_message AND status = 'waiting' THEN %(now)s ELSE entered_at END
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
KEEP = """
UPDATE appointments SET kept_at = coalesce(kept_at, %(now)s), room_id = %(room)s
WHERE organisation_id = %(organisation)s AND client_id = %(client)s
"""
HAS_CODE = """
SELECT return_hash IS NOT NULL AS has_code FROM clients
WHERE organisation_id = %(organisation)s AND client_id = %(client)s
"""
TOLD = """
SELECT client_id FROM appointments a WHERE organisation_id = %(organisation)s AND EXISTS (
    SELECT FROM rooms r WHERE r.organisation_id = a.organisation_id AND r.client_id = a.client_id
        AND r.status <> 'closed')
"""
ARRIVED = Due(
    """
SELECT a.organisation_id || ' ' || a.client_id AS key, a.begins_at - %(early)s AS due_at
FROM appointments a JOIN clients c USING (organisation_id, client_id)
WHERE a.ends_at >= %(now)s AND a.begins_at <= %(now)s + %(early)s AND a.kept_at IS NULL
    AND a.cancelled_at IS NULL AND c.node IS NOT NULL AND EXISTS (
        SELECT FROM rooms r WHERE r.organisation_id = a.organisation_id AND r.client_id = a.client_id
            AND r.status <> 'closed')
""",
    early=terms.EARLY,
)
"""Appointments whose client is connected and may be let in."""
# One by which a room still is first stays.
LAPSED = Due(
    """
SELECT a.organisation_id || ' ' || a.client_id AS key, a.ends_at + %(lapse)s AS due_at
FROM appointments a WHERE a.ends_at <= %(now)s - %(lapse)s AND NOT EXISTS (
    SELECT FROM rooms r WHERE r.organisation_id = a.organisation_id AND r.room_id = a.room_id
        AND r.status = 'waiting' AND r.appointed_at IS NOT NULL)
""",
    lapse=terms.LAPSE,
)
"""Appointments that have lapsed."""
FORGET = "DELETE FROM appointments WHERE organisation_id = %(organisation)s AND client_id = %(client)s"


async def find(tx: Transaction, organisation_id: str, client_id: str) -> Appointment | None:
    """The client's, if there is one, cancelled or not."""
    row = await tx.find(FIND, organisation=organisation_id, client=client_id)
    return row and Appointment(
        consultant_id=row.consultant_id,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        is_kept=row.kept_at is not None,
        is_served=row.is_served,
        is_cancelled=row.cancelled_at is not None,
    )


async def put(
    tx: Transaction,
    organisation_id: str,
    room: Room,
    consultant_id: str,
    begins_at: datetime,
    ends_at: datetime,
) -> None:
    """Give the room's client, who is held, this appointment, instead of the one it has."""
    await tx.run(
        PUT,
        organisation=organisation_id,
        client=room.client_id,
        room=room.room_id,
        consultant=consultant_id,
        begins_at=begins_at,
        ends_at=ends_at,
    )


async def cancel(tx: Transaction, organisation_id: str, client_id: str, now: datetime) -> None:
    """Its client may see so until it would have lapsed."""
    await tx.run(CANCEL, organisation=organisation_id, client=client_id, now=now)


async def count(tx: Transaction, organisation_id: str, subject: str, now: datetime) -> None:
    """One more was made, kept or missed; the last thing before an audit entry."""
    await counts.add(tx, organisation_id, now, {(f"appointments_{subject}", ""): 1})


async def keep(
    tx: Transaction, organisation_id: str, room: Room, appointment: Appointment, now: datetime
) -> None:
    """The client is there: the locked room is first in the queue, or goes on with who serves it."""
    if room.left_message and room.client_id is not None:
        profile = await clients.get_profile(tx, organisation_id, room.room_id)
        sender = Sender(id=room.client_id, name=profile.name, role=Role.CLIENT)
        await messages.append_entry(
            tx, organisation_id, room.room_id, entries.entered(profile.name), sender, now
        )
    where = {"organisation": organisation_id, "client": room.client_id, "room": room.room_id}
    await tx.run(PUT_FIRST, **where, begins_at=appointment.begins_at, now=now)
    await tx.run(KEEP, **where, now=now)
    if not appointment.is_kept:
        await count(tx, organisation_id, "kept", now)


async def hold(tx: Transaction, organisation_id: str, client_id: str) -> Room:
    """The client's newest room, locked: nobody else changes the appointment until the end of the transaction.

    :raises NotFound: the client has none.
    """
    held: Room | None = None
    while True:
        found = await rooms.list_of_client(tx, organisation_id, client_id)
        if not found:
            raise NotFound()
        if held is not None and held.room_id == found[0].room_id:
            return held
        # Whoever had it before may have made a newer one.
        held = await rooms.lock(tx, organisation_id, found[0].room_id)


async def arrive(tx: Transaction, organisation_id: str, client_id: str, now: datetime) -> Coming:
    """What the appointment means for the client, who is there: done, but for a new room."""
    if await find(tx, organisation_id, client_id) is None:
        return Coming.STAY
    newest = await hold(tx, organisation_id, client_id)
    appointment = await find(tx, organisation_id, client_id)
    coming = terms.coming(appointment, newest, now)
    if coming is Coming.FIRST and appointment is not None:
        await keep(tx, organisation_id, newest, appointment, now)
    return coming


async def has_code(tx: Transaction, organisation_id: str, client_id: str) -> bool:
    """Whether the client can come back. :raises NotFound: there is no such client."""
    return bool((await tx.get(HAS_CODE, organisation=organisation_id, client=client_id)).has_code)


async def list_told(tx: Transaction, organisation_id: str) -> list[str]:
    """The clients with an appointment and an open room, whose page may tell it."""
    return [row.client_id for row in await tx.rows(TOLD, organisation=organisation_id)]


async def forget(tx: Transaction, organisation_id: str, client_id: str, now: datetime) -> None:
    """Delete it if it has lapsed; whoever did not come is counted. :raises NotFound: it is gone already."""
    await hold(tx, organisation_id, client_id)
    appointment = await find(tx, organisation_id, client_id)
    if appointment is None or not terms.has_lapsed(appointment, now):
        return
    await tx.run(FORGET, organisation=organisation_id, client=client_id)
    if not appointment.is_kept and not appointment.is_cancelled:
        await count(tx, organisation_id, "missed", now)
