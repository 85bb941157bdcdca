"""What consultants write down of a room: in come answers, out come answers, and which are missing.

A record is deleted with its room. Decides nothing: who may write one is asked here and said elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.domain.questions import Answer
from hotline.store import clients, data_keys
from hotline.store.database import Transaction
from hotline.store.sealed import open_json, seal_json

# Also who was in the room once: whoever handed it over has something to write down too.
WAS_MEMBER = """
SELECT r.entered_at, EXISTS (
    SELECT FROM members m WHERE m.organisation_id = r.organisation_id AND m.room_id = r.room_id
        AND m.member_id = %(consultant)s) AS was_member
FROM rooms r WHERE r.organisation_id = %(organisation)s AND r.room_id = %(room)s
"""
FIND = """
SELECT answers, counted, saved_by, saved_by_name, saved_at FROM records
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
PUT = """
INSERT INTO records (organisation_id, room_id, answers, counted, saved_by, saved_by_name, saved_at)
VALUES (%(organisation)s, %(room)s, %(answers)s, %(counted)s, %(saved_by)s, %(saved_by_name)s, %(now)s)
ON CONFLICT (organisation_id, room_id) DO UPDATE SET answers = excluded.answers, counted = excluded.counted,
    saved_by = excluded.saved_by, saved_by_name = excluded.saved_by_name, saved_at = excluded.saved_at
"""
MISSING = """
SELECT r.room_id, c.client_id, c.name, r.closed_at FROM members m
JOIN rooms r ON r.organisation_id = m.organisation_id AND r.room_id = m.room_id
JOIN clients c ON c.organisation_id = r.organisation_id AND c.client_id = r.client_id
WHERE m.organisation_id = %(organisation)s AND m.member_id = %(consultant)s AND m.role = 'consultant'
  AND m.left_at IS NULL
  AND r.status = 'closed' AND NOT EXISTS (
    SELECT FROM records e WHERE e.organisation_id = r.organisation_id AND e.room_id = r.room_id)
ORDER BY r.closed_at, r.room_id LIMIT 200
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides whether somebody may write a room's record, and on which day it counts."""

    entered_at: datetime
    was_member: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was written down, and who did last."""

    answers: dict[str, Answer]
    counted: list[tuple[str, str]]
    saved_by: str
    saved_by_name: str
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An ended room without a record."""

    room_id: str
    name: str
    closed_at: datetime


async def get_standing(tx: Transaction, organisation_id: str, room_id: str, consultant_id: str) -> Standing:
    """:raises NotFound: no such room."""
    row = await tx.get(WAS_MEMBER, organisation=organisation_id, room=room_id, consultant=consultant_id)
    return Standing(entered_at=row.entered_at, was_member=row.was_member)


async def find(tx: Transaction, organisation_id: str, room_id: str) -> Record | None:
    """The room's record, or None."""
    row: Any = await tx.find(FIND, organisation=organisation_id, room=room_id)
    if row is None:
        return None
    cipher = await data_keys.find(tx, organisation_id, room_id)
    about = (organisation_id, room_id)
    counted = open_json(cipher, "records.counted", *about, stored=row.counted, lost=[])
    return Record(
        answers=open_json(cipher, "records.answers", *about, stored=row.answers, lost={}),
        counted=[(question, answer) for question, answer in counted],
        saved_by=row.saved_by,
        saved_by_name=row.saved_by_name,
        saved_at=row.saved_at,
    )


async def put(
    tx: Transaction,
    organisation_id: str,
    room_id: str,
    record: Record,
) -> None:
    """Write it down, in place of what was there."""
    cipher = await data_keys.get(tx, organisation_id, room_id)
    about = (organisation_id, room_id)
    await tx.run(
        PUT,
        organisation=organisation_id,
        room=room_id,
        answers=seal_json(cipher, "records.answers", *about, value=record.answers),
        counted=seal_json(cipher, "records.counted", *about, value=record.counted),
        saved_by=record.saved_by,
        saved_by_name=record.saved_by_name,
        now=record.saved_at,
    )


async def list_missing(tx: Transaction, organisation_id: str, consultant_id: str) -> list[Missing]:
    """Ended rooms this consultant was in at the end and nobody has written a record of, oldest first."""
    rows = await tx.rows(MISSING, organisation=organisation_id, consultant=consultant_id)
    names = await clients.open_names(tx, organisation_id, {row.client_id: row.name for row in rows})
    return [Missing(room_id=row.room_id, name=names[row.client_id], closed_at=row.closed_at) for row in rows]
