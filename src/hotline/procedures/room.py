"""What can be done in a room, or with one: join, read, claim, hand over, leave, close."""

from __future__ import annotations

from typing import Any

from hotline.domain import checks, wire
from hotline.domain import rooms as life
from hotline.domain.access import check_member, may_join, outsider
from hotline.domain.model import Actor, Room, Status
from hotline.domain.times import wire_time
from hotline.errors import Invalid, NotFound
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.store import clients, consultants, messages, rooms
from hotline.store.database import Transaction

NOTE_LENGTH = 1000


class HistoryArguments(RoomArguments, frozen=True, kw_only=True):
    """Either what comes after `after`, or the last before `before`."""

    after: int = 0
    before: int | None = None
    limit: int = 50


class SeenArguments(RoomArguments, frozen=True, kw_only=True):
    """Up to which `seq`."""

    seq: int


class TransferArguments(RoomArguments, frozen=True, kw_only=True):
    """`to`: a consultant's id; `note`: for that consultant, never for the client."""

    to: str
    note: str | None = None


async def join(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Come (back) into a room. Gives its `status`, its `client` `{id, name}`, its `members`
    `[{id, name, role}]`, `last_seq`, and `seen` `{member id: seq}`; for consultants also the `note` of a
    hand-over. A manager who was no member becomes one, which the others see."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await rooms.get_standing(tx, actor.organisation_id, room_id, actor.id)
        if not standing.is_member:
            if actor.is_consultant:
                await consultants.hold(tx, actor.organisation_id, actor.id)
            room = await rooms.lock(tx, actor.organisation_id, room_id)
            if not may_join(actor, standing.is_member):
                raise outsider(actor)
            await _add_consultant(tx, context, room, actor)
        return await _joined(tx, actor, room_id)


async def _add_consultant(tx: Transaction, context: Context, room: Room, actor: Actor) -> None:
    now = context.now()
    await rooms.add_member(tx, actor.organisation_id, room.room_id, actor.id, actor.role, now)
    if room.status is not Status.CLOSED:  # a closed room's sequence has ended
        await messages.append_entry(
            tx, actor.organisation_id, room.room_id, life.joined(actor.name), life.sender_of(actor), now
        )


async def _joined(tx: Transaction, actor: Actor, room_id: str) -> dict[str, Any]:
    room = await rooms.get(tx, actor.organisation_id, room_id)
    profile = await clients.get_profile(tx, actor.organisation_id, room_id)
    members = await rooms.list_members(tx, actor.organisation_id, room_id)
    result: dict[str, Any] = {
        "room": room_id,
        "status": room.status.value,
        "client": {"id": room.client_id, "name": profile.name},
        "members": [{"id": member.id, "name": member.name, "role": member.role.value} for member in members],
        "last_seq": room.last_seq,
        "seen": {member.id: member.seen_seq for member in members},
    }
    if actor.is_consultant:
        result["note"] = room.note
    return result


async def history(context: Context, arguments: HistoryArguments) -> dict[str, Any]:
    """What was said, in seq order: up to `limit` (1..200) after `after`, or the last ones before `before`.
    Gives `messages` `[{seq, at, kind, text, sender: {id, name, role}, nonce}]` and whether there is `more`;
    of long messages fewer come at once."""
    actor = context.actor
    if arguments.before is not None and arguments.after:
        raise Invalid(before="cannot be given together with after")
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        after=lambda: checks.seq(arguments.after, "after"),
        before=lambda: None if arguments.before is None else checks.seq(arguments.before, "before"),
        limit=lambda: checks.limit(arguments.limit),
    )
    organisation_id, room_id, limit = actor.organisation_id, checked["room"], checked["limit"]
    async with context.database.transaction(organisation_id) as tx:
        standing = await rooms.get_standing(tx, organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        if checked["before"] is not None:
            found, more = await messages.list_before(tx, organisation_id, room_id, checked["before"], limit)
        else:
            found, more = await messages.list_after(tx, organisation_id, room_id, checked["after"], limit)
    return {"messages": [wire.message(message) for message in found], "more": more}


async def seen(context: Context, arguments: SeenArguments) -> dict[str, Any]:
    """Say that everything up to `seq` was seen; the others get it on `hotline.room.<room>.seen` as
    `{id, seq}`. Never goes back, and never beyond what there is."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    seq = checks.seq(arguments.seq)
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await rooms.get_standing(tx, actor.organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        await rooms.see(tx, actor.organisation_id, room_id, actor.id, seq)
    return {}


async def leave(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Leave the room. When its client leaves, the room closes; when its consultant leaves, another
    consultant in it goes on, or the client waits again at its old place."""
    actor = context.actor
    async with context.database.transaction(actor.organisation_id) as tx:
        room = await _lock_as_member(tx, actor, arguments)
        await rooms.leave(tx, actor.organisation_id, room, life.sender_of(actor), context.now())
    return {}


async def close(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """End the conversation; later messages get `hotline.error.room_closed`. Gives `closed_at`, which for a
    room that was closed before is when that happened."""
    actor, now = context.actor, context.now()
    async with context.database.transaction(actor.organisation_id) as tx:
        room = await _lock_as_member(tx, actor, arguments)
        if room.closed_at is not None:
            return {"closed_at": wire_time(room.closed_at)}
        outcome = life.close(room, actor.name)
        await rooms.apply(tx, actor.organisation_id, room, outcome, life.sender_of(actor), now)
    return {"closed_at": wire_time(now)}


async def _lock_as_member(tx: Transaction, actor: Actor, arguments: RoomArguments) -> Room:
    room_id = checks.identifier(arguments.room, "room")
    room = await rooms.lock(tx, actor.organisation_id, room_id)
    standing = await rooms.get_standing(tx, actor.organisation_id, room_id, actor.id)
    check_member(actor, standing.is_member)
    return room


async def claim(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Take a waiting client; gives the same as join. Of two at once one wins, the other gets
    `hotline.error.already_claimed` with `by` `{id, name}`. Claiming one's own room again changes nothing."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        # Before the room, as whoever removes a consultant does: else a room could be served by nobody.
        await consultants.hold(tx, actor.organisation_id, actor.id)
        room = await rooms.lock(tx, actor.organisation_id, room_id)
        server = room.served_by and await consultants.find(tx, actor.organisation_id, room.served_by)
        outcome = life.claim(room, actor, server.name if server else None)
        if outcome is not None:
            now = context.now()
            await rooms.add_member(tx, actor.organisation_id, room_id, actor.id, actor.role, now)
            await rooms.apply(
                tx, actor.organisation_id, room, outcome, life.sender_of(actor), now, note=room.note
            )
        return await _joined(tx, actor, room_id)


async def transfer(context: Context, arguments: TransferArguments) -> dict[str, Any]:
    """Hand the room over to another consultant, with a note for them. Gives the room's new `served_by`
    `{id, name}`. The one who handed over leaves the room."""
    actor = context.actor
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        to=lambda: checks.identifier(arguments.to, "to"),
        note=lambda: None if arguments.note is None else checks.text(arguments.note, "note", NOTE_LENGTH),
    )
    organisation_id, room_id, now = actor.organisation_id, checked["room"], context.now()
    async with context.database.transaction(organisation_id) as tx:
        to = await consultants.find(tx, organisation_id, checked["to"])
        if to is None:
            raise NotFound(to="is not a consultant here")
        await consultants.hold(tx, organisation_id, to.consultant_id)
        room = await rooms.lock(tx, organisation_id, room_id)
        outcome = life.transfer(room, actor, to.consultant_id, to.name)
        if room.served_by == to.consultant_id:
            raise Invalid(to="has this room already")
        before = room.served_by
        await rooms.add_member(tx, organisation_id, room_id, to.consultant_id, to.role, now)
        await rooms.apply(
            tx, organisation_id, room, outcome, life.sender_of(actor), now, note=checked["note"]
        )
        if before is not None:
            await rooms.remove_member(tx, organisation_id, room_id, before, now)
    return {"served_by": {"id": to.consultant_id, "name": to.name}}


async def profile(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """What the client filled in: `{name, language, answers: {question name: answer}, entered_at}`."""
    room_id = checks.identifier(arguments.room, "room")
    async with context.database.transaction(context.actor.organisation_id) as tx:
        found = await clients.get_profile(tx, context.actor.organisation_id, room_id)
    return {
        "name": found.name,
        "language": found.language,
        "answers": found.answers,
        "entered_at": wire_time(found.entered_at),
    }
