"""The daemon's life: its parts are started one after the other, each awaited, and stopped in reverse.

In comes a list of parts in the order in which they need each other, out comes the ready line, or one clear
line and exit code 1. (Twisted's own MultiService starts and stops all children at once.)
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import ILogObserver, Logger, jsonFileLogObserver
from twisted.python.failure import Failure

from hotline.errors import HotlineError, StartError

# Never what lives as long as the daemon, the young in portions that take milliseconds, and all of the rest
# rarely: everybody waits while the collector is at work.
_GC_THRESHOLDS = (10_000, 250, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that is started and stopped; either may be nothing."""

    name: str
    start: Callable[[], Awaitable[Any]] | None = None
    stop: Callable[[], Coroutine[Any, Any, Any]] | None = None
    stop_seconds: float | None = None
    """The stop of the others goes on after so long; None: when this one has ended."""


class HotlineService(Service):
    """Runs the parts; `stopService` gives a Deferred that fires when the last has stopped."""

    _log = Logger()

    def __init__(self, reactor: Any, parts: Sequence[Part], ready_line: str, log_json: bool) -> None:
        self._reactor = reactor
        self._parts = parts
        self._ready_line = ready_line
        self._log_json = log_json
        self._started: list[Part] = []
        self._starting: Deferred[None] | None = None
        self._is_stopping = False

    def setServiceParent(self, parent: Any) -> None:
        if self._log_json and sys.__stdout__ is not None:
            parent.setComponent(ILogObserver, jsonFileLogObserver(sys.__stdout__, recordSeparator=""))
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]  # Twisted's Service is untyped

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]  # as above
        # Only once the reactor runs can it be stopped again.
        self._reactor.callWhenRunning(self._begin)

    def _begin(self) -> None:
        if not self._is_stopping:
            self._starting = Deferred.fromCoroutine(self._start())
            self._starting.addErrback(self._failed)

    async def _start(self) -> None:
        for part in self._parts:
            if self._is_stopping:
                return
            self._started.append(part)
            if part.start is not None:
                await part.start()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        _say(self._ready_line)

    def _failed(self, failure: Failure) -> None:
        if self._is_stopping:
            return  # interrupted while starting: that is what failed
        if failure.check(StartError, HotlineError):
            print(f"hotline cannot start: {failure.getErrorMessage()}", file=sys.__stderr__, flush=True)
        else:
            self._log.failure("hotline cannot start", failure=failure)
        self._reactor.addSystemEventTrigger("after", "shutdown", _exit_failed)
        self._reactor.stop()

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]  # as above
        self._is_stopping = True
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        while self._started:
            part = self._started.pop()
            if part.stop is not None:
                try:
                    await self._in_time(Deferred.fromCoroutine(part.stop()), part.stop_seconds)
                except CancelledError:
                    self._log.warn("{part} did not stop in time", part=part.name)
                except Exception:
                    self._log.failure("{part} did not stop in order", part=part.name)
        if self._starting is not None:
            await self._starting
        # What went in order is no failure: without this twistd kills itself by the same signal.
        self._reactor._exitSignal = None

    async def _in_time(self, stopped: Deferred[Any], seconds: float | None) -> None:
        late = None if seconds is None else self._reactor.callLater(seconds, stopped.cancel)
        try:
            await stopped
        finally:
            if late is not None and late.active():
                late.cancel()


def _say(line: str) -> None:
    # twistd sends sys.stdout to its log; this line is for whoever started the daemon.
    print(line, file=sys.__stdout__, flush=True)


def _exit_failed() -> None:
    # twistd has no way to be told an exit code.
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(1)
