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
from twisted.internet.protocol import Factory, Protocol

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
    door = Door(2)
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
    door = Door(0)
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
