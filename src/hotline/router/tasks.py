"""What the router has started and not yet finished.

In: coroutines, started at once, and what was started elsewhere. Out: a Deferred for the moment when nothing
is left, for an orderly stop. It never hides a failure: each one is logged here, if nobody answered for it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure


class Tasks:
    """All work of the router that waits for something."""

    log = Logger()

    def __init__(self) -> None:
        self._running: set[Deferred[None]] = set()
        self._idle: list[Deferred[None]] = []

    def __len__(self) -> int:
        return len(self._running)

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run it until it first waits, keep it until it ends."""
        self.keep(Deferred.fromCoroutine(coroutine))

    def keep(self, task: Deferred[None]) -> None:
        """Keep what is under way until it ends."""
        if not task.called:
            self._running.add(task)
        task.addCallbacks(self._ended, self._failed, (task,), errbackArgs=(task,))

    def when_idle(self) -> Deferred[None]:
        """Fires when nothing is running; at once, if nothing is."""
        if not self._running:
            return succeed(None)
        idle: Deferred[None] = Deferred()
        self._idle.append(idle)
        return idle

    def _failed(self, failure: Failure, task: Deferred[None]) -> None:
        self.log.failure("a task of the router failed", failure=failure)
        self._ended(None, task)

    def _ended(self, _: None, task: Deferred[None]) -> None:
        self._running.discard(task)
        if not self._running:
            waiting, self._idle = self._idle, []
            for idle in waiting:
                idle.callback(None)
