"""The forms an organisation has before it makes its own.

Nothing comes in, questions go out. Their words are in English here and in other languages in `catalog`.
"""

from __future__ import annotations

from hotline.domain.questions import Question, QuestionKind

AGE_BANDS = ("0-13", "14-17", "18-24", "25-39", "40-64", "65+")

DEFAULT_QUESTIONS = (
    Question(name="age", label="Age", kind=QuestionKind.TEXT, required=False),
    Question(name="gender", label="Gender", kind=QuestionKind.TEXT, required=False),
    Question(
        name="issues", label="What would you like to talk about?", kind=QuestionKind.LONG_TEXT, required=False
    ),
)

# What an organisation asks its consultants unless it asks something else.
DEFAULT_RECORD = (
    Question(
        name="contact",
        label="Kind of contact",
        kind=QuestionKind.CHOICE,
        required=True,
        choices=("Genuine", "Silent", "Prank", "Abusive", "Other"),
    ),
    Question(
        name="topic",
        label="What it was about",
        kind=QuestionKind.CHOICES,
        required=False,
        choices=(
            "Family",
            "Relationship",
            "Friends",
            "School or work",
            "Violence",
            "Mental health",
            "Self-harm or suicide",
            "Addiction",
            "Loneliness",
            "Something else",
        ),
    ),
    Question(
        name="outcome",
        label="How it ended",
        kind=QuestionKind.CHOICE,
        required=False,
        choices=("Helped to think it over", "Referred to others", "Emergency help called", "Broken off"),
    ),
)
# A survey to begin with; nobody is asked anything before a manager wants it.
SUGGESTED_SURVEY = (
    Question(
        name="helped",
        label="Did this conversation help you?",
        kind=QuestionKind.SCALE,
        required=False,
        low=1,
        high=5,
        low_label="Not at all",
        high_label="Very much",
    ),
    Question(
        name="again",
        label="Would you come back if you needed to?",
        kind=QuestionKind.CHOICE,
        required=False,
        choices=("Yes", "Perhaps", "No"),
    ),
    Question(
        name="comment",
        label="What would you like to tell us?",
        kind=QuestionKind.LONG_TEXT,
        required=False,
    ),
)
