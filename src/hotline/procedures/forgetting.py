"""What a client may have deleted: its own conversation, at the end, without waiting for the retention time.

In comes a room, out comes nothing, and nothing is left. What was counted for statistics stays.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks, entries
from hotline.domain.audit import Action
from hotline.domain.model import Room, Sender, Status
from hotline.errors import NotAllowed, NotFound
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.store import forgetting, groups, messages, rooms
from hotline.store.database import Transaction


async def delete(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Deletes the conversation at once, for everybody and for good, with all that consultants wrote about
    it; only after its end (`hotline.error.not_allowed` with `reason` `open`). With the last room the client
    is deleted too, and its key is no good any more. Of a group a client deletes, at any time, its name
    and all it said there (kind `forgotten`, whose `sender` is the client): the others see that there was
    something, not what or by whom, and it is in the group no more."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        room = await rooms.lock(tx, actor.organisation_id, room_id)
        action = Action.ROOM_DELETED
        if room.is_group:
            await _unsay(tx, context, room)
            action = Action.GROUP_WORDS_DELETED
        # Also who has left it, which is how clients end it themselves.
        elif room.client_id != actor.id:
            raise NotFound()
        elif room.status is not Status.CLOSED:
            raise NotAllowed(reason="open")
        else:
            await forgetting.delete_room(tx, actor.organisation_id, room_id, "client", context.now())
        await context.record(tx, action, subject=room_id)
    return {}


async def _unsay(tx: Transaction, context: Context, room: Room) -> None:
    """Delete what there is of the client in a locked group, whether it is still in it or not."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    inside = await groups.list_participants(tx, organisation_id, room.room_id)
    if not any(each.client_id == actor.id and each.name is not None for each in inside):
        raise NotFound()
    await forgetting.unsay(tx, organisation_id, room.room_id, actor.id, now)
    if room.status is not Status.CLOSED:
        nobody = Sender(id=actor.id, name="", role=actor.role)
        await messages.append_entry(tx, organisation_id, room.room_id, entries.forgotten(), nobody, now)
