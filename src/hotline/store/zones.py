"""Time zones by name, from the system's database or the one that comes as a package."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from hotline.errors import Invalid


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """All there are."""
    return frozenset(available_timezones())


def check(name: str) -> None:
    """:raises Invalid: there is no time zone of this name."""
    if name not in names():
        raise Invalid(time_zone="must be a time zone such as Europe/Berlin")


@lru_cache(maxsize=1024)
def find(name: str) -> tzinfo:
    """The time zone; one that this machine does not know (any more) is taken for UTC."""
    return ZoneInfo(name if name in names() else "UTC")
