"""The names of topics, made and read.

In come ids, out come topics, and the other way round. The one place where a room's topic is spelled; who may
follow one is not asked here.
"""

from __future__ import annotations

from functools import lru_cache

CLIENTLIST = "hotline.clientlist"
STAFF = "hotline.staff"
ORGANISATION = "hotline.organisation"
ANSWERS = "hotline.answers"
REFERRALS = "hotline.referrals"
BLOCKS = "hotline.blocks"
GROUPS = "hotline.groups"
_ROOM = "hotline.room."
_ME = "hotline.me."
_DRAFTS = ".drafts"
_OWN_ANSWERS = ".answers"
_ROOM_KINDS = ("", "typing", "seen", "place", "notes")
# Ids have 64 characters at most.
_ROOM_TOPIC_LENGTH = len(f"{_ROOM}.typing") + 64


def room_topic(room_id: str) -> str:
    """The room itself."""
    return _ROOM + room_id


def seen_topic(room_id: str) -> str:
    """How far somebody has read."""
    return f"{_ROOM}{room_id}.seen"


def place_topic(room_id: str) -> str:
    """The place in the queue."""
    return f"{_ROOM}{room_id}.place"


def notes_topic(room_id: str) -> str:
    """What consultants write for each other about it."""
    return f"{_ROOM}{room_id}.notes"


def drafts_topic(consultant_id: str) -> str:
    """One consultant's own, across all their pages."""
    return f"{_ME}{consultant_id}{_DRAFTS}"


def own_answers_topic(consultant_id: str) -> str:
    """The ready answers that are one consultant's own."""
    return f"{_ME}{consultant_id}{_OWN_ANSWERS}"


def is_own_topic(topic: str, consultant_id: str) -> bool:
    """Whether it is about something that is this consultant's alone."""
    return topic in (drafts_topic(consultant_id), own_answers_topic(consultant_id))


def parse_room_topic(topic: str) -> tuple[str, str] | None:
    """(room id, kind of topic: "", "typing", "seen", "place" or "notes"), or None: not a room's topic."""
    # Anybody may name any topic, and what is remembered must not grow by what they name.
    return _parse_room_topic(topic) if len(topic) <= _ROOM_TOPIC_LENGTH else None


@lru_cache(maxsize=8192)
def _parse_room_topic(topic: str) -> tuple[str, str] | None:
    if not topic.startswith(_ROOM):
        return None
    room_id, _, kind = topic[len(_ROOM) :].partition(".")
    if not room_id or kind not in _ROOM_KINDS or topic.endswith("."):
        return None
    return room_id, kind
