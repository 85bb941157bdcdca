"""kill -9 of daemon and database in the middle of talk: nothing acknowledged is lost or doubled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg2
from autobahn.wamp.exception import ApplicationError
from psycopg2.extensions import make_dsn, parse_dsn
from pytest_twisted import ensureDeferred

from hotline.store.database import Database
from tests.helpers import make_client
from tests.system.conftest import MakeDaemon, as_consultant, house_with_tokens
from tests.system.daemon import Daemon, sleep, until
from tests.system.peers import connect, failure
from tests.system.talk import begin_talk, check_talk, talk_on, talk_on_embedded

SAYINGS = 120
AGAIN = "listening to PostgreSQL again"


@ensureDeferred
async def test_kill_in_the_middle_of_talk(make_daemon: MakeDaemon, reactor: Any) -> None:
    """Twice kill -9 of twistd with its own PostgreSQL while four rooms talk: as if nothing had been."""
    async with talk_on_embedded(reactor, make_daemon) as (daemon, talk, check):
        for _ in range(2):
            await talk_on(reactor, talk, SAYINGS // 3, 0.8)
            assert any(
                not member.has_said_all or member.acknowledged for _, *members in talk for member in members
            )
            await daemon.kill()
            await talk_on(reactor, talk, 5, 0.2)
            await daemon.start()
        await talk_on(reactor, talk, SAYINGS // 3, 0.8)
        await check()
        assert all(member.sessions == 3 for _, *members in talk for member in members)


def end_connections(dsn: str, only: str = "") -> int:
    """Cut the daemon's connections to its database; gives how many."""
    connection = psycopg2.connect(dsn, application_name="test")
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'hotline' AND query LIKE %s",
            (only or "%",),
        )
        return int(cursor.fetchone()[0])
    finally:
        connection.close()


@ensureDeferred
async def test_all_database_connections_are_cut(
    daemon: Daemon, shared_database: Database, shared_dsn: str, reactor: Any
) -> None:
    """An external PostgreSQL throws everybody out, again and again: the same WAMP sessions talk on."""
    house = await house_with_tokens(shared_database)
    talk = await begin_talk(reactor, daemon, shared_database, house)
    for _ in range(4):
        await talk_on(reactor, talk, 15, 0.6)
        assert end_connections(shared_dsn) >= 2
    await talk_on(reactor, talk, 15, 0.6)
    await check_talk(reactor, shared_database, house, talk)
    assert all(
        set(member.errors) <= {"hotline.error.unavailable"} and member.sessions <= 1 + len(member.errors)
        for _, *members in talk
        for member in members
    )


def take_away(dsn: str) -> None:
    """As if the database were gone: connections are cut, and new ones refused."""
    _run_elsewhere(dsn, "ALTER DATABASE {name} CONNECTION LIMIT 0")
    _run_elsewhere(dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def give_back(dsn: str) -> None:
    """The database can be connected to again."""
    _run_elsewhere(dsn, "ALTER DATABASE {name} CONNECTION LIMIT -1")


def _run_elsewhere(dsn: str, sql: str) -> None:
    connection = psycopg2.connect(make_dsn(dsn, dbname="postgres"), application_name="test")
    connection.autocommit = True
    try:
        connection.cursor().execute(sql.format(name=parse_dsn(dsn)["dbname"]))
    finally:
        connection.close()


@ensureDeferred
async def test_the_database_is_away_for_a_while(
    daemon: Daemon, shared_database: Database, shared_dsn: str, reactor: Any
) -> None:
    """Calls fail with `unavailable`, sessions stay; when it is back all goes on, LISTEN too."""
    house = await house_with_tokens(shared_database)
    client = await make_client(shared_database, house, datetime.now(UTC))
    staff = await as_consultant(reactor, daemon, house)
    manager = await as_consultant(reactor, daemon, house, "manager")
    clientlist = await staff.collect("hotline.clientlist")
    await manager.call("hotline.room.claim", room=client.room_id)
    await until(reactor, lambda: clientlist, what="the claim on the clientlist")
    before = daemon.log.count(AGAIN)
    take_away(shared_dsn)
    error = await failure(staff.call("hotline.clientlist.get"))
    assert (error.error, error.kwargs) == ("hotline.error.unavailable", {})
    error = await failure(manager.say(client.room_id, "are you there?", "n1"))
    assert error.error == "hotline.error.unavailable"
    give_back(shared_dsn)

    async def says() -> None:
        while True:
            try:
                return await manager.say(client.room_id, "are you there?", "n1")
            except ApplicationError as problem:
                if problem.error != "hotline.error.unavailable":
                    raise
                await sleep(reactor, 0.1)

    await says()
    assert (await staff.call("hotline.clientlist.get"))[0]["room"] == client.room_id
    await until(reactor, lambda: daemon.log.count(AGAIN) > before, 10, "LISTEN")
    clientlist.clear()
    await manager.call("hotline.room.close", room=client.room_id)
    await until(
        reactor,
        lambda: any(event["change"] == "removed" for event in clientlist),
        what="the end on the clientlist",
    )
    assert not staff.gone.called
    assert not manager.gone.called


@ensureDeferred
async def test_what_came_while_away_is_told(
    daemon: Daemon, shared_database: Database, shared_dsn: str, reactor: Any
) -> None:
    """Messages and rooms committed while LISTEN was cut are told as soon as it is back."""
    house = await house_with_tokens(shared_database)
    client = await make_client(shared_database, house, datetime.now(UTC))
    peer = await connect(reactor, daemon.url, house.slug, authid=client.actor.id, ticket=client.key)
    staff = await as_consultant(reactor, daemon, house)
    clientlist = await staff.collect("hotline.clientlist")
    events = await peer.collect(f"hotline.room.{client.room_id}")
    before = daemon.log.count(AGAIN)
    take_away(shared_dsn)
    give_back(shared_dsn)
    # From elsewhere, most likely before the daemon listens again.
    late = await make_client(shared_database, house, datetime.now(UTC), "Late")
    await until(
        reactor,
        lambda: any(event["room"]["room"] == late.room_id for event in clientlist),
        10,
        "the late room",
    )
    await until(reactor, lambda: daemon.log.count(AGAIN) > before, 10, "LISTEN")
    assert events == []
