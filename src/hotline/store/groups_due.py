"""What time does to groups: found in all organisations, and done to one after the other.

In comes the time; out go groups that have ended or wait for those who lead them, and clients who have left.
Each is asked about again under its room's lock: another node may have been faster, or somebody has come back.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain import entries
from hotline.domain import rooms as life
from hotline.domain.model import Role, Sender, Status
from hotline.store import clients, groups, members, messages, rooms
from hotline.store.database import Transaction
from hotline.store.due import Due

ENDED = Due("""
SELECT g.organisation_id || ' ' || g.room_id AS key, g.ends_at AS due_at
FROM groups g JOIN rooms r USING (organisation_id, room_id)
WHERE r.status <> 'closed' AND g.ends_at <= %(now)s
""")
"""Groups whose time is over."""
UNLED = Due("""
SELECT g.organisation_id || ' ' || g.room_id AS key, max(greatest(k.seen_at, m.joined_at)) AS due_at
FROM groups g
JOIN rooms r USING (organisation_id, room_id)
JOIN organisations o USING (organisation_id)
JOIN members m USING (organisation_id, room_id)
JOIN consultants k ON k.organisation_id = m.organisation_id AND k.consultant_id = m.member_id
WHERE r.status <> 'closed' AND NOT r.muted AND g.opens_at <= %(now)s AND o.vanished_seconds > 0
    AND m.left_at IS NULL
GROUP BY g.organisation_id, g.room_id, o.vanished_seconds
HAVING NOT bool_or(k.node IS NOT NULL
    OR greatest(k.seen_at, m.joined_at) >= %(now)s - make_interval(secs => o.vanished_seconds))
""")
"""Groups nobody leads just now, for longer than the organisation waits."""
# Those who lead it, and who of them is there, or was a moment ago; all of them, where nobody is missed.
LEADERS = """
SELECT k.consultant_id, k.name, k.role, o.vanished_seconds = 0 OR k.node IS NOT NULL
    OR greatest(k.seen_at, m.joined_at) >= %(now)s - make_interval(secs => o.vanished_seconds) AS is_here
FROM members m
JOIN organisations o USING (organisation_id)
JOIN consultants k ON k.organisation_id = m.organisation_id AND k.consultant_id = m.member_id
WHERE m.organisation_id = %(organisation)s AND m.room_id = %(room)s AND m.left_at IS NULL
ORDER BY m.joined_at, k.consultant_id
"""
ABSENT = Due("""
SELECT concat_ws(' ', g.organisation_id, g.room_id, g.client_id) AS key,
    c.seen_at + make_interval(secs => o.grace_seconds) AS due_at
FROM group_clients g
JOIN rooms r USING (organisation_id, room_id)
JOIN members m ON m.organisation_id = g.organisation_id AND m.room_id = g.room_id
    AND m.member_id = g.client_id
JOIN clients c ON c.organisation_id = g.organisation_id AND c.client_id = g.client_id
JOIN organisations o ON o.organisation_id = g.organisation_id
WHERE r.status <> 'closed' AND m.left_at IS NULL AND c.node IS NULL
    AND c.seen_at + make_interval(secs => o.grace_seconds) < %(now)s
""")
"""Clients in groups who were away for longer than a place is held."""
STILL_ABSENT = """
SELECT c.client_id, c.name FROM clients c
JOIN members m ON m.organisation_id = c.organisation_id AND m.member_id = c.client_id
JOIN organisations o ON o.organisation_id = c.organisation_id
WHERE c.organisation_id = %(organisation)s AND c.client_id = %(client)s AND m.room_id = %(room)s
    AND m.left_at IS NULL AND c.node IS NULL AND c.seen_at + make_interval(secs => o.grace_seconds) < %(now)s
"""


async def _list_leaders(
    tx: Transaction, organisation_id: str, room_id: str, now: datetime
) -> list[tuple[Sender, bool]]:
    """Each with whether they are here, in order of coming in."""
    return [
        (Sender(id=row.consultant_id, name=row.name, role=Role(row.role)), row.is_here)
        for row in await tx.rows(LEADERS, organisation=organisation_id, room=room_id, now=now)
    ]


async def end(tx: Transaction, organisation_id: str, room_id: str, now: datetime) -> None:
    """Close the group if its time is still over and nobody has closed it. :raises NotFound: it is gone."""
    room = await rooms.lock(tx, organisation_id, room_id)
    if room.status is Status.CLOSED or (await groups.get(tx, organisation_id, room_id)).ends_at > now:
        return
    leaders = await _list_leaders(tx, organisation_id, room_id, now)
    sender = leaders[0][0] if leaders else Sender(id="", name="", role=Role.STAFF)
    await rooms.apply(tx, organisation_id, room, life.time_over(room), sender, now)


async def mute(tx: Transaction, organisation_id: str, room_id: str, now: datetime) -> None:
    """A group waits for those who lead it: until one of them says so, clients do not write.

    :raises NotFound: it is gone.
    """
    room = await rooms.lock(tx, organisation_id, room_id)
    leaders = await _list_leaders(tx, organisation_id, room_id, now)
    if not leaders or any(is_here for _, is_here in leaders) or room.is_muted or room.status is Status.CLOSED:
        return
    await groups.set_muted(tx, organisation_id, room_id, True)
    await messages.append_entry(tx, organisation_id, room_id, entries.unled(), leaders[0][0], now)


async def let_go(tx: Transaction, organisation_id: str, room_id: str, client_id: str, now: datetime) -> None:
    """The client has left if it is still away; it may come back, if there is a place.

    :raises NotFound: the group is gone.
    """
    room = await rooms.lock(tx, organisation_id, room_id)
    where = {"organisation": organisation_id, "room": room_id, "client": client_id}
    row = await tx.find(STILL_ABSENT, **where, now=now)
    if row is None or room.status is Status.CLOSED:
        return
    name = (await clients.open_names(tx, organisation_id, {client_id: row.name}))[client_id]
    sender = Sender(id=client_id, name=name, role=Role.CLIENT)
    await messages.append_entry(tx, organisation_id, room_id, entries.lost(name), sender, now)
    await members.remove(tx, organisation_id, room_id, client_id, now)
