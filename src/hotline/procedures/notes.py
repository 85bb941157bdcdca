"""Notes: what consultants write for each other about a room. Clients can neither call this nor follow it.

In come texts and numbers, out come notes as dicts; whoever follows the room's notes learns of them by the
doorbell.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks, wire
from hotline.domain.access import check_notes_reader, check_notes_writer
from hotline.domain.audit import Action
from hotline.domain.model import NoteKind
from hotline.domain.rooms import sender_of
from hotline.errors import NonceReused
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.store import audit, members, notes, rooms


class NoteArguments(RoomArguments, frozen=True, kw_only=True):
    """`nonce`: the same again is the same note."""

    text: str
    nonce: str


class NotesArguments(RoomArguments, frozen=True, kw_only=True):
    """What comes after `after`."""

    after: int = 0
    limit: int = 50


async def add(context: Context, arguments: NoteArguments) -> dict[str, Any]:
    """Write a note about the room for the other consultants; no client ever gets it. Consultants in the room
    and managers may, also when it is closed. Gives the note, as `hotline.room.notes` does; the same nonce
    again gives the same note."""
    actor, organisation_id = context.actor, context.actor.organisation_id
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        text=lambda: checks.text(arguments.text),
        nonce=lambda: checks.nonce(arguments.nonce),
    )
    room_id, text, nonce = checked["room"], checked["text"], checked["nonce"]
    async with context.database.transaction(organisation_id) as tx:
        await rooms.lock(tx, organisation_id, room_id)
        standing = await members.get_standing(tx, organisation_id, room_id, actor.id)
        check_notes_writer(actor, standing.is_member)
        note = await notes.find_by_nonce(tx, organisation_id, room_id, actor.id, nonce)
        if note is None:
            note = await notes.add(
                tx, organisation_id, room_id, NoteKind.NOTE, text, sender_of(actor), context.now(), nonce
            )
        elif note.text != text:
            raise NonceReused()
    return wire.note(note)


async def list_all(context: Context, arguments: NotesArguments) -> dict[str, Any]:
    """The notes about a room in the order of their own `seq`: up to `limit` (1..200) after `after`. Gives
    `notes` `[{seq, at, kind, text, sender: {id, name, role}, nonce}]` and whether there is `more`; of long
    ones fewer come at once. `kind` is `note`, `handover` or `ask` (what came with a hand-over, or with
    being asked in; nonce null). Consultants in the room, those asked in, and managers may read them."""
    actor, organisation_id = context.actor, context.actor.organisation_id
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        after=lambda: checks.seq(arguments.after, "after"),
        limit=lambda: checks.limit(arguments.limit),
    )
    async with context.database.transaction(organisation_id) as tx:
        standing = await members.get_standing(tx, organisation_id, checked["room"], actor.id)
        check_notes_reader(actor, standing.is_member, standing.is_asked)
        found, more = await notes.list_after(
            tx, organisation_id, checked["room"], checked["after"], checked["limit"]
        )
        if not standing.is_member:
            await audit.add_opening(tx, actor, Action.NOTES_READ, checked["room"], context.now())
    return {"notes": [wire.note(note) for note in found], "more": more}
