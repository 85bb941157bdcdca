"""Notes: what consultants write for each other about a room, in a sequence of their own.

In come notes of a room whose row the caller holds, which makes the sequence gapless; out come Notes. Has
nothing to do with the room's messages: what reads those cannot come upon a note.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotline.domain.model import Note, NoteKind, Role, Sender
from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.messages import page_of
from hotline.store.sealed import open_numbered, seal_numbered, stamp
from hotline.store.seals import Cipher

_COLUMNS = "seq, at, kind, text, author_id, author_name, author_role, nonce"

ADD = f"""
INSERT INTO notes (organisation_id, room_id, {_COLUMNS})
VALUES (%(organisation)s, %(room)s, %(seq)s, %(now)s, %(kind)s, %(text)s,
    %(author_id)s, %(author_name)s, %(author_role)s, %(nonce)s)
RETURNING {_COLUMNS}
"""
AFTER = f"""
SELECT {_COLUMNS} FROM notes
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND seq > %(after)s
ORDER BY seq LIMIT %(limit)s
"""
BY_NONCE = f"""
SELECT {_COLUMNS} FROM notes
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND author_id = %(author)s
    AND nonce = %(nonce)s
"""
LAST = """
SELECT coalesce(max(seq), 0) AS seq FROM notes
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""


def _note(cipher: Cipher | None, organisation_id: str, room_id: str, row: Any) -> Note:
    about = (organisation_id, room_id, row.seq, row.kind, stamp(row.at), row.author_id, row.nonce or "")
    return Note(
        seq=row.seq,
        at=row.at,
        kind=NoteKind(row.kind),
        text=open_numbered(cipher, "notes", *about, stored=row.text),
        sender=Sender(id=row.author_id, name=row.author_name, role=Role(row.author_role)),
        nonce=row.nonce,
    )


def seal_text(
    cipher: Cipher,
    organisation_id: str,
    room_id: str,
    seq: int,
    kind: str,
    at: datetime,
    author_id: str,
    nonce: str,
    text: str,
) -> str:
    """What to store of a note."""
    return seal_numbered(
        cipher, "notes", organisation_id, room_id, seq, kind, stamp(at), author_id, nonce, text=text
    )


async def add(
    tx: Transaction,
    organisation_id: str,
    room_id: str,
    kind: NoteKind,
    text: str,
    author: Sender,
    now: datetime,
    nonce: str | None = None,
) -> Note:
    """Number and store a note of a locked room."""
    cipher = await data_keys.get(tx, organisation_id, room_id)
    seq = await get_last_seq(tx, organisation_id, room_id) + 1
    sealed = seal_text(cipher, organisation_id, room_id, seq, kind.value, now, author.id, nonce or "", text)
    row = await tx.get(
        ADD,
        organisation=organisation_id,
        room=room_id,
        seq=seq,
        now=now,
        kind=kind,
        text=sealed,
        author_id=author.id,
        author_name=author.name,
        author_role=author.role,
        nonce=nonce,
    )
    return _note(cipher, organisation_id, room_id, row)


async def list_after(
    tx: Transaction, organisation_id: str, room_id: str, after: int, limit: int
) -> tuple[list[Note], bool]:
    """Up to `limit` notes with seq > after; whether there are more. Long ones: fewer."""
    rows = await tx.rows(AFTER, organisation=organisation_id, room=room_id, after=after, limit=limit + 1)
    cipher = await data_keys.find(tx, organisation_id, room_id)
    page = page_of([_note(cipher, organisation_id, room_id, row) for row in rows], limit)
    return page, len(rows) > len(page)


async def find_by_nonce(
    tx: Transaction, organisation_id: str, room_id: str, author_id: str, nonce: str
) -> Note | None:
    """What the author has stored in the room under this nonce."""
    row = await tx.find(BY_NONCE, organisation=organisation_id, room=room_id, author=author_id, nonce=nonce)
    cipher = await data_keys.find(tx, organisation_id, room_id)
    return row and _note(cipher, organisation_id, room_id, row)


async def get_last_seq(tx: Transaction, organisation_id: str, room_id: str) -> int:
    """The number of the last note; 0: there is none."""
    return (await tx.get(LAST, organisation=organisation_id, room=room_id)).seq  # type: ignore[no-any-return]  # rows are Any
