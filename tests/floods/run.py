"""One flood after the other against a real daemon: what it does to its memory, its log and everybody else.

In come a database, a directory and how large a share of the full size, out come figures, one `Outcome` each.
It judges nothing: the bounds are in `FLOODS`, and the tests and `python -m tests.floods` compare.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from bench.processes import resident_bytes
from hotline.store.database import Database
from tests.helpers import House
from tests.system.conftest import house_with_tokens
from tests.system.daemon import ROOT, Daemon, free_port, sleep, until

MEGABYTE = 1e6
Child: TypeAlias = "subprocess.Popen[str]"
Limits: TypeAlias = Mapping[str, float]
DEFAULTS: Limits = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """One way of doing too much, at its full size, and what it may cost at most."""

    name: str
    kind: str
    count: int
    smallest: int
    """Of which less than this says nothing."""

    fixed: dict[str, Any] = field(default_factory=dict)
    lifted: bool = False
    """With the limits lifted that would end it before the one it is about."""

    most_megabytes: float = 32.0
    """That the daemon may grow by, at the full size."""

    most_log_lines: int = 20


TALKERS = 10
# What one does who says the same again and again, as fast as it is dealt with.
SAYINGS = {
    "publish": "PUBLISH",
    "call": "CALL",
    "subscribe": "SUBSCRIBE of visitors",
    "cancel": "CANCEL",
    "ping": "pings",
    "malformed": "malformed frames",
}
SILENT = Flood(
    name="connections that never say HELLO", kind="silent", count=10_000, smallest=100, most_megabytes=250
)
TRICKLE = Flood(
    name="frames at one byte a second", kind="trickle", count=2_000, smallest=40, most_megabytes=64
)
LOG_INS = Flood(name="log-ins with wrong passwords", kind="log_in", count=2_000, smallest=60)
SCRIPT = Flood(
    name="SUBSCRIBE of one script", kind="subscribe", count=1_000_000, smallest=20_000, lifted=True
)
UNREAD = Flood(
    name="readers that never read",
    kind="never_read",
    count=100,
    smallest=4,
    fixed={"messages": 150},
    lifted=True,
    most_megabytes=100,
)
FLOODS: tuple[Flood, ...] = (
    SILENT,
    TRICKLE,
    LOG_INS,
    *(
        Flood(name=name, kind="speak", count=200_000, smallest=10_000, fixed={"say": say})
        for say, name in SAYINGS.items()
    ),
    SCRIPT,
    UNREAD,
)

LIFTED = {
    "messages_per_second": 0,
    "incoming_bytes_per_second": 0,
    "messages_per_client": 0,
    "messages_per_organisation": 0,
}
CLOSING_SECONDS = 5.0
"""That last words have to be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a flood did."""

    name: str
    count: int
    seconds: float
    grown_megabytes: float
    """At its worst moment."""

    left_megabytes: float
    """Of that, some seconds after its end."""

    log_lines: int
    deliver_ms: dict[str, float]
    join_ms: dict[str, float]
    joins: int
    not_let_in: int
    lost: int
    problems: list[str]
    crowd: dict[str, Any]


@contextmanager
def process(module: str, order: dict[str, Any]) -> Iterator[Child]:
    """A module with its order on standard input; it does not outlive the block."""
    command = [sys.executable, "-m", f"tests.floods.{module}"]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        say(child, json.dumps(order))
        yield child
    finally:
        child.kill()
        child.communicate()


def say(child: Child, line: str) -> None:
    """One line on its standard input."""
    assert child.stdin is not None
    child.stdin.write(line + "\n")
    child.stdin.flush()


async def figures_of(reactor: Any, probe: Child) -> dict[str, Any]:
    """How it went for those who talk, since the last time."""
    say(probe, "well?")
    figures: dict[str, Any] = json.loads(await line_of(reactor, probe))
    return figures


async def line_of(reactor: Any, child: Child) -> str:
    """Its next line; the reactor goes on meanwhile."""
    assert child.stdout is not None
    lines: list[str] = []
    reactor.callInThread(lambda: lines.append(child.stdout.readline()))  # type: ignore[union-attr]
    await until(reactor, lambda: lines, 180.0, "a line of a child process")
    assert lines[0], "a child process has failed"
    return lines[0]


class Site:
    """A daemon with a house, and everything one wants to know of it."""

    def __init__(self, reactor: Any, daemon: Daemon, house: House, rawsocket: int) -> None:
        self.reactor = reactor
        self.daemon = daemon
        self.house = house
        self.rawsocket = rawsocket

    def order(self, **more: Any) -> dict[str, Any]:
        """Where and as whom."""
        here = {"port": self.daemon.port, "rawsocket": self.rawsocket, "realm": self.house.slug}
        return {**here, "authid": "manager", "ticket": "manager-secret", **more}

    async def flood(self, flood: Flood, count: int, probe: Child) -> Outcome:
        """Have it happen, while others talk."""
        daemon, reactor = self.daemon, self.reactor
        order = self.order(
            kind=flood.kind, count=count, talkers=TALKERS, closing_seconds=CLOSING_SECONDS, **flood.fixed
        )
        await figures_of(reactor, probe)
        lines, before, peak = daemon.log.count("\n"), resident_bytes([daemon.pid]), 0
        began = reactor.seconds()
        with process("crowd", order) as crowd:
            while crowd.poll() is None:
                peak = max(peak, resident_bytes([daemon.pid]))
                await sleep(reactor, 0.05)
            told = json.loads(await line_of(reactor, crowd))
        seconds = reactor.seconds() - began
        figures = await figures_of(reactor, probe)
        assert daemon.is_running, daemon.log
        return Outcome(
            name=flood.name,
            count=count,
            seconds=round(seconds, 1),
            grown_megabytes=round((peak - before) / MEGABYTE, 1),
            left_megabytes=round((resident_bytes([daemon.pid]) - before) / MEGABYTE, 1),
            log_lines=daemon.log.count("\n") - lines,
            crowd=told,
            **figures,
        )


async def site(
    reactor: Any, directory: Path, database_url: str, database: Database, limits: Limits = DEFAULTS
) -> Site:
    """A daemon that has started, with a house of its own."""
    rawsocket = free_port()
    daemon = Daemon(
        reactor,
        directory,
        *("--database", database_url),
        *("--transport", f"rawsocket:tcp:{rawsocket}:interface=127.0.0.1"),
        config="\n".join(["[limits]", *(f"{name} = {value}" for name, value in limits.items())]),
    )
    await daemon.start()
    return Site(reactor, daemon, await house_with_tokens(database), rawsocket)


async def play(
    reactor: Any,
    directory: Path,
    database_url: str,
    database: Database,
    floods: tuple[Flood, ...],
    judge: Callable[[Flood, Outcome], None],
    *,
    share: float = 1.0,
    limits: Limits = DEFAULTS,
) -> None:
    """These floods, each at this share of its full size; at the end those that need limits lifted."""
    for lifted in (False, True):
        chosen = [flood for flood in floods if flood.lifted is lifted]
        if not chosen:
            continue
        own = directory / ("lifted" if lifted else "limited")
        own.mkdir(mode=0o755)
        here = await site(reactor, own, database_url, database, {**(LIFTED if lifted else {}), **limits})
        try:
            with process("probe", here.order()) as probe:
                assert await line_of(reactor, probe) == "talking\n"
                for flood in chosen:
                    count = max(flood.smallest, int(flood.count * share))
                    judge(flood, await here.flood(flood, count, probe))
            assert not list(here.daemon.problems()), here.daemon.log
        finally:
            await here.daemon.stop()


async def come_back(
    reactor: Any,
    directory: Path,
    database_url: str,
    database: Database,
    count: int,
    limits: Limits = DEFAULTS,
) -> dict[str, Any]:
    """So many clients whose node is killed and started again, while two talk on another one."""
    nodes: list[Site] = []
    try:
        for name in ("killed", "other"):
            (directory / name).mkdir(mode=0o755)
            nodes.append(await site(reactor, directory / name, database_url, database, limits))
        killed, other = nodes
        ports = [node.daemon.port for node in nodes]
        order = killed.order(kind="come_back", count=count, ports=ports, realm=other.house.slug)
        with process("crowd", order) as crowd:
            assert json.loads(await line_of(reactor, crowd)) == {"in": count}
            with process("probe", other.order()) as probe:
                assert await line_of(reactor, probe) == "talking\n"
                await killed.daemon.kill()
                await killed.daemon.start()
                told = json.loads(await line_of(reactor, crowd))
                figures = await figures_of(reactor, probe)
        assert not [problem for node in nodes for problem in node.daemon.problems()]
        return {**told, **figures}
    finally:
        for node in nodes:
            if node.daemon.is_running:
                await node.daemon.stop()
