"""How hotline's values look on the wire.

In come values, out come the dicts of results and events, as docs/wamp.md shows them. Who may see them is not
asked here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hotline.domain import aids, settings
from hotline.domain.aids import ReadyAnswer, Referral
from hotline.domain.appointments import Appointment
from hotline.domain.audit import Entry
from hotline.domain.estimate import Wait, estimate
from hotline.domain.groups import Group, ListedGroup
from hotline.domain.hours import Opening
from hotline.domain.model import (
    AtClosing,
    Block,
    Draft,
    Message,
    Note,
    Organisation,
    Person,
    Place,
    Sender,
)
from hotline.domain.service import Standing
from hotline.domain.staff import StaffEntry
from hotline.domain.times import wire_time
from hotline.domain.waiting import ListedAppointment, ListedRoom, Queue


def sender(value: Sender) -> dict[str, str]:
    """`{id, name, role}`."""
    # str, not .value: that is a property in Python, and this is made for every message.
    return {"id": value.id, "name": value.name, "role": str(value.role)}


class ToldSender(msgspec.Struct, frozen=True, gc=False):
    """As `sender`."""

    id: str
    name: str
    role: str


class ToldMessage(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A message as history gives it. Nothing is read as often: it is written as it stands here, without
    dicts in between."""

    seq: int
    at: str
    kind: str
    text: str
    sender: ToldSender
    nonce: str | None
    of: int | None = None
    edited: bool = False
    withdrawn: bool = False


def message_event(value: Message) -> dict[str, Any]:
    """The keyword arguments of an EVENT, whose one argument is the text; what was not corrected does not
    say so."""
    event = _entry(value)
    if value.of is not None:
        event["of"] = value.of
    if value.edited:
        event["edited"] = True
    if value.withdrawn:
        event["withdrawn"] = True
    return event


def note(value: Note) -> dict[str, Any]:
    """`{seq, at, kind, text, sender, nonce}`, in events, too."""
    return {"text": value.text, **_entry(value)}


def _entry(value: Message | Note) -> dict[str, Any]:
    return {
        "seq": value.seq,
        "at": wire_time(value.at),
        "kind": str(value.kind),
        "sender": sender(value.sender),
        "nonce": value.nonce,
    }


def draft(value: Draft) -> dict[str, Any]:
    """`{room, text, at}`."""
    return {"room": value.room_id, "text": value.text, "at": wire_time(value.at)}


def no_draft(room_id: str) -> dict[str, Any]:
    """As an event says that there is none any more."""
    return {"room": room_id, "text": "", "at": None}


def listed_room(value: ListedRoom) -> dict[str, Any]:
    """One line of the clientlist."""
    line = {
        "room": value.room_id,
        "name": value.name,
        "status": value.status.value,
        "since": wire_time(value.since),
        "position": value.position,
        "served_by": {"id": value.served_by[0], "name": value.served_by[1]} if value.served_by else None,
        "unread": value.unread,
        "present": value.present,
        "lost_since": value.lost_since and wire_time(value.lost_since),
        "left_message": value.left_message,
    }
    return line | _remarks(value)


def _remarks(value: ListedRoom) -> dict[str, Any]:
    """What most rooms have nothing of is left out: a list of 500 has to be short."""
    remarks = {
        "language": value.language,
        "topic": value.topic,
        "risk": value.is_risk,
        "priority": value.priority,
        "vanished_since": value.vanished_at and wire_time(value.vanished_at),
        "members": [{"id": member_id, "name": name} for member_id, name in value.members],
        "asked": list(value.asked),
        "appointment": value.appointment and _listed_appointment(value.appointment),
        "return_code": value.has_code,
    }
    return {key: remark for key, remark in remarks.items() if remark}


def _listed_appointment(value: ListedAppointment) -> dict[str, Any]:
    return {
        "at": wire_time(value.begins_at),
        "until": wire_time(value.ends_at),
        "with": {"id": value.consultant[0], "name": value.consultant[1]} if value.consultant else None,
        "kept": value.is_kept,
    }


def own_appointment(value: Appointment | None, *, has_code: bool) -> dict[str, Any]:
    """`{appointment: {at, until, cancelled, return_code}}`, as its client sees it; null: none to come to."""
    if value is None or value.is_kept:
        return {"appointment": None}
    told = {"cancelled": value.is_cancelled, "return_code": has_code}
    return {"appointment": {"at": wire_time(value.begins_at), "until": wire_time(value.ends_at), **told}}


def closed_room(value: ListedRoom) -> dict[str, Any]:
    """One line of the list of closed rooms."""
    return {
        "room": value.room_id,
        "name": value.name,
        "entered_at": wire_time(value.entered_at),
        "closed_at": value.closed_at and wire_time(value.closed_at),
        **_remarks(value),
    }


def place(queue: Queue, room_id: str, now: datetime) -> dict[str, Any]:
    """`{position, waiting, served, consultants_here, estimate}`; no position: it does not wait."""
    position = queue.position(room_id)
    return {
        "position": position,
        "waiting": len(queue.waiting),
        "served": queue.served,
        "consultants_here": queue.consultants_here,
        "estimate": position and estimated(queue, position, queue.wait_so_far(room_id, now)),
    }


def estimated(queue: Queue, position: int, so_far: Wait | None = None) -> dict[str, int] | None:
    """`{low_minutes, high_minutes}` for somebody at this place, or nothing: too little is known, or nobody is
    here who could end the wait."""
    found = estimate(queue.waits, position, so_far)
    if found is None or not queue.consultants_here:
        return None
    return {"low_minutes": found.low_minutes, "high_minutes": found.high_minutes}


def standing(value: Standing) -> dict[str, Any]:
    """`{service, opens_at, closes_at}`."""
    return {
        "service": value.service.value,
        "opens_at": value.opens_at and wire_time(value.opens_at),
        "closes_at": value.closes_at and wire_time(value.closes_at),
    }


def dismisses_at(organisation: Organisation, value: Standing) -> str | None:
    """When whoever still waits has to come again; None: nobody has to."""
    if organisation.at_closing is not AtClosing.DISMISS or value.closes_at is None:
        return None
    return wire_time(value.closes_at)


def schedule(openings: list[Opening] | None) -> list[dict[str, str]] | None:
    """`[{opens_at, closes_at}]`."""
    if openings is None:
        return None
    return [
        {"opens_at": wire_time(each.opens_at), "closes_at": wire_time(each.closes_at)} for each in openings
    ]


def place_elsewhere(value: Place) -> dict[str, str]:
    """`{name, contact, href, text}`."""
    return {
        "name": value.name,
        "contact": value.contact,
        "href": settings.href(value.contact),
        "text": value.text,
    }


def ready_answer(value: ReadyAnswer) -> dict[str, Any]:
    """`{id, scope, shortcut, text, language}`."""
    return {
        "id": value.answer_id,
        "scope": value.scope.value,
        "shortcut": value.shortcut,
        "text": value.text,
        "language": value.language,
    }


def referral(value: Referral) -> dict[str, Any]:
    """`{id, name, contact, href, text, languages, topics}`."""
    return {
        "id": value.referral_id,
        "name": value.name,
        "contact": value.contact,
        "href": aids.href(value.contact),
        "text": value.text,
        "languages": list(value.languages),
        "topics": list(value.topics),
    }


def consultant(entry: StaffEntry) -> dict[str, Any]:
    """One line of the list of consultants: `{id, name, role, presence, rooms, limit}`, and `languages` and
    `topics` of who has some."""
    return {
        "id": entry.consultant_id,
        "name": entry.name,
        "role": entry.role.value,
        "presence": entry.presence.value,
        "rooms": entry.rooms,
        "limit": entry.limit,
        **({"languages": list(entry.languages)} if entry.languages else {}),
        **({"topics": list(entry.topics)} if entry.topics else {}),
    }


def block(value: Block) -> dict[str, Any]:
    """One line of the list of blocks."""
    return {
        "id": value.block_id,
        "name": value.client_name,
        "room": value.room_id,
        "reason": value.reason,
        "blocked_by": person(value.blocked_by),
        "blocked_at": wire_time(value.blocked_at),
        "until": wire_time(value.until),
        "wanted_until": value.wanted_until and wire_time(value.wanted_until),
        "agreed_by": value.agreed_by and person(value.agreed_by),
    }


def shown_group(value: Group, clients: int) -> dict[str, Any]:
    """What somebody who has the code may know of a group."""
    return {
        "name": value.name,
        "text": value.text,
        "opens_at": wire_time(value.opens_at),
        "ends_at": wire_time(value.ends_at),
        "most_clients": value.most_clients,
        "clients": clients,
    }


def listed_group(value: ListedGroup) -> dict[str, Any]:
    """One line of the list of groups."""
    return {
        "room": value.group.room_id,
        "code": value.group.code,
        **shown_group(value.group, value.clients),
        "listed": value.group.is_listed,
        "muted": value.is_muted,
        "leaders": [{"id": consultant_id, "name": name} for consultant_id, name in value.leaders],
        "asked": list(value.asked),
        "closed_at": value.closed_at and wire_time(value.closed_at),
    }


def audit_entry(value: Entry) -> dict[str, Any]:
    """One line of the audit log."""
    return {
        "number": value.number,
        "at": wire_time(value.at),
        "actor": person(value.actor),
        "action": value.action,
        "subject": value.subject and {"kind": value.subject.kind, "id": value.subject.id},
        "details": dict(value.details),
    }


def person(value: Person) -> dict[str, str]:
    """Who it was."""
    return {"id": value.id, "name": value.name}
