"""A deleted organisation: nothing of it is in any table, no way that begins outside leads to it, and others
have all they had."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import psycopg2
import pytest
from psycopg2 import sql
from pytest_twisted import ensureDeferred

from hotline.store import emptying, organisations, surveys
from hotline.store.database import Database, Transaction
from hotline.store.doorbell import CHANNEL
from tests.conftest import Now
from tests.helpers import add_block, make_client, make_house
from tests.store.full_house import WORD, fill
from tests.store.test_wrong_organisation import DIRECTORY, functions, outcome_of

Rows = dict[str, list[str]]


@pytest.fixture
def owner(dsn: str) -> Iterator[Any]:
    """Of the database; sees every row."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def everything(owner: Any) -> Rows:
    """All rows of all tables."""
    owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    found = {}
    for (table,) in owner.fetchall():
        owner.execute(sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(table)))
        found[table] = [row for (row,) in owner.fetchall()]
    return found


def of(rows: Rows, *words: str) -> set[str]:
    """The tables in which one of these words stands."""
    return {table for table, each in rows.items() if any(word in row for row in each for word in words)}


@ensureDeferred
async def test_nothing_is_left_in_any_table(database: Database, now: Now, owner: Any) -> None:
    """Logins, tickets, links, mails that wait, browsers that are called, keys, blocks, aids, receipts, audit,
    passkeys and factors among them: whatever a migration adds has to go, too."""
    other = await make_house(database, now(), "other")
    client = await make_client(database, other, now())
    async with database.transaction(other.organisation_id) as tx:
        await add_block(tx, other, client, "block of others", now())
    before = everything(owner)
    ids = await fill(database, now)
    owner.execute(
        "SELECT table_name FROM information_schema.columns JOIN pg_tables ON tablename = table_name"
        " WHERE schemaname = current_schema() AND column_name = 'organisation_id'"
    )
    walled = {table for (table,) in owner.fetchall()}
    assert of(everything(owner), ids.organisation_id) >= walled, "something of each kind was there"
    async with database.transaction(ids.organisation_id) as tx:
        assert await organisations.delete(tx, ids.organisation_id)
    after = everything(owner)
    assert of(after, ids.organisation_id, ids.consultant_id, ids.room_id, WORD) == set()
    assert after == before


@ensureDeferred
async def test_however_many_rooms_there_are(database: Database, now: Now, owner: Any, dsn: str) -> None:
    """What there may be very many of goes first, a few in each transaction, so that nobody hears of all at
    once; what somebody holds just then is left for the end. Others keep theirs."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    clients = [await make_client(database, house, now()) for _ in range(7)]
    await make_client(database, other, now())
    async with database.transaction(house.organisation_id) as tx:
        for _ in range(3):
            await surveys.add(tx, house.organisation_id, {"how": "well"}, now())
        await tx.run(
            "UPDATE rooms SET status = 'closed', closed_at = entered_at WHERE room_id = ANY(%(rooms)s)",
            rooms=[client.room_id for client in clients[:3]],
        )
    before = everything(owner)
    rings = Rings(database, dsn)
    async with database.transaction(house.organisation_id) as tx:
        held = clients[5].room_id
        await tx.get("SELECT room_id FROM rooms WHERE room_id = %(room)s FOR NO KEY UPDATE", room=held)
        await emptying.empty(cast(Database, rings), house.organisation_id, at_once=2)
    assert rings.counts == [
        # Of each room its key, and the list.
        4, 2,
        # Of surveys and of clients their keys.
        2, 1,
        4, 2,
        2, 2, 2, 0,
    ]  # fmt: skip
    left = everything(owner)
    assert of(left, *(client.room_id for client in clients)) == of(before, held)
    assert {table for table in before if left[table] != before[table]} == {
        "clients",
        "data_keys",
        "members",
        "messages",
        "rooms",
        "surveys",
    }
    assert of(left, other.organisation_id) == of(before, other.organisation_id)
    async with database.transaction(house.organisation_id) as tx:
        assert await organisations.delete(tx, house.organisation_id)
    # Of what was held two keys and the list; three people; the organisation, its key, what the log is told.
    assert rings.heard() == 3 + 3 + 3
    rings.close()


class Rings:
    """A database, and how many rings each of its transactions sets off."""

    def __init__(self, database: Database, dsn: str) -> None:
        self._database = database
        self._connection = psycopg2.connect(dsn)
        self._connection.autocommit = True
        self._connection.cursor().execute(f"LISTEN {CHANNEL}")
        self.counts: list[int] = []

    @asynccontextmanager
    async def transaction(self, *organisations: str) -> AsyncIterator[Transaction]:
        async with self._database.transaction(*organisations) as tx:
            yield tx
        self.counts.append(self.heard())

    def heard(self) -> int:
        """Since the last time somebody asked."""
        # What was committed before comes before what is rung now.
        self._connection.cursor().execute(f"NOTIFY {CHANNEL}, 'now'")
        heard: list[str] = []
        while "now" not in heard:
            self._connection.poll()
            heard += [notify.payload for notify in self._connection.notifies]
            self._connection.notifies.clear()
        return len(heard) - 1

    def close(self) -> None:
        self._connection.close()


@ensureDeferred
async def test_nothing_outside_leads_there(database: Database, now: Now) -> None:
    """Addresses, secrets, links, marks and work that was due find nobody any more."""
    ids = await fill(database, now)
    led = set()
    async with database.transaction() as tx:
        for name in DIRECTORY:
            if ids.organisation_id in await outcome_of(tx, name, functions()[name], ids):
                led.add(name)
    assert len(led) > 10
    async with database.transaction(ids.organisation_id) as tx:
        await organisations.delete(tx, ids.organisation_id)
    async with database.transaction() as tx:
        for name in led:
            assert ids.organisation_id not in await outcome_of(tx, name, functions()[name], ids), name
