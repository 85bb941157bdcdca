"""What was counted, put together for people: days, waiting times, and what was answered.

In come counts and the forms that say what things are called, out come sums. Groups of so few that somebody
might be recognised are not told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hotline.domain.forms import COUNTED, OF_CHOICES
from hotline.domain.questions import Forms, Question, QuestionKind

SMALLEST_GROUP = 5
SUBJECTS = (
    "entered",
    "served",
    "left_before_served",
    "left_messages",
    "appointments_made",
    "appointments_kept",
    "appointments_missed",
    "groups_held",
    "group_clients",
)
WAITED_FROM_MINUTES = (0, 1, 3, 5, 10, 20, 40, 60)
"""As the trigger count_room has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened on a day, in the order of SUBJECTS."""

    day: date
    numbers: tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """How many waited so long before somebody was there."""

    from_minutes: int
    to_minutes: int | None
    count: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question, and how often each answer was given."""

    name: str
    label: str
    answers: tuple[tuple[str, int | str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Of some days, both included."""

    since: date
    until: date
    totals: tuple[int | str, ...]
    days: tuple[Day, ...]
    waited: tuple[Waited, ...]
    record: tuple[Answered, ...]
    survey: tuple[Answered, ...]


def grouped(count: int) -> int | str:
    """The size of a group; of a small one only that it is small."""
    return count if count == 0 or count >= SMALLEST_GROUP else f"<{SMALLEST_GROUP}"


def total(counts: Sequence[int]) -> int | str:
    """The size of several groups together; where the small ones among them are few, only that it is more than
    the others: what is shown of each would tell the rest."""
    shown = sum(count for count in counts if count >= SMALLEST_GROUP)
    few = sum(counts) - shown
    return f">{shown}" if shown and 0 < few < SMALLEST_GROUP else grouped(shown + few)


def statistics_of(
    since: date, until: date, counts: Iterable[tuple[date, str, str, int]], forms: Forms
) -> Statistics:
    """Every day is there, also those without anything; so is every answer that can be given now."""
    by_day: Counter[tuple[date, str]] = Counter()
    by_group: Counter[tuple[str, str]] = Counter()
    for day, subject, value, count in counts:
        if subject in SUBJECTS:
            by_day[day, subject] += count
        else:
            by_group[subject, value] += count
    calendar = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    days = tuple(
        Day(day=day, numbers=tuple(grouped(by_day[day, subject]) for subject in SUBJECTS)) for day in calendar
    )
    return Statistics(
        since=since,
        until=until,
        totals=tuple(total([by_day[day, subject] for day in calendar]) for subject in SUBJECTS),
        days=days,
        waited=_waited(by_group),
        record=_answered("record", forms.record, by_group),
        survey=_answered("survey", forms.survey, by_group),
    )


def _waited(by_group: Counter[tuple[str, str]]) -> tuple[Waited, ...]:
    ends = (*WAITED_FROM_MINUTES[1:], None)
    return tuple(
        Waited(from_minutes=start, to_minutes=end, count=grouped(by_group["waited", str(start)]))
        for start, end in zip(WAITED_FROM_MINUTES, ends, strict=True)
    )


def _answered(
    form: str, questions: Sequence[Question], by_group: Counter[tuple[str, str]]
) -> tuple[Answered, ...]:
    """The questions of the form in its order, then those that are not asked any more."""
    found: dict[str, dict[str, int]] = {}
    labels: dict[str, str] = {}
    for question in questions:
        if question.kind in COUNTED:
            labels[question.name] = question.label
            found[question.name] = dict.fromkeys(_possible(question), 0)
    for (subject, value), count in sorted(by_group.items()):
        asked_in, _, name = subject.partition(".")
        if asked_in == form:
            found.setdefault(name, {})[value] = count
    return tuple(
        Answered(
            name=name,
            label=labels.get(name, name),
            answers=tuple((answer, grouped(count)) for answer, count in answers.items()),
        )
        for name, answers in found.items()
    )


def _possible(question: Question) -> Sequence[str]:
    if question.kind in OF_CHOICES:
        return question.choices
    if question.kind is QuestionKind.SCALE and question.low is not None and question.high is not None:
        return [str(number) for number in range(question.low, question.high + 1)]
    return ()
