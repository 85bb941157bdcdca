"""Rooms whose consultant has vanished: found in all organisations, given to somebody else one by one.

In comes the time; out go changed rooms. Each is asked about again under its lock, so that one of
several nodes does it, and who has come back keeps the room. Left messages are answered in nobody's presence:
they stay.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain import rooms as life
from hotline.domain.audit import Action
from hotline.domain.model import Role, Sender
from hotline.store import audit, members, rooms, workload
from hotline.store.database import Transaction
from hotline.store.due import Due

VANISHED = Due("""
SELECT r.organisation_id || ' ' || r.room_id AS key,
    greatest(c.seen_at, r.served_at) + make_interval(secs => o.vanished_seconds) AS due_at
FROM rooms r
JOIN organisations o USING (organisation_id)
JOIN consultants c ON c.organisation_id = r.organisation_id AND c.consultant_id = r.served_by
WHERE r.status = 'active' AND NOT r.left_message AND o.vanished_seconds > 0 AND c.node IS NULL
    AND greatest(c.seen_at, r.served_at) < %(now)s - make_interval(secs => o.vanished_seconds)
""")
"""Rooms whose consultant has had no session for longer than the organisation waits."""
STILL_VANISHED = """
SELECT c.consultant_id, c.name, c.role FROM rooms r
JOIN organisations o USING (organisation_id)
JOIN consultants c ON c.organisation_id = r.organisation_id AND c.consultant_id = r.served_by
WHERE r.organisation_id = %(organisation)s AND r.room_id = %(room)s
    AND r.status = 'active' AND NOT r.left_message AND o.vanished_seconds > 0 AND c.node IS NULL
    AND greatest(c.seen_at, r.served_at) < %(now)s - make_interval(secs => o.vanished_seconds)
"""


async def release(tx: Transaction, organisation_id: str, room_id: str, now: datetime) -> None:
    """Another consultant in the room who may serve one more goes on, or its client waits again, before all
    others. :raises NotFound: the room is gone."""
    room = await rooms.lock(tx, organisation_id, room_id)
    who = await tx.find(STILL_VANISHED, organisation=organisation_id, room=room_id, now=now)
    if who is None:
        return
    sender = Sender(id=who.consultant_id, name=who.name, role=Role(who.role))
    others = await workload.list_successors(tx, organisation_id, room_id, sender.id)
    outcome = life.vanish(room, sender.name, others)
    await rooms.apply(tx, organisation_id, room, outcome, sender, now, note=room.note)
    await members.remove(tx, organisation_id, room_id, sender.id, now)
    gone: dict[str, str] = {"vanished": sender.id}
    action = Action.ROOM_RELEASED
    if outcome.served_by is not None:
        action, gone["to"] = Action.ROOM_TRANSFERRED, outcome.served_by
    await audit.add(tx, organisation_id, audit.TIME, action, now, kind="room", subject=room_id, **gone)
