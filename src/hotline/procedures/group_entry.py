"""Groups for clients: which there are, what one says of itself, and coming in.

In come codes and names, out come what a visitor may know and, for whoever comes in, a room and a key to it. A
client of a group is made for that group alone and sees nothing else.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks, codes, entries, groups, wire
from hotline.domain import rooms as life
from hotline.domain.model import Status
from hotline.domain.questions import FilledIn
from hotline.errors import NotAllowed
from hotline.procedures.anteroom import check_not_blocked, consented, device_hash
from hotline.procedures.arguments import Arguments
from hotline.procedures.context import Context
from hotline.procedures.entering import add_client, entered_before, entry_of
from hotline.store import consultants, forms, messages, rooms
from hotline.store import groups as store
from hotline.store.database import Transaction


class CodeArguments(Arguments, frozen=True, kw_only=True):
    """The code as it was given, however it is spelt."""

    code: str


class EnterGroupArguments(CodeArguments, frozen=True, kw_only=True):
    """The others are those of enter."""

    name: str
    language: str | None = None
    consent: bool = False
    proof: str = ""
    device: str | None = None
    nonce: str | None = None


async def list_shown(context: Context, arguments: Arguments) -> list[dict[str, Any]]:
    """The groups that everybody who comes may see and that have not ended, in order of their beginning: as
    `hotline.anteroom.group` gives one, with its `code`."""
    organisation_id, now = context.actor.organisation_id, context.now()
    async with context.database.reading(organisation_id) as tx:
        found = await store.list_all(tx, organisation_id, open_only=True)
    return [
        {
            "code": each.group.code,
            **wire.shown_group(each.group, each.clients),
            "open": each.group.opens_at <= now,
            "ended": False,
        }
        for each in found
        if groups.is_shown(each.group, now)
    ]


async def find(context: Context, arguments: CodeArguments) -> dict[str, Any]:
    """The group to which a code leads: `{name, text, opens_at, ends_at, most_clients, clients, open, ended}`;
    `clients`: how many are in it now; `open`: it has begun and not ended. A wrong code is not found; after
    too many of them `hotline.error.too_fast`."""
    code, organisation_id = codes.return_code(arguments.code, "code"), context.actor.organisation_id
    now = context.now()
    async with context.database.reading(organisation_id) as tx:
        room_id = await _found(context, tx, code)
        room = await rooms.get(tx, organisation_id, room_id)
        group = await store.get(tx, organisation_id, room_id)
        inside = await store.list_participants(tx, organisation_id, room_id)
    has_ended = room.status is Status.CLOSED or group.ends_at <= now
    return {
        **wire.shown_group(group, sum(each.is_here for each in inside)),
        "open": not has_ended and group.opens_at <= now,
        "ended": has_ended,
    }


async def enter(context: Context, arguments: EnterGroupArguments) -> dict[str, Any]:
    """Become a client of a group: gives `client`, `room` and `key` as enter does; from then on the session is
    that client, which is a member of this room and of no other one. The `name` is for this group, in which
    nobody else has or had it. Whatever was said before can be read. `hotline.error.not_allowed` has the
    `reason` `not_yet` with `opens_at`, `full`, `removed`, or `blocked` with `until` when;
    `hotline.error.room_closed`: it has ended. `hotline.error.too_fast`, `proof` and `nonce` are those of
    enter."""
    actor, now, organisation_id = context.actor, context.now(), context.actor.organisation_id
    device, entry = device_hash(context, arguments.device), entry_of(context, "enter_group", arguments.nonce)
    if actor.id:
        raise NotAllowed(reason="this session has entered already")
    context.crowd.let_in(context.session, organisation_id, arguments.proof, now, context.network)
    async with context.database.transaction(organisation_id) as tx:
        again = await entered_before(tx, context, entry)
        if again is not None:
            return again
        form = await forms.get(tx, organisation_id)
        checked = checks.gathered(
            name=lambda: checks.name(arguments.name),
            language=lambda: checks.language(arguments.language),
            consented=lambda: consented(form, arguments.consent),
            code=lambda: codes.return_code(arguments.code, "code"),
        )
        room_id = await _found(context, tx, checked.pop("code"))
        room = await rooms.lock(tx, organisation_id, room_id)
        group = await store.get(tx, organisation_id, room_id)
        groups.check_open(room, group, now)
        await check_not_blocked(tx, context, "", device)
        staff = [each.name for each in await consultants.list_all(tx, organisation_id)]
        inside = await store.list_participants(tx, organisation_id, room_id)
        groups.check_newcomer(group, inside, staff, checked["name"], device)
        client, key = await add_client(tx, actor, FilledIn(**checked, answers={}), now, entry)
        await store.add_client(tx, organisation_id, room_id, client.id, device, now)
        await messages.append_entry(
            tx, organisation_id, room_id, entries.entered(client.name), life.sender_of(client), now
        )
    context.become(client)
    return {"client": client.id, "room": room_id, "key": key}


async def _found(context: Context, tx: Transaction, code: str) -> str:
    """The room. :raises NotFound, TooFast: the code leads nowhere, too often."""
    organisation_id = context.actor.organisation_id
    context.attempts.spend(context.session, context.now())
    room_id = await store.find_by_code(tx, organisation_id, code)
    context.attempts.forgive(context.session)
    return room_id
