"""Thousands of sessions that do nothing, then all leave; and a probe: how long is the server away?

In come numbers and, line by line, what to do next; out come bytes and milliseconds. Crowd and probe are two
processes: one that opens thousands of connections cannot tell time.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import suppress
from typing import Any

from bench.clients.guests import in_parallel
from bench.figures import milliseconds
from bench.load.common import Deaf, guests_of, tell
from bench.processes import resident_bytes

_FIRST = 20
_LEAVE_AT_ONCE = 50
_SETTLE_SECONDS = 2.0
_PAUSE_SECONDS = 0.001


async def play(order: dict[str, Any]) -> None:
    """Come in; on the line `leave` all go at once."""
    target = order["target"]
    guests = guests_of(target, Deaf())
    kept = await in_parallel([guests.idle] * _FIRST)
    await asyncio.sleep(1.0)
    before = resident_bytes(target["server_pids"], without=target["database_pid"])
    kept += await in_parallel([guests.idle] * order["sessions"])
    await asyncio.sleep(_SETTLE_SECONDS)
    after = resident_bytes(target["server_pids"], without=target["database_pid"])
    tell(what="memory", kilobytes=round((after - before) / order["sessions"] / 1000, 2), total=after)
    await _line()
    # All within half a second, with pauses: otherwise the probe itself would have to wait for its core.
    for number, session in enumerate(kept):
        session.close()
        if number % _LEAVE_AT_ONCE == 0:
            await asyncio.sleep(_PAUSE_SECONDS)
    await asyncio.sleep(_SETTLE_SECONDS)
    tell(what="left")
    await _line()


async def probe(order: dict[str, Any]) -> None:
    """Ask every millisecond; at each line tell the longest time without an answer since the last."""
    # Before the crowd on their core, where that is allowed.
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -15)
    ask = await guests_of(order["target"], Deaf()).prober()
    waits: list[float] = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await ask()
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(_PAUSE_SECONDS)

    watching = asyncio.ensure_future(watch())
    tell(what="watching")
    while name := await _line():
        if watching.done():
            raise SystemExit(f"the probe: {watching.exception()}")
        tell(
            what="pause",
            name=name,
            longest_ms=milliseconds(waits, 1.0),
            usual_ms=milliseconds(waits, 0.5),
            probes=len(waits),
        )
        waits.clear()


async def _line() -> str:
    """The next one on standard input; empty: no more."""
    line: str = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return line.strip()
