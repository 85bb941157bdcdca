"""A daemon that may open no other file: who is inside goes on, and the next is let in when one is free."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from bench.processes import cpu_seconds
from hotline.logs import LINES
from hotline.store.database import Database
from tests.system.conftest import MakeDaemon, dsn_url, enter, house_with_tokens
from tests.system.daemon import sleep, until
from tests.wire.clients import connect

pytestmark = pytest.mark.slow

# So few that what the daemon needs for itself and half as many connections are more.
FILES = 28
CROWD = 60
TWISTD = str(Path(sys.executable).parent / "twistd")


@ensureDeferred
async def test_out_of_descriptors(
    reactor: Any, make_daemon: MakeDaemon, dsn: str, database: Database
) -> None:
    """Those there is no descriptor for are closed, with a few lines of log, and nothing runs in circles."""
    program = ("sh", "-c", f'ulimit -n {FILES}; exec "$0" "$@"', TWISTD)
    daemon = make_daemon("--database", dsn_url(dsn), program=program)
    await daemon.start()
    assert f"is {FILES}: {FILES // 2} connections, where [limits] allows 20000" in daemon.log
    house = await house_with_tokens(database)
    visitor, entered = await enter(reactor, daemon, house)

    crowd = [await connect(reactor, daemon.port) for _ in range(CROWD)]
    await until(reactor, lambda: "Too many open files" in daemon.log, 10.0, "the line that says why")
    await visitor.say(entered["room"], "Are you there?", "n1")
    (told,) = (await visitor.call("hotline.room.history", room=entered["room"], after=1))["messages"]
    assert told["text"] == "Are you there?"
    gone = [each for each in crowd if each.lost.called]
    assert len(gone) > CROWD // 2
    used = cpu_seconds([daemon.pid])
    await sleep(reactor, 1.0)
    assert cpu_seconds([daemon.pid]) - used < 0.5
    assert daemon.log.count("were closed at once") <= LINES

    for each in crowd:
        each.transport.abortConnection()
    other, _ = await enter(reactor, daemon, house, "Sam")
    for peer in (visitor, other):
        await peer.end()
