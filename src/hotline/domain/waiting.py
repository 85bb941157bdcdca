"""The queue and the clientlist as values: who waits at which place, who is being served by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.domain.model import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRoom:
    """One line of the clientlist; `position` only while waiting, from 1."""

    room_id: str
    name: str
    status: Status
    since: datetime
    position: int | None
    served_by: tuple[str, str] | None
    unread: int
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Who waits, in order, and how many are being served."""

    waiting: tuple[str, ...]
    served: int

    def position(self, room_id: str) -> int | None:
        """From 1; None: it does not wait."""
        return self.waiting.index(room_id) + 1 if room_id in self.waiting else None
