"""The database: visible transactions, and driver errors turned into hotline's own.

In come SQL constants of the store's modules with their parameters, out come rows as named tuples.
A transaction sees the rows of the organisations it was opened for and no others. The only place where
an error of the driver is known by name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg2
from psycopg2 import errors as pg
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from hotline.errors import AlreadyExists, HotlineError, NotFound, Unavailable
from hotline.store.connections import QUERY_TIMEOUT_SECONDS, Connection, ConnectionPool, within

POOL_SIZE = 8

_BEGIN = "BEGIN; SELECT set_config('hotline.organisations', %(organisations)s, true)"
_FOR_ORGANISATIONS = "SELECT set_config('hotline.organisations', %(hotline_organisations)s, true);"

# Which field of a form or call a unique constraint speaks of.
_FIELD_OF_CONSTRAINT = {
    "organisations_slug_key": "organisation",
    "consultants_email_key": "email",
    "tokens_organisation_id_name_key": "name",
}
_AWAY = (psycopg2.OperationalError, psycopg2.InterfaceError, ConnectionDone, ConnectionLost, CancelledError)


class Transaction:
    """What a store function works with; lives inside `async with database.transaction(...)`."""

    def __init__(self, reactor: Any, connection: Connection) -> None:
        self._reactor = reactor
        self._connection = connection

    async def rows(self, sql: str, **parameters: Any) -> list[Any]:
        """All rows, as named tuples."""
        return (await self._execute(sql, parameters)).fetchall()  # type: ignore[no-any-return]

    async def find(self, sql: str, **parameters: Any) -> Any | None:
        """The only row, or None."""
        return (await self._execute(sql, parameters)).fetchone()

    async def get(self, sql: str, **parameters: Any) -> Any:
        """The only row. :raises NotFound: there is none."""
        row = await self.find(sql, **parameters)
        if row is None:
            raise NotFound()
        return row

    async def run(self, sql: str, **parameters: Any) -> int:
        """How many rows were written."""
        return (await self._execute(sql, parameters)).rowcount  # type: ignore[no-any-return]

    async def _execute(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        cursor = self._connection.cursor()
        done = cursor.execute(sql, parameters)
        await within(self._reactor, QUERY_TIMEOUT_SECONDS, self._connection, done)
        return cursor


class Database:
    """A pool of connections of the application role."""

    def __init__(self, reactor: Any, dsn: str, size: int = POOL_SIZE) -> None:
        self._reactor = reactor
        self._size = size
        self._pool = ConnectionPool(reactor, dsn, size)

    @asynccontextmanager
    async def transaction(self, *organisations: str) -> AsyncIterator[Transaction]:
        """One transaction for these organisations (none: only the directory functions give answers).

        Commits at the end of the block, rolls back when it raises.

        :raises Unavailable: the database is away; whether a commit under way took place is then unknown.
        """
        with translated():
            connection = await self._begin(",".join(organisations))
        try:
            transaction = Transaction(self._reactor, connection)
            try:
                with translated():
                    yield transaction
                    await transaction.run("COMMIT")
            except BaseException:
                await _roll_back(transaction, connection)
                raise
        finally:
            self._pool.release(connection)

    async def _begin(self, organisations: str) -> Connection:
        for _ in range(self._size):
            connection = await self._pool.acquire()
            try:
                await Transaction(self._reactor, connection).run(_BEGIN, organisations=organisations)
            except BaseException as error:
                was_usable = connection.usable
                connection.abandon()
                self._pool.release(connection)
                # A connection that died while it was idle has done nothing yet: another one may live.
                if was_usable or not isinstance(error, _AWAY):
                    raise
            else:
                return connection
        raise Unavailable()

    async def statement(self, allowed: Iterable[str], sql: str, /, **parameters: Any) -> list[Any]:
        """One or several statements as one transaction in a single round trip; the last one's rows.

        PostgreSQL runs statements that arrive together as one transaction, each with a fresh snapshot.
        """
        parameters["hotline_organisations"] = ",".join(allowed)
        return await self.prepared("", _FOR_ORGANISATIONS + sql, **parameters)

    async def prepared(self, preparation: str, sql: str, /, **parameters: Any) -> list[Any]:
        """As `statement`, after what the preparation (PREPARE, SET) makes of a connection at its first use.

        It stays as it is then, so the connections have to be this caller's own; and the statements have to
        say themselves for which organisations they are.
        """
        with translated():
            connection = await self._pool.acquire()
            try:
                transaction = Transaction(self._reactor, connection)
                if preparation and connection.preparation != preparation:
                    await transaction.run(preparation)
                    connection.preparation = preparation
                return await transaction.rows(sql, **parameters)
            finally:
                self._pool.release(connection)

    async def ping(self) -> None:
        """:raises Unavailable: the database does not answer."""
        await self.statement((), "SELECT 1")

    def close(self) -> None:
        self._pool.close()


async def _roll_back(transaction: Transaction, connection: Connection) -> None:
    if not connection.usable:
        return
    try:
        await transaction.run("ROLLBACK")
    except (psycopg2.Error, ConnectionDone, ConnectionLost):
        connection.abandon()


class translated:
    """Driver errors raised in the block leave it as hotline's own."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, HotlineError) or error is None:
            return
        if isinstance(error, pg.UniqueViolation):
            field = _FIELD_OF_CONSTRAINT.get(error.diag.constraint_name or "", "name")
            raise AlreadyExists(**{field: "is already taken"}) from error
        if isinstance(error, _AWAY):
            raise Unavailable() from error


def is_away(failure: Failure) -> bool:
    """Whether a failure means that the database cannot be reached just now."""
    return failure.check(Unavailable, *_AWAY) is not None
