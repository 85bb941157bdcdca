"""A real twistd process with hotline in it, as an operator would start it.

In come options and signals, out come its address, its output and its exit code. What it wrote is kept, so
that a test that fails can show it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from tests.keys import write_master_keys

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0


def free_port() -> int:
    """A TCP port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def sleep(reactor: Any, seconds: float) -> None:
    await deferLater(reactor, seconds, lambda: None)


async def until(reactor: Any, condition: Callable[[], Any], seconds: float = 10.0, what: str = "") -> Any:
    """Wait for the condition to become true; gives its value."""
    end = reactor.seconds() + seconds
    while not (value := condition()):
        assert reactor.seconds() < end, f"waited {seconds} s in vain for {what or condition}"
        await sleep(reactor, 0.02)
    return value


class _Process(ProcessProtocol):
    def __init__(self) -> None:
        self.output = ""
        self.errors = ""
        self.ended: Deferred[None] = Deferred()
        self.exit_code: int | None = None
        self.heard: Callable[[], None] = lambda: None

    def outReceived(self, data: bytes) -> None:
        self.output += data.decode(errors="replace")
        self.heard()

    def errReceived(self, data: bytes) -> None:
        self.errors += data.decode(errors="replace")

    def processEnded(self, reason: Failure) -> None:
        value: Any = reason.value
        # As a shell would say it: minus the number of the signal that ended it.
        self.exit_code = -value.signal if value.signal else (value.exitCode or 0)
        self.heard()
        self.ended.callback(None)


class Daemon:
    """One data directory or database and the twistd that serves it, again and again."""

    def __init__(
        self,
        reactor: Any,
        directory: Path,
        *options: str,
        config: str = "",
        program: Sequence[str] = (),
        path: Sequence[Path] = (),
    ) -> None:
        self._reactor = reactor
        self.directory = directory
        write_master_keys(directory)
        self.port = free_port()
        self.options = [*options]
        self._path = ":".join(map(str, (ROOT / "src", ROOT, *path)))
        self._program = program or (str(Path(sys.executable).parent / "twistd"),)
        self.outputs: list[str] = []
        self._process: _Process | None = None
        self._transport: Any = None
        if config:
            path = directory / "hotline.toml"
            path.write_text(config)
            self.options += ["--config", str(path)]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def pid(self) -> int:
        return int(self._transport.pid)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.exit_code is None

    @property
    def log(self) -> str:
        """All that all its lives wrote."""
        current = "" if self._process is None else self._process.output + self._process.errors
        return "\n--- next life ---\n".join([*self.outputs, current])

    def spawn(self) -> None:
        """Start the process and wait for nothing."""
        if self._process is not None:
            self.outputs.append(self._process.output + self._process.errors)
        self._process = _Process()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        command = [
            *(*self._program, "-n", "--pidfile=", "hotline"),
            *("--data", str(self.directory), "--http", f"tcp:{self.port}:interface=127.0.0.1"),
            *self.options,
        ]
        self._transport = self._reactor.spawnProcess(
            self._process,
            command[0],
            command,
            env={**environment, "PYTHONPATH": self._path, "PYTHONUNBUFFERED": "1"},
            path=str(self.directory),
        )

    async def start(self) -> float:
        """Start, and wait for the ready line; gives how long that took."""
        began = self._reactor.seconds()
        self.spawn()
        process = self._process
        assert process is not None
        await until(
            self._reactor,
            lambda: f"hotline is ready on {self.base}\n" in process.output or process.exit_code is not None,
            READY_SECONDS,
            "the ready line",
        )
        assert process.exit_code is None, self.log
        return float(self._reactor.seconds() - began)

    async def ended(self, seconds: float = 30.0) -> tuple[int, str, str]:
        """Wait for the end: exit code, standard output, standard error."""
        process = self._process
        assert process is not None
        await until(self._reactor, lambda: process.exit_code is not None, seconds, "the end of the daemon")
        assert process.exit_code is not None
        return process.exit_code, process.output, process.errors

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end; gives the exit code."""
        if self.is_running:
            os.kill(self.pid, number)
        return (await self.ended())[0]

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self.stop(signal.SIGKILL)

    def problems(self) -> Iterator[str]:
        """Lines that no daemon should ever write."""
        for line in self.log.splitlines():
            if "Traceback (most recent call last)" in line or "#critical]" in line:
                yield line
