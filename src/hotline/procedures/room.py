"""What can be done in a room: join, read, say how far one has read, leave, close."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hotline.domain import checks, entries, wire
from hotline.domain import groups as rules
from hotline.domain import rooms as life
from hotline.domain.access import check_member, may_join, outsider
from hotline.domain.audit import Action
from hotline.domain.model import Room, Status
from hotline.domain.times import wire_time
from hotline.errors import Invalid
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.membership import add_consultant, joined, lock_as_member
from hotline.store import audit, clients, forms, groups, members, messages, rooms, workload
from hotline.store.database import Transaction


class HistoryArguments(RoomArguments, frozen=True, kw_only=True):
    """Either what comes after `after`, or the last before `before`."""

    after: int = 0
    before: int | None = None
    limit: int = 50


class MarkArguments(RoomArguments, frozen=True, kw_only=True):
    """Up to which `seq`."""

    seq: int


class LeaveArguments(RoomArguments, frozen=True, kw_only=True):
    """A client may be in a hurry."""

    quickly: bool = False


async def join(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Come (back) into a room. Gives its `status`, its `client` `{id, name}`, its `members`
    `[{id, name, role}]`, `last_seq`, `seen` and `delivered` `{member id: seq}`; for consultants also the
    `note` of a hand-over, `last_note` (the seq of the last of `hotline.room.notes`, 0: none) and who was
    `asked` in `[id]`. A manager who was no member becomes one, and so does a consultant who was asked in;
    the others see it. Of a group `client` is null, `group` has `{name, text, opens_at, ends_at, most_clients,
    clients, muted}`, and `seen` and `delivered` are one's own; a client who left it comes back, unless the
    `reason` is `removed` or `full`."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
        opened = None
        if not standing.is_member:
            if actor.is_consultant:
                await workload.engage(tx, actor.organisation_id, actor.id)
            room = await rooms.lock(tx, actor.organisation_id, room_id)
            standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
            if not standing.is_member:
                if not actor.is_consultant:
                    await _return_to_group(tx, context, room)
                    return await joined(tx, actor, room_id)
                if not may_join(actor, standing.is_asked):
                    raise outsider(actor)
                if standing.is_asked and not actor.is_manager and not room.is_group:
                    await workload.check_limit(tx, actor.organisation_id, actor.id)
                await add_consultant(tx, context, room, actor)
                opened = Action.ROOM_JOINED
        result = await joined(tx, actor, room_id)
        if opened is None and actor.is_consultant and result["status"] == Status.CLOSED:
            opened = Action.ROOM_READ
        if opened is not None:
            await audit.add_opening(tx, actor, opened, room_id, context.now())
        return result


async def _return_to_group(tx: Transaction, context: Context, room: Room) -> None:
    """A client comes back into the locked group it was in. :raises NotFound: it never was."""
    actor, now = context.actor, context.now()
    if not room.is_group:
        raise outsider(actor)
    group = await groups.get(tx, actor.organisation_id, room.room_id)
    inside = await groups.list_participants(tx, actor.organisation_id, room.room_id)
    if rules.check_return(group, inside, actor.id):
        rules.check_open(room, group, now)
        await members.add(tx, actor.organisation_id, room.room_id, actor.id, actor.role, now)
        entry = entries.entered(actor.name)
        await messages.append_entry(
            tx, actor.organisation_id, room.room_id, entry, life.sender_of(actor), now
        )


async def history(context: Context, arguments: HistoryArguments) -> dict[str, Any]:
    """What was said, in seq order: up to `limit` (1..200) after `after`, or the last ones before `before`.
    Gives `messages` `[{seq, at, kind, text, sender: {id, name, role}, nonce}]`, with `of`, `edited` and
    `withdrawn` where something was corrected, and whether there is `more`; of long messages fewer come at
    once."""
    actor = context.actor
    if arguments.before is not None and arguments.after:
        raise Invalid(before="cannot be given together with after")
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"),
        after=lambda: checks.seq(arguments.after, "after"),
        before=lambda: None if arguments.before is None else checks.seq(arguments.before, "before"),
        limit=lambda: checks.limit(arguments.limit),
    )
    organisation_id, room_id = actor.organisation_id, checked.pop("room")
    if context.shares is not None:
        context.shares.history(context.session, actor)
    found, more = await _read(context, room_id, checked, ended=not actor.is_consultant)
    if not found:
        # Nothing to read, not for this actor, or not without being written down.
        async with context.database.reading(organisation_id) as tx:
            standing = await members.get_standing(tx, organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        if standing.is_closed and actor.is_consultant:
            async with context.database.transaction(organisation_id) as tx:
                await audit.add_opening(tx, actor, Action.ROOM_READ, room_id, context.now())
        if standing.last_seq > checked["after"]:
            found, more = await _read(context, room_id, checked, ended=True)
    return {"messages": found, "more": more}


async def _read(
    context: Context, room_id: str, wanted: dict[str, Any], *, ended: bool
) -> tuple[list[wire.ToldMessage], bool]:
    actor, organisation_id = context.actor, context.actor.organisation_id
    async with context.database.reading(organisation_id) as tx:
        return await messages.list_as_member(tx, organisation_id, room_id, actor.id, ended=ended, **wanted)


async def seen(context: Context, arguments: MarkArguments) -> dict[str, Any]:
    """Say that everything up to `seq` was seen, and so delivered; the others get it on
    `hotline.room.<room>.seen` as `{id, seq, delivered}`, but not in groups. Never goes back, and never beyond
    what there is."""
    return await _mark(context, arguments, members.see)


async def delivered(context: Context, arguments: MarkArguments) -> dict[str, Any]:
    """Say that everything up to `seq` has arrived, though nobody has looked at it yet; the others get it as
    with `hotline.room.seen`. Once a second is often enough, and `hotline.room.seen` says as much."""
    return await _mark(context, arguments, members.deliver)


async def _mark(
    context: Context, arguments: MarkArguments, mark: Callable[..., Awaitable[None]]
) -> dict[str, Any]:
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    seq = checks.seq(arguments.seq)
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        await mark(tx, actor.organisation_id, room_id, actor.id, seq)
    return {}


async def leave(context: Context, arguments: LeaveArguments) -> dict[str, Any]:
    """Leave the room. When its client leaves, the room closes; when its consultant leaves, another
    consultant in it goes on, or the client waits again at its old place. Where all others in it serve as
    many rooms as they may, its consultant cannot just go (`hotline.error.not_allowed` with `reason` `limit`
    and the `limit`): release, transfer or close the room. A group goes on without a client who leaves; its
    last consultant cannot (`last_leader`): close it. `quickly`: a client takes the quick way out; consultants
    read that (kind `left_quickly`), but not in groups, where others would, too."""
    actor = context.actor
    room_id = checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        if actor.is_consultant:
            await workload.engage_others(tx, actor.organisation_id, room_id, actor.id)
        room = await lock_as_member(tx, actor, room_id)
        if room.served_by == actor.id:
            await workload.check_successor(tx, actor.organisation_id, room_id, actor.id)
        if room.is_group:
            leaders = await members.list_consultants(tx, actor.organisation_id, room_id)
            rules.check_leaving(room, actor.role, len(leaders) - 1)
        sender, now = life.sender_of(actor), context.now()
        await rooms.leave(tx, actor.organisation_id, room, sender, now, quickly=arguments.quickly)
    return {}


async def close(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """End the conversation; later messages get `hotline.error.room_closed`. Gives `closed_at`, which for a
    room that was closed before is when that happened. A group is ended by consultants only (else `reason`
    `group`)."""
    actor, now = context.actor, context.now()
    async with context.database.transaction(actor.organisation_id) as tx:
        room = await lock_as_member(tx, actor, arguments.room)
        if room.closed_at is not None:
            return {"closed_at": wire_time(room.closed_at)}
        if room.is_group:
            rules.check_leader(room, actor)
        outcome = life.close(room, actor.name)
        await rooms.apply(tx, actor.organisation_id, room, outcome, life.sender_of(actor), now)
    return {"closed_at": wire_time(now)}


async def profile(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """What the client filled in: `{name, language, answers: {question name: answer}, entered_at}`; what the
    answers are answers to (`questions` `[{name, label, kind}]`); and whether it agreed to what it was asked
    to agree to (`consented`, null when there was nothing)."""
    room_id = checks.identifier(arguments.room, "room")
    async with context.database.transaction(context.actor.organisation_id) as tx:
        found = await clients.get_profile(tx, context.actor.organisation_id, room_id)
        asked = (await forms.get(tx, context.actor.organisation_id)).questions
        await audit.add_opening(tx, context.actor, Action.PROFILE_READ, room_id, context.now())
    return {
        "name": found.name,
        "language": found.language,
        "answers": found.answers,
        "questions": [
            {"name": question.name, "label": question.label, "kind": question.kind.value}
            for question in asked
            if question.name in found.answers
        ],
        "consented": found.consented,
        "entered_at": wire_time(found.entered_at),
    }
