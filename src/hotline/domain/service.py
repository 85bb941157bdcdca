"""Whether an organisation takes new clients just now, and when that changes by the clock.

In come the organisation with its time zone, how many wait, and the moment; out comes what follows of the
button that was pressed, the hours and the queue. Says nothing about those who are in already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from hotline.domain import hours
from hotline.domain.hours import Opening, Plan
from hotline.domain.model import Intake, Organisation

SCHEDULE_DAYS = 7


class Service(StrEnum):
    """What a client finds."""

    OPEN = "open"
    PAUSED = "paused"
    FULL = "full"
    CLOSED = "closed"
    BLOCKED = "blocked"
    """Not for this client, just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`opens_at`: while its hours say closed; `closes_at`: while they say open.

    None: never, or nobody knows.
    """

    service: Service
    opens_at: datetime | None
    closes_at: datetime | None


def _plan_of(organisation: Organisation, zone: tzinfo) -> Plan:
    """The organisation's hours in its own time zone."""
    return Plan(week=organisation.hours, special_days=organisation.special_days, zone=zone)


def standing(organisation: Organisation, zone: tzinfo, waiting: int, now: datetime) -> Standing:
    """Where the service stands."""
    opens_at, closes_at, is_within_hours = _by_the_clock(_plan_of(organisation, zone), now)
    if organisation.intake is Intake.CLOSED:
        # Closed by hand until somebody opens by hand: the clock has nothing to say.
        return Standing(service=Service.CLOSED, opens_at=None, closes_at=None)
    if not is_within_hours:
        return Standing(service=Service.CLOSED, opens_at=opens_at, closes_at=None)
    if organisation.intake is Intake.PAUSED:
        return Standing(service=Service.PAUSED, opens_at=None, closes_at=closes_at)
    is_full = organisation.queue_limit is not None and waiting >= organisation.queue_limit
    return Standing(service=Service.FULL if is_full else Service.OPEN, opens_at=None, closes_at=closes_at)


def blocked(until: datetime) -> Standing:
    """What a client finds who may not begin a conversation until then."""
    return Standing(service=Service.BLOCKED, opens_at=until, closes_at=None)


def may_leave_message(organisation: Organisation, service: Service) -> bool:
    """Whether a message may be left. While it is open too: somebody may have been writing when it opened."""
    if service is Service.BLOCKED:
        return False
    if service in (Service.FULL, Service.PAUSED):
        return organisation.messages_when_full
    return organisation.messages_when_closed


def schedule(organisation: Organisation, zone: tzinfo, now: datetime) -> list[Opening] | None:
    """The openings of the next days; None: always open."""
    plan = _plan_of(organisation, zone)
    return None if plan.is_always_open else hours.openings(plan, now, now + timedelta(days=SCHEDULE_DAYS))


def _by_the_clock(plan: Plan, now: datetime) -> tuple[datetime | None, datetime | None, bool]:
    if plan.is_always_open:
        return None, None, True
    opening = hours.current(plan, now)
    if opening is None:
        return None, None, False
    if opening.opens_at > now:
        return opening.opens_at, None, False
    is_endless = opening.closes_at >= now + timedelta(days=hours.HORIZON_DAYS)
    return None, None if is_endless else opening.closes_at, True
