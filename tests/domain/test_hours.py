"""Opening hours against a model that only walks from minute to minute, where clocks are changed too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.domain.hours import ALL_DAY, HORIZON_DAYS, Opening, Plan, Span, SpecialDay, current, openings

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
# Where something happens to the clocks, and when: forward, back, by half an hour, at midnight, by a day.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("America/Havana", date(2026, 11, 1)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kathmandu", date(2026, 6, 1)),
]


@lru_cache
def walk(zone: str, day: date) -> list[tuple[datetime, datetime]]:
    """(moment, what the wall clock shows) for each minute of the days around this one."""
    first = datetime.combine(day, time(), UTC) - timedelta(days=3)
    moments = [first + n * MINUTE for n in range(7 * 24 * 60)]
    return [(moment, moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for moment in moments]


def open_minutes(plan: Plan, zone: str, day: date) -> set[datetime]:
    """A span begins when the wall clock first shows its beginning or later, and ends after it last shows less
    than its end."""
    minutes = walk(zone, day)
    found: set[datetime] = set()
    for back in range(-2, 3):
        of_day = day + timedelta(days=back)
        midnight = datetime.combine(of_day, time())
        for span in plan.spans_of(of_day):
            begin, end = midnight + span.begin * MINUTE, midnight + span.end * MINUTE
            first = next(moment for moment, wall in minutes if wall >= begin)
            last = next((moment for moment, wall in reversed(minutes) if wall < end), first)
            found |= {moment for moment, _ in minutes if first <= moment <= last}
    return found


def spans(most: int = 2) -> st.SearchStrategy[tuple[Span, ...]]:
    quarters = st.integers(0, 95).map(lambda n: n * 15)
    one = st.tuples(quarters, st.integers(1, 96)).map(lambda t: Span(begin=t[0], end=t[0] + t[1] * 15))
    return st.lists(one, max_size=most).map(tuple)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.one_of(st.none(), st.tuples(*[spans()] * 7)),
    st.lists(st.tuples(st.integers(-1, 1), spans()), max_size=2, unique_by=lambda each: each[0]),
)
def test_openings_are_those_of_the_model(
    change: tuple[str, date],
    week: tuple[tuple[Span, ...], ...] | None,
    special: list[tuple[int, tuple[Span, ...]]],
) -> None:
    """Each minute of the day of the change is open as the model says, and so says `current`."""
    zone, day = change
    plan = Plan(
        week=week,
        special_days=tuple(SpecialDay(date=day + timedelta(days=n), spans=own) for n, own in special),
        zone=ZoneInfo(zone),
    )
    expected = open_minutes(plan, zone, day)
    since = datetime.combine(day, time(), UTC) - timedelta(hours=12)
    until = since + timedelta(hours=40)
    found = openings(plan, since, until)
    assert all(one.closes_at < two.opens_at for one, two in pairwise(found))
    moment = since
    while moment < until:
        is_open = any(each.opens_at <= moment < each.closes_at for each in found)
        assert is_open == (moment in expected), moment
        if moment.minute == 7:
            under_way = current(plan, moment)
            assert (under_way is not None and under_way.opens_at <= moment) == is_open, moment
        moment += MINUTE


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


WEEKDAYS_ONLY = Plan(week=(*((Span(begin=540, end=1020),),) * 5, (), ()), special_days=(), zone=BERLIN)
FRIDAY_NIGHT = Plan(
    week=((), (), (), (), (Span(begin=22 * 60, end=28 * 60),), (), ()),
    special_days=(SpecialDay(date=date(2026, 11, 28), spans=(), name="Saturday off"),),
    zone=BERLIN,
)


@pytest.mark.parametrize(
    ("plan", "now", "opens", "closes"),
    [
        (WEEKDAYS_ONLY, "2026-11-23T08:59", "2026-11-23T09:00", "2026-11-23T17:00"),
        (WEEKDAYS_ONLY, "2026-11-23T09:00", "2026-11-23T09:00", "2026-11-23T17:00"),
        (WEEKDAYS_ONLY, "2026-11-27T17:00", "2026-11-30T09:00", "2026-11-30T17:00"),
        # What began the evening before goes on into a day on which nothing begins.
        (FRIDAY_NIGHT, "2026-11-28T03:59", "2026-11-27T22:00", "2026-11-28T04:00"),
        # The night in which the clocks go forward is an hour shorter.
        (FRIDAY_NIGHT, "2027-03-26T22:00", "2027-03-26T22:00", "2027-03-27T04:00"),
    ],
)
def test_by_example(plan: Plan, now: str, opens: str, closes: str) -> None:
    """What a person would say."""
    assert current(plan, at(now)) == Opening(opens_at=at(opens), closes_at=at(closes))


def test_never_and_always() -> None:
    """A week without spans never opens; one of whole days does not close within the horizon."""
    now = at("2026-11-23T12:00")
    assert current(Plan(week=((),) * 7, special_days=(), zone=BERLIN), now) is None
    always = current(Plan(week=(ALL_DAY,) * 7, special_days=(), zone=BERLIN), now)
    assert always is not None
    assert always.opens_at < now
    assert always.closes_at >= now + timedelta(days=HORIZON_DAYS)
    assert Plan(week=None, special_days=(), zone=BERLIN).is_always_open
