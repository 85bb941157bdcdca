"""What a request costs, in counts that do not depend on the machine: round trips to the database, commits,
notifications. A figure that grows here is a decision, not an accident."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from bench import fill
from hotline.relay import Relay
from hotline.store import appending, clientlist, logins, members, messages, tokens
from hotline.store import database as store
from hotline.store.database import Database
from hotline.store.ids import secret_hash
from hotline.store.journal import Journal
from hotline.store.prepared import Prepared
from tests.bench.test_fill import AS_THE_APPLICATION
from tests.conftest import Now, Server
from tests.helpers import make_client, make_house
from tests.keys import make_keys
from tests.procedures.conftest import wired
from tests.procedures.wired import Wired
from tests.store.test_journal import Offered, said

__all__ = ["wired"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is sent to the database, a text for each round trip."""
    trips: list[str] = []
    execute = store.execute

    async def counted(reactor: Any, connection: Any, sql: str, parameters: Any = None) -> Any:
        trips.append(sql)
        return await execute(reactor, connection, sql, parameters)

    monkeypatch.setattr(store, "execute", counted)
    return trips


@pytest.fixture
def bell(dsn: str) -> Iterator[Callable[[], list[str]]]:
    """What has been rung since it was last asked."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    connection.cursor().execute("LISTEN hotline")

    def rung() -> list[str]:
        connection.cursor().execute("SELECT 1")
        heard = [each.payload for each in connection.notifies if not each.payload.startswith("beat")]
        connection.notifies.clear()
        return heard

    yield rung
    connection.close()


@ensureDeferred
async def test_round_trips_of_what_sessions_ask_for(wired: Wired, now: Now, asked: list[str]) -> None:
    """From HELLO to the history: so many round trips each, the commit among them."""
    house = await make_house(wired.database, now())
    staff, organisation_id = house.staff, house.organisation_id
    async with wired.database.transaction(organisation_id) as tx:
        await tokens.add(tx, organisation_id, staff.id, name="bot", secret_hash=secret_hash("b"), now=now())
        login = await logins.add_login(tx, organisation_id, staff.id, secret_hash("cookie"), now(), 12)
        await logins.add_ticket(
            tx, organisation_id, secret_hash("t"), staff.id, login.login_id, now(), login.expires_at
        )
    # What others are told of it, the mark that somebody is here, slow looks: none of it is part of a request.
    wired.relay.stop()
    wired.news.rang = lambda words: None  # type: ignore[method-assign]
    wired.upkeep.present = wired.upkeep.absent = lambda actor: None  # type: ignore[method-assign]

    async def trips(what: Callable[[], Awaitable[Any]]) -> tuple[int, Any]:
        await wired.settled()
        asked.clear()
        result = await what()
        # Planning is once a connection, whichever one it is.
        return len([sql for sql in asked if not sql.startswith("PREPARE")]), result

    assert wired.database.keys is not None
    await make_client(wired.database, house, now())  # with the first one the organisation gets its key
    costs: dict[str, int] = {}
    costs["first visitor"], _ = await trips(lambda: wired.join("haven"))
    costs["visitor"], guest = await trips(lambda: wired.join("haven"))
    costs["ticket"], consultant = await trips(lambda: wired.join("haven", staff.id, "t"))
    # That a token was used is written down, once an hour.
    costs["token, noted"], _ = await trips(lambda: wired.join("haven", "bot", "b"))
    costs["token"], _ = await trips(lambda: wired.join("haven", "bot", "b"))
    costs["enter"], entered = await trips(lambda: guest.result("hotline.anteroom.enter", name="Robin"))
    room = entered["room"]
    costs["key"], _ = await trips(lambda: wired.join("haven", entered["client"], entered["key"]))
    costs["claim"], _ = await trips(lambda: consultant.result("hotline.room.claim", room=room))
    costs["own room again"], _ = await trips(lambda: consultant.result("hotline.room.join", room=room))
    costs["profile"], _ = await trips(lambda: consultant.result("hotline.room.profile", room=room))
    costs["profile again"], _ = await trips(lambda: consultant.result("hotline.room.profile", room=room))
    costs["subscribe"], _ = await trips(lambda: guest.subscribe(f"hotline.room.{room}"))
    await guest.publish(f"hotline.room.{room}", "the journal prepares", nonce="p")
    wired.database.keys.forget_all()
    costs["key lost"], _ = await trips(lambda: guest.subscribe(f"hotline.room.{room}.typing"))
    costs["first publish"], _ = await trips(lambda: guest.publish(f"hotline.room.{room}", "hello", nonce="0"))
    costs["publish"], _ = await trips(lambda: guest.publish(f"hotline.room.{room}", "hello", nonce="1"))
    costs["history"], found = await trips(lambda: guest.result("hotline.room.history", room=room))
    costs["nothing new"], none = await trips(
        lambda: guest.result("hotline.room.history", room=room, after=found["messages"][-1]["seq"])
    )
    assert none["messages"] == []
    wired.database.keys.forget_all()
    costs["key unknown here"], _ = await trips(lambda: wired.join("haven", entered["client"], entered["key"]))
    most = {
        "first visitor": 1,
        "visitor": 0,
        "ticket": 2,
        "token, noted": 8,
        "token": 1,
        "key": 1,
        "key unknown here": 1,
        "enter": 8,
        "claim": 14,
        "own room again": 8,
        "profile": 6,
        "profile again": 4,
        "subscribe": 1,
        "key lost": 1,
        "first publish": 1,
        "publish": 1,
        "history": 1,
        "nothing new": 2,
    }
    assert costs.keys() == most.keys()
    assert {name: cost for name, cost in costs.items() if cost > most[name]} == {}


@pytest.mark.parametrize(("senders", "most_groups"), [(1, 64), (16, 5), (64, 2)])
@ensureDeferred
async def test_commits_and_notifications_of_messages(
    database: Database,
    now: Now,
    asked: list[str],
    bell: Callable[[], list[str]],
    senders: int,
    most_groups: int,
) -> None:
    """So many senders, each with its next message once the last one is acknowledged: 64 messages in all."""
    client = await make_client(database, await make_house(database, now()), now())
    writer = Journal(database, "node", now, Offered())

    async def talk() -> None:
        for _ in range(64 // senders):
            await writer.append(said(client.actor, client.room_id))

    asked.clear()
    bell()
    await gatherResults([Deferred.fromCoroutine(talk()) for _ in range(senders)])
    assert writer.entries == 64
    assert writer.groups <= most_groups
    assert len(asked) == writer.groups + 1  # one round trip a group, and the preparation
    # The client waits: each group rings once for its messages, and once for the line in the clientlist.
    assert len(bell()) == 2 * writer.groups


@ensureDeferred
async def test_messages_in_a_room_that_another_node_writes_in(
    dsn: str, reactor: Any, now: Now, asked: list[str]
) -> None:
    """With the key comes how far the room is, so that the first message is as cheap as the next one; where a
    number was foreseen wrongly it is one round trip more, once."""
    here, there = (Database(reactor, dsn, size=1, keys=make_keys()) for _ in range(2))
    client = await make_client(here, await make_house(here, now()), now())
    near, far = (Journal(database, "node", now, Offered()) for database in (here, there))

    async def trips(writer: Journal) -> int:
        asked.clear()
        await writer.append(said(client.actor, client.room_id))
        return len([sql for sql in asked if sql != appending.PREPARE])

    assert [await trips(near), await trips(near)] == [1, 1]
    assert [await trips(far), await trips(far)] == [1 + 1, 1]
    assert [await trips(near), await trips(near)] == [1 + 1, 1]
    here.close()
    there.close()


_PLAN = """
EXECUTE allow ('o');
EXPLAIN EXECUTE append ('{o}', '{r}', '{text}', '{s}', '{staff}', '{n}', '{1}', now(), 'node')
"""
INDEXES = re.compile(r"(?:Index Scan using|Index Only Scan using|Index Scan Backward using|Scan on) (\w+)")
_OTHER_INDEXES = """
SELECT indexrelid::regclass::text AS name, indpred IS NOT NULL AS is_partial FROM pg_index
WHERE indrelid IN ('rooms'::regclass, 'members'::regclass) AND NOT indisprimary
"""


@pytest.fixture
def unknown(postgres: Server, template: str, reactor: Any) -> Iterator[Database]:
    """A database that nobody has used before: PostgreSQL has counted nothing in its tables."""
    name = postgres.make(template)
    database = Database(reactor, make_dsn(postgres.owner, dbname=name), size=1)
    yield database
    database.close()
    postgres.drop(name)


@ensureDeferred
async def test_one_look_per_message(unknown: Database) -> None:
    """However little PostgreSQL knows of its tables, the journal never reads all rooms of anybody."""
    others = {row.name: row.is_partial for row in await unknown.statement((), _OTHER_INDEXES)}
    assert all(others.values()), others
    plan = "\n".join(row[0] for row in await unknown.prepared(appending.PREPARE, _PLAN))
    used = set(INDEXES.findall(plan))
    assert used & {*others, "messages_pkey"} == set(), plan
    assert {"rooms_pkey", "members_pkey", "messages_nonce"} <= used, plan
    assert "Tid Scan on rooms" in plan, plan
    # The wall is looked up in a hash table: in an index, its list would be sorted anew for each message.
    assert "hashed SubPlan" in plan, plan
    assert "ANY" not in "".join(line for line in plan.splitlines() if "Index Cond" in line), plan


async def plan_of(database: Database, statement: Prepared, execution: str) -> str:
    """How a statement is run that is planned once, for good or until the tables are counted."""
    async with database.reading("o") as tx:
        await tx.rows(statement, **dict.fromkeys(PARAMETER.findall(statement.execution)))
        rows = await tx.rows(replace(statement, execution=f"EXPLAIN {execution}"))
    return "\n".join(row[0] for row in rows)


PARAMETER = re.compile(r"%\((\w+)\)s")


@ensureDeferred
async def test_pages_are_found_by_their_keys(unknown: Database) -> None:
    """Planned while nothing is known of the tables: along the index that has the room's order."""
    for page, execution in (
        (messages.AFTER_AS_MEMBER, "EXECUTE after_as_member ('o', 'r', 'm', false, 1, 51)"),
        (messages.BEFORE_AS_MEMBER, "EXECUTE before_as_member ('o', 'r', 'm', false, 1, 51)"),
    ):
        plan = await plan_of(unknown, page, execution)
        assert {"messages_pkey", "members_pkey", "rooms_pkey"} == set(INDEXES.findall(plan)), plan
        assert "Sort" not in plan, plan
    plan = await plan_of(unknown, members.STANDING, "EXECUTE standing ('o', 'r', 'm')")
    assert {"rooms_pkey", "members_pkey", "data_keys_pkey"} <= set(INDEXES.findall(plan)), plan


@ensureDeferred
async def test_lines_of_the_clientlist_are_found_by_their_keys(database: Database, dsn: str) -> None:
    """As soon as the tables have been counted; a plan made before that is not kept."""
    for counted in (False, True):
        if counted:
            fill.add_rooms(dsn, 2, 300, AS_THE_APPLICATION)
            with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            connection.close()
        for line, execution in (
            (clientlist.FIND, "EXECUTE find_rooms ('o', '{r}')"),
            (clientlist.FIND_OF_CLIENTS, "EXECUTE find_rooms_of_clients ('o', '{c}')"),
        ):
            plan = await plan_of(database, line, execution)
            assert "Seq Scan" not in plan, plan
    used = set(INDEXES.findall(plan))
    assert {"rooms_of_client", "members_pkey", "clients_pkey"} <= used, plan
    assert not {"rooms_of_consultant", "rooms_of_member"} & used, plan


@ensureDeferred
async def test_a_crowd_that_comes_and_goes(wired: Wired, now: Now, reactor: Any, asked: list[str]) -> None:
    """Marks of presence, and what is told of them, are written and read for many at a time."""
    house = await make_house(wired.database, now())
    clients = [await make_client(wired.database, house, now()) for _ in range(40)]
    watching = await wired.join("haven")
    await wired.settled()
    asked.clear()
    for client in clients:
        wired.upkeep.present(client.actor)
    while len([sql for sql in asked if "FROM rooms" in sql]) == 0:
        await deferLater(reactor, 0.01, lambda: None)
    await wired.settled()
    # The first one waits for nobody.
    assert len([sql for sql in asked if "EXECUTE attach_clients" in sql]) == 2
    assert len(asked) <= 4 + 3 * 3
    assert watching.is_open


@ensureDeferred
async def test_fetches_for_many_rooms(database: Database, now: Now, reactor: Any, asked: list[str]) -> None:
    """What another node has committed in many rooms at once is fetched for all of them together."""
    house = await make_house(database, now())
    clients = [await make_client(database, house, now()) for _ in range(40)]
    out: list[str] = []
    relay = Relay(reactor, database, lambda organisation_id, room_id, message, origin: out.append(room_id))
    for client in clients:
        relay.follow(client.actor.organisation_id, client.room_id)
        relay.begin(client.actor.organisation_id, client.room_id, 1)
    elsewhere = Journal(database, "elsewhere", now, Offered())
    await gatherResults(
        [Deferred.fromCoroutine(elsewhere.append(said(each.actor, each.room_id))) for each in clients]
    )
    asked.clear()
    for client in clients:
        relay.hint(client.actor.organisation_id, client.room_id, 2)
    while len(out) < len(clients):
        await deferLater(reactor, 0.01, lambda: None)
    relay.stop()
    assert sorted(out) == sorted(client.room_id for client in clients)
    assert len(asked) == 2  # the first one waits for nobody
