"""What several tests need: an organisation with people in it, made by the real store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twisted.logger import formatEvent, globalLogPublisher

from hotline.domain import entries
from hotline.domain.model import Actor, Message, Organisation, Role, Sender
from hotline.domain.questions import FilledIn
from hotline.store import blocks, clients, consultants, messages, organisations, rooms
from hotline.store.database import Database, Transaction
from hotline.store.ids import new_id, secret_hash

NAUGHTY = (
    "<script>alert(1)</script>",
    "'; DROP TABLE messages; --",
    "{{7*7}} ${7*7} %s %(text)s {0}",
    "Ω≈ç√∫˜µ≤≥÷ åß∂ƒ©˙∆˚¬…æ œ∑´®†¥",
    "田中さんにあげて下さい 社會科學院 울란바토르",
    "الكل في المجمو عة \u202etest\u202c",
    "👩🏽‍🚒 👾 🏴󠁧󠁢󠁥󠁮󠁧󠁿 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "\\x00 \\u0000 \\ud800 \\",
    "null undefined NaN Infinity true",
    '"><img src=x onerror=alert(1)>',
    "\ufeffbyte order\u200bmark",
    "javascript:alert(1)//",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An organisation with a manager and two staff."""

    organisation_id: str
    slug: str
    manager: Actor
    staff: Actor
    colleague: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A client with its room."""

    actor: Actor
    room_id: str
    key: str


async def make_house(database: Database, now: datetime, slug: str = "haven", **settings: Any) -> House:
    """An organisation and its three consultants, as registration and invitations would have left them."""
    organisation_id = new_id()
    people: dict[str, Actor] = {}
    async with database.transaction(organisation_id) as tx:
        await organisations.add(
            tx,
            Organisation(
                organisation_id=organisation_id,
                slug=slug,
                name=slug.title(),
                created_at=now,
                **settings,
            ),
        )
        for name, role in (("manager", Role.MANAGER), ("staff", Role.STAFF), ("colleague", Role.STAFF)):
            people[name] = Actor(
                organisation_id=organisation_id, id=new_id(), name=f"{name} of {slug}", role=role
            )
            await consultants.add(
                tx,
                organisation_id,
                people[name].id,
                name=people[name].name,
                email=f"{name}@{slug}.example",
                role=role,
                password="none",
                now=now,
            )
    return House(organisation_id=organisation_id, slug=slug, **people)


async def make_client(database: Database, house: House, now: datetime, name: str = "Robin") -> Entered:
    """A client who waits."""
    client_id, room_id, key = new_id(), new_id(), "key-" + new_id()
    sender = Sender(id=client_id, name=name, role=Role.CLIENT)
    async with database.transaction(house.organisation_id) as tx:
        filled_in = FilledIn(name=name, language=None, answers={}, consented=None)
        await clients.add(tx, house.organisation_id, client_id, filled_in, secret_hash(key), now)
        await rooms.add(tx, house.organisation_id, room_id, client_id, now)
        await messages.append_entry(tx, house.organisation_id, room_id, entries.entered(name), sender, now)
    actor = Actor(organisation_id=house.organisation_id, id=client_id, name=name, role=Role.CLIENT)
    return Entered(actor=actor, room_id=room_id, key=key)


async def list_entries(database: Database, organisation_id: str, room_id: str) -> list[Message]:
    """All of a room, as the relay finds them."""
    async with database.transaction(organisation_id) as tx:
        found = await messages.list_after_each(tx, [(organisation_id, room_id, 0)], 100_000)
    return found.get((organisation_id, room_id), [])


async def add_block(tx: Transaction, house: House, client: Entered, block_id: str, now: datetime) -> None:
    """Somebody is blocked for an hour."""
    await blocks.add(
        tx,
        house.organisation_id,
        block_id,
        client_id=client.actor.id,
        room_id=client.room_id,
        reason="insults",
        by=house.staff,
        now=now,
        until=now + timedelta(hours=1),
        wanted_until=None,
    )


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile, in words."""
    lines: list[str] = []

    def observe(event: Any) -> None:
        lines.append(formatEvent(event) or "")

    globalLogPublisher.addObserver(observe)
    try:
        yield lines
    finally:
        globalLogPublisher.removeObserver(observe)
