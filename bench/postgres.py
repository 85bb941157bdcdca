"""A PostgreSQL as hotline brings it, with the same settings, for those that bring none.

In comes an empty directory, out come connection strings. Besides its socket it listens on loopback.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.systems.base import SERVER_CORE, Failed, free_port, process
from hotline.store import places
from hotline.store.cluster import ADMINISTRATOR_ROLE, DATABASE, OWNER_ROLE, Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One that runs."""

    pid: int
    port: int
    role: str
    password: str
    url: str
    administrator_url: str


@contextlib.contextmanager
def postgres(directory: Path, core: int = SERVER_CORE) -> Iterator[Server]:
    """Made, started, and at the end stopped."""
    directory.mkdir(mode=0o755)
    cluster, lock = places.prepare(directory)
    try:
        _initialise(cluster)
        port = free_port()
        options = ["--listen_addresses=127.0.0.1", f"--port={port}"]
        with process([*cluster.server_command(), *options], directory, core=core, port=port) as server:
            while not cluster.is_ready(server.pid):
                time.sleep(0.05)
            yield Server(
                pid=server.pid,
                port=port,
                role=OWNER_ROLE,
                password=cluster.passwords[OWNER_ROLE],
                url=_url(cluster, OWNER_ROLE, port),
                administrator_url=_url(cluster, ADMINISTRATOR_ROLE, port),
            )
    finally:
        os.close(lock)


def _initialise(cluster: Cluster) -> None:
    fresh = cluster.new_directory()
    for command, entered in (
        (cluster.initdb_command(fresh), ""),
        (cluster.roles_command(fresh), cluster.roles_sql()),
    ):
        done = subprocess.run(command, input=entered, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise Failed(f"PostgreSQL: {done.stderr}")
    rules = fresh / "pg_hba.conf"
    rules.write_text(f"host all all 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    cluster.adopt(fresh)


def _url(cluster: Cluster, role: str, port: int) -> str:
    return f"postgresql://{role}:{quote(cluster.passwords[role])}@127.0.0.1:{port}/{DATABASE}"
