"""What managers may set about their organisation: one check for each setting, and its plain form.

In come values as they are typed, called with, or stored as JSON; out come the fields of Organisation, or
Invalid with the setting's name. `plain` is the way back. Nothing is stored here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any, TypeVar

from hotline.domain import checks, contrast, timetable
from hotline.domain.hours import WEEKDAYS
from hotline.domain.model import AtClosing, Intake, Organisation, Place
from hotline.errors import Invalid

TEXT_KEYS = ("welcome", "waiting", "paused", "full", "closed", "notice")
"""What the organisation can say in its own words."""
TEXT_LENGTH = 2000
LANGUAGES = 20
PLACES = 20
PLACE_TEXT_LENGTH = 500
COLOURS = 20
LOGO_LENGTH = 30
LONGEST_RETENTION_HOURS = 2160

_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{1,38}[0-9]|[0-9]{2,3}")
_LINK = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?:[/?#][\x21\x23-\x3b\x3d\x3f-\x7e]*)?", re.I
)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}")
_COLOUR_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
E = TypeVar("E", bound=StrEnum)


def time_zone(value: object) -> str:
    """The name of a time zone, as it is written; whether there is one of this name is asked elsewhere."""
    if not isinstance(value, str) or not _ZONE.fullmatch(value.strip()):
        raise Invalid(time_zone="must be a time zone such as Europe/Berlin")
    return value.strip()


def whole(field: str, least: int, most: int) -> Callable[[object], int]:
    """A check for whole numbers within these bounds."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Invalid(**{field: f"must be a whole number from {least} to {most}"})
        return value

    return check


def flag(field: str) -> Callable[[object], bool]:
    """A check for yes or no."""

    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise Invalid(**{field: "must be yes or no"})
        return value

    return check


def one_of(field: str, kind: type[E]) -> Callable[[object], E]:
    """A check for one of these words."""

    def check(value: object) -> E:
        if not isinstance(value, str) or value not in set(kind):
            raise Invalid(**{field: f"must be one of {', '.join(kind)}"})
        return kind(value)

    return check


def languages(value: object) -> tuple[str, ...]:
    """Language tags, each once, the organisation's own first."""
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= LANGUAGES:
        raise Invalid(languages=f"must be 1 to {LANGUAGES} language tags")
    return tuple(dict.fromkeys(checks.language_tag(each, "languages") for each in value))


def texts(value: object) -> dict[str, dict[str, str]]:
    """`{language: {key: text}}`; empty ones are left out."""
    return {
        tag: {key: checks.text(each, "texts", TEXT_LENGTH) for key, each in own.items() if each != ""}
        for tag, own in _by_language(value, "texts").items()
        if _known_keys(own)
    }


def _by_language(value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) > LANGUAGES:
        raise Invalid(**{field: f"must be a table by at most {LANGUAGES} language tags"})
    return {checks.language_tag(tag, field): own for tag, own in value.items()}


def _known_keys(own: object) -> bool:
    if not isinstance(own, Mapping) or not set(own) <= set(TEXT_KEYS):
        raise Invalid(texts=f"must have the keys {', '.join(TEXT_KEYS)}")
    return bool(own)


def elsewhere(value: object) -> dict[str, tuple[Place, ...]]:
    """`{language: [{name, contact, text}]}`."""
    checked = {}
    for tag, places in _by_language(value, "elsewhere").items():
        if not isinstance(places, list | tuple) or len(places) > PLACES:
            raise Invalid(elsewhere=f"must be lists of at most {PLACES} places")
        if places:
            checked[tag] = tuple(place(each, "elsewhere") for each in places)
    return checked


def place(value: object, field: str) -> Place:
    """`{name, contact, text}`: the contact is a telephone number or a link."""
    if not isinstance(value, Mapping) or not {"name", "contact"} <= set(value) <= {"name", "contact", "text"}:
        raise Invalid(**{field: "must be tables of name, contact and text"})
    text = value.get("text", "")
    return Place(
        name=checks.line(value["name"], field),
        contact=contact(value["contact"], field),
        text="" if text == "" else checks.text(text, field, PLACE_TEXT_LENGTH),
    )


def contact(value: object, field: str) -> str:
    """A telephone number as people write it, or an https link."""
    if isinstance(value, str) and len(value) <= 500:
        typed = value.strip()
        if _TELEPHONE.fullmatch(typed) or _LINK.fullmatch(typed):
            return typed
    raise Invalid(**{field: "needs a telephone number or an https:// link"})


def href(contact: str) -> str:
    """What a contact leads to."""
    if contact.lower().startswith("https://"):
        return contact
    return "tel:" + re.sub(r"[^0-9+]", "", contact)


def exit_url(value: object) -> str | None:
    """An https link, or None."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 500 or not _LINK.fullmatch(value.strip()):
        raise Invalid(exit_url="must be a link that begins with https://")
    return value.strip()


def logo_text(value: object) -> str | None:
    """One short line, or None."""
    return None if value is None else checks.line(value, "logo_text", LOGO_LENGTH)


def mailed_logo_text(value: object) -> str | None:
    """The same, as it may be chosen now."""
    checked = logo_text(value)
    return None if checked is None else checks.mailed(checked, "logo_text")


def colours(value: object) -> dict[str, str]:
    """`{name: #rrggbb}`, in which all text can be read."""
    if not isinstance(value, Mapping) or len(value) > COLOURS:
        raise Invalid(colours="must be colours by name")
    if not all(isinstance(name, str) and _COLOUR_NAME.fullmatch(name) for name in value):
        raise Invalid(colours="must be colours by name")
    checked = {name: checks.colour(each, "colours") for name, each in value.items()}
    if found := contrast.problems(checked):
        raise Invalid(colours="; ".join(f"{name} {problem}" for name, problem in sorted(found.items())))
    return checked


def sites(value: object) -> tuple[str, ...]:
    """A list of origins."""
    if not isinstance(value, list | tuple):
        raise Invalid(allowed_sites="must be a list")
    return checks.sites(list(value))


def vanished_seconds(value: object) -> int:
    """30..3600, or 0: never."""
    return 0 if value == 0 and value is not False else whole("vanished_seconds", 30, 3600)(value)


CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": checks.mailed_name,
    "logo_text": mailed_logo_text,
    "colours": colours,
    "allowed_sites": sites,
    "retention_hours": whole("retention_hours", 0, LONGEST_RETENTION_HOURS),
    "intake": one_of("intake", Intake),
    "hours": timetable.week,
    "special_days": timetable.special_days,
    "time_zone": time_zone,
    "at_closing": one_of("at_closing", AtClosing),
    "queue_limit": lambda value: None if value is None else whole("queue_limit", 1, 10_000)(value),
    "grace_seconds": whole("grace_seconds", 30, 7200),
    "messages_when_closed": flag("messages_when_closed"),
    "messages_when_full": flag("messages_when_full"),
    "message_days": whole("message_days", 1, 365),
    "languages": languages,
    "texts": texts,
    "elsewhere": elsewhere,
    "neutral_title": flag("neutral_title"),
    "exit_url": exit_url,
    "rooms_per_consultant": whole("rooms_per_consultant", 0, 100),
    "vanished_seconds": vanished_seconds,
    "block_second_person": flag("block_second_person"),
    "automatic_assignment": flag("automatic_assignment"),
}
"""Every setting by the name of its field."""
MAILED = ("name", "logo_text")
"""Those that stand in mails."""


def check(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values of these settings as Organisation has them. :raises Invalid: with every problem at once."""
    return checks.gathered(**{name: lambda name=name: CHECKS[name](changes[name]) for name in changes})


def plain(organisation: Organisation, name: str) -> Any:
    """A setting in the form in which it is stored as JSON, shown to scripts, and taken again."""
    value = getattr(organisation, name)
    match name:
        case "hours":
            return value and {
                day: timetable.plain_spans(own) for day, own in zip(WEEKDAYS, value, strict=True)
            }
        case "special_days":
            return [
                {"date": each.date.isoformat(), "spans": timetable.plain_spans(each.spans), "name": each.name}
                for each in value
            ]
        case "elsewhere":
            return {tag: [asdict(each) for each in places] for tag, places in value.items()}
        case "languages" | "allowed_sites":
            return list(value)
        case _:
            return value.value if isinstance(value, StrEnum) else value


def read(name: str, value: Any) -> Any:
    """A setting from the form it is stored in. It was checked when it was stored."""
    match name:
        case "hours" | "special_days" | "elsewhere" | "intake" | "at_closing":
            return CHECKS[name](value)
        case "languages" | "allowed_sites":
            return tuple(value)
        case _:
            return value
