"""Upkeep with a clock that the test moves: who is gone, and what has run its time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from hotline.domain import rooms as life
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor, Status
from hotline.errors import NotFound
from hotline.store import clientlist, clients, logins, messages, organisations, rooms
from hotline.store.database import Database
from hotline.store.ids import secret_hash
from hotline.upkeep import LOST_SECONDS, Upkeep
from tests.conftest import Now
from tests.helpers import Entered, House, make_client, make_house

MakeUpkeep = Callable[[str], Upkeep]


@pytest.fixture
def make_upkeep(reactor: Any, database: Database, now: Now) -> MakeUpkeep:
    """A node's upkeep, whose beat the test calls."""
    return lambda node: Upkeep(reactor, database, node, DomainLimits(), now)


async def status_of(database: Database, client: Entered) -> Status:
    async with database.transaction(client.actor.organisation_id) as tx:
        return (await rooms.get(tx, client.actor.organisation_id, client.room_id)).status


async def is_present(database: Database, client: Entered) -> bool:
    async with database.transaction(client.actor.organisation_id) as tx:
        listed = await clientlist.find_room(tx, client.actor.organisation_id, client.room_id)
    assert listed is not None
    return listed.present


async def settle(reactor: Any) -> None:
    """Marks are written behind the caller's back."""
    await deferLater(reactor, 0.1, lambda: None)


@ensureDeferred
async def test_a_client_who_stays_away(
    reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep
) -> None:
    """The room of a client without a session is closed after the grace time, with an entry saying so."""
    house = await make_house(database, now())
    client, other = [await make_client(database, house, now()) for _ in range(2)]
    upkeep = make_upkeep("node")
    for each in (client, other):
        upkeep.present(each.actor)
    await settle(reactor)
    assert await is_present(database, client)
    upkeep.absent(client.actor)
    await settle(reactor)
    assert not await is_present(database, client)
    now.advance(seconds=599)
    await upkeep.beat()
    assert await status_of(database, client) is Status.WAITING
    now.advance(seconds=2)
    await upkeep.beat()
    assert await status_of(database, client) is Status.CLOSED
    assert await status_of(database, other) is Status.WAITING
    async with database.transaction(house.organisation_id) as tx:
        found, _ = await messages.list_after(tx, house.organisation_id, client.room_id, 0, 10)
    assert [(message.seq, message.kind) for message in found] == [(1, "entered"), (2, "closed")]
    assert "Robin" in found[1].text


@ensureDeferred
async def test_a_client_who_comes_back(
    reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep
) -> None:
    """Within the grace time nothing happened; of several sessions the last one counts."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    upkeep = make_upkeep("node")
    for _ in range(2):
        upkeep.present(client.actor)
    upkeep.absent(client.actor)
    await settle(reactor)
    assert await is_present(database, client)
    upkeep.absent(client.actor)
    now.advance(seconds=200)
    upkeep.present(client.actor)
    await settle(reactor)
    now.advance(seconds=200)
    await upkeep.beat()
    now.advance(seconds=200)
    await upkeep.beat()
    assert await is_present(database, client)
    assert await status_of(database, client) is Status.WAITING


@ensureDeferred
async def test_never_connected(database: Database, now: Now, make_upkeep: MakeUpkeep) -> None:
    """A session gone before it could be marked leaves an empty room behind for the grace time only."""
    client = await make_client(database, await make_house(database, now()), now())
    now.advance(seconds=601)
    await make_upkeep("node").beat()
    assert await status_of(database, client) is Status.CLOSED


@ensureDeferred
async def test_a_node_that_died(reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep) -> None:
    """Its people are absent once it has missed its beats, with grace time since it was last heard of."""
    house = await make_house(database, now())
    client, lucky = [await make_client(database, house, now()) for _ in range(2)]
    dead, alive = make_upkeep("dead"), make_upkeep("alive")
    for actor in (client.actor, lucky.actor, house.staff):
        dead.present(actor)
    alive.present(lucky.actor)
    await settle(reactor)
    now.advance(seconds=LOST_SECONDS - 1)
    await alive.beat()
    assert await is_present(database, client)
    now.advance(seconds=2)
    await alive.beat()
    assert not await is_present(database, client)
    assert await is_present(database, lucky)
    async with database.transaction(house.organisation_id) as tx:
        rows = await tx.rows("SELECT node FROM consultants WHERE consultant_id = %(id)s", id=house.staff.id)
    assert rows[0].node is None
    now.advance(seconds=600 - LOST_SECONDS)
    await alive.beat()
    assert await status_of(database, client) is Status.CLOSED
    assert await status_of(database, lucky) is Status.WAITING


@ensureDeferred
async def test_two_nodes_beat_at_once(
    reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep
) -> None:
    """What one was faster at the other finds done: one entry tells of the end."""
    house = await make_house(database, now())
    abandoned = [await make_client(database, house, now()) for _ in range(5)]
    now.advance(seconds=601)
    one, two = make_upkeep("one"), make_upkeep("two")
    await gatherResults([Deferred.fromCoroutine(each.beat()) for each in (one, two)])
    for client in abandoned:
        async with database.transaction(house.organisation_id) as tx:
            found, _ = await messages.list_after(tx, house.organisation_id, client.room_id, 0, 10)
        assert [message.kind for message in found] == ["entered", "closed"]


@ensureDeferred
async def test_stopping_marks_everybody_as_gone(
    reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep
) -> None:
    """A daemon that stops in order starts the grace time of its clients at once."""
    client = await make_client(database, await make_house(database, now()), now())
    upkeep = make_upkeep("node")
    upkeep.present(client.actor)
    await settle(reactor)
    await upkeep.stop()
    assert not await is_present(database, client)


async def add_login(database: Database, house: House, now: Now, token: str) -> Actor:
    async with database.transaction(house.organisation_id) as tx:
        login = await logins.add_login(
            tx, house.organisation_id, house.staff.id, secret_hash(token), now(), DomainLimits().login_hours
        )
    return Actor(
        organisation_id=house.organisation_id,
        id=house.staff.id,
        name=house.staff.name,
        role=house.staff.role,
        login_id=login.login_id,
    )


async def logins_of(database: Database, house: House) -> set[str]:
    rows = await database.statement((house.organisation_id,), "SELECT login_id FROM logins")
    return {row.login_id for row in rows}


@ensureDeferred
async def test_logins_end(reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep) -> None:
    """An idle login ends after 30 minutes; an open console keeps its own alive, for 12 hours in all."""
    house = await make_house(database, now())
    idle, used = [await add_login(database, house, now, token) for token in ("idle", "used")]
    upkeep = make_upkeep("node")
    upkeep.present(used)
    await settle(reactor)
    now.advance(minutes=29)
    await upkeep.beat()
    assert await logins_of(database, house) == {idle.login_id, used.login_id}
    now.advance(minutes=2)
    await upkeep.beat()
    assert await logins_of(database, house) == {used.login_id}
    for _ in range(23):
        now.advance(minutes=29)
        await upkeep.beat()
    assert await logins_of(database, house) == {used.login_id}
    now.advance(minutes=23)
    await upkeep.beat()
    assert await logins_of(database, house) == set()


async def close(database: Database, house: House, client: Entered, now: Now) -> None:
    async with database.transaction(house.organisation_id) as tx:
        room = await rooms.lock(tx, house.organisation_id, client.room_id)
        sender = life.sender_of(client.actor)
        await rooms.apply(tx, house.organisation_id, room, life.close(room, "Robin"), sender, now())


@pytest.mark.parametrize("hours", [0, 1, 48, 2160])
@ensureDeferred
async def test_conversations_are_forgotten(
    database: Database, now: Now, make_upkeep: MakeUpkeep, hours: int, reactor: Any
) -> None:
    """So many hours after its end nothing is left of a conversation, its client included; open ones stay."""
    house, other = await make_house(database, now(), "one"), await make_house(database, now(), "two")
    async with database.transaction(house.organisation_id) as tx:
        before = await organisations.get(tx, house.organisation_id)
        await tx.run("UPDATE organisations SET retention_hours = %(hours)s", hours=hours)
    assert before.retention_hours == 48
    ended, still = [await make_client(database, house, now()) for _ in range(2)]
    elsewhere = await make_client(database, other, now())
    upkeep = make_upkeep("node")
    upkeep.present(still.actor)
    await settle(reactor)
    now.advance(seconds=30)
    await close(database, house, ended, now)
    await close(database, other, elsewhere, now)
    if hours:
        now.advance(hours=hours, seconds=-1)
        await upkeep.beat()
        assert await status_of(database, ended) is Status.CLOSED
        now.advance(seconds=1)
    await upkeep.beat()
    async with database.transaction(house.organisation_id) as tx:
        with pytest.raises(NotFound):
            await rooms.get(tx, house.organisation_id, ended.room_id)
        with pytest.raises(NotFound):
            await clients.get_profile(tx, house.organisation_id, ended.room_id)
        for table in ("clients", "rooms", "members", "messages"):
            left = await tx.rows(f"SELECT count(*) AS count FROM {table}")
            assert left[0].count == 1, table
    assert await status_of(database, still) is Status.WAITING
    if hours < 48:
        assert await status_of(database, elsewhere) is Status.CLOSED


@ensureDeferred
async def test_marks_survive_an_outage(reactor: Any, dsn: str, database: Database, now: Now) -> None:
    """A database that is away loses marks, not the ability to write later ones; the beat puts it right."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    broken = Database(reactor, "postgresql:///nothing?host=/nonexistent")
    upkeep = Upkeep(reactor, broken, "node", DomainLimits(), now)
    upkeep.present(client.actor)
    await settle(reactor)
    upkeep._database = database
    await upkeep.beat()
    assert await is_present(database, client)
    upkeep.absent(client.actor)
    await settle(reactor)
    assert not await is_present(database, client)
    broken.close()
