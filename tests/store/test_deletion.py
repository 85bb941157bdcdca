"""A deleted organisation: nothing of it is in any table, no way that begins outside leads to it, and others
have all they had."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from pytest_twisted import ensureDeferred

from hotline.store import organisations
from hotline.store.database import Database
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
