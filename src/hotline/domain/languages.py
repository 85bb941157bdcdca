"""Which of the organisation's own words somebody reads.

In come an organisation and a language tag, out come its texts and places in that language, or in what is
nearest. Our own words are the apps' business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from hotline.domain.model import Organisation, Place

T = TypeVar("T")


def chosen(organisation: Organisation, asked: str | None) -> str:
    """The organisation's language that fits best: the tag asked for, its base language, or its first."""
    by_folded = {tag.lower(): tag for tag in reversed(organisation.languages)}
    for tag in varieties(asked):
        if tag in by_folded:
            return by_folded[tag]
    return organisation.languages[0]


def texts(organisation: Organisation, asked: str | None) -> dict[str, str]:
    """Each text there is, by its key."""
    found: dict[str, str] = {}
    for own in _in_order(organisation, organisation.texts, asked):
        found = own | found
    return found


def elsewhere(organisation: Organisation, asked: str | None) -> tuple[Place, ...]:
    """The places of the first language that has any."""
    return next(iter(_in_order(organisation, organisation.elsewhere, asked)), ())


def _in_order(organisation: Organisation, values: Mapping[str, T], asked: str | None) -> list[T]:
    wanted = [*varieties(asked), *varieties(organisation.languages[0])]
    by_folded = {tag.lower(): value for tag, value in values.items()}
    return [by_folded[tag] for tag in dict.fromkeys(wanted) if tag in by_folded]


def varieties(language: str | None) -> Iterator[str]:
    """`de-at-1996`, `de-at`, `de`: the tag and what it is a variety of, in small letters (RFC 4647)."""
    parts = language.lower().split("-") if language else []
    while parts:
        yield "-".join(parts)
        parts.pop()
        while parts and len(parts[-1]) == 1:
            parts.pop()
