"""Where clients come in: what they are asked, entering, and their place in the queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hotline.domain import answers, checks, entries, languages, service, wire, wording
from hotline.domain import rooms as life
from hotline.domain.access import check_member
from hotline.domain.appointments import is_due
from hotline.domain.model import Actor, Room, Status
from hotline.domain.questions import FilledIn, Forms
from hotline.domain.service import Service
from hotline.domain.times import wire_time
from hotline.domain.waiting import topic_of
from hotline.errors import Invalid, NotAllowed
from hotline.procedures.arguments import Arguments, RoomArguments
from hotline.procedures.context import Context
from hotline.procedures.entering import add_client, entered_before, entry_of
from hotline.store import (
    appointments,
    blocks,
    clientlist,
    clients,
    forms,
    groups,
    members,
    messages,
    organisations,
    rooms,
    zones,
)
from hotline.store.database import Transaction
from hotline.store.ids import new_id


class DescribeArguments(Arguments, frozen=True, kw_only=True):
    """In which `language` the organisation's own texts are wanted; `device` as in enter."""

    language: str | None = None
    device: str | None = None


class EnterArguments(Arguments, frozen=True, kw_only=True):
    """`answers`: by question name; `language`: a language tag such as `de`; `consent`: agreed to what
    `describe` has under this name; `proof`: the answer to a puzzle; `device`: the word a blocked client's
    device was given; `nonce`: what this entry is called, a random word as of a device."""

    name: str
    answers: dict[str, Any] = msgspec.field(default_factory=dict)
    language: str | None = None
    consent: bool = False
    proof: str = ""
    device: str | None = None
    nonce: str | None = None


async def describe(context: Context, arguments: DescribeArguments) -> dict[str, Any]:
    """What a client sees before entering: the organisation's name, the `logo_text` to show instead or null,
    how many are `waiting`, the `questions` `[{name, label, kind, required, choices?, help?, low?, high?,
    low_label?, high_label?}]`, a `consent` `{text, required}` or null, and a `notice` about what is kept,
    with the `notice_facts` it is made of, and a `message_notice` and a `group_notice` about left messages and
    groups, all in the `language` asked for where there are words in it. Kinds are `text`, `long_text`,
    `choice`, `choices` (several), `scale` (a whole number from `low` to `high`) and `age_band`. `service` is
    `open`, `paused`, `full` or `closed`, and `open` whether it is open. `opens_at` and `closes_at` say when
    its hours change that, or are null; `dismisses_at`: when whoever still waits is told to come again, null
    if nobody is. `schedule` `[{opens_at, closes_at}]` has the next seven days, null when it is always open;
    `time_zone` is the organisation's. `consultants_here`; `queue_limit` or null; `estimate` `{low_minutes,
    high_minutes}` for who enters now, null when too few have waited lately, or nobody is here. The
    organisation's own `texts` (`welcome`, `waiting`, `paused`, `full`, `closed`, `notice`, as far as there
    are) and the places `elsewhere` `[{name, contact, href, text}]` are in the `language` asked for, or what
    is nearest to it; `languages` are those it has. `may_leave_message`: whether a message can be left now;
    `grace_seconds`: how long a place is held without a connection; `neutral_title`, `exit_url`: how the page
    should look to others, and where it leads who has to leave at once. To a client who may not enter because
    of a block `service` is `blocked`, until `opens_at`; a `device` it names then (a random word of 20 to 100
    letters and digits) is blocked with it, and is best kept until it is told something else. Consultants see
    the `language` a client asks for after entering as the client's own."""
    asked, organisation_id = checks.language(arguments.language), context.actor.organisation_id
    device, now = device_hash(context, arguments.device), context.now()
    async with context.database.transaction(organisation_id) as tx:
        organisation, form = await forms.get_with_organisation(tx, organisation_id)
        if context.actor.id and asked is not None:
            await clients.set_language(tx, organisation_id, context.actor.id, asked)
        queue = await clientlist.get_queue(tx, organisation_id)
        until = await _blocked_until(tx, context, context.actor.id, device)
        if until is not None and device is not None and context.actor.id:
            await blocks.remember_device(tx, organisation_id, context.actor.id, device, now)
    zone = zones.find(organisation.time_zone)
    standing = service.standing(organisation, zone, len(queue.waiting), now)
    if until is not None:
        standing = service.blocked(until)
    return {
        "organisation": organisation.name,
        "logo_text": organisation.logo_text,
        "open": standing.service is Service.OPEN,
        **wire.standing(standing),
        "dismisses_at": wire.dismisses_at(organisation, standing),
        "time_zone": organisation.time_zone,
        "schedule": wire.schedule(service.schedule(organisation, zone, now)),
        "waiting": len(queue.waiting),
        "consultants_here": queue.consultants_here,
        "queue_limit": organisation.queue_limit,
        "estimate": wire.estimated(queue, len(queue.waiting) + 1),
        "questions": wording.all_shown(form.questions, asked, form.language),
        "consent": _consent(form, asked),
        "notice": wording.notice(organisation.retention_hours, asked, form.language),
        "notice_facts": wording.notice_facts(organisation.retention_hours),
        "message_notice": wording.message_notice(
            organisation.retention_hours, organisation.message_days, asked, form.language
        ),
        "group_notice": wording.group_notice(organisation.retention_hours, asked, form.language),
        "language": languages.chosen(organisation, asked),
        "languages": list(organisation.languages),
        "texts": languages.texts(organisation, asked),
        "elsewhere": [wire.place_elsewhere(place) for place in languages.elsewhere(organisation, asked)],
        "may_leave_message": service.may_leave_message(organisation, standing.service),
        "grace_seconds": organisation.grace_seconds,
        "neutral_title": organisation.neutral_title,
        "exit_url": organisation.exit_url,
    }


async def enter(context: Context, arguments: EnterArguments) -> dict[str, Any]:
    """Become a client: makes a client and its room; from then on the session is that client. `key` is the
    ticket with which the client (authid `client`) comes back from another session. `position` is from 1. An
    answer is text, a whole number to a `scale`, a list of texts to `choices`; choices are told in any of the
    languages that `describe` has them in. `consent` has to be true where it is required.
    `hotline.error.not_allowed` has the `reason` `closed`, `paused`, `full`, or `blocked` with `until` when. A
    client who came back by a return code enters again in a new room; one with a left message that nobody has
    answered yet, in that room; one with an appointment just now, first in the queue and whatever the hours
    say. When very many enter, `hotline.error.too_fast` has a `puzzle` of some `bits` besides: whoever calls
    again from the same session with a `proof`, such that SHA-256 of `<puzzle>:<proof>` begins with that many
    zero bits, need not wait. Whoever does not know whether an entry succeeded calls again with its `nonce`,
    which is as secret as the key: a visitor becomes the same client then, in the same room, with the same
    key."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    device, entry = device_hash(context, arguments.device), entry_of(context, "enter", arguments.nonce)
    context.crowd.let_in(context.session, organisation_id, arguments.proof, now, context.network)
    async with context.database.transaction(organisation_id) as tx:
        again = await entered_before(tx, context, entry)
        if again is not None:
            position = (await clientlist.get_queue(tx, organisation_id)).position(again["room"])
            return {**again, "position": position}
        organisation, form = await forms.get_with_organisation(tx, organisation_id)
        waiting = 0
        if organisation.queue_limit is not None:
            # One after the other, so that not two take the last place.
            organisation = await organisations.lock(tx, organisation_id)
            waiting = len((await clientlist.get_queue(tx, organisation_id)).waiting)
        filled_in = checked_profile(
            form, arguments.name, arguments.answers, arguments.language, arguments.consent
        )
        await check_not_blocked(tx, context, actor.id, device)
        zone = zones.find(organisation.time_zone)
        standing = service.standing(organisation, zone, waiting, now)
        appointment = await appointments.find(tx, organisation_id, actor.id) if actor.id else None
        appointed = appointment is not None and is_due(appointment, now)
        if standing.service is not Service.OPEN and not appointed:
            raise NotAllowed(reason=standing.service.value)
        left = await _left_message(tx, actor) if actor.id else None
        client, key = await add_client(tx, actor, filled_in, now, entry)
        room_id = new_id() if left is None else left.room_id
        topic = topic_of(form.questions, filled_in.answers)
        risk = answers.is_risk(filled_in.answers, form.questions)
        if left is None:
            await rooms.add(tx, organisation_id, room_id, client.id, now, topic=topic, risk=risk)
        else:
            await rooms.take_place(tx, organisation_id, room_id, now, topic=topic, risk=risk)
        await messages.append_entry(
            tx, organisation_id, room_id, entries.entered(client.name), life.sender_of(client), now
        )
        if appointed:
            await appointments.arrive(tx, organisation_id, client.id, now)
        queue = await clientlist.get_queue(tx, organisation_id)
    context.become(client)
    return {"client": client.id, "room": room_id, "key": key, "position": queue.position(room_id)}


async def _left_message(tx: Transaction, actor: Actor) -> Room | None:
    """The room in which the client left a message nobody has answered, held.

    :raises NotAllowed: the client is in a conversation, or of a group.
    """
    if await groups.find_of_client(tx, actor.organisation_id, actor.id) is not None:
        raise NotAllowed(reason="this session has entered already")
    for room in await rooms.list_of_client(tx, actor.organisation_id, actor.id):
        if room.status is Status.CLOSED:
            continue
        room = await rooms.lock(tx, actor.organisation_id, room.room_id)
        if room.status is Status.WAITING and room.left_message:
            return room
        if room.status is not Status.CLOSED:
            raise NotAllowed(reason="this session has entered already")
    return None


def device_hash(context: Context, device: object) -> bytes | None:
    """As blocks know the device. :raises Invalid: it is none."""
    return context.accounts.device_hash(context.actor.organisation_id, checks.word(device, "device"))


async def _blocked_until(
    tx: Transaction, context: Context, client_id: str, device: bytes | None
) -> datetime | None:
    """Until when the client, or whoever has this device, may not enter; None: they may."""
    if not client_id and device is None:
        return None
    return await blocks.find_until(tx, context.actor.organisation_id, client_id, device, context.now())


async def check_not_blocked(tx: Transaction, context: Context, client_id: str, device: bytes | None) -> None:
    """:raises NotAllowed: the client, or whoever has this device, is blocked."""
    until = await _blocked_until(tx, context, client_id, device)
    if until is not None:
        raise NotAllowed(reason=Service.BLOCKED.value, until=wire_time(until))


async def place(context: Context, arguments: RoomArguments) -> dict[str, Any]:
    """The room's `position` in the queue (from 1, null once it does not wait), how many are `waiting` and how
    many are being `served`, how many `consultants_here`, and the `estimate` as in describe, less what this
    client has waited at this place (both 0: it takes longer than it did for most); and the client's
    `appointment` `{at, until, cancelled, return_code}`, with whether there is a return code to come back by,
    or null, also once the client has come to it. Also sent on `hotline.room.<room>.place`: while the room
    waits, whenever it changes, and once when it waits no more; `appointment` only when that has changed."""
    actor, room_id = context.actor, checks.identifier(arguments.room, "room")
    async with context.database.transaction(actor.organisation_id) as tx:
        standing = await members.get_standing(tx, actor.organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        queue = await clientlist.get_queue(tx, actor.organisation_id)
        appointment = await appointments.find(tx, actor.organisation_id, actor.id)
        has_code = await appointments.has_code(tx, actor.organisation_id, actor.id)
    return wire.place(queue, room_id, context.now()) | wire.own_appointment(appointment, has_code=has_code)


def checked_profile(form: Forms, name: object, given: object, language: object, consent: bool) -> FilledIn:
    """What a client filled in. :raises Invalid: with every problem at once."""
    checked = checks.gathered(
        name=lambda: checks.name(name),
        answers=lambda: answers.check_answers(given, form.questions),
        language=lambda: checks.language(language),
        consented=lambda: consented(form, consent),
    )
    return FilledIn(**checked)


def _consent(form: Forms, language: str | None) -> dict[str, Any] | None:
    if not form.consent:
        return None
    text = wording.chosen(form.consent, language) or form.consent[""]
    return {"text": text, "required": form.consent_required}


def consented(form: Forms, consent: bool) -> bool | None:
    """What is stored about it. :raises Invalid: it is required."""
    if not form.consent:
        return None
    if form.consent_required and not consent:
        raise Invalid(consent="must be agreed to")
    return consent
