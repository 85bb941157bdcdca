"""What the audit log tells of: the kinds of actions, and what they are called for people.

Names and values; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.domain.model import Person


class Action(StrEnum):
    """What somebody did."""

    LOGIN_BEGUN = "login.begun"
    LOGIN_FAILED = "login.failed"
    LOGIN_ENDED = "login.ended"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_RESET_STARTED = "factor.reset_started"
    CODES_RENEWED = "factor.codes_renewed"
    PASSWORD_CHANGED = "password.changed"
    EMAIL_CHANGED = "email.changed"
    INVITATION_SENT = "invitation.sent"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    PERSON_JOINED = "person.joined"
    PERSON_REMOVED = "person.removed"
    ROLE_CHANGED = "role.changed"
    ROOM_CLAIMED = "room.claimed"
    ROOM_RELEASED = "room.released"
    ROOM_TRANSFERRED = "room.transferred"
    ROOM_ASKED = "room.asked"
    ROOM_JOINED = "room.joined"
    ROOM_READ = "room.read"
    ROOM_TAKEN_OVER = "room.taken_over"
    ROOM_DELETED = "room.deleted"
    PROFILE_READ = "profile.read"
    NOTES_READ = "notes.read"
    CLIENT_BLOCKED = "client.blocked"
    BLOCK_AGREED = "block.agreed"
    BLOCK_LIFTED = "block.lifted"
    BLOCK_ENDED = "block.ended"
    GROUP_OPENED = "group.opened"
    GROUP_CHANGED = "group.changed"
    GROUP_CLIENT_REMOVED = "group.client_removed"
    GROUP_WORDS_DELETED = "group.words_deleted"
    STATISTICS_EXPORTED = "statistics.exported"
    DATA_EXPORTED = "data.exported"
    SETTINGS_CHANGED = "settings.changed"
    DELETION_ASKED = "deletion.asked"
    DELETION_TAKEN_BACK = "deletion.taken_back"
    LOOSENING_ASKED = "loosening.asked"
    LOOSENING_TAKEN_BACK = "loosening.taken_back"
    TOKEN_MADE = "token.made"
    TOKEN_USED = "token.used"
    TOKEN_REVOKED = "token.revoked"
    KEY_ROTATED = "key.rotated"
    APPOINTMENT_MADE = "appointment.made"
    APPOINTMENT_MOVED = "appointment.moved"
    APPOINTMENT_CANCELLED = "appointment.cancelled"


OPENINGS = (
    Action.ROOM_CLAIMED,
    Action.ROOM_TRANSFERRED,
    Action.ROOM_JOINED,
    Action.ROOM_READ,
    Action.ROOM_TAKEN_OVER,
    Action.PROFILE_READ,
    Action.NOTES_READ,
)
"""What consultants are told about the rooms they serve or served."""

SAID: Mapping[str, str] = {
    Action.LOGIN_BEGUN: "Logged in",
    Action.LOGIN_FAILED: "Wrong password or code",
    Action.LOGIN_ENDED: "Ended logins",
    Action.FACTOR_ADDED: "Set up a second factor",
    Action.FACTOR_REMOVED: "Gave up a second factor",
    Action.FACTOR_RESET_STARTED: "Started the reset of a second factor",
    Action.CODES_RENEWED: "Made new recovery codes",
    Action.PASSWORD_CHANGED: "Changed the password",
    Action.EMAIL_CHANGED: "Changed the email address",
    Action.INVITATION_SENT: "Sent an invitation",
    Action.INVITATION_WITHDRAWN: "Took an invitation back",
    Action.PERSON_JOINED: "Joined the organisation",
    Action.PERSON_REMOVED: "Removed an account",
    Action.ROLE_CHANGED: "Changed a role",
    Action.ROOM_CLAIMED: "Took a client off the list",
    Action.ROOM_RELEASED: "Gave a client back to the list",
    Action.ROOM_TRANSFERRED: "Handed a conversation over",
    Action.ROOM_ASKED: "Asked somebody into a conversation",
    Action.ROOM_JOINED: "Joined a conversation",
    Action.ROOM_READ: "Opened an ended conversation",
    Action.ROOM_TAKEN_OVER: "Took a conversation over",
    Action.ROOM_DELETED: "Deleted a conversation",
    Action.PROFILE_READ: "Read what a client filled in",
    Action.NOTES_READ: "Read the notes of a conversation",
    Action.CLIENT_BLOCKED: "Blocked a client",
    Action.BLOCK_AGREED: "Agreed to a block",
    Action.BLOCK_LIFTED: "Lifted a block",
    Action.BLOCK_ENDED: "A block ended",
    Action.GROUP_OPENED: "Opened a group",
    Action.GROUP_CHANGED: "Changed a group",
    Action.GROUP_CLIENT_REMOVED: "Took a client out of a group",
    Action.GROUP_WORDS_DELETED: "Deleted what they had said in a group",
    Action.STATISTICS_EXPORTED: "Exported statistics",
    Action.DATA_EXPORTED: "Exported everything the organisation has",
    Action.SETTINGS_CHANGED: "Changed settings",
    Action.DELETION_ASKED: "Asked for the end of the organisation",
    Action.DELETION_TAKEN_BACK: "Kept the organisation from its end",
    Action.LOOSENING_ASKED: "Asked for less safety",
    Action.LOOSENING_TAKEN_BACK: "Kept what is asked for safety's sake",
    Action.TOKEN_MADE: "Made an API token",
    Action.TOKEN_USED: "Logged in with an API token",
    Action.TOKEN_REVOKED: "Revoked an API token",
    Action.KEY_ROTATED: "Wrapped the organisation's key anew",
    Action.APPOINTMENT_MADE: "Gave a client an appointment",
    Action.APPOINTMENT_MOVED: "Moved an appointment",
    Action.APPOINTMENT_CANCELLED: "Cancelled an appointment",
}
"""For people to read."""


def said_of(action: str) -> str:
    """What an action is called; another version of hotline may have noted what this one does not know."""
    return SAID.get(action, action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What something was done to: a room, a person, a token, an invitation or a block."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done. `actor`: as they were called then; with an empty id, no consultant."""

    number: int
    at: datetime
    actor: Person
    action: str
    subject: Subject | None
    details: Mapping[str, Any]
    """Counts, roles, names of settings, and whom (an id) something was handed to."""
