"""The doorbell: PostgreSQL's notifications, on one connection and one channel per node.

In comes whatever a commit anywhere rings with, out come its words, in order, to `rang`. When the
connection was lost it is made again, and `regained` is called after LISTEN: then something may have been
missed and must be looked up. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from hotline.errors import StartError
from hotline.store.connections import Connection, connect, within
from hotline.store.driver_errors import BROKEN

CHANNEL = "hotline"
# Also how long a NOTIFY queue that was full stays so when nobody asks: two beats fit into five seconds.
BEAT_SECONDS = 2
_BEAT_TIMEOUT_SECONDS = 5
# So many of our own beats in a row not heard: notifications do not arrive any more.
_BEATS_MISSED = 3
_RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)

_LISTEN = f"LISTEN {CHANNEL}"
# Asking for the usage also frees a queue that got stuck.
_BEAT = f"SELECT pg_notify('{CHANNEL}', 'beat ' || %(node)s), pg_notification_queue_usage() AS usage"
_FULL = 0.01


class Doorbell:
    """Listens from `start` to `stop`, whatever happens to the connection in between."""

    _log = Logger()

    def __init__(self, reactor: Any, dsn: str, node: str) -> None:
        self._reactor = reactor
        self._dsn = dsn
        self._node = node
        self.rang: Callable[[list[str]], None] = lambda words: None
        self.regained: Callable[[], None] = lambda: None
        self._connection: Connection | None = None
        self._running = False
        self._next: Any = None
        self._unheard = 0

    @property
    def is_listening(self) -> bool:
        """Whether notifications arrive just now."""
        return self._connection is not None and self._connection.usable

    async def start(self) -> None:
        """:raises StartError: the database cannot be listened to."""
        self._running = True
        try:
            await self._listen()
        except BROKEN as error:
            raise StartError(f"the database cannot be listened to: {error}") from error

    def stop(self) -> None:
        self._running = False
        self._cancel_next()
        if self._connection is not None:
            self._connection.lost = lambda: None
            self._connection.abandon()
            self._connection = None

    async def _listen(self) -> None:
        connection = await connect(self._reactor, self._dsn)
        connection.heard = self._heard
        try:
            cursor = connection.cursor()
            await within(self._reactor, _BEAT_TIMEOUT_SECONDS, connection, cursor.execute(_LISTEN))
        except BaseException:
            connection.abandon()
            raise
        if not self._running:
            connection.abandon()
            return
        self._connection = connection
        connection.lost = self._lost
        self._unheard = 0
        self._schedule(BEAT_SECONDS, self._beat)

    def _heard(self, payload: str) -> None:
        words = payload.split(" ")
        if words[0] == "beat":
            if words[1] == self._node:
                self._unheard = 0
            return
        try:
            self.rang(words)
        except Exception:
            self._log.failure("a ring of kind {kind} was not understood", kind=words[0])

    async def _beat(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if self._unheard >= _BEATS_MISSED:
            self._log.warn("notifications have stopped arriving; listening anew")
            connection.abandon()
            return
        self._unheard += 1
        try:
            cursor = connection.cursor()
            await within(
                self._reactor, _BEAT_TIMEOUT_SECONDS, connection, cursor.execute(_BEAT, {"node": self._node})
            )
            usage = cursor.fetchone().usage
        except Exception as error:
            if not isinstance(error, BROKEN):
                self._log.failure("the beat of the doorbell failed")
            # Whatever it was: a new connection, and what may have been missed is looked up.
            connection.abandon()
            return
        if usage > _FULL:
            self._log.warn("PostgreSQL's notification queue is {usage:.1%} full", usage=usage)
        self._schedule(BEAT_SECONDS, self._beat)

    def _lost(self) -> None:
        self._connection = None
        if self._running:
            self._log.warn("the connection that listens to PostgreSQL was lost")
            self._cancel_next()
            self._retry(0)

    def _retry(self, attempt: int) -> None:
        async def again() -> None:
            try:
                await self._listen()
            except Exception as error:
                if not isinstance(error, BROKEN):
                    self._log.failure("listening to PostgreSQL failed")
                if self._running:
                    self._retry(min(attempt + 1, len(_RETRY_SECONDS) - 1))
            else:
                if self._running:
                    self._log.info("listening to PostgreSQL again")
                    self.regained()

        self._schedule(_RETRY_SECONDS[attempt], again)

    def _schedule(self, seconds: float, function: Callable[[], Any]) -> None:
        def run() -> None:
            self._next = None
            done = Deferred.fromCoroutine(function())
            done.addErrback(lambda failure: self._log.failure("the doorbell failed", failure=failure))

        self._next = self._reactor.callLater(seconds, run)

    def _cancel_next(self) -> None:
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None
