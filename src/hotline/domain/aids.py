"""What helps consultants write: ready answers, and the directory of places to refer to.

In come values as they are typed or called with; out come ReadyAnswer and Referral, or Invalid by field; and
the words by which a referral is found. Nothing is stored here, and no placeholder filled in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hotline.domain import checks, settings
from hotline.errors import Invalid


class Scope(StrEnum):
    """Whose a ready answer is: everybody's in the organisation, or one consultant's own."""

    ORGANISATION = "organisation"
    OWN = "own"


ANSWER_LENGTH = 2000
REFERRAL_LENGTH = 1000
TOPIC_LENGTH = 40
MOST_TAGS = 20
SEARCH_LENGTH = 100

_SHORTCUT = re.compile(r"[^\W_][\w-]{0,29}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyAnswer:
    """A text that a consultant inserts by its shortcut. `{client}`, `{consultant}` and `{organisation}` in it
    stand for names, which the console fills in."""

    answer_id: str
    scope: Scope
    shortcut: str
    text: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A place to refer clients to; `contact` is a telephone number, an https link or an email address."""

    referral_id: str
    name: str
    contact: str
    text: str
    languages: tuple[str, ...]
    topics: tuple[str, ...]


def check_answer(
    answer_id: str, scope: object, shortcut: object, text: object, language: object
) -> ReadyAnswer:
    """:raises Invalid: with every problem at once."""
    return ReadyAnswer(
        answer_id=answer_id,
        **checks.gathered(
            scope=lambda: settings.one_of("scope", Scope)(scope),
            shortcut=lambda: check_shortcut(shortcut),
            text=lambda: checks.text(text, "text", ANSWER_LENGTH),
            language=lambda: checks.language(language),
        ),
    )


def check_referral(
    referral_id: str, name: object, contact: object, text: object, languages: object, topics: object
) -> Referral:
    """:raises Invalid: with every problem at once."""
    return Referral(
        referral_id=referral_id,
        **checks.gathered(
            name=lambda: checks.name(name),
            contact=lambda: check_contact(contact),
            text=lambda: "" if _is_blank(text) else checks.text(text, "text", REFERRAL_LENGTH),
            languages=lambda: check_languages(languages),
            topics=lambda: check_topics(topics),
        ),
    )


def check_languages(values: object) -> tuple[str, ...]:
    """Up to 20 language tags."""
    return _some("languages", values, _tag)


def check_topics(values: object) -> tuple[str, ...]:
    """Up to 20 topics, a few words each."""
    return _some("topics", values, _topic)


def check_shortcut(value: object) -> str:
    """One word of 1..30 letters and digits, `-` and `_` within, in lower case; with or without the `/`."""
    if isinstance(value, str):
        word = unicodedata.normalize("NFC", value).strip().removeprefix("/").lower()
        if _SHORTCUT.fullmatch(word):
            return word
    raise Invalid(shortcut="must be one word of at most 30 letters and digits")


def check_contact(value: object) -> str:
    """A telephone number as people write it, an https link, or an email address."""
    if isinstance(value, str):
        typed = re.sub(r"^(tel|mailto):", "", value.strip(), flags=re.IGNORECASE)
        for check in (settings.contact, checks.email):
            try:
                return check(typed, "contact")
            except Invalid:
                pass
    raise Invalid(contact="must be a telephone number, an https:// link or an email address")


def href(contact: str) -> str:
    """What a contact leads to: `tel:`, `https:` or `mailto:`."""
    is_email = "@" in contact and not contact.lower().startswith("https://")
    return f"mailto:{contact}" if is_email else settings.href(contact)


def searched_in(referral: Referral) -> str:
    """What of a referral is compared with what is searched for; it begins with the name."""
    parts = (referral.name, referral.contact, href(referral.contact), referral.text)
    return "\n".join(_plain(part) for part in (*parts, *referral.topics, *referral.languages))


def searched_words(search: object) -> list[str]:
    """The words that all have to be somewhere in what is found. :raises Invalid: too long, or no text."""
    if _is_blank(search):
        return []
    return _plain(checks.text(search, "search", SEARCH_LENGTH)).split()


def has_words(words: Sequence[str], *texts: str | None) -> bool:
    """Whether all of them, as `searched_words` gives them, are somewhere in these texts."""
    said = _plain("\n".join(text for text in texts if text))
    return all(word in said for word in words)


def _plain(text: str) -> str:
    """Without case, accents and ligatures."""
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in parts if not unicodedata.combining(character))


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _tag(value: object) -> str:
    try:
        tag = checks.language(value)
    except Invalid:
        tag = None
    if tag is None:
        raise Invalid(languages="must be language tags such as de or pt-BR")
    return tag


def _topic(value: object) -> str:
    return checks.line(value, "topics", TOPIC_LENGTH)


def _some(field: str, values: object, check: Callable[[object], str]) -> tuple[str, ...]:
    """Each once, in the order given."""
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) > MOST_TAGS:
        raise Invalid(**{field: f"must be a list of at most {MOST_TAGS}"})
    return tuple(dict.fromkeys(check(value) for value in values))
