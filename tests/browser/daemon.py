"""A daemon of its own, as an operator would start it: real twistd, real PostgreSQL, a real port, a Maildir.

In come a directory and a port, out come addresses, mails, and the power to kill it and start it again.
It never looks into the daemon: what these tests know of it, they know from outside.
"""

from __future__ import annotations

import mailbox
import os
import re
import signal
import socket
import subprocess
import sys
import time
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 30.0
# What has run its time ends soon: a test puts the times in the database back, never its own.
_CONFIG = "[limits]\nupkeep_seconds = 2\n"


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Daemon:
    """One `twistd hotline`; the same data and port through all its starts."""

    def __init__(self, directory: Path, wildcard: str = "") -> None:
        self.data = directory / "data"
        self.port = free_port()
        self.url = f"http://{wildcard or '127.0.0.1'}:{self.port}"
        self._options = ["--public-url", f"http://*.{wildcard}:{self.port}"] if wildcard else []
        self._log = directory / "log"
        self._config = directory / "config.toml"
        self._config.write_text(_CONFIG)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it says that it is ready."""
        said_before = self.said().count("hotline is ready on ")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        environment["PYTHONPATH"] = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    Path(sys.executable).with_name("twistd"),
                    *("-n", "--pidfile=", "hotline"),
                    *("--data", self.data, "--http", f"tcp:{self.port}:interface=127.0.0.1"),
                    *("--config", self._config),
                    *self._options,
                ],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while self.said().count("hotline is ready on ") == said_before:
            assert self._process.poll() is None, f"the daemon ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"the daemon is not ready:\n{self.said()}"
            time.sleep(0.05)

    def kill(self) -> None:
        """As the kernel would when memory runs out: nothing can be tidied up."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """As an operator would."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)

    def kill_postgres(self) -> None:
        """All of PostgreSQL's connections end at once; the daemon has to start it again."""
        postmaster = next(self.data.rglob("postmaster.pid"))
        os.kill(int(postmaster.read_text().splitlines()[0]), signal.SIGQUIT)

    def troubles(self) -> list[str]:
        """What the daemon itself found worth a traceback."""
        return [line for line in self.said().splitlines() if "Traceback" in line or "#critical" in line]

    def last_mail(self, address: str, seconds: float = 20.0) -> EmailMessage:
        """The newest mail to this address; waits for it to arrive."""
        deadline = time.monotonic() + seconds
        while True:
            mails = [mail for mail in self._mails() if address in mail["To"]]
            if mails:
                return mails[-1]
            assert time.monotonic() < deadline, f"no mail to {address}"
            time.sleep(0.05)

    def link_in_mail(self, address: str, path: str) -> str:
        """The link below this path in the newest mail to this address."""
        text = self.last_mail(address).get_content()
        found = re.search(rf"{re.escape(self.url + path)}\S+", text)
        assert found, f"no link to {path} in\n{text}"
        return found[0]

    def _mails(self) -> list[EmailMessage]:
        directory = self.data / "mail"
        if not directory.exists():
            return []
        box = mailbox.Maildir(directory, create=False)
        keys = sorted(box.keys(), key=lambda key: box.get_message(key).get_date())
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(box.get_bytes(key)) for key in keys]  # type: ignore[misc]

    def said(self) -> str:
        """Its log of all starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""
