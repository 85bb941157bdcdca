"""The database: visible transactions.

In come SQL constants of the store's modules with their parameters, out come rows as named tuples, or errors
of hotline's own. A transaction sees the rows of the organisations it was opened for and no others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from hotline.domain.limits import DEFAULTS
from hotline.errors import NotFound, Unavailable
from hotline.store.connections import Connection, ConnectionPool, within
from hotline.store.driver_errors import AWAY, BROKEN, translated
from hotline.store.keys import Keys, Owner
from hotline.store.prepared import ALLOW, Prepared
from hotline.store.seals import Cipher

_FOR_ORGANISATIONS = "SELECT set_config('hotline.organisations', %(hotline_organisations)s, true);"
_BEGIN = f"BEGIN; {_FOR_ORGANISATIONS}"
# Whoever waits for an answer is not to wait for several timeouts.
_RETRY_SECONDS = 1.0


class Transaction:
    """What a store function works with; lives inside `async with database.transaction(...)`.

    It begins with its first statement, in the same round trip.
    """

    def __init__(self, reactor: Any, pool: ConnectionPool, organisations: str, keys: Keys | None) -> None:
        self._reactor = reactor
        self._pool = pool
        self._organisations = organisations
        self._allowed = frozenset(organisations.split(","))
        self._keys = keys
        self._forgotten = 0 if keys is None else keys.forgotten
        self._connection: Connection | None = None
        self.made_keys: dict[Owner, Cipher] = {}
        """Of owners that this transaction may have stored; remembered once it is committed."""
        self.last_seqs: dict[Owner, int] = {}
        """Of rooms, as this transaction has left them; remembered likewise."""
        self._is_finished = False

    @property
    def keys(self) -> Keys:
        """What sealed texts are opened with."""
        if self._keys is None:
            raise RuntimeError("this database was opened without keys")
        return self._keys

    @property
    def has_keys(self) -> bool:
        """Whether anything sealed can be opened here."""
        return self._keys is not None

    def find_key(self, owner: Owner) -> Cipher | None:
        """The one in memory, if the transaction is its organisation's: memory has no row-level security."""
        if owner[0] not in self._allowed:
            return None
        return self.made_keys.get(owner) or self.keys.find(owner)

    def find_last_seq(self, owner: Owner) -> int:
        """The last number of a room, as far as is known here; 0: nothing is."""
        return self.last_seqs.get(owner) or self.keys.find_last_seq(owner)

    async def rows(self, sql: str | Prepared, **parameters: Any) -> list[Any]:
        """All rows, as named tuples."""
        return (await self._execute(sql, parameters)).fetchall()  # type: ignore[no-any-return]  # the cursor is untyped

    async def find(self, sql: str | Prepared, **parameters: Any) -> Any | None:
        """The only row, or None."""
        return (await self._execute(sql, parameters)).fetchone()

    async def get(self, sql: str | Prepared, **parameters: Any) -> Any:
        """The only row. :raises NotFound: there is none."""
        row = await self.find(sql, **parameters)
        if row is None:
            raise NotFound()
        return row

    async def run(self, sql: str | Prepared, **parameters: Any) -> int:
        """How many rows were written."""
        return (await self._execute(sql, parameters)).rowcount  # type: ignore[no-any-return]  # the cursor is untyped

    async def finish(self, sql: str, **parameters: Any) -> None:
        """The last thing to do, committed in the same round trip; what it gives is not told."""
        await self._execute(f"{sql}; COMMIT", parameters)
        self._is_finished = True

    async def commit(self) -> None:
        """Only for `Database.transaction`."""
        if self._connection is not None and not self._is_finished:
            await execute(self._reactor, self._connection, "COMMIT")

    async def roll_back(self) -> None:
        """Only for `Database.transaction`."""
        if self._connection is None or not self._connection.usable:
            return
        try:
            await execute(self._reactor, self._connection, "ROLLBACK")
        except BROKEN:
            self._connection.abandon()

    def remember(self) -> None:
        """Only for `Database.transaction`, after the commit."""
        if self._keys is None:
            return
        if self.made_keys:
            self._keys.remember(self.made_keys, self._forgotten)
        for room, seq in self.last_seqs.items():
            self._keys.saw_seq(room, seq)

    def release(self) -> None:
        """Only for `Database.transaction`."""
        if self._connection is not None:
            self._pool.release(self._connection)

    async def _execute(self, sql: str | Prepared, parameters: dict[str, Any]) -> Any:
        if self._connection is not None:
            known = await self._known(self._connection, sql)
            return await execute(self._reactor, self._connection, known, parameters)
        return await self._first(_BEGIN, sql, parameters)

    async def _known(self, connection: Connection, sql: str | Prepared) -> str:
        """What to ask this connection."""
        if isinstance(sql, str):
            return sql
        missing = {
            each.name: each.preparation for each in (ALLOW, sql) if each.name not in connection.prepared
        }
        if missing:
            await execute(self._reactor, connection, ";".join(missing.values()))
            connection.prepared.update(missing)
        return sql.execution

    async def _first(self, begin: str, sql: str | Prepared, parameters: dict[str, Any]) -> Any:
        if not parameters and isinstance(sql, str):
            sql = sql.replace("%", "%%")  # it had no parameters, and gets one
        parameters["hotline_organisations"] = self._organisations
        began = self._reactor.seconds()
        for _ in range(self._pool.size):
            if self._connection is None:
                self._connection = await self._pool.acquire()
            try:
                known = await self._known(self._connection, sql)
                return await execute(self._reactor, self._connection, begin + known, parameters)
            except AWAY:
                # A connection that died while it was idle has done nothing yet, and one that died before it
                # was told to commit has left nothing: another one may live. Too slow a one is not replaced.
                if self._connection.usable or self._reactor.seconds() - began > _RETRY_SECONDS:
                    raise
                self._pool.release(self._connection)
                self._connection = None
        raise Unavailable()


class Reading(Transaction):
    """Statements that may be asked twice: each is a transaction of its own, and so one round trip."""

    async def commit(self) -> None:
        """PostgreSQL has."""

    async def roll_back(self) -> None:
        """There is nothing to roll back."""

    async def _execute(self, sql: str | Prepared, parameters: dict[str, Any]) -> Any:
        return await self._first(_alone(sql), sql, parameters)


class Single(Reading):
    """One statement that writes, as a transaction of its own; never asked twice: it may have been done."""

    async def _execute(self, sql: str | Prepared, parameters: dict[str, Any]) -> Any:
        if self._connection is not None:
            raise RuntimeError("this is for one statement only")
        self._connection = await self._pool.acquire()
        parameters["hotline_organisations"] = self._organisations
        known = await self._known(self._connection, sql)
        return await execute(self._reactor, self._connection, _alone(sql) + known, parameters)


def _alone(sql: str | Prepared) -> str:
    """What goes before a statement that is a transaction of its own."""
    return _FOR_ORGANISATIONS if isinstance(sql, str) else f"{ALLOW.execution};"


async def execute(
    reactor: Any, connection: Connection, sql: str, parameters: dict[str, Any] | None = None
) -> Any:
    """The cursor with the result of the last of these statements."""
    cursor = connection.cursor()
    await within(reactor, connection.statement_seconds, connection, cursor.execute(sql, parameters))
    return cursor


class Database:
    """A pool of connections of the application role.

    :param size: connections at the same time. :param keys: needed for whatever is sealed.
    :param statement_seconds: that one statement may take; 0: any number.
    """

    def __init__(
        self,
        reactor: Any,
        dsn: str,
        size: int = DEFAULTS.database_connections,
        keys: Keys | None = None,
        statement_seconds: float = DEFAULTS.statement_seconds,
    ) -> None:
        self._reactor = reactor
        self.keys = keys
        self._pool = ConnectionPool(reactor, dsn, size, statement_seconds)

    @asynccontextmanager
    async def transaction(self, *organisations: str) -> AsyncIterator[Transaction]:
        """One transaction for these organisations (none: only the directory functions give answers).

        Commits at the end of the block, rolls back when it raises.

        :raises Unavailable: the database is away; whether a commit under way took place is then unknown.
        """
        async with self._within(Transaction, organisations) as transaction:
            yield transaction

    @asynccontextmanager
    async def reading(self, *organisations: str) -> AsyncIterator[Transaction]:
        """The same for what writes nothing: without a COMMIT to wait for, and possibly asked twice."""
        async with self._within(Reading, organisations) as transaction:
            yield transaction

    @asynccontextmanager
    async def repeatable(self, *organisations: str) -> AsyncIterator[Transaction]:
        """The same for statements of which each may write, and be done twice without a difference: each is
        committed in its one round trip, whatever becomes of the others."""
        async with self._within(Reading, organisations) as transaction:
            yield transaction

    @asynccontextmanager
    async def single(self, *organisations: str) -> AsyncIterator[Transaction]:
        """The same for one statement that writes: done and committed in one round trip."""
        async with self._within(Single, organisations) as transaction:
            yield transaction

    @asynccontextmanager
    async def _within(
        self, kind: type[Transaction], organisations: Iterable[str]
    ) -> AsyncIterator[Transaction]:
        transaction = kind(self._reactor, self._pool, ",".join(organisations), self.keys)
        try:
            try:
                with translated():
                    yield transaction
                    await transaction.commit()
                    transaction.remember()
            except BaseException:
                await transaction.roll_back()
                raise
        finally:
            transaction.release()

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
                if preparation and connection.preparation != preparation:
                    await execute(self._reactor, connection, preparation)
                    connection.preparation = preparation
                cursor = await execute(self._reactor, connection, sql, parameters)
                return cursor.fetchall()  # type: ignore[no-any-return]  # the cursor is untyped
            finally:
                self._pool.release(connection)

    def turn(self) -> Deferred[None]:
        """Fires when all that is due by now has been done."""
        return deferLater(self._reactor, 0)

    async def ping(self) -> None:
        """:raises Unavailable: the database does not answer."""
        await self.statement((), "SELECT 1")

    def close(self) -> None:
        self._pool.close()
