"""The clientlist: who waits and who is being served, for consultants."""

from __future__ import annotations

from typing import Any

from hotline.domain import wire
from hotline.procedures.arguments import Arguments
from hotline.procedures.context import Context
from hotline.store import clientlist


async def get(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """All open rooms, waiting ones first. `since`: when it began to wait or to be served; `position` in the
    queue or null; `served_by`: `{id, name}` or null; `unread`: what the client wrote and no consultant in
    the room has seen; `present`: whether the client is connected."""
    organisation_id = context.actor.organisation_id
    async with context.database.transaction(organisation_id) as tx:
        listed = await clientlist.list_rooms(tx, organisation_id)
    return [wire.listed_room(room) for room in listed]
