"""What a limit says of itself: whom it is counted for, what it bounds, what happens at it, what it may be.

In come values where they are enforced, out come the same values, written down for the manual, and what is
wrong with what an operator wants. It enforces none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

N = TypeVar("N", int, float)


INVALID = "`hotline.error.invalid` (400), nothing stored"
WAITS = "`hotline.error.too_fast` (429) with the time to wait"
"""What happens at many of them."""

IN_PROTOCOL = "a range of an argument: docs/wamp.md promises it to scripts, and pages offer no more"
"""Why many of what nobody can set cannot be set."""


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
    least: float = 0
    """The smallest value, but for 0."""
    most: float = math.inf
    """The largest one, where something sets it that is smaller than `most_of`."""
    can_be_lifted: bool = True
    """Whether 0 may be said, for no limit."""


_IN_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_CENTURY = 36500 * 86400
_LARGEST = 2**31 - 1


def most_of(name: str, limit: Limit) -> float:
    """The largest value of the key of this name: a century, or what PostgreSQL counts to in an integer."""
    unit = _IN_SECONDS.get(name.rpartition("_")[2])
    return min(limit.most, _LARGEST if unit is None else _CENTURY // unit)


def problem_of(name: str, limit: Limit, value: float) -> str | None:
    """What is wrong with this number as the value of the key; None: nothing."""
    most = most_of(name, limit)
    if limit.least <= value <= most or (value == 0 and limit.can_be_lifted):
        return None
    lifted = ", or 0 for no limit" if limit.can_be_lifted else ""
    return f"has to be from {limit.least:g} to {most:.0f}{lifted if limit.least else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What nobody can set, with the module that holds it and the reason."""

    value: float
    limit: Limit
    where: str
    because: str


FIXED: dict[tuple[str, Limit], Fixed] = {}
"""Those of all modules that were imported."""


def fixed(value: N, where: str, limit: Limit, because: str) -> N:
    """The value, for whoever enforces it; `where` is its module, `because` what else depends on it."""
    FIXED[where, limit] = Fixed(value=value, limit=limit, where=where, because=because)
    return value
