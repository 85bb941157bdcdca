"""The page of what was counted, and the same as a file for spreadsheets: for managers.

Visits come in, answers go out. Shows counts and never who or what anybody wrote; what clients wrote in the
survey has a place of its own on the page.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from hotline.domain.model import Actor
from hotline.domain.statistics import SUBJECTS, Statistics, Waited
from hotline.errors import Invalid
from hotline.web.answers import Answer
from hotline.web.forms import Form
from hotline.web.headers import NO_STORE
from hotline.web.visit import Visit

_HEADS = {
    "entered": "Came in",
    "served": "Served",
    "left_before_served": "Left before somebody was there",
    "left_messages": "Left a message",
    "appointments_made": "Appointments given",
    "appointments_kept": "Came to one",
    "appointments_missed": "Missed one",
    "groups_held": "Groups held",
    "group_clients": "Came to a group",
}
_LABELS = {"since": "From", "until": "To"}
_SHOWN_SURVEYS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the page, and of the file."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


async def page(visit: Visit) -> Answer:
    """Counts of some days, by default of the last thirty."""
    actor = visit.manager()
    form = Form(labels=_LABELS, values={name: visit.query.get(name, "") for name in _LABELS}, prefix="days")
    try:
        found = await _found(visit, actor)
    except Invalid as error:
        form = form.refused(error)
        found = await visit.house.accounts.get_statistics(actor)
    surveys, _ = await visit.house.accounts.list_surveys(actor, limit=_SHOWN_SURVEYS)
    asked = (await visit.house.accounts.get_forms(actor)).survey
    labels = {question.name: question.label for question in asked}
    counted = {question.name for question in found.survey}
    return visit.page(
        "statistics",
        status=form.status,
        refused=form if form.status != 200 else None,
        form=form.filled({"since": found.since.isoformat(), "until": found.until.isoformat()})
        if form.status == 200
        else form,
        found=found,
        totals=list(zip(_HEADS.values(), found.totals, strict=True)),
        tables=tables(found, empty_days=False),
        written=[
            (survey.day, labels.get(name, name), answer)
            for survey in surveys
            for name, answer in survey.answers.items()
            if name not in counted
        ],
    )


async def sheet(visit: Visit) -> Answer:
    """The same as a file: every table with its title, separated by empty lines."""
    actor, days = visit.manager(), _days(visit)
    found = await visit.house.accounts.export_statistics(actor, **days)
    written = io.StringIO()
    writer = csv.writer(written)
    for table in tables(found):
        writer.writerow([_safe(table.title)])
        writer.writerow([_safe(head) for head in table.heads])
        writer.writerows([_safe(cell) for cell in row] for row in table.rows)
        writer.writerow([])
    name = f"statistics-{found.since}-{found.until}.csv"
    return Answer(
        content_type="text/csv; charset=utf-8",
        # The mark lets spreadsheets see that it is UTF-8.
        body=written.getvalue().encode("utf-8-sig"),
        headers=(("Content-Disposition", f'attachment; filename="{name}"'), *NO_STORE),
    )


async def _found(visit: Visit, actor: Actor) -> Statistics:
    return await visit.house.accounts.get_statistics(actor, **_days(visit))


def _days(visit: Visit) -> dict[str, date | None]:
    return {name: _day(visit.query.get(name, ""), name) for name in _LABELS}


def _day(typed: str, field: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError:
        raise Invalid(**{field: "must be a day such as 2026-11-22"}) from None


def tables(found: Statistics, *, empty_days: bool = True) -> list[Table]:
    """All there is, for people to read; with or without days on which nothing was."""
    days = Table(
        title="Days",
        heads=("Day", *(_HEADS[subject] for subject in SUBJECTS)),
        rows=tuple(
            (day.day.isoformat(), *map(str, day.numbers))
            for day in found.days
            if empty_days or any(day.numbers)
        ),
    )
    waited = Table(
        title="How long clients waited before somebody was there",
        heads=("Minutes", "Clients"),
        rows=tuple((_minutes(each), str(each.count)) for each in found.waited),
    )
    answered = [
        Table(
            title=f"{form}: {question.label}",
            heads=("Answer", "Times"),
            rows=tuple((answer, str(count)) for answer, count in question.answers),
        )
        for form, questions in (("Record", found.record), ("Survey", found.survey))
        for question in questions
    ]
    return [days, waited, *answered]


def _minutes(waited: Waited) -> str:
    if waited.to_minutes is None:
        return f"{waited.from_minutes} and more"
    return f"{waited.from_minutes} to {waited.to_minutes}"


def _safe(cell: str) -> str:
    """What a spreadsheet takes for text: never for a formula, whatever somebody called a choice."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
