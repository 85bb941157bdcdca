"""The doorbell on a real PostgreSQL: rings arrive in order, and again after the connection was lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.task import deferLater

from hotline.errors import StartError
from hotline.store.doorbell import Doorbell
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
