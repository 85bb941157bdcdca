"""The things hotline speaks of, as frozen values: one word for each, the same here, on the wire and on pages.

What may become of them is the business of the other modules of `domain`; forms and their questions are in
`questions`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hotline.domain.hours import SpecialDay, Week

LANGUAGE = "en"
"""What an organisation's clients are served in while nobody has chosen."""


class Role(StrEnum):
    """Who somebody is in an organisation; also the WAMP authrole."""

    CLIENT = "client"
    STAFF = "staff"
    MANAGER = "manager"


class Scope(StrEnum):
    """What an API token may be for; each is a part of what its owner may do."""

    READ = "read"
    SPEAK = "speak"
    """Also: claim, hand over, write down, whatever consultants do for clients."""
    MANAGE = "manage"


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


class Intake(StrEnum):
    """What was last clicked about new clients: taken by the hours, not for a while, or not at all."""

    SCHEDULED = "scheduled"
    PAUSED = "paused"
    CLOSED = "closed"


class AtClosing(StrEnum):
    """What becomes of those who wait when the service closes."""

    SERVE = "serve"
    DISMISS = "dismiss"


class Kind(StrEnum):
    """What an entry of a room's sequence is."""

    MESSAGE = "message"
    ENTERED = "entered"
    CLAIMED = "claimed"
    JOINED = "joined"
    LEFT = "left"
    LEFT_QUICKLY = "left_quickly"
    """A client by the way out for those who must not be seen here."""
    TRANSFERRED = "transferred"
    RELEASED = "released"
    VANISHED = "vanished"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    BLOCKED = "blocked"
    """A consultant ended it, and its client may not begin another one for some time."""
    REMOVED = "removed"
    """Those who lead a group have taken somebody out of it."""
    MUTED = "muted"
    UNMUTED = "unmuted"
    FORGOTTEN = "forgotten"
    """A client has deleted all it said in a group."""
    CHANGED = "changed"
    """A group says something else of itself."""
    CLOSED = "closed"


class NoteKind(StrEnum):
    """What a note among consultants is for."""

    NOTE = "note"
    HANDOVER = "handover"
    ASK = "ask"


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
    scopes: frozenset[Scope] | None = None
    """Of an API token; None: everything their role may."""
    is_operator: bool = False
    """Somebody at the command line, who acts as this consultant may."""

    def may(self, scope: Scope) -> bool:
        """Whether they came in by something that is good for this."""
        return self.scopes is None or scope in self.scopes

    @property
    def is_consultant(self) -> bool:
        return self.role is not Role.CLIENT

    @property
    def is_manager(self) -> bool:
        return self.role is Role.MANAGER


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere else to turn to: `contact` is a telephone number or an https link."""

    name: str
    contact: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The tenant, with all that its managers can set. What has a value here begins with it."""

    organisation_id: str
    slug: str
    name: str
    created_at: datetime
    logo_text: str | None = None
    """Its mark, shown instead of its name where clients see it; None: its name."""
    colours: dict[str, str] = field(default_factory=dict)
    allowed_sites: tuple[str, ...] = ()
    retention_hours: int = 48
    intake: Intake = Intake.SCHEDULED
    hours: Week | None = None
    """None: always open, but for the special days."""
    special_days: tuple[SpecialDay, ...] = ()
    time_zone: str = "UTC"
    at_closing: AtClosing = AtClosing.SERVE
    queue_limit: int | None = None
    """How many may wait; None: any number."""
    grace_seconds: int = 600
    """How long the place of a client without a connection is held."""
    messages_when_closed: bool = True
    messages_when_full: bool = False
    """Also when it is paused."""
    message_days: int = 30
    """How long a left message waits for its answer, and the answer for its reader."""
    languages: tuple[str, ...] = (LANGUAGE,)
    """Of the organisation's own texts; the first is what others fall back to."""
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    """By language, then by key of TEXT_KEYS."""
    elsewhere: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    """Places shown when it is closed or full, by language."""
    neutral_title: bool = False
    exit_url: str | None = None
    rooms_per_consultant: int = 3
    """How many a consultant may serve at once; 0: any number."""
    vanished_seconds: int = 120
    """How long a room waits for a consultant who has no session any more; 0: for ever."""
    block_second_person: bool = True
    """Whether a second consultant has to agree to blocks of more than an hour."""
    automatic_assignment: bool = False
    """Whether clients are given to consultants who are here, without anybody choosing."""


# Structs, because they are made for every message: they take a third of the time of dataclasses.
class Sender(Struct, frozen=True, kw_only=True, gc=False):
    """Who an entry of a room is by, as they were when it was sent."""

    id: str
    name: str
    role: Role


class Message(Struct, frozen=True, kw_only=True, gc=False):
    """One entry of a room's sequence."""

    seq: int
    at: datetime
    kind: Kind
    text: str
    sender: Sender
    nonce: str | None
    of: int | None = None
    """Which message an entry of kind edited or withdrawn is about."""
    edited: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a consultant wrote for the others about a room; `seq` is the notes' own."""

    seq: int
    at: datetime
    kind: NoteKind
    text: str
    sender: Sender
    nonce: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a consultant has typed in a room and not sent."""

    room_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One conversation."""

    room_id: str
    client_id: str | None
    """None: a group, which several clients are in."""
    status: Status
    last_seq: int
    entered_at: datetime
    closed_at: datetime | None
    served_by: str | None
    note: str | None
    left_message: bool = False
    """It began with a message left when nobody was there, and its client need not be."""
    is_appointed: bool = False
    """Its client is there by appointment."""
    is_muted: bool = False
    """A group in which only consultants write, for the time being."""

    @property
    def is_group(self) -> bool:
        return self.client_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A consultant as they were called when they did something."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A client who may not begin a conversation until some time."""

    block_id: str
    client_name: str | None
    """As long as what the client filled in is kept."""
    room_id: str | None
    """Likewise."""
    reason: str
    blocked_by: Person
    blocked_at: datetime
    until: datetime
    wanted_until: datetime | None
    """If another consultant agrees; None: nobody has to, or somebody has."""
    agreed_by: Person | None
