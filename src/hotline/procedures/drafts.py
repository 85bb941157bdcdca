"""Drafts: what a consultant has typed in a room and not sent, on whatever device. Nobody else's business.

In come texts as they stand in the box, out come the dicts of the reference.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks, wire
from hotline.domain.model import Status
from hotline.domain.times import wire_time
from hotline.errors import RoomClosed
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.membership import lock_as_member
from hotline.store import drafts


class DraftArguments(RoomArguments, frozen=True, kw_only=True):
    """`text`: kept as it is; empty: none any more."""

    text: str


async def list_all(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """What the consultant has typed and not sent, newest first: `[{room, text, at}]`."""
    actor = context.actor
    async with context.database.transaction(actor.organisation_id) as tx:
        found = await drafts.list_all(tx, actor.organisation_id, actor.id)
    return [wire.draft(draft) for draft in found]


async def put(context: Context, arguments: DraftArguments) -> dict[str, Any]:
    """Keep what is typed in a room (up to 5000 characters, as they are) for all of the consultant's devices,
    which get it on `hotline.me.<own id>.drafts`; the last one wins. Empty: none. A draft goes when its room
    closes or is left. Gives `at`, by which the event of this very call is known."""
    actor, now = context.actor, context.now()
    checked = checks.gathered(
        room=lambda: checks.identifier(arguments.room, "room"), text=lambda: checks.draft(arguments.text)
    )
    async with context.database.transaction(actor.organisation_id) as tx:
        room = await lock_as_member(tx, actor, checked["room"])
        if room.status is Status.CLOSED:
            raise RoomClosed()
        if checked["text"]:
            await drafts.put(tx, actor.organisation_id, actor.id, room.room_id, checked["text"], now)
        else:
            await drafts.delete(tx, actor.organisation_id, actor.id, room.room_id)
    return {"at": wire_time(now)}
