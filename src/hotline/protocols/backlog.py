"""What a connection has still to write: gathered for one turn of the reactor, then the transport's.

In: frames, what a transport tells its producer. Out: one write per connection and turn, and whether too much
is waiting. It never stops anybody from writing: the owner asks before it writes.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IPushProducer, IReactorTime
from twisted.internet.tcp import Connection
from zope.interface import implementer  # type: ignore[import-untyped,unused-ignore]  # no stubs

TRANSPORT_BYTES = 65536
"""A transport of Twisted calls `pauseProducing` when more than this is waiting in it."""

GATHERED_BYTES = 16384
"""So much is handed on before the turn ends."""


class Turn:
    """The connections of one factory that have gathered something in this turn of the reactor."""

    __slots__ = ("_gathering", "_reactor")

    def __init__(self, reactor: IReactorTime) -> None:
        self._reactor = reactor
        self._gathering: list[Backlog] = []

    def add(self, backlog: Backlog) -> None:
        """Have it flushed at the end of this turn."""
        if not self._gathering:
            self._reactor.callLater(0, self._flush)
        self._gathering.append(backlog)

    def _flush(self) -> None:
        gathering, self._gathering = self._gathering, []
        for backlog in gathering:
            backlog.flush()


@implementer(IPushProducer)
class Backlog:
    """Registered as the producer of one transport; exact from 64 KiB up, below that it counts nothing.

    To a plain socket, what was gathered goes at once: a transport would first have the reactor tell it that
    the socket can be written to, which costs three system calls more and as much again in Python.
    """

    __slots__ = ("_gathered", "_gathered_bytes", "_is_plain", "_limit", "_transport", "_turn", "_waiting")

    def __init__(self, transport: Any, limit: int, turn: Turn) -> None:
        self._transport = transport
        self._limit = limit
        self._turn = turn
        self._is_plain = isinstance(transport, Connection) and not transport.TLS
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._waiting = 0
        transport.registerProducer(self, True)

    def write(self, frame: bytes) -> None:
        """Write this after what was written before, before the turn is over."""
        if not self._is_plain:
            self._hand_on(frame)
            return
        if not self._gathered:
            self._turn.add(self)
        self._gathered.append(frame)
        self._gathered_bytes += len(frame)
        if self._gathered_bytes > GATHERED_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered, as far as the socket takes it; the rest is the transport's."""
        gathered = self._gathered
        if not gathered:
            return
        self._gathered = []
        self._gathered_bytes = 0
        data = gathered[0] if len(gathered) == 1 else b"".join(gathered)
        transport = self._transport
        if transport.connected and not transport.dataBuffer and not transport._tempDataBuffer:
            # An error is for the transport to find out, when it tries the same.
            sent = transport.writeSomeData(data)
            if sent == len(data):
                return
            if isinstance(sent, int):
                data = data[sent:]
        self._hand_on(data)

    @property
    def is_over(self) -> bool:
        """Whether more is waiting than the limit allows."""
        return self._waiting > self._limit > 0

    def release(self) -> None:
        """The transport is about to be closed: a registered producer would keep it open."""
        self.flush()
        self._transport.unregisterProducer()

    def pauseProducing(self) -> None:
        if not self._waiting:
            self._waiting = TRANSPORT_BYTES

    def resumeProducing(self) -> None:
        self._waiting = 0

    def stopProducing(self) -> None:
        self._waiting = 0

    def _hand_on(self, data: bytes) -> None:
        self._transport.write(data)
        if self._waiting:
            self._waiting += len(data)
