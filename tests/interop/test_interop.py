"""WAMP clients that others have written tell one story; in the middle of it the daemon is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.store.database import Database
from tests.helpers import House
from tests.system.conftest import MakeDaemon, dsn_url, house_with_tokens
from tests.system.daemon import ROOT, _Process, free_port, until

HERE = Path(__file__).parent
TELLING_SECONDS = 20.0

# `make` puts a Node.js there when the machine has none.
PATH = f"{ROOT / '.venv' / 'node'}:{os.environ['PATH']}"

CLIENTS = {
    "autobahn_asyncio.py": [
        ("websocket", "json"),
        ("websocket", "msgpack"),
        ("websocket", "cbor"),
        ("rawsocket", "msgpack"),
    ],
    "autobahn_js.mjs": [
        ("websocket", "json"),
        ("websocket", "msgpack"),
        ("websocket", "cbor"),
        ("rawsocket", "json"),
    ],
    "wampy_js.mjs": [("websocket", "json"), ("websocket", "msgpack"), ("websocket", "cbor")],
}


@pytest.fixture(scope="session")
def node() -> str:
    """Node.js, with the libraries that the lock file names beside the scripts."""
    if not (HERE / "node_modules" / "autobahn").is_dir():
        # autobahn-js asks for Node.js 22 because of the WebSocket in it; the script brings another.
        bring = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        subprocess.run(bring, cwd=HERE, env={**os.environ, "PATH": PATH}, check=True)
    node = shutil.which("node", path=PATH)
    assert node is not None, "the JavaScript clients need Node.js"
    return node


@dataclass(slots=True, kw_only=True)
class Teller:
    """One script at work."""

    name: str
    comes_back: bool
    process: _Process = field(default_factory=_Process)
    transport: Any = None

    @property
    def facts(self) -> list[Any]:
        """What it has told so far."""
        return [
            json.loads(line) for line in self.process.output.splitlines(keepends=True) if line[-1] == "\n"
        ]

    async def has_told(self, reactor: Any, count: int) -> None:
        """Wait until it has told so many facts."""
        await until(
            reactor,
            lambda: len(self.facts) >= count or self.process.exit_code is not None,
            TELLING_SECONDS,
            f"{self.name}: {self.process.output}\n{self.process.errors}",
        )
        assert len(self.facts) == count, f"{self.name}: {self.process.output}\n{self.process.errors}"

    def go_on(self) -> None:
        self.transport.write(b"\n")


def story(house: House, chapter: str, seqs: list[int]) -> dict[str, Any]:
    """The facts of a chapter, the same for everybody."""
    return {
        "chapter": chapter,
        "add": {"sum": 42, "note": "Grüße 👋"},
        "refused": {"uri": "org.error.no", "args": [1, "two"], "kwargs": {"three": [3, None, True]}},
        "nowhere": "wamp.error.no_such_procedure",
        "me": house.manager.name,
        "wrong": "hotline.error.not_found",
        "event": [[chapter, 1.5, {"deep": [1, [2]]}], {"when": chapter}],
        "message": [f"{chapter} 👋", seqs[-1], "message", "client", chapter],
        "seqs": seqs,
    }


@pytest.mark.slow
@pytest.mark.parametrize("script", CLIENTS)
@ensureDeferred
async def test_a_story_with_a_crash(
    make_daemon: MakeDaemon, dsn: str, database: Database, reactor: Any, node: str, script: str
) -> None:
    """Ticket, RPC, events and rooms over every serializer, and again after kill -9."""
    raw = free_port()
    endpoint = f"rawsocket:tcp:{raw}:interface=127.0.0.1"
    daemon = make_daemon("--database", dsn_url(dsn), "--transport", endpoint)
    await daemon.start()
    house = await house_with_tokens(database)
    program = [sys.executable] if script.endswith(".py") else [node]
    tellers: list[Teller] = []
    try:
        for kind, serializer in CLIENTS[script]:
            url = daemon.url if kind == "websocket" else f"rs://127.0.0.1:{raw}"
            name = f"{kind}{serializer}"
            line = [*program, str(HERE / script), url, house.slug, serializer, name]
            # autobahn-js does not notice the end of a RawSocket connection: it tells the first chapter only.
            teller = Teller(name=name, comes_back=(script, kind) != ("autobahn_js.mjs", "rawsocket"))
            teller.transport = reactor.spawnProcess(teller.process, line[0], line, env=dict(os.environ))
            tellers.append(teller)
        for teller in tellers:
            await teller.has_told(reactor, 2)
        await daemon.kill()
        await daemon.start()
        coming_back = [teller for teller in tellers if teller.comes_back]
        for teller in coming_back:
            teller.go_on()
        for teller in coming_back:
            await teller.has_told(reactor, 3)
            teller.go_on()
        for teller in coming_back:
            await until(reactor, lambda one=teller: one.process.exit_code is not None, 10, "its end")  # type: ignore[misc]
    finally:
        for teller in tellers:
            print(f"--- {teller.name}\n{teller.process.output}{teller.process.errors}")
            if teller.process.exit_code is None:
                teller.transport.signalProcess(signal.SIGKILL)
                await teller.process.ended
    for teller in tellers:
        sessions, before, *after = teller.facts
        assert sessions == [
            ["client", "anonymous"],
            ["client", "ticket"],
            ["manager", "ticket"],
            ["manager", "ticket"],
        ]
        assert before == story(house, "before", [1, 2, 3])
        assert after == [story(house, "after", [1, 2, 3, 4])] * teller.comes_back
        assert teller.process.exit_code == (0 if teller.comes_back else -signal.SIGKILL)
        assert "Traceback" not in teller.process.errors
