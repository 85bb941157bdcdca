"""What the questions of a form may be.

In come questions as a manager or a script made them, or as they are stored; out come checked ones, or what
is wrong with which part. Knows no answers: those are `answers`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from hotline.domain import checks
from hotline.domain.defaults import AGE_BANDS
from hotline.domain.questions import Question, QuestionKind, Wording
from hotline.errors import Invalid
from hotline.limits import INVALID, Limit, Per, fixed

QUESTIONS = fixed(
    20,
    __name__,
    Limit(Per.ORGANISATION, "questions of one form", INVALID),
    "what a form is: who counts answers and prints them relies on it",
)
BYTES = fixed(
    60_000,
    __name__,
    Limit(Per.ORGANISATION, "bytes of one form, in all its languages", INVALID),
    "a form is sent as one message, which holds 64 KiB unless a client says more",
)
"""Of a whole form with all its translations: it has to fit a message."""
CHOICES = 50
LABEL_LENGTH = 200
CHOICE_LENGTH = 80
HELP_LENGTH = 500
END_LENGTH = 40
CONSENT_LENGTH = 5000
LANGUAGES = 20
HIGHEST = 100
STEPS = 20

OF_CHOICES = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.AGE_BAND})
"""Kinds with a list to choose from."""
COUNTED = OF_CHOICES | {QuestionKind.SCALE}
"""Kinds whose answers can be counted without saying what anybody wrote."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BAND = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3})|\+)")


def check_questions(values: Sequence[Question]) -> tuple[Question, ...]:
    """At most 20, each name once. :raises Invalid: by `questions.<number from 0>.<part>`, all at once."""
    if len(values) > QUESTIONS:
        raise Invalid(questions=f"must be at most {QUESTIONS}")
    checked: list[Question] = []
    problems: dict[str, Any] = {}
    for number, value in enumerate(values):
        try:
            checked.append(check_question(value))
        except Invalid as error:
            problems |= {f"questions.{number}.{part}": problem for part, problem in error.details.items()}
    if problems:
        raise Invalid(**problems)
    if len({value.name for value in checked}) < len(checked):
        raise Invalid(questions="must each have a name of its own")
    if len(json.dumps([plain(value) for value in checked], ensure_ascii=False).encode()) > BYTES:
        raise Invalid(questions="are too long altogether")
    return tuple(checked)


def check_question(value: Question) -> Question:
    """The question as it is stored: trimmed, without what its kind does not have.

    :raises Invalid: by part: `name`, `label`, `choices` and so on.
    """
    parts = checks.gathered(
        name=lambda: _name(value.name),
        label=lambda: checks.line(value.label, "label", LABEL_LENGTH),
        help=lambda: _perhaps(value.help, "help", HELP_LENGTH),
        choices=lambda: _choices(value),
        low_label=lambda: _perhaps_line(value.low_label, "low_label", END_LENGTH),
        high_label=lambda: _perhaps_line(value.high_label, "high_label", END_LENGTH),
    )
    low, high = _ends(value)
    if value.kind is not QuestionKind.SCALE:
        parts |= {"low_label": "", "high_label": ""}
    question = replace(value, **parts, low=low, high=high, risk_choices=(), translations={})
    question = replace(
        question,
        risk_choices=_risk_choices(value, question.choices),
        risk_at_least=_bound(value.risk_at_least, "risk_at_least", low, high),
        risk_at_most=_bound(value.risk_at_most, "risk_at_most", low, high),
        translations=_translations(value.translations, question),
    )
    wordings(question)
    return question


def check_consent(value: Mapping[Any, Any]) -> dict[str, str]:
    """A text to agree to by language tag, "" for the organisation's own; empty ones are left out."""
    if len(value) > LANGUAGES:
        raise Invalid(consent=f"must be in at most {LANGUAGES} languages")
    texts = {}
    for tag, said in value.items():
        if tag:
            checks.language_tag(tag, "consent")
        if text := _perhaps(said, "consent", CONSENT_LENGTH):
            texts[tag] = text
    if texts and "" not in texts:
        raise Invalid(consent="must be said in your own language too")
    return texts


def has_risk(question: Question) -> bool:
    """Whether any answer to it is a risk answer."""
    bounds = (question.risk_at_least, question.risk_at_most)
    return bool(question.risk_choices) or any(bound is not None for bound in bounds)


def wordings(question: Question) -> dict[str, str]:
    """Every wording of every choice, in any language, to the question's own.

    :raises Invalid: one wording would be two choices.
    """
    known = {choice: choice for choice in question.choices}
    for wording in question.translations.values():
        for choice, said in wording.choices.items():
            if known.setdefault(said, choice) != choice:
                raise Invalid(translations=f"make one choice of two: {said}")
    return known


def plain(question: Question) -> dict[str, Any]:
    """The whole question as a dict of plain values, as it is stored and as managers get it."""
    return {
        **asdict(question),
        "kind": question.kind.value,
        "choices": list(question.choices),
        "risk_choices": list(question.risk_choices),
        "translations": {
            tag: {**asdict(wording), "choices": dict(wording.choices)}
            for tag, wording in question.translations.items()
        },
    }


def read(value: Mapping[str, Any]) -> Question:
    """The question of a dict as `plain` makes it, or of one without the parts that have a default."""
    return Question(
        **{
            **value,
            "kind": QuestionKind(value["kind"]),
            "choices": tuple(value.get("choices", ())),
            "risk_choices": tuple(value.get("risk_choices", ())),
            "translations": {
                tag: Wording(**wording) for tag, wording in value.get("translations", {}).items()
            },
        }
    )


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise Invalid(name="must be small letters, digits and _, beginning with a letter")
    return value


def _perhaps(value: str, field: str, longest: int) -> str:
    return checks.text(value, field, longest) if value.strip() else ""


def _perhaps_line(value: str, field: str, longest: int) -> str:
    return checks.line(value, field, longest) if value.strip() else ""


def _choices(value: Question) -> tuple[str, ...]:
    if value.kind not in OF_CHOICES:
        return ()
    if value.kind is QuestionKind.AGE_BAND:
        return _bands(value.choices)
    choices = tuple(checks.line(choice, "choices", CHOICE_LENGTH) for choice in value.choices)
    if not choices:
        raise Invalid(choices="must not be empty: please write at least one")
    if len(choices) > CHOICES:
        raise Invalid(choices=f"must be at most {CHOICES}")
    if len(set(choices)) < len(choices):
        raise Invalid(choices="must each be there once")
    return choices


def _bands(given: Sequence[str]) -> tuple[str, ...]:
    """Bands of age such as 14-17 and 65+, rising, so that everybody is in one at most."""
    bands = tuple(band.strip() for band in given if band.strip()) or AGE_BANDS
    last = -1
    for band in bands:
        match = _BAND.fullmatch(band)
        if match is None or int(match[1]) <= last:
            raise Invalid(choices="must be rising bands of age such as 14-17, the last perhaps 65+")
        last = int(match[2]) if match[2] else 1000
        if last < int(match[1]):
            raise Invalid(choices="must be rising bands of age such as 14-17, the last perhaps 65+")
    if len(bands) > CHOICES:
        raise Invalid(choices=f"must be at most {CHOICES}")
    return bands


def _ends(value: Question) -> tuple[int | None, int | None]:
    if value.kind is not QuestionKind.SCALE:
        return None, None
    low, high = 0 if value.low is None else value.low, 10 if value.high is None else value.high
    if not 0 <= low < HIGHEST:
        raise Invalid(low=f"must be a whole number from 0 to {HIGHEST - 1}")
    if not low < high <= min(HIGHEST, low + STEPS):
        raise Invalid(high=f"must be a whole number from {low + 1} to {min(HIGHEST, low + STEPS)}")
    return low, high


def _risk_choices(value: Question, choices: tuple[str, ...]) -> tuple[str, ...]:
    risky = tuple(dict.fromkeys(choice.strip() for choice in value.risk_choices))
    if not set(risky) <= set(choices):
        raise Invalid(risk_choices="must be among the choices")
    return risky


def _bound(value: int | None, field: str, low: int | None, high: int | None) -> int | None:
    if value is None or low is None or high is None:
        return None
    if not low <= value <= high:
        raise Invalid(**{field: f"must be a whole number from {low} to {high}"})
    return value


def _translations(given: Mapping[str, Wording], question: Question) -> dict[str, Wording]:
    if len(given) > LANGUAGES:
        raise Invalid(translations=f"must be at most {LANGUAGES}")
    checked = {
        checks.language_tag(tag, "translations"): _wording(wording, question)
        for tag, wording in given.items()
    }
    return {tag: wording for tag, wording in checked.items() if wording != Wording()}


def _wording(value: Wording, question: Question) -> Wording:
    field = "translations"
    is_scale = question.kind is QuestionKind.SCALE
    if question.kind is QuestionKind.AGE_BAND:
        value = replace(value, choices={})  # bands are numbers in every language
    if not set(value.choices) <= set(question.choices):
        raise Invalid(translations="must be of the question's own choices")
    choices = {
        choice: _perhaps_line(said, field, CHOICE_LENGTH)
        for choice, said in value.choices.items()
        if said.strip()
    }
    return Wording(
        label=_perhaps_line(value.label, field, LABEL_LENGTH),
        help=_perhaps(value.help, field, HELP_LENGTH),
        low_label=_perhaps_line(value.low_label, field, END_LENGTH) if is_scale else "",
        high_label=_perhaps_line(value.high_label, field, END_LENGTH) if is_scale else "",
        choices=choices,
    )
