"""What is answered to the questions of a form.

In come answers as somebody gave them, out come those that are stored, whether one of them is a risk answer,
and which groups they are counted in. Stores and counts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hotline.domain import checks
from hotline.domain.forms import COUNTED
from hotline.domain.questions import Answer, Question, QuestionKind
from hotline.domain.wording import known_choices
from hotline.errors import Invalid

LENGTH = 1000


def check_answers(given: object, asked: Sequence[Question]) -> dict[str, Answer]:
    """By question name; only what was asked, empty ones left out, choices in the question's own words.

    :raises Invalid: with every problem, under `answers.<name>`.
    """
    if not isinstance(given, Mapping):
        raise Invalid(answers="must be a table of answers by question name")
    problems: dict[str, Any] = {}
    known = {question.name for question in asked}
    for key in given:
        if key not in known:
            problems[f"answers.{_safe(key)}"] = "is not asked here"
    accepted: dict[str, Answer] = {}
    for question in asked:
        try:
            answer = _answer(question, given.get(question.name))
        except Invalid as error:
            problems.update(error.details)
        else:
            if answer is not None:
                accepted[question.name] = answer
    if problems:
        raise Invalid(**problems)
    return accepted


def is_risk(answers: Mapping[str, Answer], asked: Sequence[Question]) -> bool:
    """Whether one of the answers lets its client go first."""
    return any(question.name in answers and _is_risk(question, answers[question.name]) for question in asked)


def groups(answers: Mapping[str, Answer], asked: Sequence[Question]) -> list[tuple[str, str]]:
    """(question, answer) of all that can be counted, each once; what people wrote never."""
    return [
        (question.name, str(value))
        for question in asked
        if question.kind in COUNTED and question.name in answers
        for value in _each(answers[question.name])
    ]


def _is_risk(question: Question, answer: Answer) -> bool:
    if isinstance(answer, int):
        least, most = question.risk_at_least, question.risk_at_most
        return (least is not None and answer >= least) or (most is not None and answer <= most)
    return not set(question.risk_choices).isdisjoint(map(str, _each(answer)))


def _each(answer: Answer) -> Sequence[str | int]:
    return answer if isinstance(answer, list) else (answer,)


def _answer(question: Question, value: object) -> Answer | None:
    field = f"answers.{question.name}"
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        if question.required:
            raise Invalid(**{field: "must be answered"})
        return None
    match question.kind:
        case QuestionKind.SCALE:
            return _number(question, value, field)
        case QuestionKind.CHOICES:
            return _several(question, value, field)
        case QuestionKind.CHOICE | QuestionKind.AGE_BAND:
            return _one(question, value, field)
        case _:
            return checks.text(value, field, LENGTH)


def _one(question: Question, value: object, field: str) -> str:
    own = known_choices(question).get(checks.text(value, field, LENGTH))
    if own is None:
        raise Invalid(**{field: "must be one of the choices"})
    return own


def _several(question: Question, value: object, field: str) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > len(question.choices):
        raise Invalid(**{field: "must be a list out of the choices"})
    chosen = {_one(question, each, field) for each in value}
    if len(chosen) < len(value):
        raise Invalid(**{field: "must have each choice once"})
    return [choice for choice in question.choices if choice in chosen]


def _number(question: Question, value: object, field: str) -> int:
    low, high = question.low or 0, question.high or 0
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Invalid(**{field: f"must be a whole number from {low} to {high}"})
    return value


def _safe(key: object) -> str:
    shown = key if isinstance(key, str) else type(key).__name__
    return "".join(c for c in shown[:40] if c.isprintable())
