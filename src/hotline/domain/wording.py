"""Which words somebody is shown: the organisation's, in the language they ask for, or ours.

In come texts by language and a language tag, out come the words, and questions as they are shown. First is
the tag asked for, then what it is a variety of, then the organisation's own words, of which those that are
really ours come in our own translation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from hotline.domain.catalog import CATALOG, NOTICES, Notice
from hotline.domain.forms import OF_CHOICES, wordings
from hotline.domain.languages import varieties
from hotline.domain.questions import Question, QuestionKind, Wording

T = TypeVar("T")


def chosen(texts: Mapping[str, T], *languages: str | None) -> T | None:
    """What there is in the first of these languages that has anything, or None."""
    by_tag = {tag.lower(): text for tag, text in texts.items()}
    wanted = (tag for language in languages for tag in varieties(language))
    return next((by_tag[tag] for tag in wanted if by_tag.get(tag)), None)


def ours(words: str, *languages: str | None) -> str:
    """Words of ours in the first of these languages that we know; others as they are."""
    in_english = {"en": words} if words in CATALOG else {}
    return chosen(CATALOG.get(words, {}) | in_english, *languages) or words


def known_choices(question: Question) -> dict[str, str]:
    """Every wording that stands for a choice, to the question's own words for it."""
    known = wordings(question)
    for choice in question.choices:
        for said in CATALOG.get(choice, {}).values():
            known.setdefault(said, choice)
    return known


def shown(question: Question, *languages: str | None) -> dict[str, Any]:
    """A question as whoever answers it is shown it; which answers are risk answers is not said.

    :param languages: the one asked for, then the organisation's own.
    """
    wording: Wording = chosen(question.translations, *languages[:1]) or Wording()
    described: dict[str, Any] = {
        "name": question.name,
        "label": wording.label or ours(question.label, *languages),
        "kind": question.kind.value,
        "required": question.required,
    }
    if question.kind in OF_CHOICES:
        said = [wording.choices.get(choice) or ours(choice, *languages) for choice in question.choices]
        # Ours must not say of two choices the same.
        described["choices"] = said if len(set(said)) == len(said) else list(question.choices)
    if question.kind is QuestionKind.SCALE:
        described |= {"low": question.low, "high": question.high}
    words = {
        "help": wording.help or ours(question.help, *languages),
        "low_label": wording.low_label or ours(question.low_label, *languages),
        "high_label": wording.high_label or ours(question.high_label, *languages),
    }
    return described | {key: said for key, said in words.items() if said}


def all_shown(questions: Sequence[Question], *languages: str | None) -> list[dict[str, Any]]:
    """All questions of a form as `shown`."""
    return [shown(question, *languages) for question in questions]


def notice(retention_hours: int, *languages: str | None) -> str:
    """What is kept and how long, in a sentence; in English if we know none of the languages."""
    words: Notice = chosen(NOTICES, *languages) or NOTICES["en"]
    return words.later.format(time=_kept(words, retention_hours)) if retention_hours else words.at_once


def message_notice(retention_hours: int, message_days: int, *languages: str | None) -> str:
    """The same of a message that is left."""
    words: Notice = chosen(NOTICES, *languages) or NOTICES["en"]
    read = (
        words.read_later.format(time=_kept(words, retention_hours)) if retention_hours else words.read_at_once
    )
    return f"{words.message.format(days=words.so_many(message_days, words.days))} {read}"


def group_notice(retention_hours: int, *languages: str | None) -> str:
    """The same of a group."""
    words: Notice = chosen(NOTICES, *languages) or NOTICES["en"]
    if not retention_hours:
        return words.group_at_once
    return words.group_later.format(time=_kept(words, retention_hours))


def _kept(words: Notice, hours: int) -> str:
    if hours % 24 == 0 and hours > 48:
        return words.so_many(hours // 24, words.days)
    return words.so_many(hours, words.hours)


def notice_facts(retention_hours: int) -> dict[str, Any]:
    """The same and more for an app that words it by itself. Only what the program really does."""
    return {
        "retention_hours": retention_hours,
        "messages_kept": retention_hours > 0,
        "kept_until_appointment": True,
        "managers_may_read": True,
        "managers_may_export": True,
        "staff_may_read": False,
        "notes_kept": True,
        "answers_shown_to_staff": True,
        "address_kept": False,
        "counts_kept": True,
    }
