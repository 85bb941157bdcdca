"""What was said is replaced: the old words leave the database in the same transaction.

In come numbers, nonces and new texts of a room whose row the caller holds; out come messages. Whether it may
be is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.domain.entries import Entry
from hotline.domain.model import Actor, Kind, Message
from hotline.domain.rooms import sender_of
from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.messages import COLUMNS, append_entry, open_all, open_message, reseal

GET = f"""
SELECT {COLUMNS} FROM messages
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND seq = %(seq)s
"""
# Backwards along the primary key: it is nearly always among the last few.
LAST_OF_SENDER = """
SELECT seq FROM messages
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND sender_id = %(sender)s
    AND kind = 'message'
ORDER BY seq DESC LIMIT 1
"""
BY_NONCE = f"""
SELECT {COLUMNS}, (
    SELECT count(*) FROM messages l WHERE l.organisation_id = m.organisation_id AND l.room_id = m.room_id
        AND l.seq > m.seq AND l.of_seq = m.of_seq) AS later
FROM messages m WHERE nonce = %(nonce)s AND sender_id = %(sender)s AND room_id = %(room)s
    AND organisation_id = %(organisation)s
"""
# Earlier edits of the same message told of words that are gone now, too.
TO_REPLACE = f"""
SELECT {COLUMNS} FROM messages
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND seq >= %(of)s
    AND (seq = %(of)s OR of_seq = %(of)s)
"""
REPLACE = """
UPDATE messages m SET text = e.text,
    edited = edited OR (m.seq = %(of)s AND %(kind)s = 'edited'),
    withdrawn = withdrawn OR (m.seq = %(of)s AND %(kind)s = 'withdrawn')
FROM unnest(%(seqs)s::bigint[], %(texts)s::text[]) AS e (seq, text)
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND m.seq = e.seq
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored under a nonce; `is_newest`: no later correction has replaced its text."""

    message: Message
    is_newest: bool


async def find(tx: Transaction, organisation_id: str, room_id: str, seq: int) -> Message | None:
    """One entry of the room's sequence."""
    row = await tx.find(GET, organisation=organisation_id, room=room_id, seq=seq)
    return (await open_all(tx, organisation_id, room_id, [row]))[0] if row else None


async def find_last_seq(tx: Transaction, organisation_id: str, room_id: str, sender_id: str) -> int:
    """The number of the last message of this sender; 0: none."""
    row = await tx.find(LAST_OF_SENDER, organisation=organisation_id, room=room_id, sender=sender_id)
    return row.seq if row is not None else 0


async def find_by_nonce(tx: Transaction, actor: Actor, room_id: str, nonce: str) -> Known | None:
    """What the actor has stored in the room under this nonce."""
    row = await tx.find(
        BY_NONCE, organisation=actor.organisation_id, room=room_id, sender=actor.id, nonce=nonce
    )
    if row is None:
        return None
    [message] = await open_all(tx, actor.organisation_id, room_id, [row])
    return Known(message=message, is_newest=row.later == 0)


async def replace(
    tx: Transaction, actor: Actor, room_id: str, of: int, kind: Kind, text: str, nonce: str, now: datetime
) -> int:
    """Put `text` in the place of what was said, and tell of it by a new entry; the entry's seq."""
    organisation_id = actor.organisation_id
    cipher = await data_keys.get(tx, organisation_id, room_id)
    rows = await tx.rows(TO_REPLACE, organisation=organisation_id, room=room_id, of=of)
    replaced = []
    for row in rows:
        sender = open_message(cipher, organisation_id, room_id, row).sender
        replaced.append(reseal(cipher, organisation_id, room_id, row, sender, text))
    await tx.run(
        REPLACE,
        organisation=organisation_id,
        room=room_id,
        of=of,
        kind=kind.value,
        seqs=[row.seq for row in rows],
        texts=replaced,
    )
    entry = Entry(kind=kind, text=text)
    return await append_entry(tx, organisation_id, room_id, entry, sender_of(actor), now, nonce=nonce, of=of)
