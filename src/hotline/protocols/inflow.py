"""How fast one connection is read.

In: the sizes of what was read of a transport. Out: pauses of that transport, as long as it brought more than
it may. It never throws away what was read: who sends too much has to wait, as on a slow line.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IDelayedCall

PING_COST = 4096
"""What a ping counts for, in bytes: answering it costs more than reading it."""

LOOK_BYTES = 32768
"""So much is only counted, without a look at the clock."""


class Inflow:
    """The pace of one connection: so many bytes a second, and so many seconds' worth at once, when it was
    quiet; 0 of either is no limit."""

    __slots__ = (
        "_budget",
        "_call",
        "_looked_at",
        "_rate",
        "_reactor",
        "_transport",
        "_uncounted",
        "most_at_once",
    )

    def __init__(self, transport: Any, reactor: Any, rate: float, burst_seconds: float) -> None:
        self._transport = transport
        self._reactor = reactor
        self._rate = rate if burst_seconds else 0.0
        self.most_at_once = rate * burst_seconds
        self._budget = self.most_at_once
        self._looked_at: float = reactor.seconds()
        self._uncounted = 0
        self._call: IDelayedCall | None = None

    def read(self, count: int) -> None:
        """So many bytes were just read; when they are too many, no more are for a while."""
        self._uncounted += count
        if self._uncounted > LOOK_BYTES and self._rate and self._call is None:
            self._look()

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is read just now; what was read before may still be coming."""
        return self._call is not None

    def release(self) -> None:
        """The transport is read on without a limit."""
        call, self._call = self._call, None
        if call is not None:
            call.cancel()
            self._transport.resumeProducing()

    def _look(self) -> None:
        now = self._reactor.seconds()
        earned = (now - self._looked_at) * self._rate
        self._budget = min(self._budget + earned, self.most_at_once) - self._uncounted
        self._looked_at, self._uncounted = now, 0
        if self._budget < 0:
            self._transport.pauseProducing()
            self._call = self._reactor.callLater(-self._budget / self._rate, self._resume)

    def _resume(self) -> None:
        self._call = None
        self._transport.resumeProducing()
