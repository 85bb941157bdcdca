"""The audit log, for those who may read it: managers all of it, consultants who opened their rooms.

In come filters, out come entries as dicts. Never tells what anybody wrote.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import wire
from hotline.domain.times import wire_time
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
    command line, a client (`room.deleted`, `group.words_deleted`), or time (`block.ended`; rooms of somebody
    who vanished). `details` holds counts, roles, names of settings and ids of people only. The actions are in
    the users' manual."""
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
    """Who took a room off the list, was handed it, opened it beside whoever serves it, or read what its
    client filled in: `[{at, actor: {id, name}, action, to}]`, newest first, up to 200; `to`: to whom (an id)
    it was handed, else null. For consultants who are or were in the room, and for managers. Of the same thing
    opened by the same person, one entry an hour is kept."""
    found = await context.accounts.list_openings(context.actor, arguments.room)
    return [
        {
            "at": wire_time(entry.at),
            "actor": wire.person(entry.actor),
            "action": entry.action,
            "to": entry.details.get("to"),
        }
        for entry in found
    ]
