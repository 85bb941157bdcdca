"""What was stored before texts were sealed: sealed now, one room, client, survey or block after the other.

In comes what still stands there in plain words, out goes the same, sealed, and the words are gone in the same
transaction. Interrupted at any point, it goes on from there.
"""

from __future__ import annotations

from typing import Any

from hotline.domain.model import Role, Sender
from hotline.store import blocks, clients, data_keys, notes, rooms, surveys
from hotline.store.database import Transaction
from hotline.store.messages import seal_message
from hotline.store.sealed import seal, seal_json, stamp
from hotline.store.seals import Cipher

LIST = "SELECT organisation_id, owner_id, kind FROM still_unsealed()"
# Of two nodes that start at once, one does it.
TAKE = """
DELETE FROM unsealed WHERE organisation_id = %(organisation)s AND owner_id = %(owner)s RETURNING kind
"""
ADD_KEY = f"WITH {data_keys.NEW} SELECT"
LOCK_ROOM = """
SELECT topic, note FROM rooms WHERE organisation_id = %(organisation)s AND room_id = %(owner)s
FOR NO KEY UPDATE
"""
SET_ROOM = """
UPDATE rooms SET topic = %(topic)s, note = %(note)s
WHERE organisation_id = %(organisation)s AND room_id = %(owner)s
"""
MESSAGES = """
SELECT seq, at, kind, text, sender_id, sender_name, sender_role, nonce FROM messages
WHERE organisation_id = %(organisation)s AND room_id = %(owner)s AND seq > %(after)s ORDER BY seq LIMIT 5000
"""
SET_MESSAGES = """
UPDATE messages m SET text = e.text, sender_name = NULL
FROM unnest(%(seqs)s::bigint[], %(texts)s::text[]) AS e (seq, text)
WHERE organisation_id = %(organisation)s AND room_id = %(owner)s AND m.seq = e.seq
"""
NOTES = """
SELECT seq, at, kind, text, author_id, nonce FROM notes
WHERE organisation_id = %(organisation)s AND room_id = %(owner)s
"""
SET_NOTES = """
UPDATE notes n SET text = e.text FROM unnest(%(seqs)s::bigint[], %(texts)s::text[]) AS e (seq, text)
WHERE organisation_id = %(organisation)s AND room_id = %(owner)s AND n.seq = e.seq
"""
DRAFTS = """
SELECT consultant_id, at, text FROM drafts WHERE organisation_id = %(organisation)s AND room_id = %(owner)s
"""
SET_DRAFT = """
UPDATE drafts SET text = %(text)s
WHERE organisation_id = %(organisation)s AND room_id = %(owner)s AND consultant_id = %(consultant)s
"""
RECORD = """
SELECT answers, counted FROM records WHERE organisation_id = %(organisation)s AND room_id = %(owner)s
"""
SET_RECORD = """
UPDATE records SET answers = %(answers)s, counted = %(counted)s
WHERE organisation_id = %(organisation)s AND room_id = %(owner)s
"""
CLIENT = (
    "SELECT name, answers FROM clients WHERE organisation_id = %(organisation)s AND client_id = %(owner)s"
)
SET_CLIENT = """
UPDATE clients SET name = %(name)s, answers = %(answers)s
WHERE organisation_id = %(organisation)s AND client_id = %(owner)s
"""
SURVEY = "SELECT answers FROM surveys WHERE organisation_id = %(organisation)s AND survey_id = %(owner)s"
SET_SURVEY = """
UPDATE surveys SET answers = %(answers)s
WHERE organisation_id = %(organisation)s AND survey_id = %(owner)s
"""
BLOCK = """
SELECT reason, blocked_by_name, agreed_by_name FROM blocks
WHERE organisation_id = %(organisation)s AND block_id = %(owner)s FOR UPDATE
"""
SET_BLOCK = """
UPDATE blocks SET reason = %(reason)s, blocked_by_name = %(blocked_by_name)s,
    agreed_by_name = %(agreed_by_name)s
WHERE organisation_id = %(organisation)s AND block_id = %(owner)s
"""


async def list_some(tx: Transaction) -> list[tuple[str, str]]:
    """(organisation, owner) of some that stand in plain words; empty: none does any more."""
    return [(row.organisation_id, row.owner_id) for row in await tx.rows(LIST)]


async def seal_one(tx: Transaction, organisation_id: str, owner_id: str) -> None:
    """Seal a room, a client, a survey or a block, unless another node did."""
    where = {"organisation": organisation_id, "owner": owner_id}
    found = await tx.find(TAKE, **where)
    if found is None:
        return
    cipher, key = await data_keys.make(tx, organisation_id, owner_id)
    await tx.rows(ADD_KEY, organisation=organisation_id, **key)
    await _SEAL[found.kind](tx, cipher, where)


async def _seal_room(tx: Transaction, cipher: Cipher, where: dict[str, Any]) -> None:
    room = (where["organisation"], where["owner"])
    row = await tx.get(LOCK_ROOM, **where)
    if row.topic is not None or row.note is not None:
        note = None if row.note is None else rooms.seal_note(cipher, *room, row.note)
        await tx.run(SET_ROOM, topic=rooms.seal_topic(cipher, *room, row.topic), note=note, **where)
    last_seq = 0
    while said := await tx.rows(MESSAGES, after=last_seq, **where):
        last_seq = said[-1].seq
        texts = [
            seal_message(
                cipher, *room, each.seq, each.kind, stamp(each.at),
                Sender(id=each.sender_id, name=each.sender_name, role=Role(each.sender_role)),
                each.nonce or "", each.text,
            )
            for each in said
        ]  # fmt: skip
        await tx.run(SET_MESSAGES, seqs=[each.seq for each in said], texts=texts, **where)
    written = await tx.rows(NOTES, **where)
    texts = [
        notes.seal_text(
            cipher, *room, each.seq, each.kind, each.at, each.author_id, each.nonce or "", each.text
        )
        for each in written
    ]  # fmt: skip
    await tx.run(SET_NOTES, seqs=[each.seq for each in written], texts=texts, **where)
    for draft in await tx.rows(DRAFTS, **where):
        organisation_id, room_id = room
        about = (organisation_id, draft.consultant_id, room_id, stamp(draft.at))
        text = seal(cipher, "drafts", *about, text=draft.text)
        await tx.run(SET_DRAFT, consultant=draft.consultant_id, text=text, **where)
    record = await tx.find(RECORD, **where)
    if record is not None:
        await tx.run(
            SET_RECORD,
            answers=seal_json(cipher, "records.answers", *room, value=record.answers),
            counted=seal_json(cipher, "records.counted", *room, value=record.counted),
            **where,
        )


async def _seal_client(tx: Transaction, cipher: Cipher, where: dict[str, Any]) -> None:
    client = (where["organisation"], where["owner"])
    row = await tx.get(CLIENT, **where)
    await tx.run(
        SET_CLIENT,
        name=clients.seal_name(cipher, *client, row.name),
        answers=clients.seal_answers(cipher, *client, row.answers),
        **where,
    )


async def _seal_survey(tx: Transaction, cipher: Cipher, where: dict[str, Any]) -> None:
    row = await tx.get(SURVEY, **where)
    answers = surveys.seal_answers(cipher, where["organisation"], where["owner"], row.answers)
    await tx.run(SET_SURVEY, answers=answers, **where)


async def _seal_block(tx: Transaction, cipher: Cipher, where: dict[str, Any]) -> None:
    row = await tx.get(BLOCK, **where)
    block = (where["organisation"], where["owner"])
    sealed = {
        column: None if text is None else blocks.seal_column(cipher, *block, column, text)
        for column, text in row._asdict().items()
    }
    await tx.run(SET_BLOCK, **sealed, **where)


_SEAL = {"room": _seal_room, "client": _seal_client, "survey": _seal_survey, "block": _seal_block}
