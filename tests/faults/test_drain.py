"""SIGTERM to a node with sessions: they are told in turn, newcomers are not let in, and it ends in time."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any

import psycopg2
from pytest_twisted import ensureDeferred
from twisted.internet.error import ConnectionRefusedError

from hotline.store.database import Database
from tests.helpers import list_entries
from tests.system.conftest import MakeDaemon, dsn_url, enter, house_with_tokens
from tests.system.daemon import sleep, until
from tests.system.peers import CUT, ApplicationError, connect
from tests.system.talk import claimed_room

SESSIONS = 60
# As the daemon is told; a hundred a second would take longer.
SPREAD_SECONDS = 0.4
DRAIN_SECONDS = 10.0
# Well before the drain's time is over, also on a machine that is busy with other tests.
QUICKLY = 5.0


def is_ready(balancer: HTTPConnection) -> bool:
    """What `/readyz` tells on a connection that is kept."""
    balancer.request("GET", "/readyz")
    answer = balancer.getresponse()
    assert (answer.status, b"draining" in answer.read()) in ((200, False), (503, True))
    return answer.status == 200


@ensureDeferred
async def test_goodbyes_are_spread(
    make_daemon: MakeDaemon, database: Database, dsn: str, reactor: Any
) -> None:
    """A hundred a second, or faster; those still there are served, nobody comes in, the end is in order."""
    daemon = make_daemon("--database", dsn_url(dsn), config="[limits]\ndrain_seconds = 0.4\n")
    await daemon.start()
    house = await house_with_tokens(database)
    peers = [await connect(reactor, daemon.url, house.slug) for _ in range(SESSIONS)]
    transports = [peer._transport for peer in peers]
    balancer = HTTPConnection("127.0.0.1", daemon.port, timeout=30)
    assert is_ready(balancer)
    told: list[float] = []
    for peer in peers:
        peer.gone.addCallback(lambda _: told.append(reactor.seconds()))
    began = reactor.seconds()
    os.kill(daemon.pid, signal.SIGTERM)
    await until(reactor, lambda: told, what="the first goodbye")
    with suppress(ConnectionRefusedError):
        await connect(reactor, daemon.url, house.slug)
        raise AssertionError("somebody new came in")
    assert not is_ready(balancer)
    served = 0
    for peer in peers:
        with suppress(ApplicationError, *CUT):
            await peer.call("hotline.anteroom.describe")
            served += 1
            break
    assert served
    code, _, _ = await daemon.ended()
    assert code == 0
    assert reactor.seconds() - began < QUICKLY
    await until(reactor, lambda: len(told) == SESSIONS, what="all goodbyes")
    assert told[-1] - told[0] > SPREAD_SECONDS / 2
    assert f"draining {SESSIONS} sessions within {SPREAD_SECONDS} s" in daemon.log
    assert {peer.left.reason for peer in peers if peer.left} == {"wamp.close.system_shutdown"}
    # Said after GOODBYE, so that whoever knows no WAMP comes back too: service restart.
    # (Some of these peers had closed first.)
    assert {transport.remoteCloseCode for transport in transports} - {None} == {1012}


@ensureDeferred
async def test_no_session_no_wait(make_daemon: MakeDaemon, dsn: str, reactor: Any) -> None:
    """Nobody there: it ends at once."""
    daemon = make_daemon("--database", dsn_url(dsn))
    await daemon.start()
    began = reactor.seconds()
    assert await daemon.stop(signal.SIGINT) == 0
    assert reactor.seconds() - began < QUICKLY


@ensureDeferred
async def test_what_is_being_stored_is_stored(
    make_daemon: MakeDaemon, database: Database, dsn: str, reactor: Any
) -> None:
    """A commit that hangs while the daemon is told to stop is waited for, and not for ever."""
    daemon = make_daemon("--database", dsn_url(dsn))
    await daemon.start()
    house = await house_with_tokens(database)
    _, staff, room = await claimed_room(reactor, daemon, house)
    blocking = psycopg2.connect(dsn)
    blocking.cursor().execute(
        "SELECT set_config('hotline.organisations', %s, false)", (house.organisation_id,)
    )
    blocking.cursor().execute("SELECT 1 FROM rooms WHERE room_id = %s FOR UPDATE", (room,))
    staff.publish(f"hotline.room.{room}", "at the last moment", nonce="last")
    await sleep(reactor, 0.3)
    began = reactor.seconds()
    os.kill(daemon.pid, signal.SIGTERM)
    await sleep(reactor, 1.0)
    assert daemon.is_running
    blocking.close()
    code, _, _ = await daemon.ended()
    assert code == 0
    assert reactor.seconds() - began < DRAIN_SECONDS
    said = await list_entries(database, house.organisation_id, room)
    assert [message.text for message in said][-1] == "at the last moment"


@ensureDeferred
async def test_a_database_that_hangs_does_not_hold_it(
    make_daemon: MakeDaemon, database: Database, dsn: str, reactor: Any
) -> None:
    """All it needs is locked: it gives up in time, with exit code 0 all the same."""
    daemon = make_daemon("--database", dsn_url(dsn))
    await daemon.start()
    house = await house_with_tokens(database)
    client, entered = await enter(reactor, daemon, house)
    blocking = psycopg2.connect(dsn)
    blocking.cursor().execute("LOCK TABLE rooms, clients, consultants, messages IN ACCESS EXCLUSIVE MODE")
    client.publish(f"hotline.room.{entered['room']}", "too late", nonce="late")
    await sleep(reactor, 0.2)
    began = reactor.seconds()
    os.kill(daemon.pid, signal.SIGTERM)
    code, _, _ = await daemon.ended()
    blocking.close()
    assert code == 0
    assert reactor.seconds() - began < 25.0
