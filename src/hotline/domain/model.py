"""The things hotline speaks of, as frozen values. The words are those of the contract's glossary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who somebody is in an organisation; also the WAMP authrole."""

    CLIENT = "client"
    STAFF = "staff"
    MANAGER = "manager"


class Status(StrEnum):
    """Where a room stands in its life."""

    WAITING = "waiting"
    ACTIVE = "active"
    CLOSED = "closed"


class Presence(StrEnum):
    """Whether a consultant takes clients just now."""

    HERE = "here"
    BUSY = "busy"
    AWAY = "away"


class Kind(StrEnum):
    """What an entry of a room's sequence is."""

    MESSAGE = "message"
    ENTERED = "entered"
    CLAIMED = "claimed"
    JOINED = "joined"
    LEFT = "left"
    TRANSFERRED = "transferred"
    CLOSED = "closed"


class QuestionKind(StrEnum):
    """How an anteroom question is answered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: a client or a consultant of one organisation, with what they came in by.

    A visitor who has not entered yet is a client with an empty `id`.
    """

    organisation_id: str
    id: str
    name: str
    role: Role
    login_id: str | None = None
    token_id: str | None = None

    @property
    def is_consultant(self) -> bool:
        return self.role is not Role.CLIENT

    @property
    def is_manager(self) -> bool:
        return self.role is Role.MANAGER


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of the anteroom; `choices` only for kind choice."""

    name: str
    label: str
    kind: QuestionKind
    required: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The tenant."""

    organisation_id: str
    slug: str
    name: str
    accepting: bool
    questions: tuple[Question, ...]
    colours: dict[str, str]
    allowed_sites: tuple[str, ...]
    retention_hours: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who an entry of a room is by, as they were when it was sent."""

    id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry of a room's sequence."""

    seq: int
    at: datetime
    kind: Kind
    text: str
    sender: Sender
    nonce: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One conversation."""

    room_id: str
    client_id: str
    status: Status
    last_seq: int
    entered_at: datetime
    closed_at: datetime | None
    served_by: str | None
    note: str | None


DEFAULT_QUESTIONS = (
    Question(name="age", label="Age", kind=QuestionKind.TEXT, required=False),
    Question(name="gender", label="Gender", kind=QuestionKind.TEXT, required=False),
    Question(
        name="issues", label="What would you like to talk about?", kind=QuestionKind.LONG_TEXT, required=False
    ),
)
