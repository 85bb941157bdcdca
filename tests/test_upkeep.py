"""Upkeep with a clock that the test moves: who is gone, and what has run its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs, formatEvent

from hotline.domain import rooms as life
from hotline.domain.audit import Action
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor, Role, Status
from hotline.errors import NotFound, Unavailable
from hotline.store import (
    audit,
    clientlist,
    clients,
    invitations,
    logins,
    members,
    organisations,
    receipts,
    resets,
    rooms,
    steps,
)
from hotline.store.database import Database, Transaction
from hotline.store.ids import secret_hash
from hotline.store.organisations import ListedOrganisation
from hotline.upkeep import LOST_SECONDS, Upkeep
from tests.conftest import Now
from tests.helpers import Entered, House, list_entries, make_client, make_house

MakeUpkeep = Callable[..., Upkeep]


@pytest.fixture
def make_upkeep(reactor: Any, database: Database, now: Now) -> MakeUpkeep:
    """A node's upkeep, whose beat the test calls."""
    return lambda node, **limits: Upkeep(reactor, database, node, DomainLimits(**limits), now)


async def status_of(database: Database, client: Entered) -> Status:
    async with database.transaction(client.actor.organisation_id) as tx:
        return (await rooms.get(tx, client.actor.organisation_id, client.room_id)).status


async def is_present(database: Database, client: Entered) -> bool:
    async with database.transaction(client.actor.organisation_id) as tx:
        listed = await clientlist.find_rooms(tx, client.actor.organisation_id, [client.room_id])
    return listed[client.room_id].present


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
    found = await list_entries(database, house.organisation_id, client.room_id)
    assert [(message.seq, message.kind) for message in found] == [(1, "entered"), (2, "closed")]
    assert "Robin" in found[1].text


async def claim(database: Database, house: House, client: Entered, at: datetime, *others: Actor) -> None:
    """The house's staff serves the client; the others are in the room, too."""
    async with database.transaction(house.organisation_id) as tx:
        room = await rooms.lock(tx, house.organisation_id, client.room_id)
        outcome = life.claim(room, house.staff, None)
        assert outcome is not None
        for member in (house.staff, *others):
            await members.add(tx, house.organisation_id, client.room_id, member.id, member.role, at)
        await rooms.apply(
            tx, house.organisation_id, room, outcome, life.sender_of(house.staff), at, note="a note"
        )


async def beat_all(nodes: list[Upkeep]) -> None:
    for node in nodes:
        await node.beat()


@ensureDeferred
async def test_a_consultant_who_vanishes(
    reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep
) -> None:
    """After the organisation's time, once on all nodes, the client waits again before all others and knows
    why; where another consultant is in the room, that one goes on.
    """
    house = await make_house(database, now())
    earlier, lost, shared = [await make_client(database, house, now(), name) for name in ("E", "L", "S")]
    nodes = [make_upkeep("one"), make_upkeep("two")]
    for actor in (earlier.actor, lost.actor, shared.actor, house.colleague):
        nodes[0].present(actor)
    nodes[1].present(house.staff)
    await settle(reactor)
    await claim(database, house, lost, now())
    await claim(database, house, shared, now(), house.colleague)
    await beat_all(nodes)
    now.advance(seconds=300)
    await beat_all(nodes)
    assert await status_of(database, lost) is Status.ACTIVE
    nodes[1].absent(house.staff)
    await settle(reactor)
    now.advance(seconds=120)
    await beat_all(nodes)
    assert await status_of(database, lost) is Status.ACTIVE
    now.advance(seconds=1)
    await gatherResults([Deferred.fromCoroutine(node.beat()) for node in nodes])
    async with database.transaction(house.organisation_id) as tx:
        listed = await clientlist.list_rooms(tx, house.organisation_id)
        room = await rooms.get(tx, house.organisation_id, lost.room_id)
    found = await list_entries(database, house.organisation_id, lost.room_id)
    assert [(each.name, each.position, each.vanished_at) for each in listed[:2]] == [
        ("L", 1, now()),
        ("E", 2, None),
    ]
    assert (listed[2].name, listed[2].served_by) == ("S", (house.colleague.id, house.colleague.name))
    assert listed[0].members == ()
    assert listed[2].members == ((house.colleague.id, house.colleague.name),)
    assert [message.kind for message in found] == ["entered", "claimed", "vanished"]
    assert (found[2].sender.id, room.note) == (house.staff.id, "a note")
    async with database.transaction(house.organisation_id) as tx:
        noted, _ = await audit.list_before(tx, house.organisation_id)
    gone = {"vanished": house.staff.id}
    assert {(each.actor.name, each.action) for each in noted} == {
        ("time", "room.released"),
        ("time", "room.transferred"),
    }
    about = {each.subject.id: dict(each.details) for each in noted if each.subject}
    assert about == {lost.room_id: gone, shared.room_id: gone | {"to": house.colleague.id}}
    assert len(noted) == 2, "on all nodes once"
    await claim(database, house, lost, now())
    async with database.transaction(house.organisation_id) as tx:
        again = await clientlist.find_rooms(tx, house.organisation_id, [lost.room_id])
    assert again[lost.room_id].vanished_at is None
    now.advance(seconds=119)  # handed to somebody who is not there: they have as long to come
    await beat_all(nodes)
    assert await status_of(database, lost) is Status.ACTIVE
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("UPDATE organisations SET vanished_seconds = 0")
    now.advance(seconds=3600)
    await beat_all(nodes)
    assert await status_of(database, lost) is Status.ACTIVE


@ensureDeferred
async def test_after_a_long_outage_nobody_has_vanished_yet(
    reactor: Any, database: Database, now: Now, make_upkeep: MakeUpkeep
) -> None:
    """Whoever was connected before has a minute to come back to a node that has just started."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    dead = make_upkeep("dead")
    dead.present(house.staff)
    dead.present(client.actor)
    await settle(reactor)
    await claim(database, house, client, now())
    now.advance(seconds=250)
    started = make_upkeep("started")
    started.present(client.actor)
    await settle(reactor)
    for _ in range(3):
        await started.beat()
        now.advance(seconds=20)
    assert await status_of(database, client) is Status.ACTIVE
    await started.beat()
    assert await status_of(database, client) is Status.WAITING


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
        found = await list_entries(database, house.organisation_id, client.room_id)
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


_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
CREATE TRIGGER refuse BEFORE DELETE ON {table}
    FOR EACH ROW WHEN (OLD.{key} IN {ids}) EXECUTE FUNCTION refuse()
"""


def refuse(dsn: str, table: str, key: str, *ids: str) -> Any:
    """From now on these rows cannot be deleted; a cursor that can take it back."""
    owner = psycopg2.connect(dsn)
    owner.autocommit = True
    cursor = owner.cursor()
    names = {"table": sql.Identifier(table), "key": sql.Identifier(key), "ids": sql.Literal(ids)}
    cursor.execute(sql.SQL(_REFUSE).format(**names))
    return cursor


async def is_there(database: Database, client: Entered) -> bool:
    try:
        await status_of(database, client)
    except NotFound:
        return False
    return True


@ensureDeferred
async def test_what_cannot_be_deleted(
    reactor: Any, dsn: str, database: Database, now: Now, no_logged_failures: list[str]
) -> None:
    """Keeps nobody else waiting, is told as long as it fails, with its age, and tried again each time."""
    house = await make_house(database, now())
    *stuck, other = [await make_client(database, house, now()) for _ in range(4)]
    for client in stuck:
        await close(database, house, client, now)
    now.advance(hours=1)
    await close(database, house, other, now)
    owner = refuse(dsn, "rooms", "room_id", *(client.room_id for client in stuck))
    now.advance(hours=47)
    # Two at a time, and the longest overdue come first.
    upkeep = Upkeep(reactor, database, "node", DomainLimits(), now, most=2)
    await upkeep.beat()
    assert (upkeep.chores.lateness, dict(upkeep.chores.failing)) == (0, {"forget": 2})
    assert await is_there(database, other)
    now.advance(hours=2)
    await upkeep.beat()
    assert not await is_there(database, other)
    now.advance(seconds=20)
    await upkeep.beat()
    assert len(no_logged_failures) == 3, "each is told once"
    no_logged_failures.clear()
    assert (upkeep.chores.lateness, dict(upkeep.chores.failing)) == (7220, {"forget": 3})
    assert upkeep.chores.state == "7220 s ago, failing: forget (3)"
    fresh = Upkeep(reactor, database, "another", DomainLimits(), now)
    await fresh.beat()
    assert fresh.chores.lateness == 7220, "however young the node is"
    no_logged_failures.clear()
    owner.execute("DROP FUNCTION refuse() CASCADE")
    owner.connection.close()
    for _ in range(2):
        await upkeep.beat()
    assert [client for client in stuck if await is_there(database, client)] == []
    assert (upkeep.chores.state, dict(upkeep.chores.failing)) == ("0 s ago", {})


@ensureDeferred
async def test_what_fails_while_organisations_cannot_be_listed(
    dsn: str,
    database: Database,
    now: Now,
    make_upkeep: MakeUpkeep,
    monkeypatch: pytest.MonkeyPatch,
    no_logged_failures: list[str],
) -> None:
    """Goes on failing, with its age: nobody has settled it because nobody could ask."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    await close(database, house, client, now)
    owner = refuse(dsn, "rooms", "room_id", client.room_id)
    now.advance(hours=49)
    upkeep = make_upkeep("node")
    await upkeep.beat()
    late = upkeep.chores.lateness
    assert late > 0
    no_logged_failures.clear()

    async def away(tx: Transaction) -> list[ListedOrganisation]:
        raise Unavailable()

    with monkeypatch.context() as patch:
        patch.setattr(organisations, "list_all", away)
        await upkeep.beat()
    assert (upkeep.chores.lateness, dict(upkeep.chores.failing)) == (late, {"forget": 1, "list": 1})
    assert no_logged_failures == [], "it was told before"
    owner.connection.close()


@ensureDeferred
async def test_what_fails_comes_after_all_others(
    reactor: Any, dsn: str, database: Database, now: Now, no_logged_failures: list[str]
) -> None:
    """Of whatever kind it is, and however long it has been due; it is not forgotten."""
    house = await make_house(database, now())
    stuck = []
    for token in ("first", "second", "third"):
        stuck.append((await add_login(database, house, now, token)).login_id)
        now.advance(minutes=1)
    *stuck, other = stuck
    owner = refuse(dsn, "logins", "login_id", *filter(None, stuck))
    now.advance(hours=1)
    upkeep = Upkeep(reactor, database, "node", DomainLimits(), now, most=2)
    await upkeep.beat()
    assert await logins_of(database, house) == {*stuck, other}, "two at a time, the longest due first"
    await upkeep.beat()
    assert await logins_of(database, house) == set(stuck)
    assert dict(upkeep.chores.failing) == {"login": 2}
    assert len(no_logged_failures) == 2, "each is told once"
    no_logged_failures.clear()
    owner.execute("DROP FUNCTION refuse() CASCADE")
    owner.connection.close()
    await upkeep.beat()
    assert (await logins_of(database, house), dict(upkeep.chores.failing)) == (set(), {})


@ensureDeferred
async def test_a_step_that_fails_is_not_done(reactor: Any, database: Database, now: Now) -> None:
    """As when the database is away: the time since it was done goes on."""
    broken = Database(reactor, "postgresql:///nothing?host=/nonexistent")
    upkeep = Upkeep(reactor, broken, "node", DomainLimits(), now)
    now.advance(seconds=20)
    await upkeep.beat()
    assert upkeep.chores.lateness == 20
    assert upkeep.chores.failing["link"] == 1
    upkeep.chores.database = database
    await upkeep.beat()
    assert upkeep.chores.state == "0 s ago"
    broken.close()


@ensureDeferred
async def test_links_that_nobody_used_are_forgotten(
    database: Database, now: Now, make_upkeep: MakeUpkeep
) -> None:
    """With the address of who was invited; also if the organisation never makes another one."""
    house = await make_house(database, now())
    organisation_id, person = house.organisation_id, house.staff.id
    async with database.transaction(organisation_id) as tx:
        for number, hours in enumerate((1, 2)):
            secret, until = secret_hash(str(number)), now() + timedelta(hours=hours)
            await invitations.add(
                tx, organisation_id, secret, email=f"{number}@x.example", role=Role.STAFF,
                invited_by=house.manager.id, now=now(), expires_at=until,
            )  # fmt: skip
            await resets.add(tx, organisation_id, person, secret, now(), until)
            await steps.add(tx, organisation_id, person, secret, "email", now=now(), expires_at=until)
    now.advance(hours=1)
    await make_upkeep("node").beat()
    rows = await database.statement(
        (organisation_id,),
        "SELECT (SELECT string_agg(email, ' ') FROM invitations) AS invited,"
        " (SELECT count(*) FROM resets) AS resets, (SELECT count(*) FROM steps) AS steps",
    )
    assert [tuple(row) for row in rows] == [("1@x.example", 1, 1)]


@ensureDeferred
async def test_how_long_the_audit_log_is(database: Database, now: Now, make_upkeep: MakeUpkeep) -> None:
    """As many days as an operator says; with 0 it is never cut."""
    house = await make_house(database, now())
    async with database.transaction(house.organisation_id) as tx:
        for days in (100, 50, 0):
            at = now() - timedelta(days=days)
            await audit.add(tx, house.organisation_id, audit.OPERATOR, Action.KEY_ROTATED, at)
    found = []
    for days in (0, 101, 60, 30):
        await make_upkeep("node", audit_days=days).beat()
        async with database.transaction(house.organisation_id) as tx:
            found.append(len((await audit.list_before(tx, house.organisation_id))[0]))
    assert found == [3, 3, 2, 1]


@ensureDeferred
async def test_where_rows_end_is_noted_daily(database: Database, now: Now, make_upkeep: MakeUpkeep) -> None:
    """In the log, where whoever owns the database does not reach it."""
    house = await make_house(database, now())
    async with database.transaction(house.organisation_id) as tx:
        await receipts.add(tx, house.organisation_id, "retention", {"rooms": 1}, now())
        await audit.add(tx, house.organisation_id, audit.OPERATOR, Action.KEY_ROTATED, now())
        [end] = (await audit.CHAIN.list_ends(tx)).values()
        assert await audit.CHAIN.find_mark(tx, house.organisation_id, 1) == end.mark
        [deletions] = (await receipts.CHAIN.list_ends(tx)).values()
    upkeep = make_upkeep("node")
    noted = []
    for hours in (0, 23, 1):
        now.advance(hours=hours)
        with capturedLogs() as logged:
            await upkeep.beat()
        noted.append([formatEvent(event) for event in logged])
    line = f"haven: its audit log ends with 1:{end.mark}, its receipts with 1:{deletions.mark}"
    assert noted == [[line], [], [line]]


@ensureDeferred
async def test_marks_survive_an_outage(reactor: Any, dsn: str, database: Database, now: Now) -> None:
    """A database that is away loses marks, not the ability to write later ones; the beat puts it right."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    broken = Database(reactor, "postgresql:///nothing?host=/nonexistent")
    upkeep = Upkeep(reactor, broken, "node", DomainLimits(), now)
    upkeep.present(client.actor)
    await settle(reactor)
    upkeep.chores.database = database
    await upkeep.beat()
    assert await is_present(database, client)
    upkeep.absent(client.actor)
    await settle(reactor)
    assert not await is_present(database, client)
    broken.close()
