"""How many connections a node has, of whatever kind and however far they have come.

In: ports that listen. Out: connections that are closed as soon as they were accepted, when there are too
many. It never ends one that was let in, and leaves no connection in the queue of the kernel.
"""

from __future__ import annotations

from typing import Any

from twisted.internet import tcp
from twisted.internet.interfaces import IAddress, IListeningPort, IProtocolFactory
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped,unused-ignore]  # no stubs

from hotline.logs import SampledLogger


class Door:
    """All ports of one node; a limit of 0 is none."""

    log = SampledLogger()

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0
        self.refused = 0

    def watch(self, port: IListeningPort) -> None:
        """Count what this port accepts; one that is not of Twisted's own reactor is left alone."""
        # At the sockets, not around the protocols: it holds through TLS and upgrades, at no cost per byte.
        if isinstance(port, tcp.Port):
            port.transport = _counted(port.transport, self)
            guarded: Any = _Guarded(port.factory, self)
            port.factory = guarded

    @property
    def is_full(self) -> bool:
        """Whether one more would be too many."""
        return 0 < self.limit <= self.count


def _counted(transport: type, door: Door) -> Any:
    class Counted(transport):  # type: ignore[misc]  # whichever the port has
        _is_inside = False

        def __init__(self, *parts: Any) -> None:
            super().__init__(*parts)
            self._is_inside = True
            door.count += 1

        def connectionLost(self, reason: Failure = connectionDone) -> None:
            # Twisted may call this twice.
            if self._is_inside:
                self._is_inside = False
                door.count -= 1
            super().connectionLost(reason)

    return Counted


@implementer(IProtocolFactory)
class _Guarded:
    """The factory of a port."""

    def __init__(self, factory: Any, door: Door) -> None:
        self._factory = factory
        self._door = door

    def buildProtocol(self, addr: IAddress) -> Protocol | None:
        if self._door.is_full:
            self._door.refused += 1
            self._door.log.warn("a connection was closed at once: {count} are open", count=self._door.count)
            return None
        protocol: Protocol | None = self._factory.buildProtocol(addr)
        return protocol

    def doStart(self) -> None:
        """Never called: it has started."""

    def doStop(self) -> None:
        self._factory.doStop()
