"""Appointments: consultants give, move and cancel them; their clients come by them.

In come rooms and times, out come appointments, and rooms first in the queue. Tells nobody: the clientlist and
the client's page hear of it by the doorbell.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import answers, appointments, checks, entries
from hotline.domain import rooms as life
from hotline.domain.access import outsider
from hotline.domain.appointments import Appointment, Coming
from hotline.domain.audit import Action
from hotline.domain.model import Actor, Room, Status
from hotline.domain.times import wire_time
from hotline.domain.waiting import topic_of
from hotline.errors import NotAllowed, RoomClosed
from hotline.procedures.arguments import RoomArguments
from hotline.procedures.context import Context
from hotline.store import appointments as kept
from hotline.store import clients, forms, members, messages, organisations, rooms, zones
from hotline.store.database import Transaction
from hotline.store.ids import new_id


class AppointArguments(RoomArguments, frozen=True, kw_only=True):
    """`at`: when it begins; without an offset, in the organisation's time zone."""

    at: str
    minutes: int = 30


async def appoint(context: Context, arguments: AppointArguments) -> dict[str, Any]:
    """Give the room's client an appointment, or move the one it has, also when the room has ended: `at` a
    time within 60 days, of that end if there was one, for 5 to 240 `minutes`. Consultants in the room may;
    whose it is and managers may move it. The client's page tells it, with a return code if there is none.
    From ten minutes before until its end the client who comes back is first in the queue, after urgent ones,
    whatever the hours say, and with automatic assignment is given to that consultant, if here. Gives `at` and
    `until`. In a group there are none (`reason` `group`)."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    room_id = checks.identifier(arguments.room, "room")
    async with context.database.transaction(organisation_id) as tx:
        room, _, before = await _locked(tx, actor, room_id)
        if before is None and room.status is Status.CLOSED:
            raise RoomClosed()
        organisation = await organisations.get(tx, organisation_id)
        zone = zones.find(organisation.time_zone)
        begins_at, ends_at = appointments.check_span(
            arguments.at, arguments.minutes, zone, now, room.closed_at
        )
        moved = before is not None and not before.is_kept and not before.is_cancelled
        whose = before.consultant_id if before is not None and moved else actor.id
        await kept.put(tx, organisation_id, room, whose, begins_at, ends_at)
        if not moved:
            await kept.count(tx, organisation_id, "made", now)
        action = Action.APPOINTMENT_MOVED if moved else Action.APPOINTMENT_MADE
        await context.record(tx, action, subject=room_id)
    return {"at": wire_time(begins_at), "until": wire_time(ends_at)}


async def cancel(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """Cancel the appointment of the room's client; who may is as with `hotline.room.appoint`. The client's
    page says so at the next look. Where there is none, nothing changes."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        _, client_id, before = await _locked(tx, actor, room_id)
        if before is not None and not before.is_cancelled:
            await kept.cancel(tx, actor.organisation_id, client_id, context.now())
            await context.record(tx, Action.APPOINTMENT_CANCELLED, subject=room_id)
    return {}


async def let_in(tx: Transaction, context: Context, client: Actor) -> None:
    """A client who comes back at the time of an appointment is first in the queue, in a new room if the last
    one has ended."""
    organisation_id, now = client.organisation_id, context.now()
    if await kept.arrive(tx, organisation_id, client.id, now) is not Coming.ANEW:
        return
    form = await forms.get(tx, organisation_id)
    found = await rooms.list_of_client(tx, organisation_id, client.id)
    filled_in = (await clients.get_profile(tx, organisation_id, found[0].room_id)).answers
    room_id = new_id()
    await rooms.add(
        tx,
        organisation_id,
        room_id,
        client.id,
        now,
        topic=topic_of(form.questions, filled_in),
        risk=answers.is_risk(filled_in, form.questions),
    )
    entry = entries.entered(client.name)
    await messages.append_entry(tx, organisation_id, room_id, entry, life.sender_of(client), now)
    await kept.arrive(tx, organisation_id, client.id, now)


async def _locked(tx: Transaction, actor: Actor, room_id: str) -> tuple[Room, str, Appointment | None]:
    """The room, held, its client and its appointment. :raises NotAllowed: the actor may not change it."""
    organisation_id = actor.organisation_id
    room = await rooms.lock(tx, organisation_id, room_id)
    client_id, appointment = room.client_id, None
    if client_id is not None:
        await kept.hold(tx, organisation_id, client_id)
        appointment = await kept.find(tx, organisation_id, client_id)
    standing = await members.get_standing(tx, organisation_id, room_id, actor.id)
    if not appointments.may_change(actor, appointment, standing.is_member):
        raise outsider(actor)
    if client_id is None:
        raise NotAllowed(reason="group")
    return room, client_id, appointment
