"""Opening hours and special days as they are typed, called with, or stored as JSON.

In come times such as `09:30` and dates, out come the values of `hours`, or Invalid with the field's name;
`plain_spans` is the way back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from hotline.domain import checks
from hotline.domain.hours import DAY_MINUTES, WEEKDAYS, Span, SpecialDay, Week
from hotline.errors import Invalid

SPANS = 6
SPECIAL_DAYS = 200

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _minute(value: object, field: str) -> int:
    """Minutes after midnight of a time such as `09:30`; `24:00` is the end of the day."""
    if not isinstance(value, str) or (match := _CLOCK.fullmatch(value.strip())) is None:
        raise Invalid(**{field: "must be times such as 09:00 or 17:30"})
    return DAY_MINUTES if match[1] is None else int(match[1]) * 60 + int(match[2])


def _span(value: object, field: str) -> Span:
    """`[from, to]`. One that ends at or before it begins ends on the next day."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Invalid(**{field: "must be pairs of times"})
    begin, end = _minute(value[0], field), _minute(value[1], field)
    if begin == DAY_MINUTES:
        raise Invalid(**{field: "cannot begin at 24:00"})
    return Span(begin=begin, end=end if end > begin else end + DAY_MINUTES)


def spans(value: object, field: str) -> tuple[Span, ...]:
    """The spans of one day, in order."""
    if not isinstance(value, list | tuple) or len(value) > SPANS:
        raise Invalid(**{field: f"must be lists of at most {SPANS} spans a day"})
    return tuple(sorted((_span(each, field) for each in value), key=lambda each: (each.begin, each.end)))


def week(value: object) -> Week | None:
    """`{monday: [[from, to], ...], ...}`; a day that is left out is closed; None: always open."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or not set(value) <= set(WEEKDAYS):
        raise Invalid(hours="must be spans by weekday: monday, tuesday ...")
    return tuple(spans(value.get(day, ()), "hours") for day in WEEKDAYS)


def special_days(value: object) -> tuple[SpecialDay, ...]:
    """`[{date, spans, name}]`, each date once; in order of their dates."""
    if not isinstance(value, list | tuple) or len(value) > SPECIAL_DAYS:
        raise Invalid(special_days=f"must be a list of at most {SPECIAL_DAYS}")
    days = sorted((_special_day(each) for each in value), key=lambda each: each.date)
    if len({each.date for each in days}) < len(days):
        raise Invalid(special_days="must each have a date of its own")
    return tuple(days)


def _special_day(value: object) -> SpecialDay:
    if not isinstance(value, Mapping) or not {"date"} <= set(value) <= {"date", "spans", "name"}:
        raise Invalid(special_days="must be tables of date, spans and name")
    name = value.get("name", "")
    return SpecialDay(
        date=day(value["date"], "special_days"),
        spans=spans(value.get("spans", ()), "special_days"),
        name="" if name == "" else checks.line(name, "special_days"),
    )


def day(value: object, field: str) -> date:
    """A date such as `2026-12-24`."""
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise Invalid(**{field: "must be a date such as 2026-12-24"})
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise Invalid(**{field: "must be a date such as 2026-12-24"}) from None


def plain_spans(own: tuple[Span, ...]) -> list[list[str]]:
    """`[[from, to], ...]`."""
    return [
        [_clock(each.begin), _clock(each.end if each.end <= DAY_MINUTES else each.end - DAY_MINUTES)]
        for each in own
    ]


def _clock(minutes: int) -> str:
    """`09:30`."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
