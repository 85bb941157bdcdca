"""The life of a room: what may be done with it in which status, and what follows.

In come a room, who asks, and what for; out comes what to store: the next status, who serves, what the
members read. One table says which step is possible from where. Nothing is stored or sent here.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from hotline.domain.model import Actor, Kind, Role, Room, Sender, Status
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
class Entry:
    """What the members of the room will read about it."""

    kind: Kind
    text: str


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


def sender_of(actor: Actor) -> Sender:
    """The actor as the sender of an entry."""
    return Sender(id=actor.id, name=actor.name, role=actor.role)


_STEERING = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_FROM_THE_RIGHT = {"R", "AL", "AN"}


def _within(name: str) -> str:
    """The name inside a sentence of ours, which it neither turns round nor reorders."""
    if name.isascii():
        return name
    plain = name.translate(_STEERING)
    is_turned = any(unicodedata.bidirectional(c) in _FROM_THE_RIGHT for c in plain)
    return f"\u2068{plain}\u2069" if is_turned else plain


def entered(client_name: str) -> Entry:
    """A client came through the anteroom."""
    return Entry(kind=Kind.ENTERED, text=f"{_within(client_name)} came in.")


def left_a_message(client_name: str) -> Entry:
    """A client found nobody there, and left a message instead."""
    return Entry(kind=Kind.ENTERED, text=f"{_within(client_name)} left a message.")


def joined(name: str) -> Entry:
    """A consultant is now in the room besides others."""
    return Entry(kind=Kind.JOINED, text=f"{_within(name)} joined the conversation.")


def left(name: str) -> Entry:
    """Somebody is not in the room any more."""
    return Entry(kind=Kind.LEFT, text=f"{_within(name)} left.")


def left_quickly(name: str) -> Entry:
    """A client left by the quick way out: perhaps somebody came near."""
    return Entry(kind=Kind.LEFT_QUICKLY, text=f"{_within(name)} left quickly.")


def removed(name: str) -> Entry:
    """Those who lead a group have taken a client out of it."""
    return Entry(kind=Kind.REMOVED, text=f"{_within(name)} was taken out of the group.")


def lost(name: str) -> Entry:
    """A client of a group has been without connection for too long."""
    return Entry(kind=Kind.LEFT, text=f"The connection to {_within(name)} was lost.")


def muted(is_muted: bool) -> Entry:
    """Whether clients of a group may write has changed."""
    if is_muted:
        return Entry(kind=Kind.MUTED, text="For a while only those who lead the group can write.")
    return Entry(kind=Kind.UNMUTED, text="Everybody can write again.")


def unled() -> Entry:
    """None of those who lead a group is connected."""
    text = "Those who lead the group are not connected just now. As soon as one of them is back it goes on."
    return Entry(kind=Kind.MUTED, text=text)


def forgotten() -> Entry:
    """A client has deleted what it said in a group."""
    return Entry(kind=Kind.FORGOTTEN, text="Somebody who was here deleted what they had written.")


def changed() -> Entry:
    """A group has another name, text or time; what it is now, whoever is in it looks up."""
    return Entry(kind=Kind.CHANGED, text="What the group says of itself has changed.")


def time_over(room: Room) -> Outcome:
    """A group has come to the end of its time."""
    ended = Entry(kind=Kind.CLOSED, text="The time of this group is over.")
    return Outcome(status=_next(room, Step.CLOSE), served_by=None, entries=(ended,))


def claim(room: Room, actor: Actor, served_by_name: str | None) -> Outcome | None:
    """A consultant takes a waiting client; None: it is theirs already.

    :raises AlreadyClaimed: with who has it.
    """
    if room.status is Status.ACTIVE and not room.is_group:
        if room.served_by == actor.id:
            return None
        raise AlreadyClaimed(by={"id": room.served_by, "name": served_by_name})
    status = _next(room, Step.CLAIM)
    return Outcome(
        status=status,
        served_by=actor.id,
        entries=(Entry(kind=Kind.CLAIMED, text=f"{_within(actor.name)} is here for you now."),),
    )


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
    return Outcome(
        status=_next(room, Step.TRANSFER),
        served_by=to_id,
        entries=(Entry(kind=Kind.TRANSFERRED, text=f"{_within(to_name)} goes on with you from here."),),
    )


def take_over(room: Room, actor: Actor) -> Outcome | None:
    """A manager goes on instead of the room's consultant; None: it is theirs already."""
    if room.status is Status.ACTIVE and room.served_by == actor.id:
        return None
    return _handed(room, actor.id, actor.name)


def release(room: Room, actor: Actor, name: str) -> Outcome:
    """The room's consultant `name`, or a manager for them, gives the client back to the clientlist."""
    _check_in_charge(room, actor)
    text = f"{_within(name)} cannot go on. Somebody else will be with you as soon as possible."
    return Outcome(
        status=_next(room, Step.RELEASE),
        served_by=None,
        entries=(Entry(kind=Kind.RELEASED, text=text),),
    )


def vanish(room: Room, name: str, other_consultants: list[str]) -> Outcome:
    """The connection of the room's consultant was lost for too long: another one in the room goes on, or
    the client waits again, before all others.
    """
    text = f"The connection to {_within(name)} was lost."
    if other_consultants:
        return Outcome(
            status=_next(room, Step.TRANSFER),
            served_by=other_consultants[0],
            entries=(Entry(kind=Kind.LEFT, text=text),),
        )
    hope = "You are the next in line: somebody else will be with you as soon as possible."
    return Outcome(
        status=_next(room, Step.RELEASE),
        served_by=None,
        entries=(Entry(kind=Kind.VANISHED, text=f"{text} {hope}"),),
        has_vanished=True,
    )


def close(room: Room, name: str) -> Outcome:
    """A member ends the conversation."""
    return Outcome(
        status=_next(room, Step.CLOSE),
        served_by=None,
        entries=(Entry(kind=Kind.CLOSED, text=f"{_within(name)} ended the conversation."),),
    )


def block(room: Room, name: str) -> Outcome:
    """A consultant ends the conversation, and its client may not begin another one for some time."""
    text = f"{_within(name)} ended the conversation. A new one can be begun later."
    return Outcome(
        status=_next(room, Step.CLOSE),
        served_by=None,
        entries=(
            Entry(kind=Kind.BLOCKED, text=text),
            Entry(kind=Kind.CLOSED, text="The conversation has ended."),
        ),
    )


def abandon(room: Room, client_name: str) -> Outcome:
    """The client's connection was lost for longer than the grace time."""
    return Outcome(
        status=_next(room, Step.CLOSE),
        served_by=None,
        entries=(
            Entry(
                kind=Kind.CLOSED,
                text=f"The conversation ended: {_within(client_name)} has been away for too long.",
            ),
        ),
    )


def dismiss(room: Room) -> Outcome | None:
    """The service has closed while the client waited; None: it does not wait for its turn (any more), or has
    an appointment."""
    if room.status is not Status.WAITING or room.left_message or room.is_appointed:
        return None
    return Outcome(
        status=_next(room, Step.CLOSE),
        served_by=None,
        entries=(
            Entry(
                kind=Kind.DISMISSED,
                text="We are sorry: we have to close now, and nobody could talk with you today. "
                "Please come back when we are open again.",
            ),
            Entry(kind=Kind.CLOSED, text="The conversation has ended."),
        ),
    )


def leave(room: Room, member: Sender, other_consultants: list[str], *, quickly: bool = False) -> Outcome:
    """A member goes. A client's going ends the room; when its consultant goes, another one in the room
    goes on, or the client waits again, at the place its arrival gives it. A group goes on as long as a
    consultant is in it, and does not learn who was in a hurry.
    """
    if room.status is Status.CLOSED:
        raise RoomClosed()
    if room.is_group:
        if member.role is Role.CLIENT or other_consultants:
            return Outcome(status=room.status, served_by=None, entries=(left(member.name),))
        return close(room, member.name)
    told = (left_quickly(member.name) if quickly and member.role is Role.CLIENT else left(member.name),)
    if member.role is Role.CLIENT:
        ended = Entry(kind=Kind.CLOSED, text="The conversation has ended.")
        return Outcome(status=_next(room, Step.CLOSE), served_by=None, entries=(*told, ended))
    if room.served_by != member.id:
        return Outcome(status=room.status, served_by=room.served_by, entries=told)
    if other_consultants:
        return Outcome(status=_next(room, Step.TRANSFER), served_by=other_consultants[0], entries=told)
    return Outcome(status=_next(room, Step.RELEASE), served_by=None, entries=told)
