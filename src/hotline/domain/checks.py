"""What people and scripts may type in: each function returns the value as it is stored, or raises Invalid.

Lengths are in characters. NUL and lone surrogates are refused everywhere: PostgreSQL cannot hold them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from hotline.domain import names
from hotline.errors import Invalid
from hotline.limits import IN_PROTOCOL, INVALID, Limit, Per, fixed

NAME_LENGTH = fixed(80, __name__, Limit(Per.REQUEST, "characters of a name", INVALID), IN_PROTOCOL)
TEXT_LENGTH = fixed(
    5000, __name__, Limit(Per.REQUEST, "characters of one message, note or draft", INVALID), IN_PROTOCOL
)
NONCE_LENGTH = 80
EMAIL_LENGTH = 254
PASSWORD_LENGTHS = (12, 256)
LONGER_ALONE = 15
"""So many characters a password has where nothing else is asked for."""
SITES = 50
MAX_SEQ = 2**53
MOST_LISTED = fixed(
    200,
    __name__,
    Limit(
        Per.REQUEST,
        "messages of a history, lines of a list: in one answer",
        INVALID,
    ),
    IN_PROTOCOL,
)

_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LANGUAGE = re.compile(r"(?=.{2,35}\Z)[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_WORD = re.compile(r"[A-Za-z0-9_-]{20,100}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = {"Cc", "Cs"}
_INVISIBLE = {"Cf", "Zs"}
_LINE_BREAKS = {"\u2028", "\u2029"}


def _characters(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise Invalid(**{field: "must be text"})
    if _UNSTORABLE.search(value):
        raise Invalid(**{field: "has characters that cannot be stored"})
    return value


def _sized(field: str, value: str, longest: int) -> str:
    value = value.strip()
    if not value:
        raise Invalid(**{field: "must not be empty"})
    if len(value) > longest:
        raise Invalid(**{field: f"must have at most {longest} characters"})
    return value


def text(value: object, field: str = "text", longest: int = TEXT_LENGTH) -> str:
    """A message: 1..5000 characters once trimmed; line breaks are fine."""
    return _sized(field, _characters(field, value), longest)


def draft(value: object) -> str:
    """What stands in the box of a message that is being written: as it is, 0..5000 characters."""
    checked = _characters("text", value)
    if len(checked) > TEXT_LENGTH:
        raise Invalid(text=f"must have at most {TEXT_LENGTH} characters")
    return checked


def line(value: object, field: str, longest: int = NAME_LENGTH) -> str:
    """One line without control characters: a name, a label."""
    checked = _sized(field, _characters(field, value), longest)
    # Nearly every line is printable, which is quick to know; the rest is looked at more closely.
    if not checked.isprintable():
        categories = {unicodedata.category(c) for c in checked}
        if categories & _CONTROL or _LINE_BREAKS & set(checked):
            raise Invalid(**{field: "must be a single line"})
        if categories <= _INVISIBLE:
            raise Invalid(**{field: "must not be empty"})
    return checked


def name(value: object, field: str = "name") -> str:
    """The name of a person or an organisation: one line of 1..80 characters."""
    return line(value, field)


def mailed(value: str, field: str = "name") -> str:
    """What stands in mails to people who asked for none: it holds no address that would become a link, and
    nothing that cannot be seen."""
    if names.has_hidden(value):
        raise Invalid(**{field: "must not contain invisible characters"})
    if names.has_address(value):
        raise Invalid(**{field: "must not contain a web address; a dot needs a space behind it"})
    return value


def mailed_name(value: object, field: str = "name") -> str:
    """The name of a consultant or an organisation, as it may be chosen now."""
    return mailed(name(value, field), field)


def nonce(value: object) -> str:
    """What the sender numbers a message with and knows it by: one line of 1..80 characters, never altered."""
    checked = line(value, "nonce", NONCE_LENGTH)
    if checked != value:
        raise Invalid(nonce="must not begin or end with white space")
    return checked


def email(value: object, field: str = "email") -> str:
    """An email address, in lower case."""
    checked = line(value, field, EMAIL_LENGTH).lower()
    # What looks like an encoded word may be another address to whoever reads it on the way.
    if not _EMAIL.fullmatch(checked) or "=?" in checked:
        raise Invalid(**{field: "is not an email address"})
    return checked


def password(value: object, field: str = "password", *, is_alone: bool = True) -> str:
    """A new password: 15..256 characters, Unicode-normalised (NFKC) and otherwise as typed.

    :param is_alone: without a second factor beside it; with one 12 will do.
    """
    checked = unicodedata.normalize("NFKC", _characters(field, value))
    shortest, longest = PASSWORD_LENGTHS
    shortest = LONGER_ALONE if is_alone else shortest
    if len(checked) < shortest:
        raise Invalid(**{field: f"must have at least {shortest} characters"})
    if len(checked) > longest:
        raise Invalid(**{field: f"must have at most {longest} characters"})
    return checked


def language(value: object) -> str | None:
    """A language tag such as `de` or `pt-BR`, or None."""
    if value is None:
        return None
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise Invalid(language="is not a language tag")
    return value


def language_tag(value: object, field: str) -> str:
    """A language tag such as `de` or `pt-BR`, of several in one field."""
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        raise Invalid(**{field: "must have language tags such as de or pt-BR"})
    return value


def word(value: object, field: str) -> str | None:
    """What a device or an entry calls itself, or None: random, 20..100 letters and digits, `-` and `_`."""
    if value is None:
        return None
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise Invalid(**{field: "must be 20 to 100 letters and digits"})
    return value


def seq(value: object, field: str = "seq") -> int:
    """A place in a room's sequence: a whole number, 0 .. 2**53."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQ:
        raise Invalid(**{field: "must be a whole number that is not negative"})
    return value


def limit(value: object, most: int = MOST_LISTED) -> int:
    """How many: a whole number, 1..200."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise Invalid(limit=f"must be a whole number from 1 to {most}")
    return value


def identifier(value: object, field: str) -> str:
    """An opaque id as hotline gives them out. One that cannot exist is simply not found later."""
    if not isinstance(value, str):
        raise Invalid(**{field: "must be text"})
    if not re.fullmatch(r"[0-9a-z]{1,64}", value):
        raise Invalid(**{field: "is not an id"})
    return value


def slug_of(organisation: str) -> str:
    """The address made of an organisation's name: `[a-z0-9-]`, at most 40 characters, never empty."""
    plain = unicodedata.normalize("NFKD", organisation).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    return slug or "organisation"


def colour(value: object, field: str) -> str:
    """A colour as `#rrggbb`."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value.strip().lower()):
        raise Invalid(**{field: "must be a colour such as #2a6f6b"})
    return value.strip().lower()


def site(value: object, field: str = "allowed_sites") -> str:
    """An origin that may embed the anteroom: scheme, host and port, as browsers write it; no wildcards."""
    problem = Invalid(**{field: "must be addresses such as https://www.example.org, one a line"})
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]{1,200}", value.strip()):
        raise problem
    try:
        parts = urlsplit(value.strip().lower())
        port = parts.port
    except ValueError:
        raise problem from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", host):
        raise problem
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise problem
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")


def sites(values: list[str]) -> tuple[str, ...]:
    """The organisation's allowed sites, each once, in the order given."""
    if len(values) > SITES:
        raise Invalid(allowed_sites=f"must be at most {SITES}")
    return tuple(dict.fromkeys(site(value) for value in values))


def gathered(**checks: Callable[[], Any]) -> dict[str, Any]:
    """Run all checks of a form; the checked values by name. :raises Invalid: with every problem at once."""
    values: dict[str, Any] = {}
    problems: dict[str, Any] = {}
    for key, check in checks.items():
        try:
            values[key] = check()
        except Invalid as error:
            problems.update(error.details)
    if problems:
        raise Invalid(**problems)
    return values
