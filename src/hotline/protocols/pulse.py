"""Who of many connections is still there: pings, and what became of them, on one timer for all.

In: connections that open, give a sign of life, and go. Out: calls that say when one is to be pinged, and when
one has been silent for too long. It never looks at what a connection says.
"""

from __future__ import annotations

from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

TOGETHER_SECONDS = 0.05
"""Those whose time comes within so long are seen to together."""

MOST_AT_ONCE = 200
"""So many are seen to before everything else has its turn."""

TURN_SECONDS = 0.005


class Pulsating(Protocol):
    """One connection."""

    def ping(self) -> None:
        """Ask for a sign of life."""

    def missed(self) -> None:
        """None came in time."""


class Pulse:
    """The connections of one factory; an interval of 0: no pings, a patience of 0: no answer is awaited.

    Both wait equally long for all, so whoever came first is due first: nothing has to be sorted.
    """

    __slots__ = ("_asked", "_call", "_interval", "_patience", "_reactor", "_resting")

    def __init__(self, reactor: IReactorTime, interval: float, patience: float) -> None:
        self._reactor = reactor
        self._interval = interval
        self._patience = patience
        self._resting: dict[Pulsating, float] = {}
        self._asked: dict[Pulsating, float] = {}
        self._call: IDelayedCall | None = None

    def add(self, connection: Pulsating) -> None:
        """It is there, and will be pinged."""
        if self._interval:
            self._resting[connection] = self._reactor.seconds() + self._interval
            self._wait(self._interval)

    def heard(self, connection: Pulsating) -> None:
        """It gave a sign of life: what was asked is answered, and the next ping comes in an interval."""
        if self._asked.pop(connection, None) is not None:
            self.add(connection)

    def discard(self, connection: Pulsating) -> None:
        """It is gone, or about to go."""
        self._resting.pop(connection, None)
        self._asked.pop(connection, None)
        if self._call is not None and not self._resting and not self._asked:
            self._call.cancel()
            self._call = None

    def _wait(self, seconds: float) -> None:
        if self._call is None:
            self._call = self._reactor.callLater(seconds, self._look)

    def _look(self) -> None:
        self._call = None
        now = self._reactor.seconds()
        silent = _due(self._asked, now)
        for connection in silent:
            if self._asked.pop(connection, None) is not None:
                connection.missed()
        resting = _due(self._resting, now)
        for connection in resting:
            if self._resting.pop(connection, None) is None:
                continue
            if self._patience:
                self._asked[connection] = now + self._patience
            else:
                self._resting[connection] = now + self._interval
            connection.ping()
        following = [next(iter(each.values())) for each in (self._resting, self._asked) if each]
        if following:
            is_more = MOST_AT_ONCE in (len(silent), len(resting))
            self._wait(max(min(following) - now, TURN_SECONDS if is_more else TOGETHER_SECONDS))


def _due(waiting: dict[Pulsating, float], now: float) -> list[Pulsating]:
    found: list[Pulsating] = []
    for connection, due in waiting.items():
        if due > now or len(found) == MOST_AT_ONCE:
            break
        found.append(connection)
    return found
