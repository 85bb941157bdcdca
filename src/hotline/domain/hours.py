"""Opening hours: from the organisation's week and special days to moments at which it opens and closes.

In come spans of the wall clock, the time zone they are meant in, and the moment; out come openings in UTC. A
span belongs to the day it begins on. Never reads a clock or a time zone database: both are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_MINUTES = 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HORIZON_DAYS = 62
"""How far ahead an opening or closing is looked for."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `begin` until before `end`, in minutes of the wall clock after the midnight its day begins with.

    `end` is beyond 24 hours when the span goes over midnight.
    """

    begin: int
    end: int


Week = tuple[tuple[Span, ...], ...]
"""The spans of Monday to Sunday."""

ALL_DAY = (Span(begin=0, end=DAY_MINUTES),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A date whose own spans (none: closed) take the place of its weekday's."""

    date: date
    spans: tuple[Span, ...]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When an organisation means to be open; no week: always, but for special days."""

    week: Week | None
    special_days: tuple[SpecialDay, ...]
    zone: tzinfo

    @property
    def is_always_open(self) -> bool:
        return self.week is None and not self.special_days

    def spans_of(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on this day."""
        for special in self.special_days:
            if special.date == day:
                return special.spans
        return ALL_DAY if self.week is None else self.week[day.weekday()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Open from `opens_at` until before `closes_at`, in UTC."""

    opens_at: datetime
    closes_at: datetime


def openings(plan: Plan, since: datetime, until: datetime) -> list[Opening]:
    """All that reach into this time, in order; what meets or overlaps is one."""
    return [opening for opening in _merged(plan, since, until) if opening.opens_at < until]


def current(plan: Plan, now: datetime) -> Opening | None:
    """The opening under way, or else the next one; None: there is none within the horizon.

    One that does not end within the horizon is given with the end of what was looked at.
    """
    return next(_merged(plan, now, now + timedelta(days=HORIZON_DAYS)), None)


def _merged(plan: Plan, since: datetime, until: datetime) -> Iterator[Opening]:
    under_way: Opening | None = None
    for opening in _each(plan, since, until):
        if under_way is None:
            under_way = opening
        elif opening.opens_at <= under_way.closes_at:
            under_way = Opening(
                opens_at=under_way.opens_at, closes_at=max(under_way.closes_at, opening.closes_at)
            )
        else:
            if under_way.closes_at > since:
                yield under_way
            under_way = opening
    if under_way is not None and under_way.closes_at > since:
        yield under_way


def _each(plan: Plan, since: datetime, until: datetime) -> Iterator[Opening]:
    """By the moment they open; each span of each day that can matter."""
    # A span reaches at most into the next day.
    day = since.astimezone(plan.zone).date() - 2 * _DAY
    last = until.astimezone(plan.zone).date() + _DAY
    while day <= last:
        for span in sorted(plan.spans_of(day), key=lambda span: (span.begin, span.end)):
            opens_at = _first_moment(day, span.begin, plan.zone)
            closes_at = _after_last_moment(day, span.end, plan.zone)
            if opens_at < closes_at:
                yield Opening(opens_at=opens_at, closes_at=closes_at)
        day += _DAY


def _first_moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """When the wall clock first shows this time or, where it is put forward over it, a later one."""
    first, last = _moments(day, minute, zone)
    return first if first <= last else _change_between(last, first, zone)


def _after_last_moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """When the wall clock has shown the minute before this one for the last time."""
    first, last = _moments(day, minute - 1, zone)
    return last + _MINUTE if first <= last else _change_between(last, first, zone)


def _moments(day: date, minute: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """A time of the wall clock by the rules before a change and after it; where it never comes, the first
    is later than the second."""
    wall = datetime.combine(day, time()) + minute * _MINUTE
    return (
        wall.replace(tzinfo=zone, fold=0).astimezone(UTC),
        wall.replace(tzinfo=zone, fold=1).astimezone(UTC),
    )


def _change_between(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The moment at which the clocks are changed."""
    offset = before.astimezone(zone).utcoffset()
    while (seconds := int((after - before).total_seconds())) > 1:
        middle = before + timedelta(seconds=seconds // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
