"""So many connections and no more, on real sockets."""

from __future__ import annotations

import itertools
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from hotline.protocols.departures import SEEN_TO_AT_ONCE
from hotline.protocols.door import ACCEPTED_AT_ONCE, Door
from tests.system.daemon import until
from tests.wire.clients import Bare, connect


class Greeting(Protocol):
    """Says hello."""

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(b"hello")


@ensureDeferred
async def test_one_too_many_is_closed(reactor: Any, tmp_path: Path) -> None:
    """Over all ports together; a place that gets free is taken; closed ports stop what they served."""
    door = Door(2, reactor)
    factories = [Factory.forProtocol(Greeting) for _ in range(2)]
    ports = [
        reactor.listenTCP(0, factories[0], interface="127.0.0.1"),
        reactor.listenUNIX(str(tmp_path / "socket"), factories[1]),
    ]
    for port in ports:
        door.watch(port)
    number = ports[0].getHost().port

    first = await connect(reactor, number)
    second = await UNIXClientEndpoint(reactor, str(tmp_path / "socket")).connect(Factory.forProtocol(Bare))
    for inside in (first, second):
        assert await inside.until(bool) == b"hello"
    third = await connect(reactor, number)
    assert await third.lost == b""
    assert door.count == 2

    first.transport.abortConnection()
    await until(reactor, lambda: door.count == 1)
    fourth = await connect(reactor, number)
    assert await fourth.until(bool) == b"hello"
    for inside in (second, fourth):
        inside.transport.abortConnection()
        await inside.lost
    await until(reactor, lambda: door.count == 0)
    for port in ports:
        await port.stopListening()
    assert [factory.numPorts for factory in factories] == [0, 0]


CROWD = 300


@pytest.fixture
def crowd() -> Iterator[list[socket.socket]]:
    """Sockets that connect without waiting."""
    sockets = [socket.socket() for _ in range(CROWD)]
    for each in sockets:
        each.setblocking(False)
    yield sockets
    for each in sockets:
        each.close()


@ensureDeferred
async def test_a_crowd_is_let_in(reactor: Any, crowd: list[socket.socket]) -> None:
    """Who connects while the reactor does other things waits in the kernel, and is let in a few at a time."""
    door = Door(0, reactor)
    port = reactor.listenTCP(0, Factory.forProtocol(Greeting), interface="127.0.0.1")
    door.watch(port)
    counts = [0]

    def turn() -> None:
        counts.append(door.count)
        if door.count < CROWD:
            reactor.callLater(0, turn)

    reactor.callLater(0, turn)
    for each in crowd:
        each.connect_ex(("127.0.0.1", port.getHost().port))
    # With a queue too short some are still asking, and some believe themselves connected and are forgotten.
    connecting = select.poll()
    for each in crowd:
        connecting.register(each, select.POLLOUT)
    assert len(connecting.poll(0)) == CROWD
    await until(reactor, lambda: door.count == CROWD, what="all of them")
    await until(reactor, lambda: counts[-1] == CROWD)
    assert max(after - before for before, after in itertools.pairwise(counts)) == ACCEPTED_AT_ONCE
    await port.stopListening()


class Counting(Protocol):
    """Keeps how many are there."""

    def connectionMade(self) -> None:
        self.factory.present.add(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.present.remove(self)


@ensureDeferred
async def test_a_crowd_that_goes_is_seen_to_in_turns(reactor: Any, crowd: list[socket.socket]) -> None:
    """A few in each turn and all in the end; what is said to one that waits for it harms nobody."""
    door = Door(0, reactor)
    factory: Any = Factory.forProtocol(Counting)
    factory.present = set()
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    door.watch(port)
    for each in crowd:
        each.connect_ex(("127.0.0.1", port.getHost().port))
    await until(reactor, lambda: len(factory.present) == CROWD, what="all of them")

    counts = [CROWD]

    def turn() -> None:
        counts.append(len(factory.present))
        for each in [one for one in factory.present if not one.transport.connected]:
            each.transport.write(b"x")
            each.transport.loseConnection()
            each.transport.abortConnection()
        if factory.present:
            reactor.callLater(0, turn)

    reactor.callLater(0, turn)
    for each in crowd:
        each.close()
    await until(reactor, lambda: not factory.present, what="all of them to be gone")
    assert door.count == 0
    # Of this turn and the next, as the one or the other is called first.
    assert max(before - after for before, after in itertools.pairwise(counts)) <= 2 * SEEN_TO_AT_ONCE
    await port.stopListening()
