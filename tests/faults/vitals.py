"""What the nodes use, as the kernel and PostgreSQL see it; and the line of progress that says so.

In comes a stage, out go entries `vitals` and `connections` of the history, and a line each minute.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from twisted.internet.task import LoopingCall

from tests.faults.growth import Growth
from tests.faults.latency import Latency
from tests.faults.stage import Stage

PROGRESS_SECONDS = 60.0
_CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'hotline'"
)


def resident_bytes(pid: int) -> int:
    """How much memory a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files(pid: int) -> int:
    """How many file descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def is_connected(port: int, others: Collection[int]) -> bool:
    """Whether a port still has a connection with one of the others, at its own end, on this machine."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        ours, theirs = (int(address.rpartition(":")[2], 16) for address in line.split()[1:3])
        if ours == port and theirs in others:
            return True
    return False


def look(stage: Stage, *, calm: bool) -> None:
    """Write down what each node uses; PostgreSQL is asked in calm moments only, when it answers at once."""
    for number, node in enumerate(stage.nodes):
        if node.is_running:
            try:
                resident, files = resident_bytes(node.pid), open_files(node.pid)
            except OSError:
                continue  # ended just now
            stage.history.write(
                "vitals",
                node=number,
                pid=node.pid,
                resident=resident,
                files=files,
                sessions=stage.connections_to(node.port),
                calm=calm,
            )
    if calm:
        stage.history.write("connections", count=stage.administer(_CONNECTIONS)[0][0])


class Progress:
    """A line each minute."""

    def __init__(
        self, stage: Stage, growth: Growth, latency: Latency, faults: list[Any], say: Callable[[str], None]
    ) -> None:
        self._stage = stage
        self._growth = growth
        self._latency = latency
        self._faults = faults
        self._say = say
        self._began = stage.reactor.seconds()
        self._looping = LoopingCall(self._tell)
        self._looping.clock = stage.reactor
        self._looping.start(PROGRESS_SECONDS, now=False)

    def stop(self) -> None:
        if self._looping.running:
            self._looping.stop()

    def _tell(self) -> None:
        look(self._stage, calm=False)
        recent = self._latency.recent()
        minutes = (self._stage.reactor.seconds() - self._began) / 60
        nodes = "; ".join(
            f"node {number} {entry['resident'] / 2**20:.0f} MiB, {entry['files']} files,"
            f" {entry['sessions']} sessions"
            for number, entry in sorted(self._growth.latest.items())
        )
        self._say(
            f"{minutes:5.1f} min: {len(self._faults)} faults; {self._latency.acknowledged} acknowledged,"
            f" {recent['count']} since the last line after {recent['p50'] * 1000:.0f} ms"
            f" (p99 {recent['p99']:.2f} s, longest {recent['longest']:.2f} s); {nodes}"
        )
