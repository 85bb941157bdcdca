"""Drafts: what a consultant has typed in a room and not sent. One per person and room, the last one wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotline.domain.model import Draft
from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.sealed import open_, seal, stamp

PUT = """
INSERT INTO drafts (organisation_id, consultant_id, room_id, text, at)
VALUES (%(organisation)s, %(consultant)s, %(room)s, %(text)s, %(now)s)
ON CONFLICT (organisation_id, consultant_id, room_id) DO UPDATE SET text = excluded.text, at = excluded.at
"""
DELETE = """
DELETE FROM drafts
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND consultant_id = %(consultant)s
"""
_GET = """
SELECT room_id, text, at FROM drafts
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s
"""
LIST = f"{_GET} ORDER BY at DESC, room_id"
FIND = f"{_GET} AND room_id = %(room)s"


async def _drafts(tx: Transaction, organisation_id: str, consultant_id: str, rows: list[Any]) -> list[Draft]:
    ciphers = await data_keys.load(tx, [(organisation_id, row.room_id) for row in rows])
    return [
        Draft(
            room_id=row.room_id,
            text=open_(
                ciphers.get((organisation_id, row.room_id)),
                "drafts", organisation_id, consultant_id, row.room_id, stamp(row.at),
                stored=row.text,
            ),
            at=row.at,
        )
        for row in rows
    ]  # fmt: skip


async def put(
    tx: Transaction, organisation_id: str, consultant_id: str, room_id: str, text: str, now: datetime
) -> None:
    """The consultant's draft in this room from now on."""
    cipher = await data_keys.get(tx, organisation_id, room_id)
    sealed = seal(cipher, "drafts", organisation_id, consultant_id, room_id, stamp(now), text=text)
    await tx.run(
        PUT, organisation=organisation_id, consultant=consultant_id, room=room_id, text=sealed, now=now
    )


async def delete(tx: Transaction, organisation_id: str, consultant_id: str, room_id: str) -> None:
    """It was sent, emptied, or its room left."""
    await tx.run(DELETE, organisation=organisation_id, consultant=consultant_id, room=room_id)


async def list_all(tx: Transaction, organisation_id: str, consultant_id: str) -> list[Draft]:
    """The consultant's, newest first."""
    rows = await tx.rows(LIST, organisation=organisation_id, consultant=consultant_id)
    return await _drafts(tx, organisation_id, consultant_id, rows)


async def find(tx: Transaction, organisation_id: str, consultant_id: str, room_id: str) -> Draft | None:
    """The consultant's in this room."""
    row = await tx.find(FIND, organisation=organisation_id, consultant=consultant_id, room=room_id)
    return (await _drafts(tx, organisation_id, consultant_id, [row]))[0] if row else None
