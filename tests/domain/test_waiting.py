"""What a line of the clientlist says in few words."""

from __future__ import annotations

import pytest

from hotline.domain.defaults import DEFAULT_QUESTIONS
from hotline.domain.questions import Question, QuestionKind
from hotline.domain.waiting import TOPIC_LENGTH, topic_of

QUESTIONS = (
    *DEFAULT_QUESTIONS,
    Question(name="about", label="About", kind=QuestionKind.CHOICE, required=False, choices=("A", "B")),
    Question(name="more", label="More", kind=QuestionKind.CHOICE, required=False, choices=("Yes",)),
)


@pytest.mark.parametrize(
    ("answers", "topic"),
    [
        ({}, None),
        ({"age": "12", "gender": "f"}, None),
        ({"issues": "my  sister\n and I"}, "my sister and I"),
        ({"issues": "my sister", "more": "Yes"}, "Yes"),
        ({"issues": "my sister", "more": "Yes", "about": "B"}, "B"),
        ({"about": ["A", "B"], "more": "Yes"}, "A"),
        ({"about": [], "more": "Yes"}, "Yes"),
        ({"issues": 7}, None),
    ],
)
def test_the_topic(answers: dict[str, object], topic: str | None) -> None:
    """The first choice in the order of the questions, else the beginning of what they wrote."""
    assert topic_of(QUESTIONS, answers) == topic


def test_a_long_topic_is_cut() -> None:
    """And shows that it was."""
    assert topic_of((), {"issues": "x" * TOPIC_LENGTH}) == "x" * TOPIC_LENGTH
    cut = topic_of((), {"issues": "x" * (TOPIC_LENGTH + 1)})
    assert cut == "x" * (TOPIC_LENGTH - 1) + "\u2026"
