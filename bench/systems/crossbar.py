"""Crossbar.io: the WAMP router that hotline's protocol comes from, in a virtual environment of its own.

In comes an empty directory, out comes a running router with one realm in which everybody may do everything.
It stores nothing.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.systems.base import Running, bring, free_port, process

NAME = "crossbar"
FIRST_RATE = 900.0
VERSION = "26.10.1"


def install(place: Path) -> str:
    """Bring it, once; gives its name and version. :raises Unavailable: with the reason."""
    if not (place / ".made").exists():
        bring([sys.executable, "-m", "venv", str(place)])
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
        bring([*pip, f"crossbar=={VERSION}"])
        (place / ".made").touch()
    return f"Crossbar.io {VERSION}"


@contextlib.contextmanager
def started(place: Path, directory: Path) -> Iterator[Running]:
    """A node with one router worker, on one core."""
    port = free_port()
    (directory / ".crossbar").mkdir(parents=True)
    (directory / ".crossbar" / "config.json").write_text(json.dumps(_configuration(port)))
    command = [str(place / "bin" / "crossbar"), "start", "--cbdir", str(directory / ".crossbar")]
    # Its home is where it keeps keys. At the usual level it writes several lines for each session.
    with process(
        [*command, "--loglevel", "warn"], directory, port=port, variables={"HOME": str(directory)}
    ) as node:
        yield Running(system=NAME, ports=[port], server_pids=[node.pid])


def _configuration(port: int) -> dict[str, object]:
    everything = {
        "uri": "",
        "match": "prefix",
        "allow": {"call": True, "register": True, "publish": True, "subscribe": True},
        "disclose": {"caller": False, "publisher": False},
        "cache": True,
    }
    transport = {
        "type": "websocket",
        "endpoint": {"type": "tcp", "port": port, "interface": "127.0.0.1"},
        "serializers": ["json"],
        "options": {"enable_webstatus": False},
    }
    realm = {"name": "bench", "roles": [{"name": "anonymous", "permissions": [everything]}]}
    return {
        "version": 2,
        "controller": {},
        "workers": [{"type": "router", "realms": [realm], "transports": [transport]}],
    }
