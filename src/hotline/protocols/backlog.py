"""How many bytes a transport has taken over and not yet written.

In: what a transport tells its producer, and the sizes of what is written. Out: whether it is too much.
It never stops anybody from writing: the owner asks before it writes.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer  # type: ignore[import-untyped,unused-ignore]  # no stubs

TRANSPORT_BYTES = 65536
"""A transport of Twisted calls `pauseProducing` when more than this is waiting in it."""


@implementer(IPushProducer)
class Backlog:
    """Registered as the producer of one transport; exact from 64 KiB up, below that it counts nothing."""

    __slots__ = ("_limit", "_transport", "_waiting")

    def __init__(self, transport: Any, limit: int) -> None:
        self._transport = transport
        self._limit = limit
        self._waiting = 0
        transport.registerProducer(self, True)

    def wrote(self, count: int) -> None:
        """So many bytes were just written."""
        if self._waiting:
            self._waiting += count

    @property
    def is_over(self) -> bool:
        """Whether more is waiting than the limit allows."""
        return self._waiting > self._limit > 0

    def release(self) -> None:
        """The transport is about to be closed: a registered producer would keep it open."""
        self._transport.unregisterProducer()

    def pauseProducing(self) -> None:
        if not self._waiting:
            self._waiting = TRANSPORT_BYTES

    def resumeProducing(self) -> None:
        self._waiting = 0

    def stopProducing(self) -> None:
        self._waiting = 0
