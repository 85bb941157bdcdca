"""Keyword arguments of a call, turned into the procedure's own struct, or refused with the field's name."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from hotline.errors import Invalid


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all arguments; also what a procedure without arguments takes."""


class RoomArguments(Arguments, frozen=True, kw_only=True):
    """Which room."""

    room: str


class IdArguments(Arguments, frozen=True, kw_only=True):
    """Which one of several of a kind."""

    id: str


A = TypeVar("A", bound=Arguments)

_MISSING = re.compile(r"missing required field `([^`]*)`")
_UNKNOWN = re.compile(r"unknown field `(.*)`$", re.DOTALL)
_AT = re.compile(r"`\$\.([A-Za-z_][A-Za-z0-9_]*)([^`]*)`$")
_PART = re.compile(r"\[(\d+)\]|\.([A-Za-z_]+)")


def parse(kind: type[A], args: list[Any], kwargs: dict[str, Any]) -> A:
    """:raises Invalid: something is missing, unknown or of the wrong kind."""
    if args:
        raise Invalid(arguments="must be given by name")
    try:
        return msgspec.convert(kwargs, kind, strict=True)
    except msgspec.ValidationError as error:
        raise Invalid(**_problem(kind, str(error))) from None
    except UnicodeEncodeError:
        # msgspec wants to read a text as UTF-8, which one with a lone surrogate does not have.
        fields = [name for name, value in kwargs.items() if isinstance(value, str) and not _is_unicode(value)]
        raise Invalid(**{_shown(*fields[:1]): "has characters that cannot be stored"}) from None


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _shown(name: str = "") -> str:
    return "".join(c for c in name[:40] if c.isprintable()) or "arguments"


def _choices(hint: Any) -> list[Any]:
    """What may be chosen where a type is one of some words."""
    if get_origin(hint) is Literal:
        return [*get_args(hint)]
    return [choice for part in get_args(hint) for choice in _choices(part)]


def _problem(kind: type[Arguments], sentence: str) -> dict[str, str]:
    if match := _AT.search(sentence):
        expected = sentence.partition(" - at ")[0]
        if expected.startswith("Invalid enum value") and not match[2]:
            expected = f"must be one of {', '.join(map(str, _choices(get_type_hints(kind)[match[1]])))}"
        within = (part for found in _PART.findall(match[2]) for part in found if part)
        return {".".join((match[1], *within)): expected[:1].lower() + expected[1:]}
    if match := _MISSING.search(sentence):
        return {match[1]: "is missing"}
    if match := _UNKNOWN.search(sentence):
        return {_shown(match[1]): "is not known here"}
    return {"arguments": "are of the wrong kind"}
