"""One client's line to the nodes, in this process: it can be cut, stalled, slowed to drops or made deaf.

In come a client's connections, out go the same bytes to the node that `target` names at that moment. It
understands none of them.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from enum import Enum
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

DROP_SECONDS = 1.0
"""Between two bytes of a line that drips."""


class Mode(Enum):
    """What a line does with bytes."""

    OPEN = "as it should"
    CUT = "breaks all connections, and new ones at once"
    STALLED = "takes everything and passes nothing on"
    DRIPPING = "passes on one byte a second in each direction"
    DEAF = "reads nothing of what the node says"


class _End(Protocol):
    """One end of a connection through the line; `held` is what still has to go out here."""

    def __init__(self, line: Line, other: _End | None = None) -> None:
        self.line = line
        self.other = other
        self.held = bytearray()
        self.is_lost = False

    def connectionMade(self) -> None:
        self.transport: Any
        self.transport.setTcpNoDelay(True)
        self.line.ends.add(self)
        if self.line.mode is Mode.CUT:
            self.reset()
        elif self.other is None:
            self.line.connect_on(self)
        else:
            self.other.other = self
            self.line.settle(self)

    def dataReceived(self, data: bytes) -> None:
        self.line.carry(self, data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.is_lost = True
        self.line.forget(self)
        if self.other is not None and not self.other.is_lost:
            self.other.transport.loseConnection()

    def reset(self) -> None:
        """Break it with a RST."""
        handle = self.transport.getHandle()
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abortConnection()

    def flush(self, count: int | None = None) -> None:
        """Send what is held, or the first so many bytes of it."""
        if self.held and not self.is_lost:
            self.transport.write(bytes(self.held[:count]))
            del self.held[:count]


class Line:
    """What lies between one client and the nodes."""

    def __init__(self, reactor: Any, target: Callable[[], int]) -> None:
        self._reactor = reactor
        self._target = target
        self.mode = Mode.OPEN
        self.ends: set[_End] = set()
        self._far: set[_End] = set()
        self._dripping = LoopingCall(self._drip)
        self._dripping.clock = reactor
        self._port: Any = None

    def connections_to(self, port: int) -> int:
        """How many connections a node with this port has from here."""
        return sum(far.transport.getPeer().port == port for far in self._far)

    @property
    def far_ports(self) -> list[int]:
        """The ports from which it is connected to nodes."""
        return [far.transport.getHost().port for far in self._far]

    def open(self) -> int:
        """Begin to listen; gives the port."""
        self._port = self._reactor.listenTCP(0, _Factory(lambda: _End(self)), interface="127.0.0.1")
        return int(self._port.getHost().port)

    async def close(self) -> None:
        self.drop()
        if self._dripping.running:
            self._dripping.stop()
        if self._port is not None:
            await self._port.stopListening()

    def drop(self) -> None:
        """Break what is connected now."""
        for end in list(self.ends):
            end.transport.abortConnection()

    def become(self, mode: Mode) -> None:
        """From now on it is like this; OPEN lets go what was held."""
        self.mode = mode
        if mode is Mode.CUT:
            for end in list(self.ends):
                end.reset()
        if mode is Mode.DRIPPING:
            if not self._dripping.running:
                self._dripping.start(DROP_SECONDS, now=False)
        elif self._dripping.running:
            self._dripping.stop()
        for end in list(self.ends):
            self.settle(end)

    def settle(self, end: _End) -> None:
        """Bring one end in line with the mode."""
        if self.mode is Mode.OPEN and end.other is not None:
            end.flush()
        is_stopped = self.mode is Mode.STALLED or (self.mode is Mode.DEAF and end in self._far)
        if is_stopped:
            end.transport.pauseProducing()
        elif end.other is not None:
            end.transport.resumeProducing()

    def carry(self, end: _End, data: bytes) -> None:
        """Bytes arrived at one end."""
        other = end.other
        if other is None or other.is_lost:
            return
        other.held += data
        if self.mode is Mode.OPEN or (self.mode is Mode.DEAF and other in self._far):
            other.flush()

    def forget(self, end: _End) -> None:
        """One end is gone."""
        self.ends.discard(end)
        self._far.discard(end)

    def connect_on(self, near: _End) -> None:
        """The client's end is there: connect to a node."""
        near.transport.pauseProducing()
        endpoint = HostnameEndpoint(self._reactor, b"127.0.0.1", self._target())

        def make() -> _End:
            far = _End(self, near)
            self._far.add(far)
            return far

        def connected(far: _End) -> None:
            if near.is_lost:
                far.transport.abortConnection()
            else:
                self.settle(near)

        def failed(failure: Failure) -> None:
            if not near.is_lost:
                near.transport.abortConnection()

        endpoint.connect(_Factory(make)).addCallbacks(connected, failed)

    def _drip(self) -> None:
        for end in list(self.ends):
            end.flush(1)


class _Factory(Factory):
    noisy = False

    def __init__(self, make: Callable[[], _End]) -> None:
        self._make = make

    def buildProtocol(self, addr: Any) -> _End:
        return self._make()
