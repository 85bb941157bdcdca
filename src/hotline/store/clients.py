"""Clients: who entered, and what they answered. Name and answers stand sealed, with a key of the client's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json

from hotline.domain.model import Actor, Role
from hotline.domain.questions import Answer, FilledIn
from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.sealed import open_, open_json, seal, seal_json
from hotline.store.seals import Cipher

ADD = f"""
WITH {data_keys.NEW}
INSERT INTO clients (organisation_id, client_id, key_hash, name, language, answers, consented,
    entered_at, seen_at)
VALUES (%(organisation)s, %(client)s, %(key_hash)s, %(name)s, %(language)s, %(answers)s, %(consented)s,
    %(now)s, %(now)s)
"""
PROFILE = """
SELECT c.client_id, c.name, c.language, c.answers, c.consented, c.entered_at
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
# One after the other: the second waits until it is there, if it is to be.
LOCK_ENTRY = "SELECT pg_advisory_xact_lock(hashtextextended(%(client)s, 0))"
ENTERED = """
SELECT client_id, name FROM clients
WHERE organisation_id = %(organisation)s AND client_id = %(client)s AND key_hash = %(key_hash)s
"""
SET_LANGUAGE = """
UPDATE clients SET language = %(language)s
WHERE organisation_id = %(organisation)s AND client_id = %(client)s AND language IS DISTINCT FROM %(language)s
"""
ENTER_AGAIN = """
UPDATE clients SET key_hash = %(key_hash)s, name = %(name)s, language = %(language)s, answers = %(answers)s,
    consented = %(consented)s, entered_at = %(now)s
WHERE organisation_id = %(organisation)s AND client_id = %(client)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(FilledIn):
    """What a client filled in, and when."""

    entered_at: datetime


async def add(
    tx: Transaction,
    organisation_id: str,
    client_id: str,
    filled_in: FilledIn,
    key_hash: bytes,
    now: datetime,
) -> None:
    """A client who has just entered; counts as connected once attached."""
    cipher, key = await data_keys.make(tx, organisation_id, client_id)
    sealed = _sealed(cipher, organisation_id, client_id, filled_in)
    await tx.run(ADD, **sealed, **key, key_hash=key_hash, now=now)


async def enter_again(
    tx: Transaction,
    organisation_id: str,
    client_id: str,
    filled_in: FilledIn,
    key_hash: bytes,
    now: datetime,
) -> None:
    """A client who came back and asks anew, with what they filled in this time, and a new key."""
    cipher = await data_keys.get(tx, organisation_id, client_id)
    sealed = _sealed(cipher, organisation_id, client_id, filled_in)
    await tx.run(ENTER_AGAIN, **sealed, key_hash=key_hash, now=now)


def _sealed(cipher: Cipher, organisation_id: str, client_id: str, filled_in: FilledIn) -> dict[str, Any]:
    return {
        "organisation": organisation_id,
        "client": client_id,
        "name": seal_name(cipher, organisation_id, client_id, filled_in.name),
        "language": filled_in.language,
        "answers": seal_answers(cipher, organisation_id, client_id, filled_in.answers),
        "consented": filled_in.consented,
    }


async def set_return(tx: Transaction, organisation_id: str, client_id: str, return_hash: bytes) -> None:
    """By this the client is found when they come back; an older one is no good any more."""
    await tx.run(SET_RETURN, organisation=organisation_id, client=client_id, return_hash=return_hash)


async def find_entered(
    tx: Transaction, organisation_id: str, client_id: str, key_hash: bytes
) -> Actor | None:
    """The client whom an entry has made and whose key is still that one, or None; nobody else can make it
    until the transaction ends."""
    await tx.rows(LOCK_ENTRY, client=client_id)
    row = await tx.find(ENTERED, organisation=organisation_id, client=client_id, key_hash=key_hash)
    return row and await _actor(tx, organisation_id, row)


async def set_language(tx: Transaction, organisation_id: str, client_id: str, language: str) -> None:
    """In this language the client reads from now on."""
    await tx.run(SET_LANGUAGE, organisation=organisation_id, client=client_id, language=language)


async def find_by_return(tx: Transaction, organisation_id: str, return_hash: bytes) -> Actor | None:
    """The client who comes back, or None."""
    row = await tx.find(BY_RETURN, organisation=organisation_id, return_hash=return_hash)
    return row and await _actor(tx, organisation_id, row)


async def _actor(tx: Transaction, organisation_id: str, row: Any) -> Actor:
    names = await open_names(tx, organisation_id, {row.client_id: row.name})
    return Actor(
        organisation_id=organisation_id, id=row.client_id, name=names[row.client_id], role=Role.CLIENT
    )


async def open_names(tx: Transaction, organisation_id: str, stored: dict[str, str]) -> dict[str, str]:
    """Clients' names, of what is stored of them, by client."""
    ciphers = await data_keys.load(tx, [(organisation_id, client_id) for client_id in stored])
    return {
        client_id: open_(
            ciphers.get((organisation_id, client_id)), "clients.name", organisation_id, client_id, stored=name
        )
        for client_id, name in stored.items()
    }


def seal_name(cipher: Cipher, organisation_id: str, client_id: str, name: str) -> str:
    """What to store of a client's name."""
    return seal(cipher, "clients.name", organisation_id, client_id, text=name)


def seal_answers(cipher: Cipher, organisation_id: str, client_id: str, answers: dict[str, Answer]) -> Json:
    """What to store of a client's answers."""
    return seal_json(cipher, "clients.answers", organisation_id, client_id, value=answers)


async def get_profile(tx: Transaction, organisation_id: str, room_id: str) -> Profile:
    """What the client of a room filled in. :raises NotFound: no such room."""
    row = await tx.get(PROFILE, organisation=organisation_id, room=room_id)
    client_id: str = row.client_id
    names = await open_names(tx, organisation_id, {client_id: row.name})
    cipher = await data_keys.find(tx, organisation_id, client_id)
    return Profile(
        name=names[client_id],
        language=row.language,
        answers=open_json(cipher, "clients.answers", organisation_id, client_id, stored=row.answers, lost={}),
        consented=row.consented,
        entered_at=row.entered_at,
    )
