"""Times as the contract writes them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache


# The messages of a group, and the rows of an answer, often have one time.
@lru_cache(maxsize=16)
def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, from an aware datetime in UTC."""
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"
