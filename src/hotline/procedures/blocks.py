"""Blocks: ending a conversation for good, for some hours, and what the others think of that.

In come rooms, hours, reasons and ids, out come the dicts of the reference. Who is blocked is known by the
client's own key and code, and by a word its device was given; never by an address.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import blocks as rules
from hotline.domain import checks, settings, wire
from hotline.domain import rooms as life
from hotline.domain.audit import Action
from hotline.domain.model import Status
from hotline.errors import NotAllowed
from hotline.limits import IN_PROTOCOL, INVALID, Limit, Per, fixed
from hotline.procedures.arguments import Arguments, IdArguments, RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.membership import lock_as_member
from hotline.store import blocks, organisations, rooms
from hotline.store.ids import new_id

_HOURS = settings.whole("hours", 1, rules.MOST_HOURS)
_MOST_AT_ONCE = fixed(100, __name__, Limit(Per.REQUEST, "blocks in one answer", INVALID), IN_PROTOCOL)


class BlockArguments(RoomArguments, frozen=True, kw_only=True):
    """For how many `hours`; `reason`: for the other consultants."""

    hours: int
    reason: str


class ListArguments(Arguments, frozen=True, kw_only=True):
    """`after`: how many one has already."""

    after: int = 0
    limit: int = 50


async def block(context: Context, arguments: BlockArguments) -> dict[str, Any]:
    """End the conversation (kind `blocked`), and let its client begin no other one for `hours` (1..720), nor
    leave a message. Also for a room that is closed already. Beyond one hour a second consultant has to agree,
    if the organisation wants it so: until then it holds for one hour. The `reason` (up to 200 characters) is
    for consultants. Gives the block, as `hotline.blocks.list` does. Nobody is blocked in a group (`reason`
    `group`), but removed."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    checked = checks.gathered(
        hours=lambda: _HOURS(arguments.hours),
        reason=lambda: checks.text(arguments.reason, "reason", rules.REASON_LENGTH),
    )
    block_id = new_id()
    async with context.database.transaction(organisation_id) as tx:
        room = await lock_as_member(tx, actor, arguments.room)
        if room.client_id is None:
            raise NotAllowed(reason="group")
        organisation = await organisations.get(tx, organisation_id)
        until, wanted_until = rules.ends(checked["hours"], now, needs_second=organisation.block_second_person)
        await blocks.add(
            tx,
            organisation_id,
            block_id,
            client_id=room.client_id,
            room_id=room.room_id,
            reason=checked["reason"],
            by=actor,
            now=now,
            until=until,
            wanted_until=wanted_until,
        )
        # Whoever left that room may be waiting in another one by now.
        for each in await rooms.list_of_client(tx, organisation_id, room.client_id):
            if each.status is Status.CLOSED:
                continue
            held = await rooms.lock(tx, organisation_id, each.room_id)
            if held.status is not Status.CLOSED:
                outcome = life.block(held, actor.name)
                await rooms.apply(tx, organisation_id, held, outcome, life.sender_of(actor), now)
        await context.record(tx, Action.CLIENT_BLOCKED, subject=room.room_id, hours=checked["hours"])
        return wire.block(await blocks.lock(tx, organisation_id, block_id, now))


async def list_some(context: Context, arguments: ListArguments) -> dict[str, Any]:
    """The blocks that hold, first those somebody has to agree to: `blocks` `[{id, name, room, reason,
    blocked_by: {id, name}, blocked_at, until, wanted_until, agreed_by}]` and whether there is `more`; up to
    `limit` (1..100) beyond the first `after`. `until`: when it ends by itself; `wanted_until`: when it would
    end if a second consultant agreed, null when none has to; `agreed_by` `{id, name}` or null. `name` and
    `room` are those of the client, null when they are not kept any more."""
    checked = checks.gathered(
        after=lambda: checks.seq(arguments.after, "after"),
        limit=lambda: checks.limit(arguments.limit, most=_MOST_AT_ONCE),
    )
    organisation_id = context.actor.organisation_id
    async with context.database.reading(organisation_id) as tx:
        found, more = await blocks.list_some(tx, organisation_id, context.now(), **checked)
    return {"blocks": [wire.block(each) for each in found], "more": more}


async def agree(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """Agree to somebody else's block, which then holds for as long as was wanted; gives it as it is now.
    Refused with `reason` `own`, or `agreed` when nobody has to (any more)."""
    actor, organisation_id = context.actor, context.actor.organisation_id
    block_id = checks.identifier(arguments.id, "id")
    async with context.database.transaction(organisation_id) as tx:
        rules.check_agreeable(await blocks.lock(tx, organisation_id, block_id, context.now()), actor)
        await blocks.agree(tx, organisation_id, block_id, actor)
        await context.record(tx, Action.BLOCK_AGREED, kind="block", subject=block_id)
        return wire.block(await blocks.lock(tx, organisation_id, block_id, context.now()))


async def lift(context: Context, arguments: IdArguments) -> dict[str, Any]:
    """End a block before its time; nothing is kept of it. For who blocked, who agreed, and managers; others
    get `reason` `not_yours`."""
    actor, organisation_id = context.actor, context.actor.organisation_id
    block_id = checks.identifier(arguments.id, "id")
    async with context.database.transaction(organisation_id) as tx:
        rules.check_liftable(await blocks.lock(tx, organisation_id, block_id, context.now()), actor)
        await blocks.lift(tx, organisation_id, block_id)
        await context.record(tx, Action.BLOCK_LIFTED, kind="block", subject=block_id)
    return {}
