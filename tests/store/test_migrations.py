"""Databases that cannot be migrated say so in one line that tells what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn
from pytest_twisted import ensureDeferred

from hotline.errors import StartError
from hotline.store.connections import APPLICATION_ROLE
from hotline.store.migrations import migrate, migrations
from tests.conftest import Server, administer

NAME = f"hotline_test_migrations_{os.getpid()}"


@contextmanager
def made(postgres: Server, *options: str) -> Iterator[str]:
    """A database made with these options; its administrator's connection string."""
    administer(postgres.administrator, f"CREATE DATABASE {NAME} {' '.join(options)}")
    try:
        yield make_dsn(postgres.administrator, dbname=NAME)
    finally:
        postgres.drop(NAME)


def server_version(dsn: str) -> int:
    connection = psycopg2.connect(dsn)
    try:
        return connection.server_version
    finally:
        connection.close()


@ensureDeferred
async def test_another_encoding_is_refused(reactor: Any, postgres: Server) -> None:
    """It could not hold what people write."""
    # PostgreSQL 14 has libc's locales only, and no word for it.
    provider = "LOCALE_PROVIDER libc" if server_version(postgres.administrator) >= 150000 else ""
    options = f"ENCODING 'LATIN1' {provider} LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with made(postgres, options) as dsn, pytest.raises(StartError, match="has the encoding LATIN1"):
        await migrate(reactor, dsn)


@pytest.mark.parametrize("may", ["", "CREATEROLE"])
@pytest.mark.usefixtures("template")  # with it, there is the role, and somebody else has made it
@ensureDeferred
async def test_an_owner_who_may_not_use_the_role_says_who_can(
    reactor: Any, postgres: Server, may: str
) -> None:
    """What a superuser has to do stands in the line, and after that it works."""
    administer(postgres.administrator, f"CREATE ROLE {NAME} LOGIN {may} PASSWORD 'poor'")
    try:
        with made(postgres, f"OWNER {NAME}") as administrator:
            dsn = make_dsn(administrator, user=NAME, password="poor")
            # Before PostgreSQL 16, who may make roles may use all of them.
            if not may or server_version(administrator) >= 160000:
                with pytest.raises(
                    StartError, match=f"may not make or use the role {APPLICATION_ROLE}"
                ) as no:
                    await migrate(reactor, dsn)
                administer(administrator, str(no.value).partition("superuser: ")[2])
            assert await migrate(reactor, dsn) > 0
    finally:
        administer(postgres.administrator, f"DROP ROLE {NAME}")


@pytest.mark.usefixtures("template")
@ensureDeferred
async def test_a_database_with_data_is_brought_forward(reactor: Any, postgres: Server) -> None:
    """Of the first schema in use: who took no new clients is closed, all else begins as a new one does."""
    with made(postgres) as dsn:
        connection = psycopg2.connect(dsn)
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE schema_version (version integer PRIMARY KEY, applied_at timestamptz)")
        for number, sql in migrations():
            if number <= 2:
                cursor.execute(sql)
                cursor.execute("INSERT INTO schema_version VALUES (%s, now())", (number,))
        later = sum(number > 2 for number, _ in migrations())
        cursor.execute(
            "INSERT INTO organisations (organisation_id, slug, name, accepting, questions, created_at) VALUES"
            " ('a', 'a', 'A', true, '[]', now()), ('b', 'b', 'B', false, '[]', now());"
            "INSERT INTO clients (organisation_id, client_id, key_hash, name, answers, entered_at, seen_at)"
            " VALUES ('a', 'c', '', 'Robin', '{}', now(), now());"
            "INSERT INTO rooms (organisation_id, room_id, client_id, entered_at)"
            " VALUES ('a', 'r', 'c', now());"
            "INSERT INTO rooms"
            " (organisation_id, room_id, client_id, entered_at, status, served_by, claimed_at)"
            " VALUES ('a', 's', 'c', now(), 'active', 'anna', now());"
            "INSERT INTO members (organisation_id, room_id, member_id, role, seen_seq, joined_at)"
            " VALUES ('a', 's', 'anna', 'consultant', 7, now())"
        )
        connection.commit()
        assert await migrate(reactor, dsn) == later
        cursor.execute("SELECT slug, intake, hours, grace_seconds, languages FROM organisations ORDER BY 1")
        assert cursor.fetchall() == [
            ("a", "scheduled", None, 600, ["en"]),
            ("b", "closed", None, 600, ["en"]),
        ]
        cursor.execute(
            "SELECT status, left_message, entered_position, priority, served_at = claimed_at"
            " FROM rooms ORDER BY 1"
        )
        assert cursor.fetchall() == [("active", False, None, 0, True), ("waiting", False, None, 0, None)]
        cursor.execute("SELECT seen_seq, delivered_seq FROM members")
        assert cursor.fetchall() == [(7, 7)]
        connection.close()
        assert await migrate(reactor, dsn) == 0
