"""Connections and sessions that end, thousands in one moment: a few of their ends are seen to in each turn.

In: what remains to be done for each. Out: the same, in order; at once, as long as few go in one turn of the
reactor. It never leaves one out, and never waits while there is one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from twisted.logger import Logger

SEEN_TO_AT_ONCE = 20
"""Ends in one turn of the reactor: about a millisecond, so that nobody waits for a crowd that goes."""


class Later(Protocol):
    """A reactor, as far as it is needed here."""

    def callLater(self, delay: float, callable: Callable[..., Any]) -> object:
        """Call it in one of the next turns."""


class Departures:
    """Those of one node."""

    log = Logger()

    def __init__(self, reactor: Later) -> None:
        self._reactor = reactor
        self._waiting: deque[Callable[[], None]] = deque()
        self._seen_to = 0

    def add(self, end: Callable[[], None]) -> None:
        """See to this end: now, or after those that have been waiting for longer."""
        if self._seen_to < SEEN_TO_AT_ONCE and not self._waiting:
            if not self._seen_to:
                self._reactor.callLater(0, self._next_turn)
            self._seen_to += 1
            end()
        else:
            self._waiting.append(end)

    def _next_turn(self) -> None:
        self._seen_to = min(len(self._waiting), SEEN_TO_AT_ONCE)
        if self._seen_to:
            # Asked for first: whatever an end does, the next ones have their turn.
            self._reactor.callLater(0, self._next_turn)
        for _ in range(self._seen_to):
            try:
                self._waiting.popleft()()
            except Exception:
                self.log.failure("an end could not be seen to")
