"""The queue and the clientlist as values: who waits at which place, who is being served by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hotline.domain.estimate import Wait
from hotline.domain.model import Status
from hotline.domain.questions import Question

TOPIC_LENGTH = 60
_TOPIC_QUESTION = "issues"
_CHOICES = ("choice", "choices")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAppointment:
    """An appointment beside its client; `consultant` None: anybody's."""

    begins_at: datetime
    ends_at: datetime
    consultant: tuple[str, str] | None
    is_kept: bool
    """Its client was there."""


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
    lost_since: datetime | None
    """Since when the client has no connection."""
    left_message: bool
    language: str | None
    topic: str | None
    is_risk: bool
    priority: int
    vanished_at: datetime | None
    members: tuple[tuple[str, str], ...]
    """(id, name) of the consultants in the room."""
    asked: tuple[str, ...]
    """The ids of consultants who were asked in."""
    entered_at: datetime
    closed_at: datetime | None
    appointment: ListedAppointment | None = None
    has_code: bool = False
    """Its client has something to come back by."""

    @property
    def is_over(self) -> bool:
        """It has ended, and its client is not expected."""
        return self.status is Status.CLOSED and (self.appointment is None or self.appointment.is_kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Who waits for their turn, in order, how many are being served, and what a wait depends on."""

    waiting: tuple[str, ...]
    served: int
    consultants_here: int = 0
    waits: tuple[Wait, ...] = ()
    """The last ones, which estimates are learnt from."""
    begun: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)
    """At which place and when they began to wait who were never served."""

    def position(self, room_id: str) -> int | None:
        """From 1; None: it does not wait."""
        return self.waiting.index(room_id) + 1 if room_id in self.waiting else None

    def wait_so_far(self, room_id: str, now: datetime) -> Wait | None:
        """None: it has been served before, or does not wait."""
        if room_id not in self.begun:
            return None
        position, began_at = self.begun[room_id]
        return Wait(position=position, seconds=max(0, int((now - began_at).total_seconds())))


def topic_of(questions: Sequence[Question], answers: Mapping[str, object]) -> str | None:
    """What a client wants to talk about, in a few words: the first choice they made, else the beginning of
    what they wrote under `issues`."""
    chosen = [answers.get(question.name) for question in questions if question.kind in _CHOICES]
    for given in (*chosen, answers.get(_TOPIC_QUESTION)):
        answer = given[0] if isinstance(given, list) and given else given
        words = " ".join(answer.split()) if isinstance(answer, str) else ""
        if words:
            return words if len(words) <= TOPIC_LENGTH else words[: TOPIC_LENGTH - 1].rstrip() + "\u2026"
    return None
