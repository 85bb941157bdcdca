"""The editor of the anteroom's questions, as fields of a form that works without JavaScript.

Questions become rows of text, posted fields become rows again, and rows become questions or problems with
the field they belong to. Stores nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline.domain import checks
from hotline.domain.model import Question, QuestionKind
from hotline.errors import Invalid

KINDS = {
    QuestionKind.TEXT: "One line",
    QuestionKind.LONG_TEXT: "Several lines",
    QuestionKind.CHOICE: "A choice from a list",
}
_LABEL_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question as typed."""

    name: str = ""
    label: str = ""
    kind: str = QuestionKind.TEXT
    required: bool = False
    choices: str = ""


def field(number: int, part: str) -> str:
    """The name of a field of the row with this number, counted from 0."""
    return f"question-{number}-{part}"


def labels(rows: Sequence[Row]) -> dict[str, str]:
    """What the fields of these rows are called in problems."""
    parts = {
        "label": "Question",
        "name": "Short name of question",
        "kind": "Kind of question",
        "choices": "Choices of question",
    }
    return {field(n, part): f"{label} {n + 1}" for n in range(len(rows)) for part, label in parts.items()}


def rows_of(questions: Sequence[Question]) -> list[Row]:
    """Rows to edit these questions with."""
    return [
        Row(name=q.name, label=q.label, kind=q.kind, required=q.required, choices="\n".join(q.choices))
        for q in questions
    ]


def read_rows(fields: Mapping[str, str]) -> list[Row]:
    """The rows that were posted. :raises Invalid: their number is not one."""
    count = fields.get("questions", "0")
    if not re.fullmatch(r"[0-9]{1,2}", count) or int(count) > checks.QUESTIONS:
        raise Invalid(questions=f"must be at most {checks.QUESTIONS}")
    return [
        Row(
            name=fields.get(field(n, "name"), "").strip(),
            label=fields.get(field(n, "label"), ""),
            kind=fields.get(field(n, "kind"), QuestionKind.TEXT),
            required=field(n, "required") in fields,
            choices=fields.get(field(n, "choices"), ""),
        )
        for n in range(int(count))
    ]


def edited(rows: list[Row], action: str) -> list[Row] | None:
    """The rows after `add-question`, `remove-question-<n>` or `raise-question-<n>`; None: another action."""
    if action == "add-question":
        return [*rows, Row()] if len(rows) < checks.QUESTIONS else rows
    match = re.fullmatch(r"(remove|raise)-question-([0-9]{1,2})", action)
    if match is None:
        return None
    number = int(match[2])
    if number >= len(rows):
        return rows
    others = rows[:number] + rows[number + 1 :]
    if match[1] == "raise":
        others.insert(max(number - 1, 0), rows[number])
    return others


def questions_of(rows: Sequence[Row]) -> list[Question]:
    """The questions these rows are. :raises Invalid: `details` by the fields of the rows."""
    found: list[Question] = []
    problems: dict[str, str] = {}
    taken: set[str] = set()
    for number, row in enumerate(rows):
        try:
            question = _question(number, row, taken)
        except Invalid as error:
            problems.update(error.details)
        else:
            taken.add(question.name)
            found.append(question)
    if problems:
        raise Invalid(**problems)
    return found


def _question(number: int, row: Row, taken: set[str]) -> Question:
    label_field, name_field = field(number, "label"), field(number, "name")
    choices_field = field(number, "choices")
    label = checks.line(row.label, label_field, _LABEL_LENGTH)
    name = row.name or _name_of(label, taken)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise Invalid(**{name_field: "must be small letters, digits and _, beginning with a letter"})
    if name in taken:
        raise Invalid(**{name_field: "is already the name of another question"})
    if row.kind not in set(QuestionKind):
        raise Invalid(**{field(number, "kind"): "must be one of the list"})
    kind = QuestionKind(row.kind)
    choices: tuple[str, ...] = ()
    if kind is QuestionKind.CHOICE:
        choices = tuple(
            dict.fromkeys(checks.line(c, choices_field) for c in row.choices.splitlines() if c.strip())
        )
        if not choices:
            raise Invalid(**{choices_field: "must not be empty: please write one choice a line"})
        if len(choices) > checks.CHOICES:
            raise Invalid(**{choices_field: f"must be at most {checks.CHOICES}"})
    return Question(name=name, label=label, kind=kind, required=row.required, choices=choices)


def _name_of(label: str, taken: set[str]) -> str:
    """A short name made of the question's own words."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36].strip("_") or "question"
    base = base if base[:1].isalpha() else f"q_{base}"
    number = 1
    while (name := base if number == 1 else f"{base}_{number}") in taken:
        number += 1
    return name
