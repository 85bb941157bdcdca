"""The pages on which managers make forms: what clients are asked before and after, and the record.

Visits come in, answers go out. Buttons that add, move or remove a question, and the preview, only show the
page again; nothing is stored before Save. In another language only words are changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hotline.domain import checks, forms, wording
from hotline.domain.defaults import DEFAULT_QUESTIONS, DEFAULT_RECORD, SUGGESTED_SURVEY
from hotline.domain.model import Actor
from hotline.domain.questions import FormName, Forms, Question
from hotline.errors import Invalid
from hotline.web import questions, words
from hotline.web.answers import Answer, redirect
from hotline.web.forms import Form
from hotline.web.questions import Row
from hotline.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one form's page says of itself."""

    name: FormName
    title: str
    lead: str
    suggestion: tuple[Question, ...]

    @property
    def path(self) -> str:
        return f"/organisation/{self.name.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is stored, and the languages in which the form is or could be said."""

    forms: Forms
    languages: list[str]


_QUESTIONS = Sheet(
    name=FormName.QUESTIONS,
    title="Questions before the conversation",
    lead="Clients are always asked for a name to call them by. Ask for little: everything else is optional "
    "unless you say so.",
    suggestion=DEFAULT_QUESTIONS,
)
_SURVEY = Sheet(
    name=FormName.SURVEY,
    title="Survey after the conversation",
    lead="Clients may skip it. Answers are stored apart from the conversation: nobody can tell whose they "
    "are. Without questions there is no survey.",
    suggestion=SUGGESTED_SURVEY,
)
_RECORD = Sheet(
    name=FormName.RECORD,
    title="Record of the conversation",
    lead="What consultants write down when it is over. A record is deleted with its conversation; how often "
    "a choice was made is counted for the statistics.",
    suggestion=DEFAULT_RECORD,
)
_DONE = {"saved": "The form is saved.", "words": "The words are saved."}
_LANGUAGE = "language"


async def before(visit: Visit) -> Answer:
    """What clients are asked before the conversation, and what they agree to."""
    return await _sheet(visit, _QUESTIONS)


async def survey(visit: Visit) -> Answer:
    """What clients are asked after the conversation."""
    return await _sheet(visit, _SURVEY)


async def record(visit: Visit) -> Answer:
    """What consultants write down after the conversation."""
    return await _sheet(visit, _RECORD)


async def _sheet(visit: Visit, sheet: Sheet) -> Answer:
    actor = visit.manager()
    stored = await visit.house.accounts.get_forms(actor)
    own = (await visit.house.accounts.get_organisation(actor)).languages
    kept = Kept(forms=stored, languages=words.languages_of(stored, sheet.name, own))
    language = (visit.fields if visit.is_post else visit.query).get(_LANGUAGE, "").strip()
    if language:
        return await _in_other_words(visit, actor, sheet, kept, language)
    if not visit.is_post:
        return _page(visit, sheet, kept, questions.rows_of(stored.of(sheet.name)), _shown_form(stored))
    return await _edit(visit, actor, sheet, kept)


async def _edit(visit: Visit, actor: Actor, sheet: Sheet, kept: Kept) -> Answer:
    action = visit.fields.get("action", "")
    rows, is_button = questions.edited(
        questions.read_rows(visit.fields), action, visit.fields.get("order", "")
    )
    form = Form(labels={"consent": "Text to agree to", **questions.labels(rows)}, prefix="form")

    async def act() -> Answer:
        if action == "suggest":
            return _page(visit, sheet, kept, questions.rows_of(sheet.suggestion), form.filled(visit.fields))
        if is_button or action == "preview":
            return _page(visit, sheet, kept, rows, form.filled(visit.fields))
        if action != "save":
            raise Invalid(action="is not something this page can do")
        await visit.house.accounts.change_form(actor, sheet.name, **_changes(visit, sheet, kept.forms, rows))
        return redirect(f"{sheet.path}?done=saved")

    async def again(refused: Form) -> Answer:
        return _page(visit, sheet, kept, rows, refused)

    return await visit.submit(form, act, again)


def _changes(visit: Visit, sheet: Sheet, stored: Forms, rows: Sequence[Row]) -> dict[str, Any]:
    """What change_form takes. :raises Invalid: with every problem at once, by the fields of the page."""
    fields = visit.fields
    made = checks.gathered(
        questions=lambda: questions.questions_of(rows, stored.of(sheet.name)),
        consent=lambda: _consent(stored, fields.get("consent", "")),
    )
    if sheet.name is FormName.QUESTIONS:
        return made | {"consent_required": "consent_required" in fields}
    del made["consent"]
    return made | ({"required": "required" in fields} if sheet.name is FormName.RECORD else {})


def _consent(stored: Forms, typed: str) -> dict[str, str]:
    """Without a text of their own there is nothing to agree to in any language."""
    return forms.check_consent({**stored.consent, "": typed}) if typed.strip() else {}


def _shown_form(stored: Forms) -> Form:
    values = {"consent": stored.consent.get("", "")}
    values |= {"consent_required": "yes"} if stored.consent_required else {}
    values |= {"required": "yes"} if stored.record_required else {}
    return Form(labels={"consent": "Text to agree to"}, values=values)


def _page(visit: Visit, sheet: Sheet, kept: Kept, rows: Sequence[Row], form: Form) -> Answer:
    asked = questions.usable(rows)
    return visit.page(
        "form",
        status=form.status,
        refused=form if form.status != 200 else None,
        sheet=sheet,
        form=form,
        rows=rows,
        kinds=questions.KINDS,
        most_questions=forms.QUESTIONS,
        most_choices=forms.CHOICES,
        pressed=visit.fields.get("action", ""),
        has_risk=sheet.name is FormName.QUESTIONS,
        preview=wording.all_shown(asked, kept.forms.language),
        languages=kept.languages,
        done=visit.done(_DONE),
    )


async def _in_other_words(visit: Visit, actor: Actor, sheet: Sheet, kept: Kept, language: str) -> Answer:
    stored = kept.forms
    asked = stored.of(sheet.name)
    has_consent = sheet.name is FormName.QUESTIONS and bool(stored.consent)

    async def show(form: Form) -> Answer:
        return visit.page(
            "form-words",
            status=form.status,
            refused=form if form.status != 200 else None,
            sheet=sheet,
            form=form,
            tag=language,
            sections=words.sections(asked),
            consent=stored.consent.get("", "") if has_consent else "",
            done=visit.done(_DONE),
        )

    async def act() -> Answer:
        changes: dict[str, Any] = {"questions": words.translated(asked, language, visit.fields)}
        if has_consent:
            said = visit.fields.get("consent", "")
            changes["consent"] = words.without(stored.consent, language) | {language: said}
        await visit.house.accounts.change_form(actor, sheet.name, **changes)
        return redirect(f"{sheet.path}?done=words")

    try:
        checks.language(language)
    except Invalid:
        problem = Invalid(language="must be a language tag such as de or pt-BR")
        refused = _shown_form(stored).refused(problem)
        return _page(visit, sheet, kept, questions.rows_of(asked), refused)
    labels = words.labels(asked) | {"consent": "Text to agree to"}
    form = Form(labels=labels, values=words.values(asked, stored, language), prefix="words")
    return await visit.submit(form, act, show) if visit.is_post else await show(form)
