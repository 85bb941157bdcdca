"""A room's sequence: reading it, and the entries that tell of what happened to the room.

What people say goes through the journal; both number under the room's lock, so there is one sequence. Text
and sender's name stand sealed in it, with the room's key and for their number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from hotline.domain.entries import Entry
from hotline.domain.model import Kind, Message, Role, Sender
from hotline.domain.times import stored_time
from hotline.domain.wire import ToldMessage, ToldSender
from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.prepared import prepared
from hotline.store.sealed import LOST, open_numbered, seal_numbered, stamp
from hotline.store.seals import Cipher

# One answer must fit a session's outgoing buffer, whatever was written.
PAGE_CHARACTERS = 50_000

COLUMNS = "seq, at, kind, text, sender_id, sender_role, nonce, of_seq, edited, withdrawn"

# Stored only if this is its number. Without the node's name: every node, this one too, has to fetch it.
APPEND_ENTRY = """
WITH numbered AS (
    UPDATE rooms SET last_seq = %(seq)s
    WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND last_seq = %(seq)s - 1
    RETURNING last_seq),
stored AS (
    INSERT INTO messages
        (organisation_id, room_id, seq, at, kind, text, sender_id, sender_role, nonce, of_seq)
    SELECT %(organisation)s, %(room)s, last_seq, %(now)s, %(kind)s, %(text)s,
        %(sender_id)s, %(sender_role)s, %(nonce)s, %(of)s FROM numbered
    RETURNING seq)
SELECT seq, pg_notify('hotline', concat('messages - ', %(organisation)s::text, '/', %(room)s::text, ':', seq))
FROM stored
"""
LOCK_LAST_SEQ = """
SELECT last_seq FROM rooms
WHERE organisation_id = %(organisation)s AND room_id = %(room)s FOR NO KEY UPDATE
"""
# The columns as above. The time as PostgreSQL writes it: nearly what is told, and no datetime to be made.
_OF_ROOM = """
SELECT seq, at::text AS at, kind, text, sender_id, sender_role, nonce, of_seq, edited, withdrawn
FROM messages WHERE organisation_id = %(organisation)s AND room_id = %(room)s"""
# Asked once, not once a row.
_AS_MEMBER = """
AND EXISTS (SELECT FROM members b WHERE b.organisation_id = %(organisation)s AND b.room_id = %(room)s
    AND b.member_id = %(member)s AND b.left_at IS NULL
    AND (%(ended)s OR (SELECT r.status FROM rooms r WHERE r.organisation_id = b.organisation_id
        AND r.room_id = b.room_id) <> 'closed'))"""
_AFTER = " AND seq > %(seq)s ORDER BY seq LIMIT %(limit)s"
_BEFORE = " AND seq < %(seq)s ORDER BY seq DESC LIMIT %(limit)s"
AFTER_EACH = f"""
SELECT e.organisation_id, e.room_id, m.*
FROM unnest(%(organisations)s, %(rooms)s, %(seqs)s) AS e (organisation_id, room_id, after),
    LATERAL (SELECT {COLUMNS} FROM messages WHERE organisation_id = e.organisation_id AND room_id = e.room_id
        AND seq > e.after ORDER BY seq LIMIT %(limit)s) m
ORDER BY e.organisation_id, e.room_id, m.seq
"""
_PAGE_TYPES = {
    "organisation": "text",
    "room": "text",
    "member": "text",
    "ended": "boolean",
    "seq": "bigint",
    "limit": "int",
}
AFTER_AS_MEMBER = prepared("after_as_member", _OF_ROOM + _AS_MEMBER + _AFTER, **_PAGE_TYPES)
BEFORE_AS_MEMBER = prepared("before_as_member", _OF_ROOM + _AS_MEMBER + _BEFORE, **_PAGE_TYPES)


def seal_message(
    cipher: Cipher,
    organisation_id: str,
    room_id: str,
    seq: int,
    kind: str,
    at: str,
    sender: Sender,
    nonce: str,
    text: str,
) -> str:
    """What to store of a message: its text and its sender's name, bound to the place in which they are said.
    `at` is a stamp."""
    return seal_numbered(
        cipher, "messages", organisation_id, room_id, seq, kind, at, sender.id, sender.role.value, nonce,
        text=f"{sender.name}\0{text}",
    )  # fmt: skip


def reseal(cipher: Cipher, organisation_id: str, room_id: str, row: Any, sender: Sender, text: str) -> str:
    """What to store in the place of a row's text, for the same number."""
    return seal_message(
        cipher, organisation_id, room_id, row.seq, row.kind, stamp(row.at), sender, row.nonce or "", text
    )


def open_words(
    cipher: Cipher | None,
    organisation_id: str,
    room_id: str,
    seq: int,
    kind: str,
    at: datetime,
    sender_id: str,
    sender_role: str,
    nonce: str,
    *,
    stored: str,
) -> tuple[str, str]:
    """The sender's name and the text."""
    words = open_numbered(
        cipher, "messages", organisation_id, room_id, seq, kind, stamp(at), sender_id, sender_role, nonce,
        stored=stored,
    )  # fmt: skip
    name, nul, text = words.partition("\0")
    return (name, text) if nul else (LOST, LOST)


def _words_of(
    cipher: Cipher | None, organisation_id: str, room_id: str, row: Any, at: datetime
) -> tuple[str, str]:
    return open_words(
        cipher, organisation_id, room_id, row.seq, row.kind, at, row.sender_id, row.sender_role,
        row.nonce or "", stored=row.text,
    )  # fmt: skip


def open_message(cipher: Cipher | None, organisation_id: str, room_id: str, row: Any) -> Message:
    """The message of a row with these columns."""
    name, text = _words_of(cipher, organisation_id, room_id, row, row.at)
    return Message(
        seq=row.seq,
        at=row.at,
        kind=Kind(row.kind),
        text=text,
        sender=Sender(id=row.sender_id, name=name, role=Role(row.sender_role)),
        nonce=row.nonce,
        of=row.of_seq,
        edited=row.edited,
        withdrawn=row.withdrawn,
    )


def open_told(cipher: Cipher | None, organisation_id: str, room_id: str, row: Any) -> ToldMessage:
    """The same of a row of the history, as it is told."""
    at = datetime.fromisoformat(row.at)
    name, text = _words_of(cipher, organisation_id, room_id, row, at)
    return ToldMessage(
        row.seq,
        stored_time(row.at, at),
        row.kind,
        text,
        ToldSender(row.sender_id, name, row.sender_role),
        row.nonce,
        row.of_seq,
        row.edited,
        row.withdrawn,
    )


async def append_entry(
    tx: Transaction,
    organisation_id: str,
    room_id: str,
    entry: Entry,
    sender: Sender,
    now: datetime,
    *,
    nonce: str | None = None,
    of: int | None = None,
) -> int:
    """Number and store what happened to a room, or to the message `of`, and ring for it; its seq."""
    room = (organisation_id, room_id)
    cipher = await data_keys.get(tx, *room)

    def numbered(seq: int) -> dict[str, Any]:
        return {
            "organisation": organisation_id,
            "room": room_id,
            "seq": seq,
            "now": now,
            "kind": entry.kind,
            "text": seal_message(cipher, *room, seq, entry.kind, stamp(now), sender, nonce or "", entry.text),
            "sender_id": sender.id,
            "sender_role": sender.role,
            "nonce": nonce,
            "of": of,
        }

    # Whoever holds the room knows its number, and nobody else need be right.
    seq = tx.find_last_seq(room) + 1
    if await tx.find(APPEND_ENTRY, **numbered(seq)) is None:
        seq = (await tx.get(LOCK_LAST_SEQ, organisation=organisation_id, room=room_id)).last_seq + 1
        await tx.get(APPEND_ENTRY, **numbered(seq))
    tx.last_seqs[room] = seq
    return seq


async def open_all(tx: Transaction, organisation_id: str, room_id: str, rows: list[Any]) -> list[Message]:
    """The messages of a room's rows with these columns."""
    cipher = await data_keys.find(tx, organisation_id, room_id) if rows else None
    return [open_message(cipher, organisation_id, room_id, row) for row in rows]


def page_of(
    rows: list[Any], limit: int, size_of: Callable[[Any], int] = lambda row: len(row.text)
) -> list[Any]:
    """At least one row, at most `limit`, and not more than fits one answer."""
    size = 0
    for count, row in enumerate(rows[:limit]):
        size += size_of(row)
        if size > PAGE_CHARACTERS and count:
            return rows[:count]
    return rows[:limit]


async def list_after_each(
    tx: Transaction, wanted: Sequence[tuple[str, str, int]], limit: int
) -> dict[tuple[str, str], list[Message]]:
    """Of each (organisation, room, seq) up to `limit` entries after that seq, in seq order. One query."""
    organisation_ids, room_ids, seqs = zip(*wanted, strict=True)
    rows = await tx.rows(
        AFTER_EACH,
        organisations=list(organisation_ids),
        rooms=list(room_ids),
        seqs=list(seqs),
        limit=limit,
    )
    found: dict[tuple[str, str], list[Message]] = {}
    ciphers = await data_keys.load(tx, {(row.organisation_id, row.room_id) for row in rows})
    for row in rows:
        room = (row.organisation_id, row.room_id)
        found.setdefault(room, []).append(open_message(ciphers.get(room), *room, row))
    return found


async def list_as_member(
    tx: Transaction,
    organisation_id: str,
    room_id: str,
    member_id: str,
    *,
    limit: int,
    after: int,
    before: int | None,
    ended: bool = True,
) -> tuple[list[ToldMessage], bool]:
    """A page of entries after `after`, or of the last ones before `before`; whether there are more.

    Up to `limit`, of long ones fewer, in seq order; none for who is no member, nor of a closed room unless
    `ended`, found out in the same query.
    """
    rows = await tx.rows(
        AFTER_AS_MEMBER if before is None else BEFORE_AS_MEMBER,
        organisation=organisation_id,
        room=room_id,
        member=member_id,
        ended=ended,
        seq=after if before is None else before,
        limit=limit + 1,
    )
    cipher = await data_keys.find(tx, organisation_id, room_id) if rows else None
    found = page_of([open_told(cipher, organisation_id, room_id, row) for row in rows[:limit]], limit)
    return found if before is None else found[::-1], len(rows) > len(found)
