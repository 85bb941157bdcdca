"""Being in a room: what several procedures share about coming in, being in it, and what one then knows of it.

In come an actor and a room, out come dicts of the reference or the error that says what the room is to them.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks, entries, wire
from hotline.domain import rooms as life
from hotline.domain.access import check_member
from hotline.domain.model import Actor, Role, Room, Status
from hotline.procedures.context import Context
from hotline.store import asked, clients, groups, members, messages, notes, rooms
from hotline.store.database import Transaction


async def joined(tx: Transaction, actor: Actor, room_id: str) -> dict[str, Any]:
    """What somebody knows of a room they are in."""
    organisation_id = actor.organisation_id
    room = await rooms.get(tx, organisation_id, room_id)
    inside = await members.list_all(tx, organisation_id, room_id)
    result: dict[str, Any] = {
        "room": room_id,
        "status": room.status.value,
        "client": await _client(tx, organisation_id, room),
        "members": [{"id": member.id, "name": member.name, "role": member.role.value} for member in inside],
        "last_seq": room.last_seq,
        "seen": {member.id: member.seen_seq for member in inside},
        "delivered": {member.id: member.delivered_seq for member in inside},
    }
    if room.is_group:
        group = await groups.get(tx, organisation_id, room_id)
        here = sum(member.role is Role.CLIENT for member in inside)
        result["group"] = {**wire.shown_group(group, here), "muted": room.is_muted}
        for marks in ("seen", "delivered"):
            result[marks] = {each: seq for each, seq in result[marks].items() if each == actor.id}
    if actor.is_consultant:
        result["note"] = room.note
        result["last_note"] = await notes.get_last_seq(tx, organisation_id, room_id)
        result["asked"] = await asked.list_ids(tx, organisation_id, room_id)
    return result


async def _client(tx: Transaction, organisation_id: str, room: Room) -> dict[str, Any] | None:
    if room.is_group:
        return None
    profile = await clients.get_profile(tx, organisation_id, room.room_id)
    return {"id": room.client_id, "name": profile.name}


async def add_consultant(tx: Transaction, context: Context, room: Room, actor: Actor) -> None:
    """The actor is in the locked room from now on, and is seen to be."""
    now = context.now()
    await members.add(tx, actor.organisation_id, room.room_id, actor.id, actor.role, now)
    if room.status is not Status.CLOSED:  # a closed room's sequence has ended
        await messages.append_entry(
            tx, actor.organisation_id, room.room_id, entries.joined(actor.name), life.sender_of(actor), now
        )


async def lock_as_member(tx: Transaction, actor: Actor, room: str) -> Room:
    """The room, held until the end of the transaction. :raises NotFound, NotAllowed: not theirs."""
    room_id = checks.identifier(room, "room")
    locked = await rooms.lock(tx, actor.organisation_id, room_id)
    standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
    check_member(actor, standing.is_member)
    return locked
