"""What consultants write down when it is over: the form, one room's record, and which are missing.

In come rooms and answers, out come the dicts of the reference. A record belongs to a room and is deleted
with it; what can be counted of it outlives it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hotline.domain import answers, checks, wording
from hotline.domain.access import outsider
from hotline.domain.model import Actor
from hotline.domain.times import wire_time
from hotline.errors import NotAllowed
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context
from hotline.store import counts, forms, records, rooms
from hotline.store.database import Transaction
from hotline.store.records import Record, Standing


class LanguageArguments(Arguments, frozen=True, kw_only=True):
    """`language`: a language tag such as `de`."""

    language: str | None = None


class SaveArguments(RoomArguments, frozen=True, kw_only=True):
    """`answers`: by question name."""

    answers: dict[str, Any]


async def form(context: Context, arguments: LanguageArguments) -> dict[str, Any]:
    """What the organisation wants to know of each room: `questions` as in `hotline.anteroom.describe` (none:
    no record is wanted), and whether consultants are reminded of it (`required`)."""
    language = checks.language(arguments.language)
    async with context.database.transaction(context.actor.organisation_id) as tx:
        found = await forms.get(tx, context.actor.organisation_id)
    shown = wording.all_shown(found.record, language, found.language)
    return {"questions": shown, "required": found.record_required}


async def get(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """A room's record: `{answers, saved_at, saved_by: {id, name}}`, both null while there is none. For
    consultants who are or were in the room."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        await _check_was_member(tx, actor, room_id)
        found = await records.find(tx, actor.organisation_id, room_id)
    if found is None:
        return {"answers": {}, "saved_at": None, "saved_by": None}
    return {
        "answers": found.answers,
        "saved_at": wire_time(found.saved_at),
        "saved_by": {"id": found.saved_by, "name": found.saved_by_name},
    }


async def save(context: Context, arguments: SaveArguments) -> dict[str, Any]:
    """Writes a room's record, in place of an earlier one; also while the conversation goes on. Gives
    `saved_at`. For consultants who are or were in the room. A group has none (`reason` `group`)."""
    actor, room_id, now = context.actor, checks.identifier(arguments.room, "room"), context.now()
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await _check_was_member(tx, actor, room_id)
        # Held until the commit: of two at once, the second sees what the first has counted.
        if (await rooms.lock(tx, actor.organisation_id, room_id)).is_group:
            raise NotAllowed(reason="group")
        asked = (await forms.get(tx, actor.organisation_id)).record
        accepted = answers.check_answers(arguments.answers, asked)
        before = await records.find(tx, actor.organisation_id, room_id)
        record = Record(
            answers=accepted,
            counted=answers.groups(accepted, asked),
            saved_by=actor.id,
            saved_by_name=actor.name,
            saved_at=now,
        )
        await records.put(tx, actor.organisation_id, room_id, record)
        changes = Counter({(f"record.{name}", answer): 1 for name, answer in record.counted})
        changes.subtract((f"record.{name}", answer) for name, answer in (before.counted if before else ()))
        await counts.add(tx, actor.organisation_id, standing.entered_at, changes)
    return {"saved_at": wire_time(now)}


async def missing(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """Ended rooms of which a record is required and nobody has written one, and in which one was at the end:
    `[{room, name, closed_at}]`, oldest first."""
    actor = context.actor
    async with context.database.transaction(actor.organisation_id) as tx:
        wanted = await forms.get(tx, actor.organisation_id)
        if not wanted.record_required or not wanted.record:
            return []
        found = await records.list_missing(tx, actor.organisation_id, actor.id)
    return [
        {"room": room.room_id, "name": room.name, "closed_at": wire_time(room.closed_at)} for room in found
    ]


async def _check_was_member(tx: Transaction, actor: Actor, room_id: str) -> Standing:
    standing = await records.get_standing(tx, actor.organisation_id, room_id, actor.id)
    if not standing.was_member:
        raise outsider(actor)
    return standing
