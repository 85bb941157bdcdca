"""Clients given to consultants by the node itself: rings, rounds, races; on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from hotline.assigner import LOOK_SECONDS, Assigner
from hotline.domain.model import Actor
from hotline.store import assigning, presence
from hotline.store.database import Database
from hotline.store.doorbell import Doorbell
from tests.conftest import Now
from tests.helpers import Entered, House, make_client, make_house
from tests.procedures.calling import caller

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def call(database: Database, reactor: Any, tmp_path: Path, now: Now) -> Call:
    """Calls a procedure as somebody."""
    return caller(database, reactor, tmp_path, now)


async def be_here(database: Database, now: Now, *people: Actor) -> None:
    for person in people:
        async with database.transaction(person.organisation_id) as tx:
            await presence.attach(tx, person.organisation_id, True, [person.id], "node", now())


async def served(call: Call, house: House) -> dict[str, str | None]:
    """Who serves whom, by the room's id."""
    listed = await call(house.manager, "clientlist.get")
    return {line["room"]: line["served_by"] and line["served_by"]["id"] for line in listed}


async def made(database: Database, now: Now, slug: str = "haven") -> tuple[House, Entered]:
    house = await make_house(database, now(), slug, automatic_assignment=True)
    return house, await make_client(database, house, now())


@ensureDeferred
async def test_who_is_here_is_given_who_waits(reactor: Any, database: Database, call: Call, now: Now) -> None:
    """As if they had taken the client themselves, but noted as given; elsewhere, and by hand, nothing."""
    house, client = await made(database, now)
    other, waiting = await made(database, now, "other")
    by_hand = await make_house(database, now(), "third")
    left = await make_client(database, by_hand, now())
    await be_here(database, now, house.staff, by_hand.staff)
    await Assigner(reactor, database, now).assign()
    assert await served(call, house) == {client.room_id: house.staff.id}
    assert await served(call, other) == {waiting.room_id: None}
    assert await served(call, by_hand) == {left.room_id: None}
    joined = await call(house.staff, "room.join", room=client.room_id)
    assert {member["id"] for member in joined["members"]} == {client.actor.id, house.staff.id}
    (entry,) = (await call(house.manager, "audit.list"))["entries"]
    assert (entry["actor"]["id"], entry["action"], entry["details"]) == (
        house.staff.id,
        "room.claimed",
        {"automatic": True},
    )


@ensureDeferred
async def test_busy_full_and_gone(reactor: Any, database: Database, call: Call, now: Now) -> None:
    """Nobody is given a client who chose so, who has as many as they may, or who gave this one back."""
    house, client = await made(database, now)
    assigner = Assigner(reactor, database, now)
    await be_here(database, now, house.staff, house.colleague)
    for person in (house.staff, house.colleague):
        await call(person, "me.set_presence", presence="busy")
    await assigner.assign()
    assert await served(call, house) == {client.room_id: None}
    await call(house.staff, "me.set_presence", presence="here")
    await assigner.assign()
    assert await served(call, house) == {client.room_id: house.staff.id}
    await call(house.staff, "room.release", room=client.room_id)
    await assigner.assign()
    assert await served(call, house) == {client.room_id: None}
    await call(house.manager, "organisation.set", rooms_per_consultant=1)
    await call(house.colleague, "me.set_presence", presence="here")
    now.advance(seconds=1)
    second = await make_client(database, house, now(), "Kim")
    third = await make_client(database, house, now(), "Lou")
    await assigner.assign()
    given = await served(call, house)
    assert given[client.room_id] == house.colleague.id
    assert sorted(str(given[room]) for room in (second.room_id, third.room_id)) == sorted(
        ["None", house.staff.id]
    )


@ensureDeferred
async def test_two_nodes_at_once(reactor: Any, database: Database, call: Call, now: Now) -> None:
    """Both see the same; each client is given once, and nobody gets more than they may."""
    house, _ = await made(database, now)
    for number in range(7):
        await make_client(database, house, now(), f"Client {number}")
    await be_here(database, now, house.staff, house.colleague)
    nodes = [Assigner(reactor, database, now) for _ in range(2)]
    await gatherResults([Deferred.fromCoroutine(node.assign()) for node in nodes])
    for node in nodes:
        await node.assign()
    given = list((await served(call, house)).values())
    assert {person: given.count(person) for person in given} == {
        house.staff.id: 3,
        house.colleague.id: 3,
        None: 2,
    }


@ensureDeferred
async def test_by_what_they_are_best_at(reactor: Any, database: Database, call: Call, now: Now) -> None:
    """Languages and topics that were said of somebody decide."""
    house, client = await made(database, now)
    await call(house.staff, "staff.set_skills", id=house.staff.id, languages=["fr"], topics=[])
    await call(house.manager, "staff.set_skills", id=house.colleague.id, languages=["de"], topics=["School"])
    async with database.transaction(house.organisation_id) as tx:
        await tx.run(
            "UPDATE clients SET language = 'de-AT' WHERE client_id = %(client)s", client=client.actor.id
        )
    await be_here(database, now, house.staff, house.colleague)
    await Assigner(reactor, database, now).assign()
    assert await served(call, house) == {client.room_id: house.colleague.id}


@ensureDeferred
async def test_a_long_queue_of_one_language(reactor: Any, database: Database, call: Call, now: Now) -> None:
    """However many wait for those who speak theirs, the first one of another language is given."""
    house, first = await made(database, now)
    for number in range(3):
        await make_client(database, house, now(), f"Client {number}")
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("UPDATE clients SET language = 'fr'")
        await tx.run(
            "UPDATE consultants SET languages = '{fr}' WHERE consultant_id = %(id)s", id=house.staff.id
        )
        await tx.run(
            "UPDATE consultants SET languages = '{de}' WHERE consultant_id = %(id)s", id=house.colleague.id
        )
    await call(house.manager, "organisation.set", rooms_per_consultant=1)
    await be_here(database, now, house.staff, house.colleague)
    await call(house.staff, "room.claim", room=first.room_id)
    now.advance(seconds=1)
    last = await make_client(database, house, now(), "Lou")
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("UPDATE clients SET language = 'de' WHERE client_id = %(id)s", id=last.actor.id)
    async with database.transaction(house.organisation_id) as tx:
        looked_at = [
            len(await assigning.list_waiting(tx, house.organisation_id, now(), most)) for most in (1, 2, 0)
        ]
    assert looked_at == [2, 3, 4]
    await Assigner(reactor, database, now, most=1).assign()
    given = {room: person for room, person in (await served(call, house)).items() if person}
    assert given == {first.room_id: house.staff.id, last.room_id: house.colleague.id}


@ensureDeferred
async def test_one_organisation_without_its_keys(
    reactor: Any, database: Database, call: Call, now: Now
) -> None:
    """While the master key of one is not to be had, the next one has its turn."""
    houses = [await made(database, now, slug) for slug in ("haven", "other")]
    for house, _ in houses:
        await be_here(database, now, house.staff)
    async with database.transaction() as tx:
        locked, *_ = await assigning.list_due(tx)
    async with database.transaction(locked) as tx:
        await tx.run(
            "UPDATE organisation_keys SET wrapped = set_byte(wrapped, 3, 1 + get_byte(wrapped, 3) % 9)"
        )
        tx.keys.forget_all()
    await Assigner(reactor, database, now).assign()
    ((other, client),) = [each for each in houses if each[0].organisation_id != locked]
    assert await served(call, other) == {client.room_id: other.staff.id}


_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not these'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON rooms FOR EACH ROW
    WHEN (OLD.organisation_id = %s) EXECUTE FUNCTION refuse()
"""


@ensureDeferred
async def test_one_organisation_that_fails(
    reactor: Any, database: Database, dsn: str, call: Call, now: Now, no_logged_failures: list[str]
) -> None:
    """For whatever reason: it is told, and the next one has its turn."""
    houses = [await made(database, now, slug) for slug in ("haven", "other")]
    for house, _ in houses:
        await be_here(database, now, house.staff)
    async with database.transaction() as tx:
        broken, *_ = await assigning.list_due(tx)
    owner = psycopg2.connect(dsn)
    owner.cursor().execute(_REFUSE, (broken,))
    owner.commit()
    owner.close()
    await Assigner(reactor, database, now).assign()
    assert len(no_logged_failures) == 1
    no_logged_failures.clear()
    ((other, client),) = [each for each in houses if each[0].organisation_id != broken]
    assert await served(call, other) == {client.room_id: other.staff.id}


@ensureDeferred
async def test_rings(reactor: Any, database: Database, dsn: str, call: Call, now: Now) -> None:
    """Whoever begins to wait, comes, or is free again rings; where nobody is given anybody, nobody does."""
    rings: list[list[str]] = []
    heard: Deferred[None] = Deferred()
    doorbell = Doorbell(reactor, dsn, "listener")
    await doorbell.start()
    try:
        house, client = await made(database, now)
        by_hand = await make_house(database, now(), "other")

        def rang(words: list[str]) -> None:
            rings.append(words)
            if words == ["assign", by_hand.organisation_id] and not heard.called:
                reactor.callLater(0, heard.callback, None)

        doorbell.rang = rang
        second = await make_client(database, house, now())
        await make_client(database, by_hand, now())
        await be_here(database, now, by_hand.staff, house.staff)
        await call(house.staff, "room.claim", room=client.room_id)
        await call(house.staff, "room.close", room=client.room_id)
        await call(by_hand.manager, "organisation.set", automatic_assignment=True)
        await heard
    finally:
        doorbell.stop()
    assert [words for words in rings if words[0] == "assign"] == [
        *[["assign", house.organisation_id]] * 4,
        ["assign", by_hand.organisation_id],
    ]
    assert await served(call, house) == {second.room_id: None}


@ensureDeferred
async def test_a_ring_wakes_it(reactor: Any, database: Database, call: Call, now: Now) -> None:
    """Between its rounds, at once."""
    house, client = await made(database, now)
    assigner = Assigner(reactor, database, now)
    await assigner.start()
    try:
        await be_here(database, now, house.staff)
        assigner.wake()
        end = reactor.seconds() + LOOK_SECONDS
        while await served(call, house) != {client.room_id: house.staff.id}:
            assert reactor.seconds() < end
            await deferLater(reactor, 0.02)
    finally:
        await assigner.stop()
