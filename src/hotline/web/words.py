"""The words of a form in another language, as fields of a page.

Questions become sections of fields with what is to be translated beside them; posted fields become questions
with these translations again. Never changes what is asked, only how it is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hotline.domain import forms, wording
from hotline.domain.questions import FormName, Forms, Question, QuestionKind, Wording
from hotline.errors import Invalid

_PARTS = {"label": "Question", "help": "Help", "low_label": "Beginning", "high_label": "End"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One question: its fields with the organisation's own words for each."""

    title: str
    fields: tuple[tuple[str, str], ...]


def languages_of(stored: Forms, name: FormName, own: Sequence[str]) -> list[str]:
    """Languages in which the form is said, or could be: the organisation's own, but for the first."""
    tags = {tag for question in stored.of(name) for tag in question.translations} | set(own[1:])
    if name is FormName.QUESTIONS:
        tags |= set(stored.consent) - {""}
    return sorted(tags)


def sections(asked: Sequence[Question]) -> list[Section]:
    """What there is to translate."""
    return [Section(title=question.label, fields=tuple(_fields(question))) for question in asked]


def labels(asked: Sequence[Question]) -> dict[str, str]:
    """What the fields are called."""
    return {field: words for question in asked for field, words in _fields(question)}


def values(asked: Sequence[Question], stored: Forms, language: str) -> dict[str, str]:
    """What is in the fields: the translations there are, to start with ours."""
    found = {"consent": _exactly(stored.consent, language) or ""}
    for question in asked:
        said = _exactly(question.translations, language) or Wording()
        for part in _PARTS:
            own = getattr(question, part)
            found[_field(question, part)] = getattr(said, part) or _ours(own, language)
        for number, choice in enumerate(question.choices):
            found[_field(question, f"choice-{number}")] = said.choices.get(choice) or _ours(choice, language)
    return found


def translated(asked: Sequence[Question], language: str, fields: Mapping[str, str]) -> list[Question]:
    """The questions with these words. :raises Invalid: by field."""
    made: list[Question] = []
    problems: dict[str, Any] = {}
    for question in asked:
        said = Wording(
            **{part: fields.get(_field(question, part), "") for part in _PARTS},
            choices={
                choice: fields.get(_field(question, f"choice-{number}"), "")
                for number, choice in enumerate(question.choices)
            },
        )
        translations = without(question.translations, language) | {language: said}
        try:
            made.append(forms.check_question(replace(question, translations=translations)))
        except Invalid as error:
            problems[_field(question, "label")] = next(iter(error.details.values()))
    if problems:
        raise Invalid(**problems)
    return made


def without(texts: Mapping[str, T], language: str) -> dict[str, T]:
    """All but what is said in this language, however its tag is written."""
    return {tag: text for tag, text in texts.items() if tag.lower() != language.lower()}


def _exactly(texts: Mapping[str, T], language: str) -> T | None:
    return next((text for tag, text in texts.items() if tag.lower() == language.lower()), None)


def _ours(own: str, language: str) -> str:
    said = wording.ours(own, language)
    return said if said != own else ""


def _fields(question: Question) -> list[tuple[str, str]]:
    parts = [(_field(question, part), getattr(question, part)) for part in _PARTS if getattr(question, part)]
    if question.kind is QuestionKind.AGE_BAND:
        return parts
    return parts + [
        (_field(question, f"choice-{number}"), choice) for number, choice in enumerate(question.choices)
    ]


def _field(question: Question, part: str) -> str:
    return f"words-{question.name}-{part}"
