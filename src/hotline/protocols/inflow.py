"""How fast one connection is read.

In: the sizes of what was read of a transport. Out: pauses of that transport, as long as it brought more than
it may. It never throws away what was read: who sends too much has to wait, as on a slow line.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IDelayedCall

from hotline.limits import Limit, Per, fixed

BURST_SECONDS = fixed(
    8.0,
    __name__,
    Limit(Per.CONNECTION, "seconds' worth of `incoming_bytes_per_second` at once", "the rest waits"),
)
"""A connection that was quiet may bring so many seconds' worth at once."""

PING_COST = 4096
"""What a ping counts for, in bytes: answering it costs more than reading it."""

LOOK_BYTES = 32768
"""So much is only counted, without a look at the clock."""


class Inflow:
    """The pace of one connection; a rate of 0 is no limit."""

    __slots__ = ("_budget", "_call", "_looked_at", "_rate", "_reactor", "_transport", "_uncounted")

    def __init__(self, transport: Any, reactor: Any, rate: float) -> None:
        self._transport = transport
        self._reactor = reactor
        self._rate = rate
        self._budget = rate * BURST_SECONDS
        self._looked_at: float = reactor.seconds()
        self._uncounted = 0
        self._call: IDelayedCall | None = None

    def read(self, count: int) -> None:
        """So many bytes were just read; when they are too many, no more are for a while."""
        self._uncounted += count
        if self._uncounted > LOOK_BYTES and self._rate and self._call is None:
            self._look()

    @property
    def most_at_once(self) -> float:
        """Bytes that a connection which was quiet may bring at once."""
        return self._rate * BURST_SECONDS

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
        self._budget = min(self._budget + earned, self._rate * BURST_SECONDS) - self._uncounted
        self._looked_at, self._uncounted = now, 0
        if self._budget < 0:
            self._transport.pauseProducing()
            self._call = self._reactor.callLater(-self._budget / self._rate, self._resume)

    def _resume(self) -> None:
        self._call = None
        self._transport.resumeProducing()
