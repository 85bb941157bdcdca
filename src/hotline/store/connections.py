"""Connections to PostgreSQL: txpostgres made to survive.

In comes a libpq connection string, out come live connections, each used by one transaction at a time.
A connection that died is dropped and replaced when next needed; nobody waits for longer than the
timeouts below. Never looks at what is asked of the database.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE, make_dsn
from psycopg2.extras import NamedTupleCursor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from txpostgres import txpostgres

from hotline.domain.limits import DEFAULTS
from hotline.errors import Unavailable

APPLICATION_ROLE = "hotline_app"
CONNECT_TIMEOUT_SECONDS = 5
ACQUIRE_TIMEOUT_SECONDS = 5

# Sent when connecting: silent network death must be noticed, and no transaction may be left open.
_KEEPALIVES: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20000,
}
_SETTINGS = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout=30s"
    # Compiling takes longer than any query here runs.
    " -c synchronous_commit=on -c client_encoding=UTF8 -c jit=off"
)


class Cursor(txpostgres.Cursor):  # type: ignore[misc]  # txpostgres is untyped
    """A statement under way, whose socket its connection watches.

    txpostgres tells what came of it in the reactor's next turn, and has it go round once more for that. Here
    it is told when the socket has told it; not within `execute`, where nobody expects it yet.
    """

    _pollingD: Deferred[Any] | None = None
    _is_awaited = False

    def go_on(self) -> None:
        """The socket is ready."""
        self._is_awaited = True
        self.continuePolling()

    def continuePolling(self, swallowErrors: bool = False) -> None:
        asked, answer = self._pollingD, None
        try:
            state = self.pollable().poll()
        except Exception:
            if asked is None and not swallowErrors:
                raise
            answer = Failure()
        else:
            if state == POLL_READ:
                self.reactor.addReader(self._connection)
            elif state == POLL_WRITE:
                self.reactor.addWriter(self._connection)
            else:
                answer = self if state == POLL_OK else Failure(txpostgres.UnexpectedPollResult())
        if asked is not None and answer is not None:
            self._pollingD = None
            if self._is_awaited:
                asked.callback(answer)
            else:
                self.reactor.callLater(0, asked.callback, answer)


class Connection(txpostgres.Connection):  # type: ignore[misc]  # as above
    """One connection; `lost` fires once when it breaks or is closed, and `heard` gets each NOTIFY's payload.

    txpostgres hands notifications to a cooperator, which may run them out of order: here they are
    handed on synchronously, in the order in which PostgreSQL sent them.
    """

    cursorFactory = Cursor

    def __init__(self, reactor: Any) -> None:
        super().__init__(reactor)
        self.lost: Callable[[], None] = lambda: None
        self.heard: Callable[[str], None] = lambda payload: None
        self.statement_seconds = DEFAULTS.statement_seconds
        """That one statement may take; 0: any number."""
        self.preparation = ""
        self.prepared: set[str] = set()
        """Names of the statements that are planned here (hotline.store.prepared.Prepared)."""

    @property
    def usable(self) -> bool:
        # When libpq finds the server gone it closes the socket, but psycopg2 may not have noticed yet.
        connection = self._connection
        return connection is not None and not connection.closed and connection.fileno() >= 0

    @property
    def _running(self) -> Cursor | None:
        return next(iter(self._cursors), None)

    def doRead(self) -> None:
        running = self._running
        try:
            if running is None:
                super().doRead()
            else:
                # Not watched while libpq reads, which may close the socket.
                self.reactor.removeReader(self)
                running.go_on()
        except Exception:
            # Nobody was waiting for an answer: the server went away, or the socket is gone already, which the
            # reactor refuses to watch. An error that escaped from here would leave it half alive.
            self.abandon()

    def doWrite(self) -> None:
        running = self._running
        if running is None:
            super().doWrite()
        else:
            self.reactor.removeWriter(self)
            running.go_on()

    def cursorFinished(self, cursor: Any) -> None:
        # The original watches the socket again also when there is none any more.
        if self.usable:
            super().cursorFinished(cursor)
        else:
            self._cursors.discard(cursor)

    def checkForNotifies(self) -> None:
        notifies = self._connection.notifies[:]
        del self._connection.notifies[:]
        for notify in notifies:
            self.heard(notify.payload)

    def connectionLost(self, reason: Failure) -> None:
        if self._running is not None:
            self._running.connectionLost(reason)
        super().connectionLost(reason)
        if not self.usable:
            self._tell_lost()

    def abandon(self) -> None:
        """Close at once; whoever waits for an answer gets ConnectionDone."""
        if self._connection is not None:
            self.close()
        self._tell_lost()

    def _tell_lost(self) -> None:
        lost, self.lost = self.lost, lambda: None
        lost()


async def connect(reactor: Any, dsn: str, role: str | None = APPLICATION_ROLE) -> Connection:
    """A new connection that works as `role` (None: as whoever the connection string names)."""
    connection = Connection(reactor)
    options = _SETTINGS if role is None else f"{_SETTINGS} -c role={role}"
    full = make_dsn(dsn, options=options, application_name="hotline", **_KEEPALIVES)
    deferred = connection.connect(full, cursor_factory=NamedTupleCursor)
    try:
        await within(reactor, CONNECT_TIMEOUT_SECONDS, connection, deferred)
    except ValueError as error:
        # It was there, and gone before the reactor could watch its socket.
        connection.abandon()
        raise ConnectionDone() from error
    return connection


async def within(
    reactor: IReactorTime, seconds: float, connection: Connection, deferred: Deferred[Any]
) -> Any:
    """The deferred's result; when it takes too long the connection is given up and ConnectionDone raised.

    Cancelling through libpq would block the reactor exactly when the server hangs.

    :param seconds: 0: however long it takes.
    """
    if not seconds:
        return await deferred
    late = reactor.callLater(seconds, _give_up, connection, deferred)
    try:
        return await deferred
    finally:
        if late.active():
            late.cancel()


def _give_up(connection: Connection, deferred: Deferred[Any]) -> None:
    connection.abandon()
    if not deferred.called:
        deferred.errback(Failure(ConnectionDone("PostgreSQL did not answer in time")))


class ConnectionPool:
    """At most `size` connections, opened when needed, given out first come first served."""

    def __init__(self, reactor: Any, dsn: str, size: int, statement_seconds: float) -> None:
        self._reactor = reactor
        self._statement_seconds = statement_seconds
        self._dsn = dsn
        self.size = size
        self._open: set[Connection] = set()
        self._opening = 0
        self._idle: list[Connection] = []
        self._waiting: deque[Deferred[None]] = deque()
        self._closed = False

    async def acquire(self) -> Connection:
        """A live connection. :raises Unavailable: none came free in time, or the server cannot be reached."""
        while not self._closed:
            while self._idle:
                connection = self._idle.pop()
                if connection.usable:
                    return connection
                self._open.discard(connection)
            if len(self._open) + self._opening < self.size:
                return await self._connect()
            await self._turn()
        raise Unavailable()

    async def _connect(self) -> Connection:
        self._opening += 1
        try:
            connection = await connect(self._reactor, self._dsn)
        except BaseException:
            self._opening -= 1
            self._wake()
            raise
        self._opening -= 1
        if self._closed:
            connection.abandon()
            raise Unavailable()
        connection.statement_seconds = self._statement_seconds
        self._open.add(connection)
        connection.lost = lambda: self._dropped(connection)
        return connection

    async def _turn(self) -> None:
        turn: Deferred[None] = Deferred()
        self._waiting.append(turn)
        late = self._reactor.callLater(ACQUIRE_TIMEOUT_SECONDS, self._too_late, turn)
        try:
            await turn
        finally:
            if late.active():
                late.cancel()

    def _too_late(self, turn: Deferred[None]) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
            turn.errback(Failure(Unavailable()))

    def release(self, connection: Connection) -> None:
        """Give back; a connection that broke meanwhile is forgotten."""
        if self._closed:
            connection.abandon()
        elif connection.usable and connection in self._open:
            self._idle.append(connection)
        else:
            self._open.discard(connection)
        self._wake()

    def close(self) -> None:
        """Close all; those who wait or work get an error."""
        self._closed = True
        for connection in list(self._open):
            connection.abandon()
        while self._waiting:
            self._wake()

    def _dropped(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._wake()

    def _wake(self) -> None:
        if self._waiting:
            self._waiting.popleft().callback(None)
