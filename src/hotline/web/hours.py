"""When an organisation takes new clients: the click that pauses or closes, its hours, queue and messages.

Visits come in, answers go out. Hours of a day are a line of text and special days are rows, so that the page
works without JavaScript; the buttons of rows store nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from hotline.domain import checks, service, settings, timetable
from hotline.domain.hours import WEEKDAYS, Span, SpecialDay
from hotline.domain.model import AtClosing, Intake, Organisation
from hotline.domain.service import Standing
from hotline.errors import Invalid
from hotline.store import clientlist, zones
from hotline.web import row_fields
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.row_fields import Cells, RowKind
from hotline.web.visit import Visit

_ALWAYS = "always"
_DAYS = RowKind(
    noun="day",
    most=timetable.SPECIAL_DAYS,
    parts={"date": "Date of special day", "hours": "Hours of special day", "name": "Name of special day"},
)
_WEEK = {_ALWAYS: "Open around the clock", **{day: day.capitalize() for day in WEEKDAYS}}
_REST = {
    "time_zone": "Time zone",
    "at_closing": "Clients who still wait at closing time",
    "queue_limit": "Most clients in the queue",
    "grace_seconds": "Seconds a place is held without a connection",
    "messages_when_closed": "Messages when closed",
    "messages_when_full": "Messages when full or paused",
    "message_days": "Days a message is kept",
}
_FLAGS = ("messages_when_closed", "messages_when_full")
_AT_CLOSING = (
    (AtClosing.SERVE.value, "are still served"),
    (AtClosing.DISMISS.value, "are told that you have closed, and their conversation ends"),
)
_DONE = {"saved": "The hours are saved.", "intake": "That is so from now on."}
_SPAN = re.compile(r"([0-9]{1,2}:[0-9]{2})\s*[-–]\s*([0-9]{1,2}:[0-9]{2})")
_NO_SPANS = "closed"


async def hours(visit: Visit) -> Answer:
    """Shows hours and queue to managers, or does what one of the page's forms asks."""
    actor = visit.manager()
    stored = await visit.house.accounts.get_organisation(actor)
    days: list[Cells] = [_shown_day(day) for day in stored.special_days]
    if not visit.is_post:
        return await _page(visit, stored, _form(days).filled(_values(stored)), days)
    button = visit.fields.get("rows", "")
    posted = _DAYS.read(visit.fields) if _DAYS.counter in visit.fields else days
    days, is_button = row_fields.edited(posted, _DAYS, button, "", _DAYS.empty())
    form = _form(days)

    async def act() -> Answer:
        action = visit.fields.get("action", "")
        if action in set(Intake):
            await visit.house.accounts.set_intake(actor, action)
            return redirect("/organisation/hours?done=intake")
        if is_button:
            return await _page(visit, stored, form.filled(visit.fields), days)
        if action != "save":
            raise Invalid(action="is not something this page can do")
        await visit.house.accounts.change_organisation(actor, _changes(visit.fields, days))
        return redirect("/organisation/hours?done=saved")

    async def again(refused: Form) -> Answer:
        return await _page(visit, stored, refused, days)

    return await visit.submit(form, act, again)


def _form(days: Sequence[Cells]) -> Form:
    return Form(labels={**_WEEK, **_DAYS.labels(len(days)), **_REST}, prefix="hours")


async def _page(visit: Visit, organisation: Organisation, form: Form, days: Sequence[Cells]) -> Answer:
    async with visit.house.database.transaction(organisation.organisation_id) as tx:
        queue = await clientlist.get_queue(tx, organisation.organisation_id)
    zone, now = zones.find(organisation.time_zone), visit.house.now()
    standing = service.standing(organisation, zone, len(queue.waiting), now)
    return visit.page(
        "hours",
        status=form.status,
        refused=form if form.status != 200 else None,
        form=form,
        organisation=organisation,
        sentence=_sentence(organisation, standing, zone, now),
        weekdays=WEEKDAYS,
        kind=_DAYS,
        days=days,
        button=visit.fields.get("rows", ""),
        zones=sorted(zones.names()),
        at_closing=_AT_CLOSING,
        done=visit.done(_DONE),
    )


def _sentence(organisation: Organisation, standing: Standing, zone: tzinfo, now: datetime) -> str:
    """What clients find just now, in words."""

    def moment(at: datetime) -> str:
        local = at.astimezone(zone)
        days = (local.date() - now.astimezone(zone).date()) // timedelta(days=1)
        day = {0: "today", 1: "tomorrow"}.get(days, f"on {local:%A}, {local.day} {local:%B}")
        return f"{day} at {local:%H:%M}"

    until = f" You close {moment(standing.closes_at)}." if standing.closes_at else ""
    if organisation.intake is Intake.CLOSED:
        return "You have closed. Nobody can enter until you open again."
    if standing.service is service.Service.CLOSED:
        opens = f" You open {moment(standing.opens_at)}." if standing.opens_at else ""
        return f"Closed by your hours.{opens}"
    return {
        service.Service.OPEN: "Open: clients can enter.",
        service.Service.PAUSED: "Paused: nobody new can enter, those who wait are served.",
        service.Service.FULL: "Full: as many wait as you let in.",
    }[standing.service] + until


def _values(stored: Organisation) -> dict[str, str]:
    week = stored.hours or ((),) * 7
    return {
        **({_ALWAYS: "yes"} if stored.hours is None else {}),
        **{day: _shown(spans) for day, spans in zip(WEEKDAYS, week, strict=True)},
        "time_zone": stored.time_zone,
        "at_closing": stored.at_closing.value,
        "queue_limit": "" if stored.queue_limit is None else str(stored.queue_limit),
        "grace_seconds": str(stored.grace_seconds),
        "message_days": str(stored.message_days),
        **{flag: "yes" for flag in _FLAGS if getattr(stored, flag)},
    }


def _shown(spans: tuple[Span, ...]) -> str:
    return ", ".join("-".join(pair) for pair in timetable.plain_spans(spans))


def _shown_day(day: SpecialDay) -> Cells:
    return {"date": day.date.isoformat(), "hours": _shown(day.spans), "name": day.name}


def _changes(fields: Mapping[str, str], days: Sequence[Cells]) -> dict[str, Any]:
    """What change_organisation takes. :raises Invalid: with every problem at once, by field of the page."""

    def whole(name: str) -> Callable[[], Any]:
        typed = fields.get(name, "").strip()
        return lambda: settings.CHECKS[name](int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else typed)

    typed = checks.gathered(
        **{day: lambda day=day: _spans(fields.get(day, ""), day) for day in WEEKDAYS},
        special_days=lambda: _special_days(days),
        time_zone=lambda: _zone(fields.get("time_zone", "")),
        at_closing=lambda: settings.CHECKS["at_closing"](fields.get("at_closing", "")),
        queue_limit=lambda: None if not fields.get("queue_limit", "").strip() else whole("queue_limit")(),
        grace_seconds=whole("grace_seconds"),
        message_days=whole("message_days"),
    )
    week = {day: typed.pop(day) for day in WEEKDAYS}
    return typed | {flag: flag in fields for flag in _FLAGS} | {"hours": None if _ALWAYS in fields else week}


def _spans(typed: str, field: str) -> list[list[str]]:
    """`09:00-13:00, 18:00-02:00`, or nothing. :raises Invalid: it cannot be read."""
    if not typed.strip() or typed.strip().lower() == _NO_SPANS:
        return []
    pairs = []
    for part in re.split(r"[,;]", typed):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise Invalid(**{field: "must be times such as 09:00-13:00, 18:00-02:00"})
        pairs.append([match[1].zfill(5), match[2].zfill(5)])
    timetable.spans(pairs, field)
    return pairs


def _special_days(days: Sequence[Cells]) -> list[dict[str, Any]]:
    """Rows with nothing in them are none. :raises Invalid: with every problem, by field of the page."""
    found: list[dict[str, Any]] = []
    problems: dict[str, Any] = {}
    for number, typed in _DAYS.filled(days):
        try:
            day = _special_day(number, typed)
            if day["date"] in {each["date"] for each in found}:
                raise Invalid(**{_DAYS.field(number, "date"): "stands above already"})
        except Invalid as error:
            problems |= error.details
        else:
            found.append(day)
    if problems:
        raise Invalid(**problems)
    return found


def _special_day(number: int, typed: Cells) -> dict[str, Any]:
    field = {part: _DAYS.field(number, part) for part in _DAYS.parts}
    checked = checks.gathered(
        **{
            field["date"]: lambda: timetable.day(typed["date"], field["date"]),
            field["hours"]: lambda: _spans(typed["hours"], field["hours"]),
            field["name"]: lambda: typed["name"].strip() and checks.line(typed["name"], field["name"]),
        }
    )
    return {
        "date": checked[field["date"]].isoformat(),
        "spans": checked[field["hours"]],
        "name": checked[field["name"]],
    }


def _zone(typed: str) -> str:
    name = settings.time_zone(typed)
    zones.check(name)
    return name
