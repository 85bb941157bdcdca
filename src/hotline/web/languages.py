"""Which language a page begins in.

What the app speaks, what the organisation offers and what the browser asks for come in; out come the
languages to offer, the one to begin with first. Nothing is remembered: no cookie, no address.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language the apps speak: its tag (BCP 47), its name in itself, where each app's catalog is, and what
    the pages that are worded here say, by what that is in English."""

    tag: str
    name: str
    direction: str
    texts: dict[str, str]
    words: dict[str, str]


def ordered(spoken: Sequence[Language], wanted: Iterable[str], accept: str = "") -> list[Language]:
    """Those of the languages spoken that are wanted, in that order, but first the one that suits the browser.

    :param wanted: the organisation's languages; one that is not spoken is stood in for by its base language.
    :param accept: the header Accept-Language.
    :return: never empty: if nothing is spoken of what is wanted, the first language spoken.
    """
    offered: dict[str, Language] = {}
    for tag in wanted:
        language = _spoken(spoken, tag)
        if language is not None:
            offered.setdefault(language.tag, language)
    candidates = list(offered.values()) or [spoken[0]]
    first = next(filter(None, (_suiting(candidates, tag) for tag in accepted(accept))), candidates[0])
    return [first, *(language for language in candidates if language is not first)]


def accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, most wanted first; what is not in order is left out."""
    weighted: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _, rest = part.strip().partition(";")
        name, _, value = rest.strip().partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if tag and tag != "*" and 0 < weight <= 1:
            weighted.append((weight, tag.strip().lower()))
    return [tag for _, tag in sorted(weighted, key=lambda one: -one[0])]


def _spoken(spoken: Sequence[Language], tag: str) -> Language | None:
    by_tag = {language.tag.lower(): language for language in spoken}
    return by_tag.get(tag.lower()) or by_tag.get(_base(tag))


def _suiting(candidates: Sequence[Language], tag: str) -> Language | None:
    """The very tag if it says more than its base; else the first of the same base."""
    for language in candidates:
        if language.tag.lower() == tag and "-" in tag:
            return language
    return next((language for language in candidates if _base(language.tag) == _base(tag)), None)


def _base(tag: str) -> str:
    return tag.lower().partition("-")[0]
