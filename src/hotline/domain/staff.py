"""The list of consultants, as consultants see it.

Values only: nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.domain.model import Presence, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffEntry:
    """One line of the list of consultants; `presence` is what others see."""

    consultant_id: str
    name: str
    email: str
    role: Role
    presence: Presence
    rooms: int
    limit: int
    created_at: datetime
    languages: tuple[str, ...]
    topics: tuple[str, ...]
