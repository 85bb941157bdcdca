"""How many rooms a consultant serves, and may serve.

In comes a consultant's id; held by `engage` until the end of the transaction, so that of two rooms claimed at
once the second one is counted with the first. Whoever is in a room, too, goes on when its consultant leaves.
"""

from __future__ import annotations

from hotline.domain import rooms as life
from hotline.errors import NotAllowed
from hotline.store.database import Transaction

# Not FOR UPDATE: others may go on referring to them. Before the room's lock, as whoever removes a consultant.
ENGAGE = """
SELECT FROM consultants
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s FOR NO KEY UPDATE
"""
COUNT = """
SELECT o.rooms_per_consultant AS most, (
    SELECT count(*) FROM rooms r WHERE r.organisation_id = o.organisation_id
        AND r.status = 'active' AND r.served_by = %(consultant)s AND NOT r.left_message) AS served
FROM organisations o WHERE o.organisation_id = %(organisation)s
"""
_OTHERS = """
m.organisation_id = %(organisation)s AND m.room_id = %(room)s AND m.role = 'consultant'
    AND m.left_at IS NULL AND m.member_id <> %(consultant)s
"""
# One order for all: two who leave each other's rooms at once must not wait for each other.
ENGAGE_OTHERS = f"""
SELECT FROM consultants WHERE organisation_id = %(organisation)s
    AND consultant_id IN (SELECT m.member_id FROM members m WHERE {_OTHERS})
ORDER BY consultant_id FOR NO KEY UPDATE
"""
OTHERS = f"""
SELECT m.member_id, o.rooms_per_consultant AS most, (
    o.rooms_per_consultant = 0 OR r.left_message OR o.rooms_per_consultant > (
        SELECT count(*) FROM rooms s WHERE s.organisation_id = m.organisation_id
            AND s.status = 'active' AND s.served_by = m.member_id AND NOT s.left_message)) AS free
FROM members m
JOIN organisations o ON o.organisation_id = m.organisation_id
JOIN rooms r ON r.organisation_id = m.organisation_id AND r.room_id = m.room_id
WHERE {_OTHERS} ORDER BY m.joined_at, m.member_id
"""


async def engage(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """Nobody removes them, or gives them a room, before the transaction ends. :raises NotFound: gone."""
    await tx.get(ENGAGE, organisation=organisation_id, consultant=consultant_id)


async def check_limit(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """:raises NotAllowed: they serve as many rooms as they may."""
    row = await tx.get(COUNT, organisation=organisation_id, consultant=consultant_id)
    life.check_limit(row.most, row.served)


async def engage_others(tx: Transaction, organisation_id: str, room_id: str, consultant_id: str) -> None:
    """As `engage`, of those in the room besides this one."""
    await tx.rows(ENGAGE_OTHERS, organisation=organisation_id, room=room_id, consultant=consultant_id)


async def list_successors(
    tx: Transaction, organisation_id: str, room_id: str, consultant_id: str
) -> list[str]:
    """The ids of those in the room besides this one who may serve one room more, in order of joining."""
    rows = await tx.rows(OTHERS, organisation=organisation_id, room=room_id, consultant=consultant_id)
    return [row.member_id for row in rows if row.free]


async def check_successor(tx: Transaction, organisation_id: str, room_id: str, consultant_id: str) -> None:
    """:raises NotAllowed: there are others in the room, and all of them serve as many rooms as they may."""
    rows = await tx.rows(OTHERS, organisation=organisation_id, room=room_id, consultant=consultant_id)
    if rows and not any(row.free for row in rows):
        raise NotAllowed(reason="limit", limit=rows[0].most)
