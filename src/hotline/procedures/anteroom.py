"""Where clients come in: what they are asked, entering, and their place in the queue."""

from __future__ import annotations

from typing import Any

import msgspec

from hotline.domain import checks, wire
from hotline.domain import rooms as life
from hotline.domain.access import check_member
from hotline.domain.model import Actor, Question, Role, Sender
from hotline.errors import NotAllowed
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context
from hotline.store import clientlist, clients, messages, organisations, rooms
from hotline.store.ids import new_id, new_secret, secret_hash


class EnterArguments(Arguments, frozen=True, kw_only=True):
    """`answers`: by question name; `language`: a language tag such as `de`."""

    name: str
    answers: dict[str, Any] = msgspec.field(default_factory=dict)
    language: str | None = None


async def describe(context: Context, arguments: Arguments) -> dict[str, Any]:
    """What a client sees before entering: the organisation's name, whether it takes new clients (`open`),
    how many are `waiting`, the `questions`, and a `notice` about what is kept."""
    organisation_id = context.actor.organisation_id
    async with context.database.transaction(organisation_id) as tx:
        organisation = await organisations.get(tx, organisation_id)
        queue = await clientlist.get_queue(tx, organisation_id)
    return {
        "organisation": organisation.name,
        "open": organisation.accepting,
        "waiting": len(queue.waiting),
        "questions": [_question(question) for question in organisation.questions],
        "notice": _notice(organisation.retention_hours),
    }


async def enter(context: Context, arguments: EnterArguments) -> dict[str, Any]:
    """Become a client: makes a client and its room; from then on the session is that client. `key` is the
    ticket with which the client (authid `client`) comes back from another session. `position` is from 1."""
    visitor = context.actor
    if visitor.id:
        raise NotAllowed(reason="this session has entered already")
    organisation_id = visitor.organisation_id
    client_id, room_id, key, now = new_id(), new_id(), new_secret(), context.now()
    async with context.database.transaction(organisation_id) as tx:
        organisation = await organisations.get(tx, organisation_id)
        checked = checks.gathered(
            name=lambda: checks.name(arguments.name),
            answers=lambda: checks.answers(arguments.answers, organisation.questions),
            language=lambda: checks.language(arguments.language),
        )
        if not organisation.accepting:
            raise NotAllowed(reason="closed")
        await clients.add(tx, organisation_id, client_id, key_hash=secret_hash(key), now=now, **checked)
        await rooms.add(tx, organisation_id, room_id, client_id, now)
        sender = Sender(id=client_id, name=checked["name"], role=Role.CLIENT)
        await messages.append_entry(tx, organisation_id, room_id, life.entered(sender.name), sender, now)
        queue = await clientlist.get_queue(tx, organisation_id)
    context.become(Actor(organisation_id=organisation_id, id=client_id, name=sender.name, role=Role.CLIENT))
    return {"client": client_id, "room": room_id, "key": key, "position": queue.position(room_id)}


async def place(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """The room's `position` in the queue (from 1, null once it does not wait), how many are `waiting` and
    how many are being `served`. Also sent on `hotline.room.<room>.place` as long as the room waits,
    whenever it changes."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await rooms.get_standing(tx, actor.organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        queue = await clientlist.get_queue(tx, actor.organisation_id)
    return wire.place(queue, room_id)


def _question(question: Question) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": question.name,
        "label": question.label,
        "kind": question.kind.value,
        "required": question.required,
    }
    if question.choices:
        described["choices"] = list(question.choices)
    return described


def _notice(retention_hours: int) -> str:
    if retention_hours == 0:
        return "This conversation is deleted as soon as it has ended."
    if retention_hours % 24 == 0 and retention_hours > 48:
        return f"This conversation is deleted {retention_hours // 24} days after it has ended."
    hours = "one hour" if retention_hours == 1 else f"{retention_hours} hours"
    return f"This conversation is deleted {hours} after it has ended."
