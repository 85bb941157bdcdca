"""A rolling restart behind haproxy, as the manual configures it: nobody waits for more than a reconnect."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from tests.faults.run import play
from tests.faults.stage import Stage
from tests.faults.test_faults import SEED
from tests.system.conftest import dsn_url
from tests.system.daemon import free_port, sleep, until
from tests.web.browser import Browser

HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CONFIGURATION = Path(__file__).parents[2] / "docs" / "haproxy.cfg"

# A node's GOODBYE, the client's jitter of up to 0.4 s, the second that haproxy waits before it tries
# the other node, a new session and what was missed: 1.3 to 1.8 s on two cores, with room for a busy machine.
RECONNECT_SECONDS = 4.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed (apt-get install haproxy)"),
]


@ensureDeferred
async def test_rolling_restart(directory: Path, dsn: str, reactor: Any) -> None:
    """Both nodes are restarted while forty sessions talk through haproxy: nothing is lost or late."""
    processes: list[subprocess.Popen[bytes]] = []

    async def put_haproxy_before(stage: Stage) -> None:
        port = free_port()
        text = CONFIGURATION.read_text()
        for written, real in zip(
            (8000, 8081, 8082), (port, *(node.port for node in stage.nodes)), strict=True
        ):
            assert f" 127.0.0.1:{written}\n" in text
            text = text.replace(f" 127.0.0.1:{written}\n", f" 127.0.0.1:{real}\n")
        path = directory / "haproxy.cfg"
        path.write_text(text)
        assert HAPROXY is not None
        processes.append(subprocess.Popen([HAPROXY, "-db", "-f", str(path)], stderr=subprocess.DEVNULL))
        stage.target = itertools.repeat(port)
        # Until haproxy has seen that a node is there again.
        stage.between_nodes = 1.5
        await sleep(reactor, 1.0)
        assert (await Browser(reactor, f"http://127.0.0.1:{port}").get("/readyz")).status == 200

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
        for process in processes:
            process.send_signal(signal.SIGTERM)
            await until(
                reactor, lambda process=process: process.poll() is not None, what="the end of haproxy"
            )
    assert not outcome.problems, "\n".join([*outcome.problems, *outcome.daemon_logs])
    print(f"the longest gap was {outcome.longest_gap:.2f} s")
    assert 0 < outcome.longest_gap < RECONNECT_SECONDS
