"""How hotline's values look on the wire: the dicts of results and events, and the names of topics.

The one place where a room's topic is made or read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hotline.domain.model import Message, Presence, Role, Sender
from hotline.domain.times import wire_time
from hotline.domain.waiting import ListedRoom, Queue

CLIENTLIST = "hotline.clientlist"
STAFF = "hotline.staff"
_ROOM = "hotline.room."


def room_topic(room_id: str) -> str:
    """The room itself."""
    return _ROOM + room_id


def typing_topic(room_id: str) -> str:
    """Who is typing."""
    return f"{_ROOM}{room_id}.typing"


def seen_topic(room_id: str) -> str:
    """How far somebody has read."""
    return f"{_ROOM}{room_id}.seen"


def place_topic(room_id: str) -> str:
    """The place in the queue."""
    return f"{_ROOM}{room_id}.place"


@lru_cache(maxsize=8192)
def parse_room_topic(topic: str) -> tuple[str, str] | None:
    """(room id, kind of topic: "", "typing", "seen" or "place"), or None: not a room's topic."""
    if not topic.startswith(_ROOM):
        return None
    room_id, _, kind = topic[len(_ROOM) :].partition(".")
    if not room_id or kind not in ("", "typing", "seen", "place") or topic.endswith("."):
        return None
    return room_id, kind


def sender(value: Sender) -> dict[str, str]:
    """`{id, name, role}`."""
    return {"id": value.id, "name": value.name, "role": value.role.value}


def message(value: Message) -> dict[str, Any]:
    """As history gives it: `{seq, at, kind, text, sender, nonce}`."""
    return {"text": value.text, **message_event(value)}


def message_event(value: Message) -> dict[str, Any]:
    """The keyword arguments of an EVENT, whose one argument is the text."""
    return {
        "seq": value.seq,
        "at": wire_time(value.at),
        "kind": value.kind.value,
        "sender": sender(value.sender),
        "nonce": value.nonce,
    }


def listed_room(value: ListedRoom) -> dict[str, Any]:
    """One line of the clientlist."""
    return {
        "room": value.room_id,
        "name": value.name,
        "status": value.status.value,
        "since": wire_time(value.since),
        "position": value.position,
        "served_by": {"id": value.served_by[0], "name": value.served_by[1]} if value.served_by else None,
        "unread": value.unread,
        "present": value.present,
    }


def place(queue: Queue, room_id: str) -> dict[str, Any]:
    """`{position, waiting, served}`; position is null when the room does not wait (any more)."""
    return {"position": queue.position(room_id), "waiting": len(queue.waiting), "served": queue.served}


def consultant(consultant_id: str, name: str, role: Role, presence: Presence, rooms: int) -> dict[str, Any]:
    """One line of the list of consultants: `{id, name, role, presence, rooms}`."""
    return {"id": consultant_id, "name": name, "role": role.value, "presence": presence.value, "rooms": rooms}
