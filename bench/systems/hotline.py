"""hotline: this checkout's daemon with the PostgreSQL it brings, or several daemons with one PostgreSQL.

In comes an empty directory, out comes a running system. All checks are on; of the limits only those are
lifted that a load test from one address and with one account cannot respect.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import fill
from bench.postgres import postgres
from bench.systems.base import SERVER_CORE, Running, free_port, process
from hotline.store import places
from hotline.store.cluster import ADMINISTRATOR_ROLE

NAME = "hotline"
FIRST_RATE = 3000.0

# In these a generator differs from people: one account has thousands of sessions, one session talks for many.
_CONFIG = """[limits]
messages_per_second = 0
burst = 0
refusals = 0
incoming_bytes_per_second = 0
pending_calls = 0
outgoing_bytes = 0
hello_seconds = 0
subscriptions = 0
messages_per_client = 0
messages_per_organisation = 0
histories_per_session = 0
histories_per_organisation = 0
"""


@contextlib.contextmanager
def started(directory: Path) -> Iterator[Running]:
    """One daemon with its own PostgreSQL, both on one core."""
    port = free_port()
    with _daemon(directory, port, "embedded:", directory, SERVER_CORE) as daemon:
        url = places.find_running_url(directory, ADMINISTRATOR_ROLE)
        assert url is not None
        postmaster = directory / "postgres" / "data" / "postmaster.pid"
        yield Running(
            system=NAME,
            ports=[port],
            server_pids=[daemon.pid],
            database_pid=int(postmaster.read_text().split()[0]),
            database_url=url,
            master_keys=str(directory / "master_keys"),
        )


@contextlib.contextmanager
def nodes(directory: Path, count: int) -> Iterator[Running]:
    """So many daemons and one PostgreSQL; each on a core of its own where there are four."""
    enough = (os.cpu_count() or 1) >= 4
    cores = [SERVER_CORE, 2] if enough else [SERVER_CORE, SERVER_CORE]
    ports = [free_port() for _ in range(count)]
    directory.mkdir(mode=0o755)
    with ExitStack() as stack:
        server = stack.enter_context(postgres(directory / "database", core=3 if enough else SERVER_CORE))
        daemons = [
            stack.enter_context(_daemon(directory / f"node{port}", port, server.url, directory, core))
            for port, core in zip(ports, cores, strict=False)
        ]
        yield Running(
            system=NAME,
            ports=ports,
            server_pids=[daemon.pid for daemon in daemons],
            database_pid=server.pid,
            database_url=server.administrator_url,
            master_keys=str(directory / "master_keys"),
        )


def add_rooms(running: Running, *, organisations: int, rooms: int) -> None:
    """So many organisations with so many rooms each."""
    running.known |= fill.add_rooms(running.database_url, organisations, rooms)
    _seal(running)
    fill.settle(running.database_url)


def add_history(running: Running, messages: int) -> None:
    """A room of the first organisation with so many messages."""
    running.known.setdefault("histories", {})[str(messages)] = fill.add_history(
        running.database_url, messages
    )
    _seal(running)
    fill.settle(running.database_url)


def _seal(running: Running) -> None:
    variables = {"HOTLINE_DATABASE": running.database_url, "HOTLINE_MASTER_KEYS": running.master_keys}
    command = [str(Path(sys.executable).parent / "hotline"), "migrate"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **variables})


@contextlib.contextmanager
def _daemon(
    directory: Path, port: int, database: str, keys: Path, core: int
) -> Iterator[subprocess.Popen[bytes]]:
    directory.mkdir(mode=0o755)
    (directory / "bench.toml").write_text(_CONFIG)
    twistd = str(Path(sys.executable).parent / "twistd")
    options = ["--data", str(directory), "--config", str(directory / "bench.toml")]
    command = [twistd, "-n", "--pidfile=", "hotline", *options, "--http", f"tcp:{port}:interface=127.0.0.1"]
    variables = {"HOTLINE_DATABASE": database, "HOTLINE_MASTER_KEYS": str(keys / "master_keys")}
    with process(command, directory, core=core, port=port, variables=variables) as daemon:
        yield daemon
    # What went wrong under load would otherwise pass unseen, and fast.
    said = (directory / "output.log").read_text(errors="replace")
    if "Traceback" in said:
        print(said[said.index("Traceback") :][:3000], file=sys.stderr, flush=True)
