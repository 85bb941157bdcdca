"""kill -9 of the embedded PostgreSQL again and again: each time everybody talks on within seconds."""

from __future__ import annotations

import os
import signal
from typing import Any

from pytest_twisted import ensureDeferred

from tests.system.conftest import MakeDaemon
from tests.system.daemon import sleep, until
from tests.system.talk import postmaster_of, talk_on_embedded

ROUNDS = int(os.environ.get("ROUNDS", "3"))
# The server's own recovery included.
AGAIN_SECONDS = 5.0


@ensureDeferred
async def test_killed_again_and_again(make_daemon: MakeDaemon, reactor: Any) -> None:
    """Killed every few seconds, it is there again each time as soon as the first; sessions talk on."""
    async with talk_on_embedded(reactor, make_daemon) as (daemon, talk, check):
        everybody = [member for _, *members in talk for member in members]
        late = []
        for number in range(ROUNDS):
            for member in everybody:
                member.say(f"before {number}")
            await sleep(reactor, 0.02 * (number % 5))
            os.kill(postmaster_of(daemon), signal.SIGKILL)
            killed = reactor.seconds()
            for step in range(5):
                for member in everybody:
                    member.say(f"while {number} {step}")
                await sleep(reactor, 0.1)
            await until(
                reactor,
                lambda: all(member.has_said_all for member in everybody),
                60,
                f"round {number}: {talk}",
            )
            took = reactor.seconds() - killed
            print(f"round {number}: all said {took:.1f} s after the kill")
            late += [took] if took > AGAIN_SECONDS else []
        await check()
        assert any(member.errors for member in everybody)
        assert daemon.log.count("PostgreSQL has ended") == ROUNDS
        assert not late, late
