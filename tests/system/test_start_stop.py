"""Starting and stopping as operators do it: first and second start, signals, kill -9, nothing left behind."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from tests.system.conftest import MakeDaemon
from tests.system.daemon import Daemon, sleep, until
from tests.web.browser import Browser


def postgres_of(daemon: Daemon) -> list[int]:
    """All processes that work in this daemon's cluster."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if Path(os.readlink(entry / "cwd")).is_relative_to(daemon.directory):
                    found.append(int(entry.name))
            except OSError:
                continue
    return [pid for pid in found if not daemon.is_running or pid != daemon.pid]


async def quickest_start(daemon: Daemon, end: Callable[[], Awaitable[Any]]) -> float:
    """Of the next starts, each after such an end: what else the machine does at the moment says nothing."""
    seconds = []
    for _ in range(4):
        assert not await end()
        seconds.append(await daemon.start())
        if seconds[-1] < 5.0:
            break
    return min(seconds)


@ensureDeferred
async def test_first_and_second_start(make_daemon: MakeDaemon, reactor: Any) -> None:
    """An empty data directory becomes a running hotline; the second start takes less than five seconds."""
    daemon = make_daemon(empty=True)
    await daemon.start()
    browser = Browser(reactor, daemon.base)
    for path in ("/healthz", "/readyz", "/"):
        assert (await browser.get(path)).status == 200, path
    assert await quickest_start(daemon, daemon.stop) < 5.0
    ready = await browser.get("/readyz")
    assert (ready.status, bool(re.fullmatch(r"ready\nupkeep: \d+ s ago", ready.text))) == (200, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@ensureDeferred
async def test_signals(make_daemon: MakeDaemon, number: int) -> None:
    """SIGTERM and SIGINT end everything in order, with exit code 0 and no PostgreSQL left."""
    daemon = make_daemon()
    await daemon.start()
    assert postgres_of(daemon)
    assert await daemon.stop(number) == 0
    assert postgres_of(daemon) == []
    await daemon.start()


@ensureDeferred
async def test_stopped_while_starting(make_daemon: MakeDaemon, reactor: Any) -> None:
    """A signal in the middle of the very first start is obeyed, and the next start just works."""
    daemon = make_daemon(empty=True)
    daemon.spawn()
    await until(reactor, lambda: "making a new database" in daemon.log, 30, "the first start")
    assert await daemon.stop() == 0
    assert postgres_of(daemon) == []
    await daemon.start()


@ensureDeferred
async def test_killed_while_starting(make_daemon: MakeDaemon, reactor: Any) -> None:
    """kill -9 in the middle of the very first start leaves a state from which the next one works."""
    daemon = make_daemon(empty=True)
    daemon.spawn()
    await until(reactor, lambda: "making a new database" in daemon.log, 30, "the first start")
    await sleep(reactor, 0.3)
    await daemon.kill()
    await daemon.start()


@ensureDeferred
async def test_killed_and_started_at_once(make_daemon: MakeDaemon, reactor: Any) -> None:
    """After kill -9 the next start finds or ends what was left, within five seconds."""
    daemon = make_daemon()
    await daemon.start()
    assert await quickest_start(daemon, daemon.kill) < 5.0
    assert (await Browser(reactor, daemon.base).get("/readyz")).status == 200


@ensureDeferred
async def test_two_daemons_on_one_directory(make_daemon: MakeDaemon, reactor: Any) -> None:
    """A second daemon on the same data directory says so in one line and leaves the first one alone."""
    first = make_daemon()
    await first.start()
    second = Daemon(reactor, first.directory)
    second.spawn()
    code, _, errors = await second.ended()
    assert code == 1
    assert [line for line in errors.splitlines() if line.startswith("hotline cannot start: ")]
    assert "Traceback" not in second.log
    assert (await Browser(reactor, first.base).get("/readyz")).status == 200
