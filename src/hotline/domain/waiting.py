"""The queue and the clientlist as values: who waits at which place, who is being served by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.domain.estimate import Wait
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
    lost_since: datetime | None = None
    """Since when the client has no connection."""
    left_message: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Who waits for their turn, in order, how many are being served, and what a wait depends on."""

    waiting: tuple[str, ...]
    served: int
    consultants_here: int = 0
    waits: tuple[Wait, ...] = ()
    """The last ones, which estimates are learnt from."""

    def position(self, room_id: str) -> int | None:
        """From 1; None: it does not wait."""
        return self.waiting.index(room_id) + 1 if room_id in self.waiting else None
