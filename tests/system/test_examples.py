"""The scripts of the manual do what the manual says, against a real daemon."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.task import deferLater

from hotline.store.database import Database
from tests.system.conftest import MakeDaemon, dsn_url, enter, house_with_tokens
from tests.system.daemon import ROOT, _Process, free_port, until

EXAMPLES = ROOT / "docs" / "examples"


# `make` puts a Node.js there when the machine has none.
PATH = f"{ROOT / '.venv' / 'node'}:{os.environ['PATH']}"


def python() -> list[str]:
    """How the Python example is started."""
    return [sys.executable, str(EXAMPLES / "consultant.py")]


def javascript() -> list[str]:
    """How the JavaScript example is started; the first time what it needs is brought."""
    if not (EXAMPLES / "node_modules" / "wampy").is_dir():
        bring = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        subprocess.run(bring, cwd=EXAMPLES, env={**os.environ, "PATH": PATH}, check=True)
    node = shutil.which("node", path=PATH)
    assert node is not None, "the JavaScript example needs Node.js"
    return [node, str(EXAMPLES / "consultant.mjs")]


@pytest.mark.parametrize(
    ("command", "transport"), [(python, "websocket"), (python, "rawsocket"), (javascript, "websocket")]
)
@pytest.mark.parametrize("is_early", [True, False])
@ensureDeferred
async def test_a_consultant_that_is_a_script(
    make_daemon: MakeDaemon,
    dsn: str,
    database: Database,
    reactor: Any,
    tmp_path: Path,
    command: Any,
    transport: str,
    is_early: bool,
) -> None:
    """It logs in, finds a client or waits for one, claims, reads, greets, and watches to the end."""
    rawsocket = free_port()
    daemon = make_daemon(
        "--database", dsn_url(dsn), "--transport", f"rawsocket:tcp:{rawsocket}:interface=127.0.0.1", config=""
    )
    await daemon.start()
    house = await house_with_tokens(database)
    (tmp_path / "secret").write_text("staff-secret\n")
    url = daemon.url if transport == "websocket" else f"rs://127.0.0.1:{rawsocket}"
    line = [*command(), url, house.slug, "staff", str(tmp_path / "secret")]
    process = _Process()
    running = None

    def start() -> Any:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        return reactor.spawnProcess(process, line[0], line, env=environment, path=str(tmp_path))

    try:
        if not is_early:
            running = start()
            await deferLater(reactor, 1.5, lambda: None)
        peer, entered = await enter(reactor, daemon, house)
        events = await peer.collect(f"hotline.room.{entered['room']}")
        await peer.say(entered["room"], "Is anybody there?", "1")
        if is_early:
            running = start()
        await until(
            reactor,
            lambda: (
                any("I am a script" in event["text"] for event in events) or process.exit_code is not None
            ),
            20,
            "the greeting",
        )
        await peer.say(entered["room"], "That will do.", "2")
        await until(reactor, lambda: "That will do." in process.output, 5, process.output)
        await peer.call("hotline.room.leave", room=entered["room"])
        await until(reactor, lambda: process.exit_code is not None, 10, "the end of the script")
    finally:
        print(process.output, process.errors)
        if running is not None and process.exit_code is None:
            running.signalProcess("KILL")
            await process.ended
    assert process.exit_code == 0, process.errors
    assert "Traceback" not in process.errors
    lines = process.output.splitlines()
    assert lines[0].startswith("Robin answered")
    assert lines[1] == f"talking in {entered['room']}"
    # Each entry of the room once, in order.
    numbered = [line.split(" ")[0] for line in lines[2:] if line.split(" ")[0].isdigit()]
    assert numbered == [str(number + 1) for number in range(len(numbered))]
    assert len(numbered) == 7
