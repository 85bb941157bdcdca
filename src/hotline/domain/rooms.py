"""The life of a room: what may be done with it in which status, and what follows.

In come a room, who asks, and what for; out comes what to store: the next status, who serves, and the
entries that tell of it. One table says which step is possible from where. Nothing is stored or sent here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hotline.domain import entries
from hotline.domain.entries import Entry
from hotline.domain.model import Actor, Role, Room, Sender, Status
from hotline.errors import AlreadyClaimed, NotAllowed, RoomClosed


class Step(StrEnum):
    """What can happen to a room as a whole."""

    CLAIM = "claim"
    TRANSFER = "transfer"
    RELEASE = "release"
    CLOSE = "close"


#              from status     by step           to status
LIFE: dict[Status, dict[Step, Status]] = {
    Status.WAITING: {Step.CLAIM: Status.ACTIVE, Step.CLOSE: Status.CLOSED},
    Status.ACTIVE: {Step.TRANSFER: Status.ACTIVE, Step.RELEASE: Status.WAITING, Step.CLOSE: Status.CLOSED},
    Status.CLOSED: {},
}
_LIFE_OF_GROUPS: dict[Status, dict[Step, Status]] = {Status.ACTIVE: {Step.CLOSE: Status.CLOSED}}
"""Nobody waits for a group or is the one who serves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What to store: the room's next status and server, and the entries that tell of it.

    The last entry of a closed room is always of kind closed.
    """

    status: Status
    served_by: str | None
    entries: tuple[Entry, ...]
    has_vanished: bool = False
    """It waits again because its consultant is gone: before all others."""


def next_status(status: Status, step: Step, *, is_group: bool = False) -> Status:
    """:raises RoomClosed: nothing happens to a closed room any more. :raises NotAllowed: not from here."""
    if status is Status.CLOSED:
        raise RoomClosed()
    try:
        return (_LIFE_OF_GROUPS if is_group else LIFE)[status][step]
    except KeyError:
        reason = "group" if is_group else f"a room that is {status} cannot be changed so"
        raise NotAllowed(reason=reason) from None


def _next(room: Room, step: Step) -> Status:
    return next_status(room.status, step, is_group=room.is_group)


def _closed(room: Room, *told: Entry) -> Outcome:
    return Outcome(status=_next(room, Step.CLOSE), served_by=None, entries=told)


def sender_of(actor: Actor) -> Sender:
    """The actor as the sender of an entry."""
    return Sender(id=actor.id, name=actor.name, role=actor.role)


def claim(room: Room, actor: Actor, served_by_name: str | None) -> Outcome | None:
    """A consultant takes a waiting client; None: it is theirs already.

    :raises AlreadyClaimed: with who has it.
    """
    if room.status is Status.ACTIVE and not room.is_group:
        if room.served_by == actor.id:
            return None
        raise AlreadyClaimed(by={"id": room.served_by, "name": served_by_name})
    status = _next(room, Step.CLAIM)
    return Outcome(status=status, served_by=actor.id, entries=(entries.claimed(actor.name),))


def check_limit(limit: int, served: int) -> None:
    """Whether somebody who serves so many rooms may have one more; 0: no limit. :raises NotAllowed."""
    if 0 < limit <= served:
        raise NotAllowed(reason="limit", limit=limit)


def _check_in_charge(room: Room, actor: Actor) -> None:
    if room.status is not Status.CLOSED and room.served_by != actor.id and not actor.is_manager:
        raise NotAllowed(reason="only its consultant or a manager may hand a room over")


def transfer(room: Room, actor: Actor, to_id: str, to_name: str) -> Outcome:
    """The room's consultant, or a manager, hands the room to another consultant."""
    _check_in_charge(room, actor)
    return _handed(room, to_id, to_name)


def _handed(room: Room, to_id: str, to_name: str) -> Outcome:
    status = _next(room, Step.TRANSFER)
    return Outcome(status=status, served_by=to_id, entries=(entries.transferred(to_name),))


def take_over(room: Room, actor: Actor) -> Outcome | None:
    """A manager goes on instead of the room's consultant; None: it is theirs already."""
    if room.status is Status.ACTIVE and room.served_by == actor.id:
        return None
    return _handed(room, actor.id, actor.name)


def release(room: Room, actor: Actor, name: str) -> Outcome:
    """The room's consultant `name`, or a manager for them, gives the client back to the clientlist."""
    _check_in_charge(room, actor)
    return Outcome(status=_next(room, Step.RELEASE), served_by=None, entries=(entries.released(name),))


def vanish(room: Room, name: str, other_consultants: list[str]) -> Outcome:
    """The connection of the room's consultant was lost for too long: another one in the room goes on, or
    the client waits again, before all others.
    """
    if other_consultants:
        return Outcome(
            status=_next(room, Step.TRANSFER),
            served_by=other_consultants[0],
            entries=(entries.lost(name),),
        )
    return Outcome(
        status=_next(room, Step.RELEASE),
        served_by=None,
        entries=(entries.vanished(name),),
        has_vanished=True,
    )


def close(room: Room, name: str) -> Outcome:
    """A member ends the conversation."""
    return _closed(room, entries.closed(name))


def block(room: Room, name: str) -> Outcome:
    """A consultant ends the conversation, and its client may not begin another one for some time."""
    return _closed(room, entries.blocked(name), entries.ended())


def abandon(room: Room, client_name: str) -> Outcome:
    """The client's connection was lost for longer than the grace time."""
    return _closed(room, entries.abandoned(client_name))


def time_over(room: Room) -> Outcome:
    """A group has come to the end of its time."""
    return _closed(room, entries.time_over())


def dismiss(room: Room) -> Outcome | None:
    """The service has closed while the client waited; None: it does not wait for its turn (any more), or has
    an appointment."""
    if room.status is not Status.WAITING or room.left_message or room.is_appointed:
        return None
    return _closed(room, entries.dismissed(), entries.ended())


def leave(room: Room, member: Sender, other_consultants: list[str], *, quickly: bool = False) -> Outcome:
    """A member goes. A client's going ends the room; when its consultant goes, another one in the room
    goes on, or the client waits again, at the place its arrival gives it. A group goes on as long as a
    consultant is in it, and does not learn who was in a hurry.
    """
    if room.status is Status.CLOSED:
        raise RoomClosed()
    if room.is_group:
        if member.role is Role.CLIENT or other_consultants:
            return Outcome(status=room.status, served_by=None, entries=(entries.left(member.name),))
        return close(room, member.name)
    if member.role is Role.CLIENT:
        going = entries.left_quickly if quickly else entries.left
        return _closed(room, going(member.name), entries.ended())
    told = (entries.left(member.name),)
    if room.served_by != member.id:
        return Outcome(status=room.status, served_by=room.served_by, entries=told)
    if other_consultants:
        return Outcome(status=_next(room, Step.TRANSFER), served_by=other_consultants[0], entries=told)
    return Outcome(status=_next(room, Step.RELEASE), served_by=None, entries=told)
