"""How many connections a node has, of whatever kind and however far they have come.

In: ports that listen. Out: connections that are closed as soon as they were accepted, when there are too
many, or nothing can be opened any more; the ends of the others, a few at a time. It never ends one that was
let in, and leaves none to the kernel.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from errno import EAGAIN, EMFILE, ENFILE
from functools import partial
from typing import Any

from twisted.internet import tcp
from twisted.internet.interfaces import IAddress, IListeningPort, IProtocolFactory, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped,unused-ignore]  # no stubs

from hotline.logs import SampledLogger
from hotline.protocols.departures import Departures

QUEUE = 4096
"""Connections that wait in the kernel to be accepted. When they are too many Linux answers with SYN cookies
and keeps nothing: a peer that waits to be spoken to then takes itself for connected, for ever."""

ACCEPTED_AT_ONCE = 10
"""Connections taken from that queue in one turn of the reactor, so that nobody waits for a crowd."""

TURNED_AWAY_AT_ONCE = 256


class Door:
    """All ports of one node; a limit of 0 is none."""

    log = SampledLogger()

    def __init__(self, limit: int, reactor: IReactorTime) -> None:
        self.limit = limit
        self.count = 0
        self.refused = 0
        self.departures = Departures(reactor)

    def watch(self, port: IListeningPort) -> None:
        """Count what this port accepts; one that is not of Twisted's own reactor is left alone."""
        # At the sockets, not around the protocols: it holds through TLS and upgrades, at no cost per byte.
        if isinstance(port, tcp.Port):
            port.transport = _counted(port.transport, self)
            guarded: Any = _Guarded(port.factory, self)
            port.factory = guarded
            listener: Any = _Listener(port.socket, self)
            port.socket = listener
            port.socket.listen(QUEUE)

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
                # What Twisted's own begins with: nothing is read or written any more. Its descriptor is open,
                # and counts, until its turn comes, and with it the protocol's.
                self.disconnected, self.connected = 1, 0
                self.stopReading()
                self.stopWriting()
                door.departures.add(partial(self._depart, reason))

        def _depart(self, reason: Failure) -> None:
            door.count -= 1
            super().connectionLost(reason)

    return Counted


class _Listener:
    """The socket of a port; out of descriptors it takes its spare one to accept and close whoever waits."""

    def __init__(self, listener: socket.socket, door: Door) -> None:
        self._listener = listener
        self._door = door
        self._accepted = 0
        self._spare: int | None = None
        self._keep_spare()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listener, name)

    def accept(self) -> tuple[socket.socket, Any]:
        if self._accepted == ACCEPTED_AT_ONCE:
            raise self._enough()
        if self._spare is None:
            self._keep_spare()
        try:
            connection = self._listener.accept()
        except OSError as error:
            # Without a spare one Twisted has its own, but writes a line for every connection.
            if error.errno not in (EMFILE, ENFILE) or self._spare is None:
                self._accepted = 0
                raise
            self._turn_away(os.strerror(error.errno))
            raise self._enough() from None
        self._accepted += 1
        return connection

    def _enough(self) -> BlockingIOError:
        # Twisted goes on to other things then, and comes back in its next turn if somebody waits.
        self._accepted = 0
        return BlockingIOError(EAGAIN, "for now")

    def _turn_away(self, why: str) -> None:
        # Left in the queue they would wait for nothing, and the reactor would come here again and again.
        door = self._door
        self._give_up_spare()
        with suppress(OSError):  # nobody is left, or the spare one has gone to somebody else
            for _ in range(TURNED_AWAY_AT_ONCE):
                self._listener.accept()[0].close()
                door.refused += 1
        self._keep_spare()
        door.log.warn("connections were closed at once: {why}, {count} are open", why=why, count=door.count)

    def _keep_spare(self) -> None:
        with suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY)

    def _give_up_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            os.close(spare)

    def close(self) -> None:
        self._give_up_spare()
        self._listener.close()


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
