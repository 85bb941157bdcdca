"""Appointments: when one may be, and what one means for a client who comes back.

In come an appointment, the client's newest room and the moment; out comes whether the client is let in, by
which room, and whose it is. Never stores, and never reads a clock or a time zone database: both are given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from hotline.domain.model import Actor, Room, Status
from hotline.errors import Invalid
from hotline.limits import IN_PROTOCOL, INVALID, Limit, Per, fixed

FURTHEST_DAYS = fixed(60, __name__, Limit(Per.REQUEST, "days until an appointment", INVALID), IN_PROTOCOL)
LONGEST_MINUTES = fixed(240, __name__, Limit(Per.REQUEST, "minutes of an appointment", INVALID), IN_PROTOCOL)
SHORTEST_MINUTES = 5
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
EARLY = timedelta(minutes=10)
"""So long before it begins its client is let in."""
LAPSE = timedelta(hours=1)
"""So long after its end it is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One client's; `consultant_id` may be of somebody who is no consultant any more."""

    consultant_id: str
    begins_at: datetime
    ends_at: datetime
    is_kept: bool
    """Its client was there."""
    is_served: bool
    """... and somebody with them."""
    is_cancelled: bool


class Coming(StrEnum):
    """What becomes of a client who is there."""

    STAY = "stay"
    """As without an appointment."""
    FIRST = "first"
    """Their open room is first in the queue, or goes on where somebody serves it."""
    ANEW = "anew"
    """A new room is first in the queue."""


def is_due(appointment: Appointment, now: datetime) -> bool:
    """Whether its client is let in now, whatever the hours say."""
    return not appointment.is_cancelled and appointment.begins_at - EARLY <= now <= appointment.ends_at


def coming(appointment: Appointment | None, newest: Room | None, now: datetime) -> Coming:
    """What the appointment is good for now, to a client whose newest room is this one."""
    if appointment is None or newest is None or not is_due(appointment, now):
        return Coming.STAY
    if newest.status is Status.CLOSED:
        # Who has talked already and only reads it again is not called in once more.
        return Coming.STAY if appointment.is_served else Coming.ANEW
    if newest.status is Status.ACTIVE and not newest.left_message and now < appointment.begins_at:
        # They talk, and will perhaps go before it begins.
        return Coming.STAY
    return Coming.STAY if appointment.is_kept and newest.is_appointed else Coming.FIRST


def has_lapsed(appointment: Appointment, now: datetime) -> bool:
    """Whether nobody needs to know of it any more."""
    return appointment.ends_at + LAPSE <= now


def may_change(actor: Actor, appointment: Appointment | None, is_member: bool) -> bool:
    """Whether somebody may give, move or cancel it: who is in its room, whose it is, and managers of one
    that there is."""
    if is_member or appointment is None:
        return is_member
    return actor.is_manager or appointment.consultant_id == actor.id


def check_span(
    at: str, minutes: int, zone: tzinfo, now: datetime, ended_at: datetime | None = None
) -> tuple[datetime, datetime]:
    """From when until when, in UTC; a time without an offset is one of the zone.

    :param ended_at: when the room was closed: however often it is moved, it keeps the conversation no longer.
    :raises Invalid: it is no time, over, or too far away.
    """
    problems: dict[str, str] = {}
    begins_at = now
    try:
        if not _TIME.fullmatch(at):
            raise ValueError
        begins_at = datetime.fromisoformat(at)
        if begins_at.tzinfo is None:
            begins_at = begins_at.replace(tzinfo=zone)
        begins_at = begins_at.astimezone(UTC)
    except (ValueError, OverflowError):
        problems["at"] = "must be a time such as 2026-03-03T15:00:00Z"
    else:
        if begins_at < now:
            problems["at"] = "must lie ahead"
        elif begins_at > (ended_at or now) + timedelta(days=FURTHEST_DAYS):
            since = " of the end of the conversation" if ended_at else ""
            problems["at"] = f"must be within {FURTHEST_DAYS} days{since}"
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        problems["minutes"] = f"must be a whole number from {SHORTEST_MINUTES} to {LONGEST_MINUTES}"
    if problems:
        raise Invalid(**problems)
    return begins_at, begins_at + timedelta(minutes=minutes)
