"""The transport of docs/examples, found as a plugin from outside the package and put to work."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.plugin import getPlugins

import twisted.plugins
from hotline.protocols.interfaces import ITransport
from hotline.protocols.limits import SessionLimits
from tests.protocols.collected import make_hub
from tests.router.outside import ROLES
from tests.wire.clients import Bare, Inbox, connect, join, leave
from tests.wire.server import Server

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "transport_plugin"


@pytest.fixture(scope="module")
def limits() -> SessionLimits:
    """A buffer that is soon full."""
    return SessionLimits(messages_per_second=0, incoming_bytes_per_second=0)


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The example, as the daemon finds it when its directory is on the path."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.setattr(
        twisted.plugins, "__path__", [*twisted.plugins.__path__, str(EXAMPLE / "twisted" / "plugins")]
    )
    found = {each.name: each for each in getPlugins(ITransport, twisted.plugins)}
    yield found["lines"]
    for name in ("lines_transport", "twisted.plugins.lines_transports"):
        sys.modules.pop(name, None)
    for cache in (EXAMPLE / "twisted" / "plugins").glob("dropin.cache*"):
        cache.unlink()


@pytest_twisted.async_yield_fixture
async def port(reactor: Any, server: Server, transport: Any) -> AsyncIterator[int]:
    """The port it listens on, of a server that has the others too."""
    listening: IListeningPort = await transport.listen(reactor, "tcp:0:interface=127.0.0.1", server.hub)
    yield listening.getHost().port
    await listening.stopListening()


def say(bare: Bare, *array: Any) -> None:
    """One message."""
    bare.transport.write(json.dumps(array).encode() + b"\n")


async def joined(reactor: Any, port: int) -> Bare:
    """A connection after WELCOME."""
    bare = await connect(reactor, port)
    say(bare, 1, "acme", {"roles": ROLES})
    await bare.until(lambda heard: heard.startswith(b"[2,") and heard.endswith(b"\n"))
    return bare


@pytest_twisted.ensureDeferred
async def test_talk(reactor: Any, server: Server, port: int) -> None:
    """It joins, calls, hears others and is heard by them, and leaves."""
    bare = await joined(reactor, port)
    client = await join(reactor, server.address("websocket", "cbor"))
    inbox = Inbox(reactor)
    await client.session.subscribe(inbox, "plain.a")
    say(bare, 48, 1, {}, "hotline.echo", [1])
    await bare.until(lambda heard: b'[50,1,{},[{"args":[1],"kwargs":{}}]]\n' in heard)
    say(bare, 32, 2, {}, "plain.b")
    await bare.until(lambda heard: b"[33,2," in heard)
    say(bare, 16, 3, {}, "plain.a", ["from lines"])
    assert (await inbox.has(1))[0][0] == ("from lines",)
    client.session.publish("plain.b", "to lines")
    await bare.until(lambda heard: b'["to lines"]' in heard)
    say(bare, 6, {}, "wamp.close.close_realm")
    heard = await bare.lost
    assert heard.endswith(b'[6,{},"wamp.close.goodbye_and_out"]\n')
    await leave(client)


@pytest.mark.parametrize("line", [b"nonsense\n", b"[" * 70_000 + b"\n", b"x" * 200_000, b"[99]\n"])
@pytest_twisted.ensureDeferred
async def test_violations(reactor: Any, server: Server, port: int, line: bytes) -> None:
    """What is no message, and what is too long for one, ends it with ABORT."""
    bare = await joined(reactor, port)
    bare.transport.write(line)
    assert b"wamp.error.protocol_violation" in await bare.lost


def test_a_peer_that_never_reads_is_dropped(transport: Any) -> None:
    """The last words have their time; then the connection is gone, read or not."""
    example = sys.modules["lines_transport"]
    clock, wire = Clock(), StringTransport()
    hub, receivers = make_hub()
    lines = example.LinesFactory(hub, clock).buildProtocol(None)
    lines.makeConnection(wire)
    receivers[0].link.close("enough")
    assert (wire.disconnecting, wire.disconnected) == (True, False)
    clock.advance(example.CLOSING_SECONDS)
    assert wire.disconnected
    lines.connectionLost()
    assert clock.getDelayedCalls() == []


@pytest_twisted.ensureDeferred
async def test_slow_reader(reactor: Any, server: Server, port: int) -> None:
    """Who reads too slowly is closed with a reason."""
    bare = await joined(reactor, port)
    say(bare, 32, 2, {}, "plain.b")
    await bare.until(lambda heard: b"[33,2," in heard)
    bare.transport.pauseProducing()
    realm = server.house.router.realms["acme"]
    client = await join(reactor, server.address("rawsocket", "json"))
    while len(realm.sessions) == 2:
        client.session.publish("plain.b", "x" * 50_000)
        await client.session.call("hotline.echo")
    bare.transport.resumeProducing()
    assert b"hotline.close.too_slow" in await bare.lost
    await leave(client)
