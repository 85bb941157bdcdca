"""Counts and checksums of all tables, as of one moment: what a backup must hold.

In comes the owner's connection string, out come a snapshot's name, which other connections can look
through, and for each table how many rows it has and what they add up to. It only reads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from hotline.errors import StartError
from hotline.store.connections import Connection, connect, within
from hotline.store.driver_errors import BROKEN, reason_of

# Reading every row of a large database takes its time, and its snapshot is held until the copy is made.
_WHOLE_DATABASE_SECONDS = 24 * 3600
_BEGIN = """
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL statement_timeout = 0;
SELECT pg_export_snapshot() AS name
"""
_TABLES = """
SELECT c.relname AS name, c.oid::regclass::text AS quoted FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""
# A row's text is the same on every server, in the time zone that all our connections have.
SUM = """
SELECT count(*) AS rows, coalesce(sum(hashtextextended(one::text, 0)), 0)::text AS sum FROM {table} one
"""


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """What a table holds: rows, and the sum of their 64-bit hashes in decimal."""

    rows: int
    sum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One moment of a database."""

    name: str
    """For `pg_dump --snapshot`, as long as the block lasts that gave it."""
    tables: dict[str, Sum]


@asynccontextmanager
async def snapshot(reactor: Any, dsn: str, only: Collection[str] | None = None) -> AsyncIterator[Snapshot]:
    """:param only: these tables; None: all.

    :raises StartError: the database cannot be read.
    """
    try:
        connection = await connect(reactor, dsn, role=None)
        try:
            name = (await _ask(reactor, connection, _BEGIN)).fetchone().name
            found = (await _ask(reactor, connection, _TABLES)).fetchall()
            tables = {}
            for table in found:
                if only is not None and table.name not in only:
                    continue
                row = (await _ask(reactor, connection, SUM.format(table=table.quoted))).fetchone()
                tables[table.name] = Sum(rows=row.rows, sum=row.sum)
            yield Snapshot(name=name, tables=tables)
        finally:
            connection.abandon()
    except BROKEN as error:
        raise StartError(f"the database cannot be read: {reason_of(error)}") from error


async def _ask(reactor: Any, connection: Connection, sql: str) -> Any:
    cursor = connection.cursor()
    await within(reactor, _WHOLE_DATABASE_SECONDS, connection, cursor.execute(sql))
    return cursor
