"""What clients and consultants of the demonstration say, and how conversations of before went.

Nothing comes in, texts and answers go out. Never chooses by chance, so that every demonstration looks alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CLIENT_SAYS = (
    "Hello? I am not sure whether this is the right place.",
    "I have not slept well for weeks, and I cannot talk about it at home.",
    "It began when I moved here.",
    "Nobody asked me that before.",
    "Yes. I think that would help.",
    "Thank you. I will try that, and come back if it does not work.",
)
CONSULTANT_SAYS = (
    "It is. Take all the time you need.",
    "That sounds exhausting. Since when has it been like this?",
    "What was different before?",
    "Would you like us to think about one small thing for this evening?",
    "Good. Let us write it down together.",
    "Take care. The door is open.",
)
ISSUES = ("I cannot sleep", "Trouble at home", "Exams", "I just need somebody to talk to", "")
KIND_WORDS = (
    "Hello. I am here now.",
    "Thank you for telling me. Since when has it been like this?",
    "Who knows?",
)

MESSAGE_LEFT = (
    "Maren",
    "I could not write any earlier. My brother has not been home for two days and I do not know whom to ask. "
    "I will look in again tomorrow.",
)
ROUGH = ("Brick", "Are you a robot? You are all useless.")
BLOCK_REASON = "Insults, the third time this week"
PRIVATE_NOTE = "Has an aunt she trusts. Did not want to say which school; I did not press her."
HANDOVER_NOTE = "My shift ends. She would like help with telling her teacher; please go on where we are."
DRAFT = "Hello, I am here instead of my colleague now. You need not begin again: "
ASK_NOTE = "You know the carers' leave much better than I do. Would you come in for ten minutes?"

GROUP: Mapping[str, Any] = {
    "name": "Those who care for somebody",
    "text": "For people who look after somebody at home. We use made-up names, and nobody has to write.",
    "most_clients": 8,
    "listed": True,
}
GROUP_HOURS = 23
GROUP_SAID: tuple[tuple[str | None, str], ...] = (
    (None, "Good evening. I am here all the time; write whenever you like."),
    ("Heron", "Hello. I look after my father. I have never talked about it with anybody."),
    ("Clover", "Same here, my sister. Three years now."),
    ("Heron", "Do you get away at all?"),
    ("Clover", "On Thursdays, since there is somebody who sits with her. It took me a year to ask for that."),
    (None, "That is a big step. Would you like to tell how you found somebody?"),
    ("Pebble", "I would like to know that, too."),
)
"""Who says what, in turn; None: who leads it."""

_NAMES = ("Mika", "Jules", "Ines", "Otto", "Nadia", "Ben", "Lou", "Tara", "Emil", "Yara", "Finn", "Zoe")
_AGES = (
    "14-17",
    "18-24",
    "18-24",
    "25-39",
    "18-24",
    "14-17",
    "25-39",
    "18-24",
    "40-64",
    "18-24",
    "14-17",
    "14-17",
)
_ABOUT = ("Family", "How I feel", "School or work", "How I feel")
_CONTACTS = ("Genuine",) * 9 + ("Silent", "Genuine", "Prank")
_TOPICS = (["Family"], ["Loneliness"], ["School or work", "Mental health"], ["Mental health"])
_OUTCOMES = ("Helped to think it over", "Helped to think it over", "Referred to others")
_COMMENTS = {
    1: "It was good that nobody asked for my name.",
    4: "I had to wait a little, but then somebody had time for me.",
    8: "I slept for the first time in a week.",
}
_LANGUAGES = ("en", "en", "en", "de", "en", "en", "ar", "en", "en", "de", "en", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A conversation of before: its client, what was said, the record and the survey."""

    name: str
    language: str
    answers: dict[str, Any]
    said: tuple[str, ...]
    record: dict[str, Any]
    survey: dict[str, Any]


def past() -> Iterator[Past]:
    """Enough of them that no group is too small to be shown."""
    for number, name in enumerate(_NAMES):
        contact = _CONTACTS[number]
        talk = [text for both in zip(CLIENT_SAYS, CONSULTANT_SAYS, strict=True) for text in both]
        comment = {"comment": _COMMENTS[number]} if number in _COMMENTS else {}
        yield Past(
            name=name,
            language=_LANGUAGES[number],
            answers={
                "about": _ABOUT[number % len(_ABOUT)],
                "age": _AGES[number],
                "safe": "I am not sure" if number % 5 == 2 else "Yes",
                "strain": (3, 5, 6, 7, 8)[number % 5],
                "issues": ISSUES[number % len(ISSUES)],
            },
            said=tuple(talk if contact == "Genuine" else talk[:2]),
            record={"contact": contact}
            | (
                {"topic": _TOPICS[number % 4], "outcome": _OUTCOMES[number % 3]}
                if contact == "Genuine"
                else {}
            ),
            survey={"helped": (4, 5, 5, 3, 5)[number % 5], "again": "Perhaps" if number % 6 == 3 else "Yes"}
            | comment,
        )
