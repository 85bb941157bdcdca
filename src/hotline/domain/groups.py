"""Groups: who may open one and how, who may come in, and who may go.

In come what a consultant wants, a group with those who were ever in it, and the time; out come values to
store, or why not. A group is a room without a client of its own: what happens in it its sequence tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hotline.domain import checks
from hotline.domain.model import Actor, Role, Room, Status
from hotline.domain.names import look
from hotline.domain.times import wire_time
from hotline.errors import Invalid, NotAllowed, NotFound, RoomClosed
from hotline.limits import IN_PROTOCOL, INVALID, Limit, Per, fixed

MOST_CLIENTS = fixed(50, __name__, Limit(Per.REQUEST, "clients of a group", INVALID), IN_PROTOCOL)
LONGEST_HOURS = fixed(
    24, __name__, Limit(Per.REQUEST, "hours from a group's beginning to its end", INVALID), IN_PROTOCOL
)
DAYS_AHEAD = fixed(90, __name__, Limit(Per.REQUEST, "days before a group begins", INVALID), IN_PROTOCOL)
TEXT_LENGTH = fixed(
    1000, __name__, Limit(Per.REQUEST, "characters of what a group says of itself", INVALID), IN_PROTOCOL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What a consultant said of a group when it was opened."""

    room_id: str
    code: str
    name: str
    text: str
    opens_at: datetime
    ends_at: datetime
    most_clients: int
    is_listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedGroup:
    """One line of the list of groups."""

    group: Group
    is_muted: bool
    closed_at: datetime | None
    clients: int
    leaders: tuple[tuple[str, str], ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A client who is or was in a group."""

    client_id: str
    name: str | None
    """None: they have deleted themselves."""
    is_here: bool
    is_removed: bool
    device_hash: bytes | None = None


def is_shown(group: Group, now: datetime) -> bool:
    """Whether everybody who comes may see a group that nobody has ended."""
    return group.is_listed and now < group.ends_at


def span(opens_at: datetime | None, ends_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """From when to when; without `opens_at` from now on. :raises Invalid."""
    begins = max(opens_at or now, now)
    if begins - now > timedelta(days=DAYS_AHEAD):
        raise Invalid(opens_at=f"must be within {DAYS_AHEAD} days")
    if ends_at <= begins:
        raise Invalid(ends_at="must be later than the beginning")
    if ends_at - begins > timedelta(hours=LONGEST_HOURS):
        raise Invalid(ends_at=f"must be within {LONGEST_HOURS} hours of the beginning")
    return begins, ends_at


def changed_span(
    group: Group, opens_at: datetime | None, ends_at: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """From when to when from now on; None: as before. What has begun keeps its beginning. :raises Invalid."""
    if now < group.opens_at:
        return span(opens_at or group.opens_at, ends_at or group.ends_at, now)
    if opens_at not in (None, group.opens_at):
        raise Invalid(opens_at="has been already")
    if ends_at is not None and ends_at <= now:
        raise Invalid(ends_at="must be later than now")
    if ends_at is not None and ends_at - group.opens_at > timedelta(hours=LONGEST_HOURS):
        raise Invalid(ends_at=f"must be within {LONGEST_HOURS} hours of the beginning")
    return group.opens_at, ends_at or group.ends_at


def most_clients(value: int) -> int:
    """How many may be in it at once. :raises Invalid."""
    if not 2 <= value <= MOST_CLIENTS:
        raise Invalid(most_clients=f"must be from 2 to {MOST_CLIENTS}")
    return value


def text(value: str) -> str:
    """What those who come read first; may be empty. :raises Invalid."""
    return checks.text(value, "text", TEXT_LENGTH) if value.strip() else ""


def says_otherwise(before: Group, after: Group) -> bool:
    """Whether those in the group see that it has changed."""
    return replace(before, most_clients=after.most_clients, is_listed=after.is_listed) != after


def check_open(room: Room, group: Group, now: datetime) -> None:
    """Whether clients may be in it now. :raises RoomClosed. :raises NotAllowed: not yet."""
    if room.status is Status.CLOSED or group.ends_at <= now:
        raise RoomClosed()
    if now < group.opens_at:
        raise NotAllowed(reason="not_yet", opens_at=wire_time(group.opens_at))


def _check_place(group: Group, participants: Sequence[Participant]) -> None:
    """:raises NotAllowed: as many as may be in it are."""
    if sum(each.is_here for each in participants) >= group.most_clients:
        raise NotAllowed(reason="full")


def check_newcomer(
    group: Group,
    participants: Sequence[Participant],
    consultants: Sequence[str],
    name: str,
    device_hash: bytes | None,
) -> None:
    """Whether somebody of this name may come in. Names of those who have left are not given out again: nobody
    is to be taken for another one.

    :raises NotAllowed: removed before, or no place. :raises Invalid: the name.
    """
    if device_hash is not None and any(
        each.is_removed and each.device_hash == device_hash for each in participants
    ):
        raise NotAllowed(reason="removed")
    _check_place(group, participants)
    seen = look(name)
    if not seen:
        raise Invalid(name="must have something in it that can be seen")
    if seen in {
        look(each) for each in (*consultants, *(one.name for one in participants)) if each is not None
    }:
        raise Invalid(name="is taken in this group")


def check_return(group: Group, participants: Sequence[Participant], client_id: str) -> bool:
    """Whether a client who was in the group has to be let in again; False: they are in it.

    :raises NotFound: they never were. :raises NotAllowed: removed, or no place.
    """
    found = next((each for each in participants if each.client_id == client_id), None)
    if found is None:
        raise NotFound()
    if found.is_removed:
        raise NotAllowed(reason="removed")
    if not found.is_here:
        _check_place(group, participants)
    return not found.is_here


def check_leader(room: Room, actor: Actor) -> None:
    """Of those in the room, consultants lead a group. :raises NotAllowed: it is none. :raises RoomClosed."""
    if not room.is_group or not actor.is_consultant:
        raise NotAllowed(reason="no_group" if actor.is_consultant else "group")
    if room.status is Status.CLOSED:
        raise RoomClosed()


def check_leaving(room: Room, role: Role, other_consultants: int) -> None:
    """A group is not left alone by the last who leads it. :raises NotAllowed: they may end it instead."""
    if (
        room.is_group
        and room.status is not Status.CLOSED
        and role is not Role.CLIENT
        and not other_consultants
    ):
        raise NotAllowed(reason="last_leader")
