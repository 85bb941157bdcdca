"""All that an organisation has, read page by page: for its managers to take along.

In come an organisation's id and a database, out come pieces, one after the other. No transaction is open
while whoever takes them is slow; so what is said meanwhile may be in it or not. Nobody's secret is in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, TypeVar

from msgspec import to_builtins

from hotline.domain import settings
from hotline.domain.audit import Entry, said_of
from hotline.domain.export import Piece
from hotline.domain.forms import plain
from hotline.domain.model import Message, Note, Organisation
from hotline.domain.questions import FormName
from hotline.domain.statistics import grouped
from hotline.errors import NotFound
from hotline.store import (
    appointments,
    audit,
    blocks,
    clients,
    consultants,
    counts,
    data_keys,
    forms,
    groups,
    invitations,
    members,
    messages,
    notes,
    organisations,
    ready_answers,
    receipts,
    records,
    referrals,
    surveys,
)
from hotline.store.database import Database, Transaction
from hotline.store.receipts import Receipt
from hotline.store.rooms import open_topic

ROOMS = """
SELECT room_id, client_id, status, entered_at, claimed_at, closed_at, served_by, topic, risk, left_message
FROM rooms WHERE organisation_id = %(organisation)s AND room_id > %(after)s ORDER BY room_id LIMIT 50
"""
STILL_THERE = "SELECT 1 FROM rooms WHERE organisation_id = %(organisation)s AND room_id = %(room)s"
_PAGE = 200
_DAYS = timedelta(days=31)
Numbered = TypeVar("Numbered", Receipt, Entry)


async def pieces(database: Database, organisation_id: str, now: datetime) -> AsyncIterator[Piece]:
    """In the order of `domain.export.SECTIONS`. :raises NotFound: there is no such organisation."""
    async with database.reading(organisation_id) as tx:
        organisation = await organisations.get(tx, organisation_id)
        first = [
            Piece(section="organisation", value=await _organisation(tx, organisation)),
            *[
                Piece(
                    section="consultants",
                    value={"id": one.consultant_id, "name": one.name, "email": one.email, "role": one.role},
                )
                for one in await consultants.list_all(tx, organisation_id)
            ],
            *[
                Piece(section="invitations", value=_but(asdict(one), "organisation_id"))
                for one in await invitations.list_all(tx, organisation_id, now)
            ],
            *[
                Piece(section="ready_answers", value=asdict(one))
                for one in await ready_answers.list_of(tx, organisation_id, None)
            ],
        ]
    for piece in first:
        yield piece
    for part in (
        _referrals(database, organisation_id),
        _blocks(database, organisation_id, now),
        _conversations(database, organisation_id),
        _surveys(database, organisation_id),
        _counts(database, organisation, now),
        _numbered(database, organisation_id, "receipts", receipts.list_after, _receipt),
        _numbered(database, organisation_id, "audit", audit.list_after, _audited),
    ):
        async for piece in part:
            yield piece


async def _organisation(tx: Transaction, organisation: Organisation) -> dict[str, Any]:
    asked = await forms.get(tx, organisation.organisation_id)
    return {
        "slug": organisation.slug,
        "created_at": organisation.created_at,
        **{name: settings.plain(organisation, name) for name in settings.CHECKS},
        **{f"form_{name}": [plain(question) for question in asked.of(name)] for name in FormName},
        "consent": dict(asked.consent),
    }


async def _referrals(database: Database, organisation_id: str) -> AsyncIterator[Piece]:
    after, more = None, True
    while more:
        async with database.reading(organisation_id) as tx:
            found, more = await referrals.list_after(tx, organisation_id, (), after, _PAGE)
        for one in found:
            after = one.referral_id
            yield Piece(section="referrals", value=asdict(one))


async def _blocks(database: Database, organisation_id: str, now: datetime) -> AsyncIterator[Piece]:
    after, more = 0, True
    while more:
        async with database.reading(organisation_id) as tx:
            found, more = await blocks.list_some(tx, organisation_id, now, after, _PAGE)
        after += len(found)
        for one in found:
            yield Piece(section="blocks", value=asdict(one))


async def _conversations(database: Database, organisation_id: str) -> AsyncIterator[Piece]:
    after = ""
    while True:
        async with database.reading(organisation_id) as tx:
            rooms = await tx.rows(ROOMS, organisation=organisation_id, after=after)
        for room in rooms:
            after = room.room_id
            async for piece in _conversation(database, organisation_id, room):
                yield piece
        if not rooms:
            return


async def _conversation(database: Database, organisation_id: str, room: Any) -> AsyncIterator[Piece]:
    where = (organisation_id, room.room_id)
    try:
        async with database.reading(organisation_id) as tx:
            head = await _head(tx, organisation_id, room)
    except NotFound:
        return  # deleted since
    yield Piece(section="conversations", value=head)
    seq = 0
    while True:
        async with database.reading(organisation_id) as tx:
            found = (await messages.list_after_each(tx, [(*where, seq)], _PAGE)).get(where, [])
        for message in found:
            seq = message.seq
            yield _entry(message)
        if not found:
            break
    seq, more = 0, True
    while more:
        async with database.reading(organisation_id) as tx:
            written, more = await notes.list_after(tx, *where, seq, _PAGE)
        for note in written:
            seq = note.seq
            yield _entry(note)


async def _head(tx: Transaction, organisation_id: str, room: Any) -> dict[str, Any]:
    where = (organisation_id, room.room_id)
    if not await tx.rows(STILL_THERE, organisation=organisation_id, room=room.room_id):
        raise NotFound()
    cipher = await data_keys.find(tx, *where)
    record = await records.find(tx, *where)
    appointment = await appointments.find(tx, organisation_id, room.client_id)
    return {
        **_but(room._asdict(), "client_id", "room_id"),
        "id": room.room_id,
        "topic": open_topic(cipher, *where, room.topic),
        **await _who(tx, *where, room.client_id),
        "members": [asdict(member) for member in await members.list_all(tx, *where)],
        "record": record and _but(asdict(record), "counted"),
        "appointment": appointment and asdict(appointment),
    }


async def _who(tx: Transaction, organisation_id: str, room_id: str, client_id: str | None) -> dict[str, Any]:
    """Whose conversation it is: a client's, or a group's with what was said of that."""
    if client_id is not None:
        profile = await clients.get_profile(tx, organisation_id, room_id)
        return {"client": {"id": client_id, **asdict(profile)}}
    group = await groups.get(tx, organisation_id, room_id)
    return {"client": None, "group": _but(asdict(group), "room_id", "code")}


def _entry(entry: Message | Note) -> Piece:
    among = "consultants" if isinstance(entry, Note) else "all"
    value = {"among": among, **_but(to_builtins(entry, builtin_types=(datetime,)), "nonce")}
    return Piece(section="conversations", value=value, inside=True)


async def _surveys(database: Database, organisation_id: str) -> AsyncIterator[Piece]:
    before, more = None, True
    while more:
        async with database.reading(organisation_id) as tx:
            found, more = await surveys.list_before(tx, organisation_id, before, _PAGE)
        for one in found:
            before = one.survey_id
            yield Piece(section="surveys", value={"day": one.day, "answers": one.answers})


async def _counts(database: Database, organisation: Organisation, now: datetime) -> AsyncIterator[Piece]:
    """As the statistics show them: of small groups only that they are small."""
    since = organisation.created_at.date()
    while since <= now.date():
        until = since + _DAYS
        async with database.reading(organisation.organisation_id) as tx:
            found = await counts.list_all(tx, organisation.organisation_id, since, until)
        for one in found:
            yield Piece(section="counts", value={**asdict(one), "count": grouped(one.count)})
        since = until + timedelta(days=1)


async def _numbered(
    database: Database,
    organisation_id: str,
    section: str,
    list_after: Callable[[Transaction, str, int | None], Awaitable[Sequence[Numbered]]],
    value_of: Callable[[Numbered], dict[str, Any]],
) -> AsyncIterator[Piece]:
    after: int | None = None
    while True:
        async with database.reading(organisation_id) as tx:
            found = await list_after(tx, organisation_id, after)
        for one in found:
            after = one.number
            yield Piece(section=section, value=value_of(one))
        if not found:
            return


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return _but(asdict(receipt), "seal")


def _audited(entry: Entry) -> dict[str, Any]:
    return {**asdict(entry), "said": said_of(entry.action)}


def _but(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
