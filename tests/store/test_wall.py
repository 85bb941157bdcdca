"""The wall between organisations is PostgreSQL's: on, forced, and complete, whatever a query forgets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql
from pytest_twisted import ensureDeferred

from hotline.domain.aids import check_answer, check_referral
from hotline.domain.audit import Action
from hotline.domain.groups import Group
from hotline.domain.model import NoteKind
from hotline.domain.rooms import sender_of
from hotline.store import (
    appointments,
    asked,
    audit,
    blocks,
    drafts,
    groups,
    notes,
    pushes,
    ready_answers,
    referrals,
    rooms,
)
from hotline.store.connections import APPLICATION_ROLE
from hotline.store.database import Database
from hotline.store.pushes import Subscription
from tests.conftest import Now
from tests.helpers import add_block, make_client, make_house

HOUR = timedelta(hours=1)
# Tables that belong to no organisation.
COMMON = {"schema_version"}
# Tables in which the application can neither change nor delete anything, not even its own.
ONLY_ADDED_TO = {"receipts", "audit"}


@pytest.fixture
def cursor(dsn: str) -> Any:
    """The owner's view."""
    connection = psycopg2.connect(dsn)
    yield connection.cursor()
    connection.close()


def tables(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
    )
    return {row[0] for row in cursor.fetchall()}


def test_every_table_is_keyed_by_organisation(cursor: Any) -> None:
    """organisation_id is NOT NULL and part of the primary key of every table but the common ones."""
    cursor.execute(
        "SELECT k.table_name FROM information_schema.table_constraints c"
        " JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)"
        " WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = current_schema()"
        " AND k.column_name = 'organisation_id' AND k.ordinal_position = 1"
    )
    assert {row[0] for row in cursor.fetchall()} == tables(cursor) - COMMON


def test_row_level_security_is_on_and_forced(cursor: Any) -> None:
    """For every table with an organisation_id, with one policy for the application role, on all commands."""
    cursor.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    )
    state = {name: (on, forced) for name, on, forced in cursor.fetchall()}
    assert {name for name in state if state[name] == (True, True)} == tables(cursor) - COMMON
    cursor.execute(
        "SELECT tablename, roles::text[], cmd, permissive, qual FROM pg_policies"
        " WHERE 'hotline_app' = ANY (roles)"
    )
    policies = cursor.fetchall()
    assert {row[0] for row in policies} == tables(cursor) - COMMON
    assert {(tuple(row[1]), row[2], row[3]) for row in policies} == {(("hotline_app",), "ALL", "PERMISSIVE")}
    assert len({row[4] for row in policies}) == 1, "the newest policy is that of all tables"


def test_the_application_role_can_do_no_more_than_needed(cursor: Any) -> None:
    """No login, no superuser, no way past the wall, owner of nothing, no DDL, no TRUNCATE."""
    cursor.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication"
        " FROM pg_roles WHERE rolname = %s",
        (APPLICATION_ROLE,),
    )
    assert cursor.fetchone() == (False,) * 6
    cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", (APPLICATION_ROLE,))
    assert cursor.fetchone() == (0,)
    for table in tables(cursor):
        cursor.execute(
            "SELECT has_table_privilege(%s, %s, 'TRUNCATE, REFERENCES, TRIGGER')", (APPLICATION_ROLE, table)
        )
        assert cursor.fetchone() == (False,), table
        cursor.execute("SELECT has_table_privilege(%s, %s, 'UPDATE, DELETE')", (APPLICATION_ROLE, table))
        assert cursor.fetchone() == (table not in COMMON | ONLY_ADDED_TO,), table
    cursor.execute("SELECT has_schema_privilege(%s, current_schema(), 'CREATE')", (APPLICATION_ROLE,))
    assert cursor.fetchone() == (False,)


@ensureDeferred
async def test_nothing_is_seen_without_naming_an_organisation(
    database: Database, dsn: str, cursor: Any, now: Now
) -> None:
    """As the application, without the setting or with another organisation in it, every table is empty."""
    house, other = await make_house(database, now(), "one"), await make_house(database, now(), "two")
    client = await make_client(database, house, now())
    async with database.transaction(house.organisation_id) as tx:
        where = (tx, house.organisation_id, client.room_id)
        await notes.add(*where, NoteKind.NOTE, "a note", sender_of(house.staff), now())
        await asked.add(*where, house.staff.id, now())
        room = await rooms.lock(*where)
        await appointments.put(tx, house.organisation_id, room, house.staff.id, now(), now() + HOUR)
        await drafts.put(tx, house.organisation_id, house.staff.id, client.room_id, "a draft", now())
        answer = check_answer("answer", "own", "hello", "Hello", None)
        await ready_answers.add(tx, house.organisation_id, house.staff.id, answer)
        referral = check_referral("referral", "Night line", "112", "", [], [])
        await referrals.add(tx, house.organisation_id, referral)
        await add_block(tx, house, client, "a block", now())
        browser = Subscription(endpoint="https://push.example/a", p256dh=b"p", auth=b"a", created_at=now())
        assert await pushes.put(tx, house.organisation_id, house.staff.id, browser, most=1)
        await pushes.want(tx, house.organisation_id, house.staff.id)
        await blocks.remember_device(tx, house.organisation_id, client.actor.id, b"hash", now())
        await audit.add_opening(tx, house.manager, Action.ROOM_JOINED, client.room_id, now())
        group = Group(
            room_id="group",
            code="code",
            name="Evening",
            text="",
            opens_at=now(),
            ends_at=now() + timedelta(hours=1),
            most_clients=5,
            is_listed=True,
        )
        await groups.add(tx, house.organisation_id, group, now())
        await groups.add_client(tx, house.organisation_id, "group", client.actor.id, b"hash", now())
    names = tables(cursor) - COMMON
    connection = psycopg2.connect(dsn, options=f"-c role={APPLICATION_ROLE}")
    try:
        application = connection.cursor()
        for setting in (None, "", "nobody", "%", house.organisation_id[:-1], f"'{house.organisation_id}'"):
            if setting is not None:
                application.execute("SELECT set_config('hotline.organisations', %s, true)", (setting,))
            for name in names:
                application.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
                assert application.fetchone() == (0,), (setting, name)
        application.execute("SELECT set_config('hotline.organisations', %s, true)", (other.organisation_id,))
        for name in names:
            query = sql.SQL("SELECT count(*) FROM {} WHERE organisation_id <> %s").format(
                sql.Identifier(name)
            )
            application.execute(query, (other.organisation_id,))
            assert application.fetchone() == (0,), name
            if name in ONLY_ADDED_TO:
                continue
            query = sql.SQL("UPDATE {} SET organisation_id = organisation_id WHERE organisation_id = %s")
            application.execute(query.format(sql.Identifier(name)), (house.organisation_id,))
            assert application.rowcount == 0, name
            query = sql.SQL("DELETE FROM {} WHERE organisation_id = %s").format(sql.Identifier(name))
            application.execute(query, (house.organisation_id,))
            assert application.rowcount == 0, name
    finally:
        connection.close()


@ensureDeferred
async def test_the_setting_ends_with_its_transaction(database: Database, now: Now) -> None:
    """A connection that goes back to the pool remembers no organisation."""
    house = await make_house(database, now())
    async with database.transaction(house.organisation_id) as tx:
        assert await tx.rows("SELECT 1 FROM organisations")
    for _ in range(10):
        assert await database.statement((), "SELECT 1 FROM organisations") == []
