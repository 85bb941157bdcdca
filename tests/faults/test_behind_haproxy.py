"""A rolling restart behind haproxy, as the manual configures it: nobody waits for more than a reconnect."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint

from hotline.store.database import Database
from tests.faults.run import play
from tests.faults.stage import Stage
from tests.faults.test_faults import SEED
from tests.system.conftest import MakeDaemon, dsn_url, house_with_tokens
from tests.system.daemon import free_port, sleep, until
from tests.web.browser import Browser
from tests.wire.lines import ROLES, LongPoll
from tests.wire.longpolling import Polls

HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CONFIGURATION = Path(__file__).parents[2] / "docs" / "haproxy.cfg"

# A node's GOODBYE, the client's jitter of up to 0.4 s, the second that haproxy waits before it tries
# the other node, a new session and what was missed: 1.3 to 1.8 s on two cores, with room for a busy machine.
RECONNECT_SECONDS = 4.0

SUBPROTOCOL = "json.batched"
"""What the browser app takes."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed (apt-get install haproxy)"),
]


class Balancer:
    """haproxy before some nodes, configured as the manual says but for the numbers of the ports."""

    def __init__(self, directory: Path, nodes: Sequence[int]) -> None:
        self.port = free_port()
        text = CONFIGURATION.read_text()
        for written, real in zip((8000, 8081, 8082), (self.port, *nodes), strict=True):
            assert f" 127.0.0.1:{written}\n" in text
            text = text.replace(f" 127.0.0.1:{written}\n", f" 127.0.0.1:{real}\n")
        path = directory / "haproxy.cfg"
        path.write_text(text)
        assert HAPROXY is not None
        self._process = subprocess.Popen([HAPROXY, "-db", "-f", str(path)], stderr=subprocess.DEVNULL)

    async def ready(self, reactor: Any) -> None:
        """Until it answers for the nodes."""
        await sleep(reactor, 1.0)
        assert (await Browser(reactor, f"http://127.0.0.1:{self.port}").get("/readyz")).status == 200

    async def stop(self, reactor: Any) -> None:
        """Until it is gone."""
        self._process.send_signal(signal.SIGTERM)
        await until(reactor, lambda: self._process.poll() is not None, what="the end of haproxy")


@ensureDeferred
async def test_long_polls(
    make_daemon: MakeDaemon, directory: Path, dsn: str, database: Database, reactor: Any
) -> None:
    """The requests of one session reach one node; when that goes away, the next session is on the other."""
    nodes = [make_daemon("--database", dsn_url(dsn)) for _ in range(2)]
    await gatherResults([Deferred.fromCoroutine(node.start()) for node in nodes])
    house = await house_with_tokens(database)
    balancer = Balancer(directory, [node.port for node in nodes])
    try:
        await balancer.ready(reactor)
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", balancer.port)
        url = f"http://127.0.0.1:{balancer.port}/wamp"
        for node in nodes:
            sessions = [
                LongPoll(reactor, SUBPROTOCOL, Polls(reactor, endpoint, url, SUBPROTOCOL)) for _ in range(3)
            ]
            for session in sessions:
                await session.open()
                assert (await session.ask([1, house.slug, {"roles": ROLES}]))[0] == 2
            for number in range(1, 6):
                for session in sessions:
                    answer = await session.ask([48, number, {}, "hotline.anteroom.describe"])
                    assert answer[:2] == [50, number]
            for session in sessions:
                session.say([6, {}, "wamp.close.close_realm"])
                assert [message[0] for message in await session.ended()] == [6]
            if node is nodes[0]:
                await node.stop()
    finally:
        await balancer.stop(reactor)


@ensureDeferred
async def test_rolling_restart(directory: Path, dsn: str, reactor: Any) -> None:
    """Both nodes are restarted while forty sessions talk through haproxy: nothing is lost or late."""
    balancers: list[Balancer] = []

    async def put_haproxy_before(stage: Stage) -> None:
        balancers.append(Balancer(directory, [node.port for node in stage.nodes]))
        stage.target = itertools.repeat(balancers[0].port)
        # Until haproxy has seen that a node is there again.
        stage.between_nodes = 1.5
        await balancers[0].ready(reactor)

    try:
        outcome = await play(
            reactor,
            directory,
            seed=SEED,
            faults=["rolling_restart"],
            database=dsn_url(dsn),
            calm=0.0,
            prepare=put_haproxy_before,
        )
    finally:
        for balancer in balancers:
            await balancer.stop(reactor)
    assert not outcome.problems, "\n".join([*outcome.problems, *outcome.daemon_logs])
    print(f"the longest gap was {outcome.longest_gap:.2f} s")
    assert 0 < outcome.longest_gap < RECONNECT_SECONDS
