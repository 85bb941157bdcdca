"""kill -9 of the embedded PostgreSQL again and again: each time everybody talks on within seconds."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from pytest_twisted import ensureDeferred

from hotline.store import places
from hotline.store.database import Database
from tests.system.conftest import MakeDaemon, house_with_tokens
from tests.system.daemon import sleep, until
from tests.system.test_crash import begin_talk, check_talk

ROUNDS = int(os.environ.get("ROUNDS", "5"))
# The server's own recovery included.
AGAIN_SECONDS = 5.0


def postmaster_of(directory: Path) -> int:
    """The process id of the first process of a cluster."""
    return int((directory / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


@ensureDeferred
async def test_killed_again_and_again(make_daemon: MakeDaemon, reactor: Any) -> None:
    """Killed every few seconds, it is there again every time as soon as the first time."""
    daemon = make_daemon()
    await daemon.start()
    dsn = places.find_running_url(daemon.directory)
    assert dsn is not None
    database = Database(reactor, dsn)
    house = await house_with_tokens(database)
    talk = await begin_talk(reactor, daemon, database, house)
    everybody = [member for _, *members in talk for member in members]
    late = []
    for number in range(ROUNDS):
        for member in everybody:
            member.say(f"before {number}")
        await sleep(reactor, 0.02 * (number % 5))
        os.kill(postmaster_of(daemon.directory), signal.SIGKILL)
        killed = reactor.seconds()
        for step in range(5):
            for member in everybody:
                member.say(f"while {number} {step}")
            await sleep(reactor, 0.1)
        await until(
            reactor, lambda: all(member.has_said_all for member in everybody), 60, f"round {number}: {talk}"
        )
        took = reactor.seconds() - killed
        print(f"round {number}: all said {took:.1f} s after the kill")
        late += [took] if took > AGAIN_SECONDS else []
    await check_talk(reactor, database, house, talk)
    database.close()
    assert not late, late
