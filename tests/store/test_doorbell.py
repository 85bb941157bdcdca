"""The doorbell on a real PostgreSQL: rings arrive in order, and again after the connection was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.task import Clock, deferLater

from hotline.errors import StartError
from hotline.store.doorbell import BEAT_SECONDS, Doorbell
from tests.store.test_database import end_all_connections


class Heard(list[list[str]]):
    """What rang, and how often the connection was regained."""

    regained = 0

    def again(self) -> None:
        self.regained += 1


async def until(reactor: Any, condition: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    for _ in range(500):
        if condition():
            return
        await deferLater(reactor, 0.01)
    raise AssertionError("it did not happen within five seconds")


def ring(dsn: str, *payloads: str) -> None:
    """Ring from a connection of another program, all in one transaction."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        for payload in payloads:
            cursor.execute("SELECT pg_notify('hotline', %s)", (payload,))
    connection.close()


class MovedReactor:
    """Sockets and the next turn are real; other time passes when the test says so."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self.clock = Clock()
        self.seconds = self.clock.seconds

    def callLater(self, delay: float, *args: Any, **kwargs: Any) -> Any:
        return (self.clock if delay else self._reactor).callLater(delay, *args, **kwargs)

    def awaits_only_a_beat(self) -> bool:
        """The last beat was answered, or the connection given up: no timeout of it is left."""
        calls = self.clock.getDelayedCalls()
        return len(calls) == 1 and calls[0].getTime() - self.clock.seconds() <= BEAT_SECONDS

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)


def beats_heard(connection: Any) -> int:
    """How many beats another listener has been told of since it was last asked."""
    connection.poll()
    payloads = [notify.payload for notify in connection.notifies]
    connection.notifies.clear()
    assert set(payloads) <= {"beat node"}
    return len(payloads)


async def listening(reactor: Any, dsn: str) -> tuple[Doorbell, Heard]:
    doorbell, heard = Doorbell(reactor, dsn, "node"), Heard()
    doorbell.rang = heard.append
    doorbell.regained = heard.again
    await doorbell.start()
    return doorbell, heard


@ensureDeferred
async def test_rings_arrive_in_order(reactor: Any, dsn: str) -> None:
    """Many rings in one transaction are heard in the order in which they were rung."""
    doorbell, heard = await listening(reactor, dsn)
    ring(dsn, *(f"room o {number}" for number in range(200)))
    await until(reactor, lambda: len(heard) == 200)
    assert heard == [["room", "o", str(number)] for number in range(200)]
    doorbell.stop()


@ensureDeferred
async def test_it_listens_again_after_the_connection_was_lost(reactor: Any, dsn: str) -> None:
    """Whoever depends on it is told to look things up, and later rings arrive."""
    doorbell, heard = await listening(reactor, dsn)
    end_all_connections(dsn)
    await until(reactor, lambda: heard.regained == 1)
    assert doorbell.is_listening
    ring(dsn, "room o after")
    await until(reactor, lambda: heard == [["room", "o", "after"]])
    doorbell.stop()


@ensureDeferred
async def test_a_ring_that_cannot_be_handled_does_not_stop_the_next(
    reactor: Any, dsn: str, no_logged_failures: list[str]
) -> None:
    """An error in whoever listens is logged, and the doorbell goes on."""
    doorbell, heard = await listening(reactor, dsn)

    def fail_on_bad(words: list[str]) -> None:
        if words[0] == "bad":
            raise ValueError
        heard.append(words)

    doorbell.rang = fail_on_bad
    ring(dsn, "bad", "room o good")
    await until(reactor, lambda: heard == [["room", "o", "good"]])
    assert len(no_logged_failures) == 1
    no_logged_failures.clear()
    doorbell.stop()


@ensureDeferred
async def test_a_database_that_cannot_be_reached_is_a_start_error(reactor: Any) -> None:
    """One clear line instead of a traceback."""
    with pytest.raises(StartError):
        await Doorbell(reactor, "postgresql://nobody@127.0.0.1:1/nothing", "node").start()


@ensureDeferred
async def test_it_beats_every_two_seconds(reactor: Any, dsn: str) -> None:
    """Not sooner; each beat rings on the channel once, and as long as it is heard nothing else happens."""
    moved = MovedReactor(reactor)
    other = psycopg2.connect(dsn)
    other.autocommit = True
    other.cursor().execute("LISTEN hotline")
    doorbell, heard = await listening(moved, dsn)
    assert BEAT_SECONDS == 2
    for _ in range(5):
        moved.clock.advance(BEAT_SECONDS - 0.1)
        await deferLater(reactor, 0.02)
        assert beats_heard(other) == 0
        moved.clock.advance(0.1)
        beats: list[int] = []
        await until(reactor, lambda beats=beats: beats.append(beats_heard(other)) or sum(beats) == 1)  # type: ignore[misc]
        await until(reactor, moved.awaits_only_a_beat)
    assert heard == []
    assert heard.regained == 0
    doorbell.stop()
    other.close()
    assert not moved.clock.getDelayedCalls()


@ensureDeferred
async def test_beats_that_are_not_heard_any_more(reactor: Any, dsn: str) -> None:
    """Three in a row that ring for nobody: notifications do not arrive, so it listens anew."""
    moved = MovedReactor(reactor)
    doorbell, heard = await listening(moved, dsn)
    assert doorbell._connection is not None
    await doorbell._connection.cursor().execute("UNLISTEN *")
    for _ in range(4):
        assert heard.regained == 0
        moved.clock.advance(BEAT_SECONDS)
        await until(reactor, moved.awaits_only_a_beat)
        await deferLater(reactor, 0.05)
    moved.clock.advance(0.1)
    await until(reactor, lambda: heard.regained == 1)
    ring(dsn, "room o again")
    await until(reactor, lambda: heard == [["room", "o", "again"]])
    doorbell.stop()
