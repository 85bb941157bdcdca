"""What an organisation asks and a client fills in, as frozen values.

What a question may be is the business of `forms`, and what is answered that of `answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FormName(StrEnum):
    """What a form is for: asked before the talk, after it, or of the consultant after it."""

    QUESTIONS = "questions"
    SURVEY = "survey"
    RECORD = "record"


class QuestionKind(StrEnum):
    """How a question of a form is answered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHOICES = "choices"
    SCALE = "scale"
    AGE_BAND = "age_band"


Answer = str | int | list[str]
"""An answer as it is stored: words, a number of a scale, or several choices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words of a question in another language; what is empty is said in the question's own words."""

    label: str = ""
    help: str = ""
    low_label: str = ""
    high_label: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    """By the question's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a form; `choices` and `low`..`high` only for the kinds that have them.

    A risk answer (one of `risk_choices`, or a number at or beyond a bound) lets its client go first.
    """

    name: str
    label: str
    kind: QuestionKind
    required: bool
    choices: tuple[str, ...] = ()
    help: str = ""
    low: int | None = None
    high: int | None = None
    low_label: str = ""
    high_label: str = ""
    risk_choices: tuple[str, ...] = ()
    risk_at_least: int | None = None
    risk_at_most: int | None = None
    translations: Mapping[str, Wording] = field(default_factory=dict)
    """By language tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """All forms of an organisation."""

    language: str
    """The organisation's own, in which the questions are asked unless they are translated."""
    questions: tuple[Question, ...]
    survey: tuple[Question, ...]
    record: tuple[Question, ...]
    record_required: bool
    consent: Mapping[str, str]
    """What to agree to before entering, by language tag; "" is the organisation's own language."""
    consent_required: bool

    def of(self, name: FormName) -> tuple[Question, ...]:
        """The questions of this form."""
        return getattr(self, name.value)  # type: ignore[no-any-return]  # each name is a field


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledIn:
    """What a client said before entering."""

    name: str
    language: str | None
    answers: dict[str, Answer]
    consented: bool | None
    """None: there was nothing to agree to."""
