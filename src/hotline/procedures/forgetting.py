"""What a client may have deleted: its own conversation, at the end, without waiting for the retention time.

In comes a room, out comes nothing, and nothing is left. What was counted for statistics stays.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import Status
from hotline.errors import NotAllowed, NotFound
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.store import audit, forgetting, rooms


async def delete(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Deletes the conversation at once, for everybody and for good, with all that consultants wrote about
    it; only after its end (`hotline.error.not_allowed` with `reason` `open`). With the last room the client
    is deleted too, and its key is no good any more."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        room = await rooms.lock(tx, actor.organisation_id, room_id)
        # Also who has left it, which is how clients end it themselves.
        if room.client_id != actor.id:
            raise NotFound()
        if room.status is not Status.CLOSED:
            raise NotAllowed(reason="open")
        await forgetting.delete_room(tx, actor.organisation_id, room.room_id, "client", context.now())
        by = audit.person_of(actor)
        await audit.add(
            tx, actor.organisation_id, by, Action.ROOM_DELETED, context.now(), kind="room", subject=room_id
        )
    return {}
