"""What a limit says of itself: whom it is counted for, what it bounds, and what happens at it.

In come values where they are enforced, out come the same values, written down for the manual. It decides
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

N = TypeVar("N", int, float)


INVALID = "`hotline.error.invalid` (400), nothing stored"
WAITS = "`hotline.error.too_fast` (429) with the time to wait"
"""What happens at many of them."""


class Per(Enum):
    """Whom a limit is counted for."""

    REQUEST = "request"
    CONNECTION = "connection"
    SESSION = "session"
    CLIENT = "client"
    PERSON = "person"
    NETWORK = "network"
    ORGANISATION = "organisation"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in words; with a key of the table `[limits]` it stands beside its default."""

    per: Per
    bounds: str
    beyond: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A limit that nobody can set, with the module that enforces it."""

    value: float
    limit: Limit
    where: str


FIXED: dict[tuple[str, Limit], Fixed] = {}
"""Those of all modules that were imported."""


def fixed(value: N, where: str, limit: Limit) -> N:
    """The value, for whoever enforces it; `where` is its module."""
    FIXED[where, limit] = Fixed(value=value, limit=limit, where=where)
    return value
