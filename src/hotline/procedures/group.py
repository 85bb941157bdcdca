"""Groups for consultants: opening one, seeing which there are, and leading one's own.

In come names, times and members, out come the dicts of the reference. A group's conversation is a room's: it
is joined, read, spoken in and ended by the procedures and topics of rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec

from hotline.domain import checks, entries, groups, wire
from hotline.domain import rooms as life
from hotline.domain.audit import Action
from hotline.domain.model import Role, Scope, Sender
from hotline.errors import NotAllowed, NotFound
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.membership import lock_as_member
from hotline.store import groups as store
from hotline.store import members, messages, organisations
from hotline.store.database import Transaction
from hotline.store.ids import new_id, new_return_code

_SAID: Mapping[str, Callable[[Any], Any]] = {
    "name": checks.name,
    "text": groups.text,
    "most_clients": groups.most_clients,
}
_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class OpenArguments(Arguments, frozen=True, kw_only=True):
    """`text`: what those who come read first; `opens_at`: null is now; `listed`: shown in the anteroom."""

    name: str
    ends_at: _Time
    opens_at: _Time | None = None
    text: str = ""
    most_clients: int = 20
    listed: bool = False


class SetArguments(RoomArguments, frozen=True, kw_only=True):
    """As of open; what is null stays as it was."""

    name: str | None = None
    ends_at: _Time | None = None
    opens_at: _Time | None = None
    text: str | None = None
    most_clients: int | None = None
    listed: bool | None = None


class MuteArguments(RoomArguments, frozen=True, kw_only=True):
    """Whether only consultants write from now on."""

    muted: bool


class RemoveArguments(RoomArguments, frozen=True, kw_only=True):
    """`member`: a client's id."""

    member: str


async def open_one(context: Context, arguments: OpenArguments) -> dict[str, Any]:
    """Open a group: a room that clients come into by its code, or as it is shown in the anteroom (`listed`),
    from `opens_at` until `ends_at` (RFC 3339; up to 24 hours later), at most `most_clients` (2..50) at once.
    `name` and `text` (up to 1000 characters) are what clients see of it before. Whoever opens it is in it and
    leads it, as all consultants do who come in by `hotline.room.join`; it ends at its time or by
    `hotline.room.close`, and is muted when none of them was connected for the organisation's
    `vanished_seconds`. Gives its line of `hotline.group.list`. Refused with `reason` `limit` while as many as
    the operator allows (20) have not ended."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    checked = checks.gathered(
        **{key: partial(check, getattr(arguments, key)) for key, check in _SAID.items()},
        span=lambda: groups.span(arguments.opens_at, arguments.ends_at, now),
    )
    group = groups.Group(
        room_id=new_id(),
        code=new_return_code(),
        name=checked["name"],
        text=checked["text"],
        opens_at=checked["span"][0],
        ends_at=checked["span"][1],
        most_clients=checked["most_clients"],
        is_listed=arguments.listed,
    )
    async with context.database.transaction(organisation_id) as tx:
        # One after the other, so that not two are the last.
        await organisations.lock(tx, organisation_id)
        most = context.limits.groups_per_organisation
        if 0 < most <= await store.count_open(tx, organisation_id):
            raise NotAllowed(reason="limit", limit=most)
        await store.add(tx, organisation_id, group, now)
        await members.add(tx, organisation_id, group.room_id, actor.id, actor.role, now)
        entry = entries.joined(actor.name)
        await messages.append_entry(tx, organisation_id, group.room_id, entry, life.sender_of(actor), now)
        return await _written_down(tx, context, Action.GROUP_OPENED, group.room_id)


async def _written_down(tx: Transaction, context: Context, action: Action, room_id: str) -> dict[str, Any]:
    """A group's line, with what was done to it in the audit log."""
    listed = await store.get_listed(tx, context.actor.organisation_id, room_id)
    await context.record(tx, action, subject=room_id)
    return wire.listed_group(listed)


async def change(context: Context, arguments: SetArguments) -> dict[str, Any]:
    """Say something else of a group: what is null stays as it was, and so do its code and, once it has begun,
    its beginning. Those in it learn of another `name`, `text` or time (kind `changed`) and look it up by
    `hotline.room.join`; fewer `most_clients` than there are put nobody out. Gives its line of
    `hotline.group.list`. For consultants in the group."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    given = {key: value for key, value in msgspec.structs.asdict(arguments).items() if value is not None}
    checked = checks.gathered(**{key: partial(_SAID[key], given[key]) for key in _SAID if key in given})
    async with context.database.transaction(organisation_id) as tx:
        room = await lock_as_member(tx, actor, arguments.room)
        groups.check_leader(room, actor)
        before = await store.get(tx, organisation_id, room.room_id)
        opens_at, ends_at = groups.changed_span(before, arguments.opens_at, arguments.ends_at, now)
        is_listed = given.get("listed", before.is_listed)
        after = replace(before, **checked, opens_at=opens_at, ends_at=ends_at, is_listed=is_listed)
        await store.change(tx, organisation_id, after)
        if groups.says_otherwise(before, after):
            await messages.append_entry(
                tx, organisation_id, room.room_id, entries.changed(), life.sender_of(actor), now
            )
        return await _written_down(tx, context, Action.GROUP_CHANGED, room.room_id)


async def list_all(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """The organisation's groups, those that have not ended first, as long as they are kept, up to 200:
    `[{room, code, name, text, opens_at, ends_at, most_clients, listed, muted, clients, leaders, asked,
    closed_at}]`. `clients`: how many are in it; `leaders`: the consultants in it, `[{id, name}]`; `asked`:
    who was asked in, `[id]`; `closed_at` is null until its end. To a token that only reads `code` is null:
    whoever has it may come in and speak."""
    organisation_id = context.actor.organisation_id
    async with context.database.reading(organisation_id) as tx:
        lines = [wire.listed_group(each) for each in await store.list_all(tx, organisation_id)]
    return lines if context.actor.may(Scope.SPEAK) else [{**line, "code": None} for line in lines]


async def mute(context: Context, arguments: MuteArguments) -> dict[str, Any]:
    """Say whether clients of a group may write (kinds `muted`, `unmuted`); what they say else is refused with
    `reason` `muted`. For consultants in the group."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    async with context.database.transaction(organisation_id) as tx:
        room = await lock_as_member(tx, actor, arguments.room)
        groups.check_leader(room, actor)
        if room.is_muted != arguments.muted:
            await store.set_muted(tx, organisation_id, room.room_id, arguments.muted)
            entry = entries.muted(arguments.muted)
            await messages.append_entry(tx, organisation_id, room.room_id, entry, life.sender_of(actor), now)
    return {"muted": arguments.muted}


async def remove(context: Context, arguments: RemoveArguments) -> dict[str, Any]:
    """Take a client out of a group (kind `removed`, whose `sender` is the client). Neither the client nor its
    device, if it named one, is let in again. For consultants in the group."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    member_id = checks.identifier(arguments.member, "member")
    async with context.database.transaction(organisation_id) as tx:
        room = await lock_as_member(tx, actor, arguments.room)
        groups.check_leader(room, actor)
        inside = await store.list_participants(tx, organisation_id, room.room_id)
        found = next((each for each in inside if each.client_id == member_id and each.name is not None), None)
        if found is None or found.name is None:
            raise NotFound(member="is no client of this group")
        if not found.is_removed:
            sender = Sender(id=member_id, name=found.name, role=Role.CLIENT)
            entry = entries.removed(found.name)
            await messages.append_entry(tx, organisation_id, room.room_id, entry, sender, now)
            await store.remove_client(tx, organisation_id, room.room_id, member_id, now)
            await context.record(tx, Action.GROUP_CLIENT_REMOVED, subject=room.room_id)
    return {}
