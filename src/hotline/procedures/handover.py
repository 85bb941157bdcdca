"""Who serves a room: claiming it, handing it on, giving it back, asking somebody in, taking it over.

In come consultants with a room and perhaps somebody else; out come rooms served by another one, with the
note that travels. A consultant's row is always taken before the room's.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks
from hotline.domain import rooms as life
from hotline.domain.access import check_member
from hotline.domain.audit import Action
from hotline.domain.model import Actor, NoteKind, Room, Status
from hotline.errors import Invalid, NotAllowed, NotFound, RoomClosed
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.membership import joined
from hotline.store import asked, consultants, members, notes, rooms, workload
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction

NOTE_LENGTH = 1000


class ReleaseArguments(RoomArguments, frozen=True, kw_only=True):
    """`note`: for whoever claims the room next, never for the client."""

    note: str | None = None


class TransferArguments(RoomArguments, frozen=True, kw_only=True):
    """`to`: a consultant's id; `note`: for that consultant, never for the client."""

    to: str
    note: str | None = None


async def claim(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Take a waiting client; gives the same as join. Of two at once one wins, the other gets
    `hotline.error.already_claimed` with `by` `{id, name}`. Claiming one's own room again changes nothing.
    Who serves as many rooms as they may gets `hotline.error.not_allowed` with `reason` `limit` and the
    `limit`."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        await workload.engage(tx, actor.organisation_id, actor.id)
        room = await rooms.lock(tx, actor.organisation_id, room_id)
        server = room.served_by and await consultants.find(tx, actor.organisation_id, room.served_by)
        outcome = life.claim(room, actor, server.name if server else None)
        if outcome is not None:
            await workload.check_limit(tx, actor.organisation_id, actor.id)
            now = context.now()
            await members.add(tx, actor.organisation_id, room_id, actor.id, actor.role, now)
            await rooms.apply(
                tx, actor.organisation_id, room, outcome, life.sender_of(actor), now, note=room.note
            )
        result = await joined(tx, actor, room_id)
        if outcome is not None:
            await context.record(tx, Action.ROOM_CLAIMED, subject=room_id)
        return result


async def transfer(context: Context, arguments: TransferArguments) -> dict[str, Any]:
    """Hand the room over to another consultant, with a note for them. Gives the room's new `served_by`
    `{id, name}`. The one who handed over leaves the room. One who serves as many rooms as they may can be
    handed no more: `hotline.error.not_allowed` with `reason` `limit`."""
    actor, room_id, to_id, note = _checked(context, arguments)
    organisation_id = actor.organisation_id
    async with context.database.transaction(organisation_id) as tx:
        to = await _engaged(tx, actor, to_id)
        room = await rooms.lock(tx, organisation_id, room_id)
        outcome = life.transfer(room, actor, to.consultant_id, to.name)
        if room.served_by == to.consultant_id:
            raise Invalid(to="has this room already")
        await workload.check_limit(tx, organisation_id, to.consultant_id)
        await _hand(tx, context, room, outcome, to.actor(), note)
        await context.record(tx, Action.ROOM_TRANSFERRED, subject=room_id, to=to.consultant_id)
    return {"served_by": {"id": to.consultant_id, "name": to.name}}


async def take_over(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Go on with a client instead of the consultant who serves the room, who leaves it; everybody in the
    room sees it. Gives the same as join; for one's own room that is all. There is no limit here. A client who
    waits is claimed instead."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        await workload.engage(tx, actor.organisation_id, actor.id)
        room = await rooms.lock(tx, actor.organisation_id, room_id)
        outcome = life.take_over(room, actor)
        if outcome is not None:
            await _hand(tx, context, room, outcome, actor, None)
        result = await joined(tx, actor, room_id)
        if outcome is not None:
            await context.record(tx, Action.ROOM_TAKEN_OVER, subject=room_id)
        return result


async def release(context: Context, arguments: ReleaseArguments) -> dict[str, Any]:
    """Give the client back to the clientlist, at the place its arrival gives it, with a note for whoever goes
    on. Who served the room leaves it."""
    actor, organisation_id = context.actor, context.actor.organisation_id
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"), note=lambda: _checked_note(arguments.note)
    )
    now = context.now()
    async with context.database.transaction(organisation_id) as tx:
        room = await rooms.lock(tx, organisation_id, checked["room"])
        server = room.served_by and await consultants.find(tx, organisation_id, room.served_by)
        outcome = life.release(room, actor, server.name if server else actor.name)
        await rooms.apply(
            tx, organisation_id, room, outcome, life.sender_of(actor), now, note=checked["note"]
        )
        await _keep_note(tx, context, room, NoteKind.HANDOVER, checked["note"])
        if room.served_by is not None:
            await members.remove(tx, organisation_id, room.room_id, room.served_by, now)
        await context.record(tx, Action.ROOM_RELEASED, subject=room.room_id)
    return {}


async def ask(context: Context, arguments: TransferArguments) -> dict[str, Any]:
    """Ask another consultant into the room, with a note for them. Consultants in the room and managers may;
    whoever was asked comes in by `hotline.room.join`, or not by `hotline.room.decline`. Gives everybody who
    is `asked` just now, `[id]`, which is on the clientlist, too."""
    actor, room_id, to_id, note = _checked(context, arguments)
    organisation_id = actor.organisation_id
    async with context.database.transaction(organisation_id) as tx:
        to = await _engaged(tx, actor, to_id)
        room = await rooms.lock(tx, organisation_id, room_id)
        standing = await members.get_standing(tx, organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member or actor.is_manager)
        if room.status is Status.CLOSED:
            raise RoomClosed()
        if (await members.get_standing(tx, organisation_id, room_id, to.consultant_id)).is_member:
            raise Invalid(to="is in this room already")
        if not room.is_group:
            await workload.check_limit(tx, organisation_id, to.consultant_id)
        await asked.add(tx, organisation_id, room_id, to.consultant_id, context.now())
        await _keep_note(tx, context, room, NoteKind.ASK, note)
        result = {"asked": await asked.list_ids(tx, organisation_id, room_id)}
        await context.record(tx, Action.ROOM_ASKED, subject=room_id, to=to.consultant_id)
        return result


async def decline(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Whoever was asked into a room does not come."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
        if not standing.is_asked:
            raise NotAllowed(reason="you were not asked in")
        await asked.remove(tx, actor.organisation_id, room_id, actor.id)
    return {}


def _checked(context: Context, arguments: TransferArguments) -> tuple[Actor, str, str, str | None]:
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        to=lambda: checks.identifier(arguments.to, "to"),
        note=lambda: _checked_note(arguments.note),
    )
    return context.actor, checked["room"], checked["to"], checked["note"]


def _checked_note(note: str | None) -> str | None:
    return None if note is None else checks.text(note, "note", NOTE_LENGTH)


async def _engaged(tx: Transaction, actor: Actor, consultant_id: str) -> Consultant:
    """The consultant whom something is asked of, held. :raises NotFound: there is none."""
    to = await consultants.find(tx, actor.organisation_id, consultant_id)
    if to is None:
        raise NotFound(to="is not a consultant here")
    await workload.engage(tx, actor.organisation_id, consultant_id)
    return to


async def _hand(
    tx: Transaction, context: Context, room: Room, outcome: life.Outcome, to: Actor, note: str | None
) -> None:
    """The locked room goes from whoever serves it, who leaves, to somebody else."""
    organisation_id, actor, now = context.actor.organisation_id, context.actor, context.now()
    await members.add(tx, organisation_id, room.room_id, to.id, to.role, now)
    await rooms.apply(tx, organisation_id, room, outcome, life.sender_of(actor), now, note=note)
    await _keep_note(tx, context, room, NoteKind.HANDOVER, note)
    if room.served_by is not None:
        await members.remove(tx, organisation_id, room.room_id, room.served_by, now)


async def _keep_note(tx: Transaction, context: Context, room: Room, kind: NoteKind, note: str | None) -> None:
    """What travels with a room stays among its notes."""
    if note is not None:
        await notes.add(
            tx,
            context.actor.organisation_id,
            room.room_id,
            kind,
            note,
            life.sender_of(context.actor),
            context.now(),
        )
