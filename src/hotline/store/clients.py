"""Clients: who entered, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json

from hotline.domain.model import Actor, Answer, Role
from hotline.store.database import Transaction

ENTER = """
INSERT INTO clients (organisation_id, client_id, key_hash, name, language, answers, consented,
    entered_at, seen_at)
VALUES (%(organisation)s, %(client)s, %(key_hash)s, %(name)s, %(language)s, %(answers)s, %(consented)s,
    %(now)s, %(now)s)
ON CONFLICT (organisation_id, client_id) DO UPDATE SET key_hash = excluded.key_hash, name = excluded.name,
    language = excluded.language, answers = excluded.answers, consented = excluded.consented,
    entered_at = excluded.entered_at
"""
BY_KEY = """
SELECT client_id, name FROM clients
WHERE organisation_id = %(organisation)s AND client_id = %(client)s
  AND %(key_hash)s IN (key_hash, return_hash)
"""
PROFILE = """
SELECT c.name, c.language, c.answers, c.consented, c.entered_at
FROM rooms r JOIN clients c USING (organisation_id, client_id)
WHERE r.organisation_id = %(organisation)s AND r.room_id = %(room)s
"""
SET_RETURN = """
UPDATE clients SET return_hash = %(return_hash)s
WHERE organisation_id = %(organisation)s AND client_id = %(client)s
"""
BY_RETURN = """
SELECT client_id, name FROM clients
WHERE organisation_id = %(organisation)s AND return_hash = %(return_hash)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a client filled in."""

    name: str
    language: str | None
    answers: dict[str, Answer]
    consented: bool | None
    entered_at: datetime


async def enter(
    tx: Transaction,
    organisation_id: str,
    client_id: str,
    *,
    key_hash: bytes,
    name: str,
    language: str | None,
    answers: dict[str, Answer],
    consented: bool | None = None,
    now: datetime,
) -> None:
    """A new client, or one who came back and asks anew: what they filled in this time, and a new key.

    A new one counts as connected once attached.
    """
    await tx.run(
        ENTER,
        organisation=organisation_id,
        client=client_id,
        key_hash=key_hash,
        name=name,
        language=language,
        answers=Json(answers),
        consented=consented,
        now=now,
    )


async def find_by_key(tx: Transaction, organisation_id: str, client_id: str, key_hash: bytes) -> Actor | None:
    """The client who has this key, or the one that came of their return code; or None."""
    row = await tx.find(BY_KEY, organisation=organisation_id, client=client_id, key_hash=key_hash)
    return row and _actor(organisation_id, row)


async def set_return(tx: Transaction, organisation_id: str, client_id: str, return_hash: bytes) -> None:
    """By this the client is found when they come back; an older one is no good any more."""
    await tx.run(SET_RETURN, organisation=organisation_id, client=client_id, return_hash=return_hash)


async def find_by_return(tx: Transaction, organisation_id: str, return_hash: bytes) -> Actor | None:
    """The client who comes back, or None."""
    row = await tx.find(BY_RETURN, organisation=organisation_id, return_hash=return_hash)
    return row and _actor(organisation_id, row)


def _actor(organisation_id: str, row: Any) -> Actor:
    return Actor(organisation_id=organisation_id, id=row.client_id, name=row.name, role=Role.CLIENT)


async def get_profile(tx: Transaction, organisation_id: str, room_id: str) -> Profile:
    """What the client of a room filled in. :raises NotFound: no such room."""
    row = await tx.get(PROFILE, organisation=organisation_id, room=room_id)
    return Profile(**row._asdict())
