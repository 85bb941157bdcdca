"""Transactions, the pool and the wall, on a real PostgreSQL that is also made to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from hotline.errors import AlreadyExists, NotFound, Unavailable
from hotline.store.connections import Connection, ConnectionPool
from hotline.store.database import Database
from hotline.store.prepared import prepared
from tests.conftest import Now
from tests.helpers import make_house


def end_all_connections(dsn: str) -> None:
    """As if PostgreSQL had been restarted."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    connection.cursor().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    connection.close()


@ensureDeferred
async def test_a_transaction_that_raises_leaves_nothing(database: Database, now: Now) -> None:
    """What was written before the exception is rolled back, and the connection is good for more."""
    house = await make_house(database, now())
    with pytest.raises(RuntimeError):
        async with database.transaction(house.organisation_id) as tx:
            await tx.run("UPDATE organisations SET name = 'changed'")
            raise RuntimeError
    async with database.transaction(house.organisation_id) as tx:
        assert (await tx.get("SELECT name FROM organisations")).name == "Haven"


@ensureDeferred
async def test_the_password_may_be_in_a_file(
    reactor: Any, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's own, as operators know it: the address of the database has none then."""
    parts = parse_dsn(dsn)
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:*:{parts.pop('password')}\n")
    file.chmod(0o600)
    database = Database(reactor, make_dsn(**parts), size=1)
    with pytest.raises(Unavailable):
        await database.ping()
    monkeypatch.setenv("PGPASSFILE", str(file))
    await database.ping()
    database.close()


@ensureDeferred
async def test_each_transaction_sees_its_own_organisations_only(database: Database, now: Now) -> None:
    """Without naming an organisation there is nothing; naming one shows nothing of another."""
    one, two = await make_house(database, now(), "one"), await make_house(database, now(), "two")
    for named, seen in (
        ((), []),
        ((one.organisation_id,), ["one"]),
        ((two.organisation_id,), ["two"]),
        ((one.organisation_id, two.organisation_id), ["one", "two"]),
    ):
        async with database.transaction(*named) as tx:
            rows = await tx.rows("SELECT slug FROM organisations ORDER BY slug")
        assert [row.slug for row in rows] == seen
    rows = await database.statement((one.organisation_id,), "SELECT slug FROM organisations")
    assert [row.slug for row in rows] == ["one"]


@ensureDeferred
async def test_nothing_is_written_into_another_organisation(database: Database, now: Now) -> None:
    """The wall also stands for inserts and updates."""
    one, two = await make_house(database, now(), "one"), await make_house(database, now(), "two")
    async with database.transaction(one.organisation_id) as tx:
        assert (
            await tx.run(
                "UPDATE consultants SET name = 'x' WHERE organisation_id = %(o)s", o=two.organisation_id
            )
            == 0
        )
        assert (
            await tx.run("DELETE FROM organisations WHERE organisation_id = %(o)s", o=two.organisation_id)
            == 0
        )
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        async with database.transaction(one.organisation_id) as tx:
            await tx.run("UPDATE consultants SET organisation_id = %(o)s", o=two.organisation_id)


@ensureDeferred
async def test_errors_speak_of_what_was_asked(database: Database, now: Now) -> None:
    """A row that is not there is NotFound, a name that is taken names its field."""
    house = await make_house(database, now())
    with pytest.raises(NotFound):
        async with database.transaction(house.organisation_id) as tx:
            await tx.get("SELECT 1 WHERE false")
    with pytest.raises(AlreadyExists) as caught:
        await make_house(database, now())
    assert set(caught.value.details) <= {"organisation", "email"}


@ensureDeferred
async def test_a_restart_of_postgresql_costs_nothing_later(database: Database, dsn: str, now: Now) -> None:
    """Idle connections that died are replaced; one in use fails as Unavailable, once."""
    house = await make_house(database, now())
    end_all_connections(dsn)
    async with database.transaction(house.organisation_id) as tx:
        await tx.rows("SELECT 1")
    with pytest.raises(Unavailable):
        async with database.transaction(house.organisation_id) as tx:
            await tx.rows("SELECT 1")
            end_all_connections(dsn)
            await tx.rows("SELECT 1")
    async with database.transaction(house.organisation_id) as tx:
        await tx.rows("SELECT 1")


@ensureDeferred
async def test_what_is_prepared_is_planned_once_a_connection(database: Database, dsn: str, now: Now) -> None:
    """In transactions of each kind, whosever they are, and again after a restart of PostgreSQL."""
    houses = [await make_house(database, now(), slug) for slug in ("one", "two")]
    slugs = prepared("slugs", "SELECT slug FROM organisations WHERE slug <> %(no)s", no="text")
    for _ in range(2):
        for house, slug in zip(houses, ("one", "two"), strict=True):
            for kind in (database.transaction, database.reading, database.single):
                async with kind(house.organisation_id) as tx:
                    assert [row.slug for row in await tx.rows(slugs, no="x")] == [slug]
        async with database.transaction(houses[0].organisation_id) as tx:
            await tx.run("SELECT 1")
            assert await tx.rows(slugs, no="one") == []
            planned = await tx.rows("SELECT FROM pg_prepared_statements WHERE name = 'slugs'")
        assert len(planned) == 1
        end_all_connections(dsn)


@ensureDeferred
async def test_a_single_statement_is_committed_with_itself(database: Database, dsn: str, now: Now) -> None:
    """Whatever the block does afterwards; behind the wall; and only one."""
    one, two = await make_house(database, now(), "one"), await make_house(database, now(), "two")
    rename = "UPDATE organisations SET name = %(name)s"
    with pytest.raises(RuntimeError, match="one statement"):
        async with database.single(one.organisation_id) as tx:
            assert await tx.run(rename, name="changed") == 1
            await tx.run(rename, name="again")
    for house, name in ((one, "changed"), (two, "Two")):
        async with database.reading(house.organisation_id) as tx:
            assert (await tx.get("SELECT name FROM organisations")).name == name


@ensureDeferred
async def test_what_does_not_fit_a_socket(database: Database) -> None:
    """A statement and an answer far larger than what the kernel takes at once."""
    text = "\N{CANDLE}" * 5_000_000
    async with database.reading() as tx:
        assert (await tx.get("SELECT %(text)s || 'x' AS back", text=text)).back == text + "x"
        assert (await tx.get("SELECT 1 AS one")).one == 1


@ensureDeferred
async def test_a_connection_lost_while_idle_is_not_given_out(
    database: Database, dsn: str, reactor: Any
) -> None:
    """The pool notices at once, not at the next use."""
    await database.ping()
    end_all_connections(dsn)
    await deferLater(reactor, 0.1)
    await gatherResults([Deferred.fromCoroutine(database.ping()) for _ in range(4)])


@ensureDeferred
async def test_more_work_than_connections_waits_its_turn(reactor: Any, dsn: str) -> None:
    """A pool of one serves everybody, first come first served."""
    database = Database(reactor, dsn, size=1)
    order: list[int] = []

    async def work(number: int) -> None:
        async with database.transaction() as tx:
            await tx.rows("SELECT pg_sleep(0.005)")
            order.append(number)

    await gatherResults([Deferred.fromCoroutine(work(number)) for number in range(10)])
    assert order == list(range(10))
    database.close()


@ensureDeferred
async def test_a_statement_that_takes_too_long(reactor: Any, dsn: str) -> None:
    """It is given up, with its connection, and the next one is asked on another; 0: however long it takes."""
    hasty = Database(reactor, dsn, size=1, statement_seconds=0.2)
    with pytest.raises(Unavailable):
        async with hasty.transaction() as tx:
            await tx.rows("SELECT pg_sleep(30)")
    await hasty.ping()
    hasty.close()
    patient = Database(reactor, dsn, size=1, statement_seconds=0)
    async with patient.transaction() as tx:
        assert len(await tx.rows("SELECT pg_sleep(0.3)")) == 1
    patient.close()


@ensureDeferred
async def test_a_closed_pool_refuses(reactor: Any, dsn: str) -> None:
    """Whoever comes after the end, or waits when it comes, is told so."""
    pool = ConnectionPool(reactor, dsn, size=1, statement_seconds=1.0)
    await pool.acquire()
    waiting = Deferred.fromCoroutine(pool.acquire())
    pool.close()
    with pytest.raises(Unavailable):
        await waiting
    with pytest.raises(Unavailable):
        await pool.acquire()


@ensureDeferred
async def test_an_unreachable_database_is_unavailable(reactor: Any) -> None:
    """Nobody hangs, and nobody sees the driver's error."""
    database = Database(reactor, "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable):
        await database.ping()


class _WithoutSocket:
    """A psycopg2 connection as it is between the end of its socket and the moment it notices."""

    closed = 0
    notifies: list[Any] = []  # noqa: RUF012

    def fileno(self) -> int:
        return -1

    def poll(self) -> int:
        return int(psycopg2.extensions.POLL_OK)

    def close(self) -> None:
        self.closed = 1


def test_a_connection_without_a_socket_is_lost(reactor: Any) -> None:
    """It is not usable, nothing escapes into the reactor, and whoever depends on it is told."""
    connection, lost = Connection(reactor), []
    connection._connection = _WithoutSocket()
    connection.lost = lambda: lost.append("lost")
    assert not connection.usable
    connection.doRead()
    assert lost == ["lost"]
