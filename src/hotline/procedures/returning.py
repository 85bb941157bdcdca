"""For clients who cannot be answered at once: leaving a message, and coming back by a return code.

In come texts and codes, out come rooms and the keys to them. A code is shown once and kept as a hash; who
guesses wrong too often has to wait.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import answers, checks, codes, entries, service
from hotline.domain import rooms as life
from hotline.domain.access import check_member
from hotline.domain.model import Kind, Room
from hotline.domain.questions import FilledIn
from hotline.domain.times import wire_time
from hotline.domain.waiting import topic_of
from hotline.errors import NotAllowed, NotFound
from hotline.procedures.anteroom import EnterArguments, check_not_blocked, checked_profile, device_hash
from hotline.procedures.appointments import let_in
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.entering import add_client, entered_before, entry_of
from hotline.store import clientlist, clients, forms, members, messages, rooms, zones
from hotline.store.ids import key_of, new_id, new_return_code, secret_hash


class LeaveMessageArguments(EnterArguments, frozen=True, kw_only=True):
    """The message's `text`; the others are those of enter."""

    text: str


class ComeBackArguments(Arguments, frozen=True, kw_only=True):
    """The code as it was shown, however it is spelt; `device` as in enter."""

    return_code: str
    device: str | None = None


async def leave_message(context: Context, arguments: LeaveMessageArguments) -> dict[str, Any]:
    """Leave a message when nobody is there: makes a client and its room, with the message in it, which is on
    the clientlist but not in the queue. From then on the session is that client. `key` as in enter; the
    `return_code` brings the client back to read the answer, and is shown only now.
    `hotline.error.not_allowed` has the `reason` `closed`, `paused` or `full` if no messages are taken then,
    or `blocked` with `until` when. `hotline.error.too_fast`, `proof` and `nonce` are those of enter; a
    message that was left before gets another code then, and the one before is good no more."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    device, entry = (
        device_hash(context, arguments.device),
        entry_of(context, "leave_message", arguments.nonce),
    )
    if actor.id:
        raise NotAllowed(reason="this session has entered already")
    context.crowd.let_in(context.session, organisation_id, arguments.proof, now, context.network)
    room_id, return_code = new_id(), new_return_code()
    async with context.database.transaction(organisation_id) as tx:
        again = await entered_before(tx, context, entry)
        if again is not None:
            code = secret_hash(key_of(return_code))
            await clients.set_return(tx, organisation_id, again["client"], code)
            return {**again, "return_code": return_code}
        organisation, form = await forms.get_with_organisation(tx, organisation_id)
        checked = checks.gathered(
            profile=lambda: checked_profile(
                form, arguments.name, arguments.answers, arguments.language, arguments.consent
            ),
            text=lambda: checks.text(arguments.text),
        )
        await check_not_blocked(tx, context, actor.id, device)
        queue = await clientlist.get_queue(tx, organisation_id)
        zone = zones.find(organisation.time_zone)
        standing = service.standing(organisation, zone, len(queue.waiting), now)
        if not service.may_leave_message(organisation, standing.service):
            raise NotAllowed(reason=standing.service.value)
        filled_in: FilledIn = checked["profile"]
        client, key = await add_client(tx, actor, filled_in, now, entry)
        await clients.set_return(tx, organisation_id, client.id, secret_hash(key_of(return_code)))
        topic = topic_of(form.questions, filled_in.answers)
        risk = answers.is_risk(filled_in.answers, form.questions)
        await rooms.add(
            tx, organisation_id, room_id, client.id, now, topic=topic, risk=risk, left_message=True
        )
        for told in (
            entries.left_a_message(client.name),
            entries.Entry(kind=Kind.MESSAGE, text=checked["text"]),
        ):
            await messages.append_entry(tx, organisation_id, room_id, told, life.sender_of(client), now)
    context.become(client)
    return {"client": client.id, "room": room_id, "key": key, "return_code": return_code}


async def make_return_code(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """A code by which the room's client comes back, on any device, until the room's retention ends. Shown
    only now; a new one ends the one before it, and the keys that came of that. A group has none (`reason`
    `group`)."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    return_code = new_return_code()
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        if (await rooms.get(tx, actor.organisation_id, room_id)).is_group:
            raise NotAllowed(reason="group")
        await clients.set_return(tx, actor.organisation_id, actor.id, secret_hash(key_of(return_code)))
    return {"return_code": return_code}


async def come_back(context: Context, arguments: ComeBackArguments) -> dict[str, Any]:
    """Become the client who has this return code. Gives the `client`, its newest `room` (an open one, if
    there is), the `key` as in enter, and that room's `position`, `status` and whether it is a `left_message`;
    `rooms` `[{room, status, entered_at, left_message}]` are all there still are. A code that is unknown or
    has ended is not found; after too many of them `hotline.error.too_fast`. A blocked client is refused as by
    enter; at the time of an appointment it is first in the queue, in a new room if the last one has ended."""
    actor, organisation_id = context.actor, context.actor.organisation_id
    if actor.id:
        raise NotAllowed(reason="this session has entered already")
    return_code = codes.return_code(arguments.return_code)
    device = device_hash(context, arguments.device)
    context.attempts.spend(context.session, context.now())
    key = key_of(return_code)
    async with context.database.transaction(organisation_id) as tx:
        client = await clients.find_by_return(tx, organisation_id, secret_hash(key))
        if client is None:
            raise NotFound()
    context.attempts.forgive(context.session)
    async with context.database.transaction(organisation_id) as tx:
        await check_not_blocked(tx, context, client.id, device)
        await let_in(tx, context, client)
        found = await rooms.list_of_client(tx, organisation_id, client.id)
        queue = await clientlist.get_queue(tx, organisation_id)
    if not found:
        raise NotFound()
    context.become(client)
    return {
        "client": client.id,
        "key": key,
        **_shown(found[0]),
        "position": queue.position(found[0].room_id),
        "rooms": [{**_shown(room), "entered_at": wire_time(room.entered_at)} for room in found],
    }


def _shown(room: Room) -> dict[str, Any]:
    return {"room": room.room_id, "status": room.status.value, "left_message": room.left_message}
