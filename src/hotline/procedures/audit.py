"""The audit log, for those who may read it: managers all of it, consultants who opened their rooms.

In come filters, out come entries as dicts. Never tells what anybody wrote.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import wire
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context


class ListArguments(Arguments, frozen=True, kw_only=True):
    """`before`: the number of the last entry one has; the others: only those."""

    before: int | None = None
    limit: int = 50
    action: str | None = None
    actor: str | None = None
    room: str | None = None


async def list_some(context: Context, arguments: ListArguments) -> dict[str, Any]:
    """Who did what in the organisation, newest first: up to `limit` (1..200) entries before number `before`;
    of one `action`, by one `actor` (a consultant's id), about one `room`, also one that is deleted. Gives
    `entries` `[{number, at, actor: {id, name}, action, subject: {kind, id}, details}]` and whether there is
    `more`. `subject` is null where nothing is named; an `actor` with an empty id is an operator at the
    command line, or a client (`room.deleted`). `details` holds counts, roles and names of settings only. The
    actions are in the users' manual."""
    found, more = await context.accounts.list_audit(
        context.actor,
        arguments.before,
        arguments.limit,
        action=arguments.action,
        person=arguments.actor,
        room=arguments.room,
    )
    return {"entries": [wire.audit_entry(entry) for entry in found], "more": more}


async def of_room(context: Context, arguments: RoomArguments) -> list[dict[str, Any]]:
    """Who opened a room beside the consultant who serves it, and who read what its client filled in:
    `[{at, actor: {id, name}, action}]`, newest first, up to 200. For consultants who are or were in the room,
    and for managers. The same by the same person within an hour is one entry."""
    found = await context.accounts.list_openings(context.actor, arguments.room)
    return [
        {key: value for key, value in wire.audit_entry(entry).items() if key in ("at", "actor", "action")}
        for entry in found
    ]
