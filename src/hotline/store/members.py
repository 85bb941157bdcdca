"""Who is in a room, and how far they have seen it.

In come ids, out come members and where somebody stands; names of clients stand sealed. What coming or going
means for the room itself is the business of `rooms`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hotline.domain.model import Role
from hotline.store import clients, data_keys
from hotline.store.database import Transaction
from hotline.store.prepared import prepared

ADD = """
WITH answered AS (
    DELETE FROM asked
    WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND consultant_id = %(member)s)
INSERT INTO members (organisation_id, room_id, member_id, role, joined_at)
VALUES (%(organisation)s, %(room)s, %(member)s, %(role)s, %(now)s)
ON CONFLICT (organisation_id, room_id, member_id) DO UPDATE SET left_at = NULL
"""
REMOVE = """
WITH unsent AS (
    DELETE FROM drafts
    WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND consultant_id = %(member)s)
UPDATE members SET left_at = %(now)s
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND member_id = %(member)s AND left_at IS NULL
"""
LIST = """
SELECT m.member_id, m.seen_seq, m.delivered_seq, c.name, k.name AS sealed_name,
    coalesce(c.role, 'client') AS role
FROM members m
LEFT JOIN consultants c ON c.organisation_id = m.organisation_id AND c.consultant_id = m.member_id
LEFT JOIN clients k ON k.organisation_id = m.organisation_id AND k.client_id = m.member_id
WHERE m.organisation_id = %(organisation)s AND m.room_id = %(room)s AND m.left_at IS NULL
  AND coalesce(c.name, k.name) IS NOT NULL
ORDER BY m.joined_at, m.member_id
"""
CONSULTANTS = """
SELECT member_id FROM members
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND role = 'consultant' AND left_at IS NULL
ORDER BY joined_at, member_id
"""
# One query answers a subscription: is it a member, and where does the room stand. Its key comes along: the
# first message would have to wait for it.
STANDING = prepared(
    "standing",
    """
SELECT r.last_seq, m.member_id IS NOT NULL AS is_member, EXISTS (
    SELECT FROM asked a WHERE a.organisation_id = r.organisation_id AND a.room_id = r.room_id
        AND a.consultant_id = %(member)s) AS is_asked, r.status = 'closed' AS is_closed,
    d.wrapped, o.wrapped AS above
FROM rooms r LEFT JOIN members m ON m.organisation_id = r.organisation_id AND m.room_id = r.room_id
    AND m.member_id = %(member)s AND m.left_at IS NULL
LEFT JOIN data_keys d ON d.organisation_id = m.organisation_id AND d.owner_id = m.room_id
LEFT JOIN organisation_keys o ON o.organisation_id = d.organisation_id
WHERE r.organisation_id = %(organisation)s AND r.room_id = %(room)s
""",
    organisation="text",
    room="text",
    member="text",
)
STILL_IN = """
SELECT m.member_id, m.room_id FROM members m
JOIN unnest(%(members)s::text[], %(rooms)s::text[]) AS e (member_id, room_id) USING (member_id, room_id)
WHERE m.organisation_id = %(organisation)s AND m.left_at IS NULL
"""
# What was seen has been delivered, too. In groups nobody is told how far others have read.
MARK = """
WITH marked AS (
    UPDATE members m SET seen_seq = greatest(m.seen_seq, least(%(seen)s, r.last_seq)),
        delivered_seq = greatest(m.delivered_seq, least(%(delivered)s, r.last_seq))
    FROM rooms r
    WHERE m.organisation_id = %(organisation)s AND m.room_id = %(room)s AND m.member_id = %(member)s
      AND r.organisation_id = m.organisation_id AND r.room_id = m.room_id AND m.left_at IS NULL
      AND (m.seen_seq < least(%(seen)s, r.last_seq) OR m.delivered_seq < least(%(delivered)s, r.last_seq))
    RETURNING m.seen_seq, m.delivered_seq, r.client_id)
SELECT pg_notify('hotline',
    concat_ws(' ', 'seen', %(organisation)s, %(room)s, %(member)s, seen_seq, delivered_seq))
FROM marked WHERE client_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who is in a room."""

    id: str
    name: str
    role: Role
    seen_seq: int
    delivered_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a room stands, for one who wants to follow it."""

    last_seq: int
    is_member: bool
    is_asked: bool
    is_closed: bool


async def add(
    tx: Transaction, organisation_id: str, room_id: str, member_id: str, role: Role, now: datetime
) -> None:
    """In the room from now on (again, if they had left)."""
    kind = "client" if role is Role.CLIENT else "consultant"
    await tx.run(ADD, organisation=organisation_id, room=room_id, member=member_id, role=kind, now=now)


async def remove(tx: Transaction, organisation_id: str, room_id: str, member_id: str, now: datetime) -> None:
    """Not in the room any more."""
    await tx.run(REMOVE, organisation=organisation_id, room=room_id, member=member_id, now=now)


async def list_all(tx: Transaction, organisation_id: str, room_id: str) -> list[Member]:
    """Who is in the room, in order of joining."""
    rows = await tx.rows(LIST, organisation=organisation_id, room=room_id)
    sealed = {row.member_id: row.sealed_name for row in rows if row.name is None}
    names = await clients.open_names(tx, organisation_id, sealed)
    return [
        Member(
            id=row.member_id,
            name=row.name or names[row.member_id],
            role=Role(row.role),
            seen_seq=row.seen_seq,
            delivered_seq=row.delivered_seq,
        )
        for row in rows
    ]


async def list_consultants(tx: Transaction, organisation_id: str, room_id: str) -> list[str]:
    """The ids of the consultants in the room, in order of joining."""
    rows = await tx.rows(CONSULTANTS, organisation=organisation_id, room=room_id)
    return [row.member_id for row in rows]


async def get_standing(tx: Transaction, organisation_id: str, room_id: str, member_id: str) -> Standing:
    """:raises NotFound: no such room."""
    row = await tx.get(STANDING, organisation=organisation_id, room=room_id, member=member_id)
    data_keys.bring(tx, (organisation_id, room_id), row, row.last_seq)
    return Standing(
        last_seq=row.last_seq, is_member=row.is_member, is_asked=row.is_asked, is_closed=row.is_closed
    )


async def list_still_in(
    tx: Transaction, organisation_id: str, followed: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Of (member, room): who is in the room."""
    pairs = list(followed)
    rows = await tx.rows(
        STILL_IN,
        organisation=organisation_id,
        members=[member_id for member_id, _ in pairs],
        rooms=[room_id for _, room_id in pairs],
    )
    return {(row.member_id, row.room_id) for row in rows}


async def see(tx: Transaction, organisation_id: str, room_id: str, member_id: str, seq: int) -> None:
    """The member has seen everything up to `seq`; never goes back."""
    await tx.rows(MARK, organisation=organisation_id, room=room_id, member=member_id, seen=seq, delivered=seq)


async def deliver(tx: Transaction, organisation_id: str, room_id: str, member_id: str, seq: int) -> None:
    """Everything up to `seq` has reached the member, seen or not; never goes back."""
    await tx.rows(MARK, organisation=organisation_id, room=room_id, member=member_id, seen=0, delivered=seq)
