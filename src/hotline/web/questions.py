"""The editor of a form's questions, as fields of a page that works without JavaScript.

Questions become rows of text, posted fields become rows again, and rows become questions or problems with
the field they belong to. Stores nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hotline.domain import forms
from hotline.domain.defaults import AGE_BANDS
from hotline.domain.questions import Question, QuestionKind
from hotline.errors import Invalid
from hotline.web import row_fields
from hotline.web.row_fields import RowKind

KINDS = {
    QuestionKind.TEXT: "One line",
    QuestionKind.LONG_TEXT: "Several lines",
    QuestionKind.CHOICE: "One out of a list",
    QuestionKind.CHOICES: "Several out of a list",
    QuestionKind.SCALE: "A number on a scale",
    QuestionKind.AGE_BAND: "An age band",
}
_PARTS = {
    "label": "Question",
    "kind": "Kind of answer to question",
    "low": "Beginning of the scale of question",
    "high": "End of the scale of question",
    "low_label": "Words at the beginning of the scale of question",
    "high_label": "Words at the end of the scale of question",
    "help": "Help for question",
    "name": "Short name of question",
    "risk_at_least": "Risk from this number on of question",
    "risk_at_most": "Risk up to this number of question",
}
_CHOICES = "Choices of question"
_ROWS = RowKind(noun="question", most=forms.QUESTIONS)
_CHOICE_BUTTON = re.compile(r"[a-z]+-question-([0-9]{1,3})-choice(-[0-9]{1,3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice as typed; `is_risk`: who chooses it goes first."""

    text: str = ""
    is_risk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question as typed."""

    name: str = ""
    label: str = ""
    kind: str = QuestionKind.TEXT
    required: bool = False
    choices: tuple[Choice, ...] = ()
    help: str = ""
    low: str = ""
    high: str = ""
    low_label: str = ""
    high_label: str = ""
    risk_at_least: str = ""
    risk_at_most: str = ""


def field(number: int, part: str) -> str:
    """The name of a field of the row with this number, counted from 0."""
    return _ROWS.field(number, part)


def labels(rows: Sequence[Row]) -> dict[str, str]:
    """What the fields of these rows are called in problems."""
    parts = {**_PARTS, "choices": _CHOICES}
    return {field(n, part): f"{label} {n + 1}" for n in range(len(rows)) for part, label in parts.items()}


def rows_of(questions: Sequence[Question]) -> list[Row]:
    """Rows to edit these questions with."""
    return [
        Row(
            name=q.name,
            label=q.label,
            kind=q.kind,
            required=q.required,
            choices=tuple(Choice(text=each, is_risk=each in q.risk_choices) for each in q.choices),
            help=q.help,
            low=_shown(q.low),
            high=_shown(q.high),
            low_label=q.low_label,
            high_label=q.high_label,
            risk_at_least=_shown(q.risk_at_least),
            risk_at_most=_shown(q.risk_at_most),
        )
        for q in questions
    ]


def read_rows(fields: Mapping[str, str]) -> list[Row]:
    """The rows that were posted, as they were numbered. :raises Invalid: their number is not one."""
    return [_read_row(fields, n) for n in range(row_fields.count(fields, _ROWS))]


def _read_row(fields: Mapping[str, str], number: int) -> Row:
    typed = {part: fields.get(field(number, part), "") for part in _PARTS}
    typed["name"] = typed["name"].strip()
    typed["kind"] = typed["kind"] or QuestionKind.TEXT
    choices = _read_choices(fields, _choices_of(number))
    if typed["kind"] == QuestionKind.AGE_BAND and not any(choice.text.strip() for choice in choices):
        choices = tuple(Choice(text=band) for band in AGE_BANDS)
    return Row(**typed, choices=choices, required=field(number, "required") in fields)


def _choices_of(number: int) -> RowKind:
    """Rows within a row: `question-0-choice-0-text` and so on, and their number in `question-0-choices`."""
    return RowKind(noun=field(number, "choice"), most=forms.CHOICES)


def _read_choices(fields: Mapping[str, str], kind: RowKind) -> tuple[Choice, ...]:
    return tuple(
        Choice(text=fields.get(kind.field(n, "text"), ""), is_risk=kind.field(n, "risk") in fields)
        for n in range(row_fields.count(fields, kind))
    )


def edited(rows: list[Row], action: str, order: str = "") -> tuple[list[Row], bool]:
    """The rows after what a button of the editor does; whether it was such a button. See row_fields."""
    match = _CHOICE_BUTTON.fullmatch(action)
    if match is None or int(match[1]) >= len(rows):
        return row_fields.edited(rows, _ROWS, action, order, Row())
    number = int(match[1])
    choices, is_button = row_fields.edited(
        list(rows[number].choices), _choices_of(number), action, "", Choice()
    )
    changed = [*rows[:number], replace(rows[number], choices=tuple(choices)), *rows[number + 1 :]]
    return row_fields.edited(changed, _ROWS, "", order, Row())[0], is_button


def questions_of(rows: Sequence[Row], known: Sequence[Question] = ()) -> list[Question]:
    """The questions these rows are. :raises Invalid: `details` by the fields of the rows.

    :param known: the questions of before: translations stay with the short name.
    """
    found: list[Question] = []
    problems: dict[str, str] = {}
    taken: set[str] = set()
    by_name = {question.name: question for question in known}
    for number, row in enumerate(rows):
        try:
            question = _question(row, taken, by_name)
        except Invalid as error:
            problems |= {field(number, part): str(problem) for part, problem in error.details.items()}
        else:
            taken.add(question.name)
            found.append(question)
    if problems:
        raise Invalid(**problems)
    return found


def usable(rows: Sequence[Row]) -> list[Question]:
    """Those of the rows that are questions already, for a preview while somebody types."""
    found: list[Question] = []
    for row in rows:
        try:
            found.append(_question(row, {question.name for question in found}, {}))
        except Invalid:
            continue
    return found


def _question(row: Row, taken: set[str], known: Mapping[str, Question]) -> Question:
    if row.kind not in set(QuestionKind):
        raise Invalid(kind="must be one of the list")
    kind = QuestionKind(row.kind)
    question = Question(
        name=row.name or _name_of(row.label, taken),
        label=row.label,
        kind=kind,
        required=row.required,
        choices=_texts(row.choices),
        help=row.help,
        low_label=row.low_label,
        high_label=row.high_label,
        risk_choices=_texts(each for each in row.choices if each.is_risk) if kind in forms.OF_CHOICES else (),
    )
    if kind is QuestionKind.SCALE:
        question = replace(
            question,
            low=_number(row.low, "low"),
            high=_number(row.high, "high"),
            risk_at_least=_number(row.risk_at_least, "risk_at_least"),
            risk_at_most=_number(row.risk_at_most, "risk_at_most"),
        )
    checked = forms.check_question(question)
    if checked.name in taken:
        raise Invalid(name="is already the name of another question")
    return _translated(checked, known.get(checked.name))


def _translated(question: Question, before: Question | None) -> Question:
    """With the translations of before, but for choices that are not there any more."""
    if before is None:
        return question
    kept = {
        tag: replace(
            wording,
            choices={choice: said for choice, said in wording.choices.items() if choice in question.choices},
        )
        for tag, wording in before.translations.items()
    }
    try:
        return forms.check_question(replace(question, translations=kept))
    except Invalid:
        raise Invalid(choices="must not be what another choice is called in another language") from None


def _texts(choices: Iterable[Choice]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(choice.text.strip() for choice in choices if choice.text.strip()))


def _number(typed: str, part: str) -> int | None:
    if not typed.strip():
        return None
    if not re.fullmatch(r"[0-9]{1,3}", typed.strip()):
        raise Invalid(**{part: f"must be a whole number from 0 to {forms.HIGHEST}"})
    return int(typed)


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


def _name_of(label: str, taken: set[str]) -> str:
    """A short name made of the question's own words."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36].strip("_") or "question"
    base = base if base[:1].isalpha() else f"q_{base}"
    number = 1
    while (name := base if number == 1 else f"{base}_{number}") in taken:
        number += 1
    return name
