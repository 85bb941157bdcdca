"""Times as they stand on the wire."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache


# The messages of a group, and the rows of an answer, often have one time.
@lru_cache(maxsize=16)
def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, from an aware datetime in UTC."""
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def stored_time(stored: str, moment: datetime) -> str:
    """The same, of a moment as PostgreSQL writes it in UTC: a third of the work if it has milliseconds."""
    has_milliseconds = len(stored) >= len("2026-11-23 02:39:21.123+00")
    return f"{stored[:10]}T{stored[11:23]}Z" if has_milliseconds else wire_time(moment)
