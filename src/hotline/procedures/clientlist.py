"""The clientlist: who waits, who is being served and who was, for consultants."""

from __future__ import annotations

from typing import Any, Literal

from hotline.domain import aids, checks, wire
from hotline.domain.model import Status
from hotline.domain.waiting import ListedRoom
from hotline.errors import NotAllowed, RoomClosed
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context
from hotline.store import clientlist, rooms

# What is sealed can only be looked for by opening it: so many rooms at once, so often.
_PAGE = 200
_LOOKS = 5


class ListArguments(Arguments, frozen=True, kw_only=True):
    """`after`: the room of the last line one has; without `limit` all come at once, in their turn."""

    after: str | None = None
    limit: int | None = None


class ClosedArguments(Arguments, frozen=True, kw_only=True):
    """`before`: as the last answer gave it; `search`: words."""

    before: str | None = None
    limit: int = 50
    search: str = ""


class PriorityArguments(RoomArguments, frozen=True, kw_only=True):
    """0: as it comes; 1: before those."""

    priority: Literal[0, 1]


async def get(context: Context, arguments: ListArguments) -> list[dict[str, Any]]:
    """All open rooms, waiting ones first and in their turn: by `priority`, then who has come to an
    appointment, then by arrival, and before all those whose consultant has vanished. `since`: when it began
    to wait or to be served; `position` in the queue or null; `served_by`: `{id, name}` or null; `unread`:
    what the client wrote and no consultant in the room has seen; `present`: whether the client is connected,
    `lost_since`: since when not, or null; `left_message`: whether it was left when nobody was there. Only
    where there is something to say: `language`, `topic` (the first choice of the client's answers, else the
    beginning of `issues`), `risk` (true: an answer raised the priority), `priority` (1), `vanished_since`,
    `members` (consultants in the room, `[{id, name}]`), `asked` (who was asked in, `[id]`) and the client's
    `appointment` `{at, until, with: {id, name} or null, kept}`, `kept` once the client has come, for which
    rooms that have ended (`status` `closed`) are listed, too; and `return_code` (true: the client has one,
    without which nobody comes back to an appointment). With a `limit` (1..200) so many come, those after the
    room `after` in the order of their ids, and fewer when there are no more: for lists of hundreds, which in
    one answer would be more than a connection may have before it."""
    organisation_id = context.actor.organisation_id
    checked = checks.gathered(
        after=lambda: None if arguments.after is None else checks.identifier(arguments.after, "after"),
        limit=lambda: None if arguments.limit is None else checks.limit(arguments.limit),
    )
    async with context.database.transaction(organisation_id) as tx:
        listed = await clientlist.list_rooms(tx, organisation_id, **checked)
    return [wire.listed_room(room) for room in listed]


async def closed(context: Context, arguments: ClosedArguments) -> dict[str, Any]:
    """Closed rooms that are still kept, the last one first: those the consultant was in when they closed, for
    managers all. Up to `limit` (1..200) that closed before the room `before`, and have all words of `search`
    (up to 100 characters; without case and accents) in name or topic. Gives `rooms` `[{room, name,
    entered_at, closed_at}]`, with `language`, `topic`, `risk`, `priority`, `members` and `return_code` as on
    the clientlist, whether there is `more`, and `before`, with which it goes on; a search looks at a thousand
    rooms at once, and so there may be more where nothing was found yet."""
    actor = context.actor
    checked = checks.gathered(
        before=lambda: None if arguments.before is None else checks.identifier(arguments.before, "before"),
        limit=lambda: checks.limit(arguments.limit),
        search=lambda: aids.searched_words(arguments.search),
    )
    before, limit, words = checked["before"], checked["limit"], checked["search"]
    member_id = None if actor.is_manager else actor.id
    found: list[ListedRoom] = []
    more = True
    async with context.database.transaction(actor.organisation_id) as tx:
        for _ in range(_LOOKS if words else 1):
            page, more = await clientlist.list_closed(
                tx, actor.organisation_id, member_id, before, _PAGE if words else limit
            )
            for room in page:
                before = room.room_id
                if aids.has_words(words, room.name, room.topic):
                    found.append(room)
                if len(found) == limit:
                    more = more or room is not page[-1]
                    break
            if not more or len(found) == limit:
                break
    return {"rooms": [wire.closed_room(room) for room in found], "more": more, "before": before}


async def set_priority(context: Context, arguments: PriorityArguments) -> dict[str, Any]:
    """Say whether an open room comes before those that only came earlier: `priority` 1, or 0."""
    organisation_id, room_id = context.actor.organisation_id, checks.identifier(arguments.room, "room")
    async with context.database.transaction(organisation_id) as tx:
        room = await rooms.lock(tx, organisation_id, room_id)
        if room.status is Status.CLOSED:
            raise RoomClosed()
        if room.is_group:
            raise NotAllowed(reason="group")
        await clientlist.set_priority(tx, organisation_id, room_id, arguments.priority)
    return {"priority": arguments.priority}
