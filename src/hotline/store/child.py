"""A child process whose output is read line by line.

In come the process' bytes and its end, out go its lines, as they come, and the one line that says why it
ended. Never starts, restarts or judges anything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

# PostgreSQL says after the reason also that it shuts down, and initdb that it tidies up.
_REASON_MARKS = ("FATAL:", "PANIC:", "error:")


class Child(ProcessProtocol):
    """One process.

    :param hear: gets each line, standard output and standard error alike.
    :param entered: what it finds on its standard input.
    """

    transport: Any

    def __init__(self, hear: Callable[[str], None], entered: str = "") -> None:
        self._hear = hear
        self._entered = entered
        self._rest = b""
        self._waiting: list[Deferred[None]] = []
        self.first_line = ""
        self.last_line = ""
        self._reason = ""
        self.ended = False
        self.succeeded = False

    @property
    def pid(self) -> int | None:
        return None if self.ended else self.transport.pid

    @property
    def reason(self) -> str:
        """Why it ended, as it says itself."""
        return self._reason or self.last_line or "it gave no reason"

    def wait(self) -> Deferred[None]:
        """Fires when the process has ended."""
        deferred: Deferred[None] = Deferred(self._waiting.remove)
        self._waiting.append(deferred)
        if self.ended:
            self._tell()
        return deferred

    def signal(self, number: int) -> None:
        with suppress(ProcessExitedAlready):
            self.transport.signalProcess(number)

    def connectionMade(self) -> None:
        self.transport.write(self._entered.encode())
        self.transport.closeStdin()

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line_received(line.decode(errors="replace").rstrip())

    def processEnded(self, reason: Failure) -> None:
        if self._rest:
            self._line_received(self._rest.decode(errors="replace").rstrip())
        self.ended = True
        self.succeeded = isinstance(reason.value, ProcessDone)
        self._tell()

    def _line_received(self, line: str) -> None:
        self._hear(line)
        if line:
            self.first_line = self.first_line or line
            self.last_line = line
        for mark in _REASON_MARKS:
            if mark in line:
                self._reason = line.partition(mark)[2].strip()

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.callback(None)
