"""What all systems under test have in common: a running one, and how to wait for it.

In come commands, out come processes that can be stopped. It knows no system.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.processes import pinned

SERVER_CORE, GENERATOR_CORE = 0, 1
ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0
_STOP_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Running:
    """A system that answers."""

    system: str
    ports: list[int]
    server_pids: list[int]
    database_pid: int | None = None
    database_url: str = ""
    master_keys: str = ""
    """Of hotline: the file with which what is filled in is sealed."""
    """Of an administrator, to fill it."""
    known: dict[str, Any] = field(default_factory=dict)
    """What its clients have to know besides, as rooms and keys."""

    def target(self) -> dict[str, Any]:
        """For the generator, as JSON."""
        return {
            "system": self.system,
            "ports": self.ports,
            "server_pids": self.server_pids,
            "database_pid": self.database_pid,
            **self.known,
        }


class Unavailable(Exception):
    """This peer cannot be had here; says why in one line."""


class Failed(Exception):
    """A system or its generator did not do what it should have; says what."""


def bring(command: list[str], directory: Path = ROOT) -> str:
    """Run what fetches or unpacks a peer; gives what it says. :raises Unavailable: with its last line."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable((done.stderr.strip().splitlines() or ["no reason given"])[-1])
    return done.stdout


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    """Ours, without settings meant for a hotline, and with the checkout's modules."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return {**own, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **(more or {})}


def free_port() -> int:
    """One that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def process(
    command: list[str],
    directory: Path,
    *,
    port: int,
    core: int = SERVER_CORE,
    end: signal.Signals = signal.SIGINT,
    variables: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """The command on that core, from when it listens on the port until it has been stopped."""
    log = directory / "output.log"
    with log.open("w") as file:
        started = subprocess.Popen(
            pinned(core, command), stdout=file, stderr=file, env=environment(variables), cwd=directory
        )
    try:
        latest = time.monotonic() + _START_SECONDS
        while not is_listening(port):
            if started.poll() is not None or time.monotonic() > latest:
                said = log.read_text(errors="replace")[-3000:]
                raise Failed(f"{command[0]} did not start:\n{said}")
            time.sleep(0.05)
        yield started
    finally:
        _stop(started, end)


def _stop(started: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if started.poll() is None:
        started.send_signal(number)
    try:
        started.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()
