"""What managers ask for: the forms themselves, what clients answered afterwards, and statistics.

In come questions as plain values, out come the dicts of the reference. Rules are those of Accounts.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from hotline.domain import checks, forms
from hotline.domain.questions import FormName, Forms, Question, QuestionKind, Wording
from hotline.domain.statistics import SUBJECTS, Answered
from hotline.errors import Invalid
from hotline.procedures.arguments import Arguments
from hotline.procedures.context import Context


class GivenWording(Arguments, frozen=True, kw_only=True):
    """The words of a question in another language."""

    label: str = ""
    help: str = ""
    low_label: str = ""
    high_label: str = ""
    choices: dict[str, str] = msgspec.field(default_factory=dict)


class GivenQuestion(Arguments, frozen=True, kw_only=True):
    """A question as hotline.forms.get gives it; most parts may be left out."""

    name: str
    label: str
    kind: Literal["text", "long_text", "choice", "choices", "scale", "age_band"]
    required: bool = False
    choices: list[str] = msgspec.field(default_factory=list)
    help: str = ""
    low: int | None = None
    high: int | None = None
    low_label: str = ""
    high_label: str = ""
    risk_choices: list[str] = msgspec.field(default_factory=list)
    risk_at_least: int | None = None
    risk_at_most: int | None = None
    translations: dict[str, GivenWording] = msgspec.field(default_factory=dict)

    def made(self) -> Question:
        """The question, not checked yet."""
        values = msgspec.structs.asdict(self)
        values |= {
            "kind": QuestionKind(self.kind),
            "choices": tuple(self.choices),
            "risk_choices": tuple(self.risk_choices),
            "translations": {
                tag: Wording(**msgspec.structs.asdict(wording)) for tag, wording in self.translations.items()
            },
        }
        return Question(**values)


class FormArguments(Arguments, frozen=True, kw_only=True):
    """Which form: `questions`, `survey` or `record`."""

    form: Literal["questions", "survey", "record"]


class SetFormArguments(FormArguments, frozen=True, kw_only=True):
    """What changes; null: it stays."""

    questions: list[GivenQuestion] | None = None
    required: bool | None = None
    consent: dict[str, str] | None = None
    consent_required: bool | None = None


class SurveysArguments(Arguments, frozen=True, kw_only=True):
    """`before`: the id of the last one there is already."""

    before: str | None = None
    limit: int = 50


class StatisticsArguments(Arguments, frozen=True, kw_only=True):
    """Days as `2026-11-22`, both included."""

    since: str | None = None
    until: str | None = None


async def get(context: Context, arguments: FormArguments) -> dict[str, Any]:
    """A form: `questions` before the talk, the `survey` after it, the `record` of the consultant. Gives
    `{form, questions, required, consent, consent_required}`. A question is `{name, label, kind, required,
    choices, help, low, high, low_label, high_label, risk_choices, risk_at_least, risk_at_most, translations:
    {language tag: {label, help, choices: {choice: its words}, low_label, high_label}}}`; an answer among
    `risk_choices`, or a number of a scale at or beyond `risk_at_least` or `risk_at_most`, lets its client go
    first. `required`: consultants are reminded of the record. `consent`: a text to agree to before entering,
    by language tag, `""` being the organisation's own language."""
    name = FormName(arguments.form)
    return _form(name, await context.accounts.get_forms(context.actor))


async def change(context: Context, arguments: SetFormArguments) -> dict[str, Any]:
    """Changes a form; what is null stays. Of a question only `name`, `label` and `kind` (`text`, `long_text`,
    `choice`, `choices`, `scale`, `age_band`) are needed. Gives the form as it is now."""
    name = FormName(arguments.form)
    questions = arguments.questions
    changed = await context.accounts.change_form(
        context.actor,
        name,
        questions=None if questions is None else [question.made() for question in questions],
        required=arguments.required,
        consent=arguments.consent,
        consent_required=arguments.consent_required,
    )
    return _form(name, changed)


async def list_surveys(context: Context, arguments: SurveysArguments) -> dict[str, Any]:
    """What clients answered when it was over, newest day first: `surveys` `[{id, day, answers}]` and whether
    there is `more`; of long ones fewer come at once. Whose answers they are is not stored. They are kept as
    long as conversations are."""
    checked = checks.gathered(
        before=lambda: None if arguments.before is None else checks.identifier(arguments.before, "before"),
        limit=lambda: checks.limit(arguments.limit),
    )
    found, more = await context.accounts.list_surveys(context.actor, **checked)
    listed = [
        {"id": survey.survey_id, "day": survey.day.isoformat(), "answers": survey.answers} for survey in found
    ]
    return {"surveys": listed, "more": more}


async def statistics(context: Context, arguments: StatisticsArguments) -> dict[str, Any]:
    """Counts of these days (of the organisation's time zone), both included; by default of the last thirty:
    how many `entered`, were `served`, went before (`left_before_served`), or left a message
    (`left_messages`), the appointments given, kept and missed (`appointments_made`, `appointments_kept`,
    `appointments_missed`), and the groups held and the clients who came to one (`groups_held`,
    `group_clients`), in all and in `days` `[{day, ...}]`; how long they `waited` `[{from_minutes, to_minutes,
    count}]`; and what was answered in the `record` and the `survey` `[{name, label, answers: [{answer,
    count}]}]`. Any number from one to four is `"<5"`; a total of days of which so few are hidden is `">n"`, n
    of the others. The counts hold neither names nor text and outlive the conversations."""
    days = checks.gathered(
        since=lambda: _day(arguments.since, "since"), until=lambda: _day(arguments.until, "until")
    )
    found = await context.accounts.get_statistics(context.actor, **days)
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        **dict(zip(SUBJECTS, found.totals, strict=True)),
        "days": [
            {"day": day.day.isoformat(), **dict(zip(SUBJECTS, day.numbers, strict=True))}
            for day in found.days
        ],
        "waited": [
            {"from_minutes": each.from_minutes, "to_minutes": each.to_minutes, "count": each.count}
            for each in found.waited
        ],
        "record": _answered(found.record),
        "survey": _answered(found.survey),
    }


def _form(name: FormName, found: Forms) -> dict[str, Any]:
    is_entry = name is FormName.QUESTIONS
    return {
        "form": name.value,
        "questions": [forms.plain(question) for question in found.of(name)],
        "required": found.record_required if name is FormName.RECORD else False,
        "consent": dict(found.consent) if is_entry else {},
        "consent_required": found.consent_required if is_entry else False,
    }


def _answered(questions: tuple[Answered, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": question.name,
            "label": question.label,
            "answers": [{"answer": answer, "count": count} for answer, count in question.answers],
        }
        for question in questions
    ]


def _day(value: str | None, field: str) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise Invalid(**{field: "must be a day such as 2026-11-22"}) from None
