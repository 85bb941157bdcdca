"""What an event costs, in counts: encodings and writes to sockets, on real connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet import tcp
from twisted.internet.task import deferLater

from hotline.protocols.serializers import CborSerializer, JsonSerializer, MessagePackSerializer
from hotline.router.messages import Event
from tests.wire.clients import join
from tests.wire.server import Server

TOPIC = "hotline.room.r"


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many events each serializer has encoded."""
    counts: Counter[str] = Counter()

    def counting(kind: type[Any]) -> Callable[[Any, Any], bytes]:
        encode = kind.encode

        def counted(self: Any, message: Any) -> bytes:
            counts[kind.name] += isinstance(message, Event)
            return bytes(encode(self, message))

        return counted

    for kind in (JsonSerializer, MessagePackSerializer, CborSerializer):
        monkeypatch.setattr(kind, "encode", counting(kind))
    return counts


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How many times each of the server's sockets was written to, by the port of its client."""
    counts: Counter[int] = Counter()
    write = tcp.Connection.writeSomeData

    def counted(self: Any, data: bytes) -> Any:
        counts[self.getPeer().port] += isinstance(self, tcp.Server)
        return write(self, data)

    monkeypatch.setattr(tcp.Connection, "writeSomeData", counted)
    return counts


@pytest.mark.parametrize("kind", ["http", "rawsocket"])
@ensureDeferred
async def test_a_burst_to_many(
    server: Server, reactor: Any, kind: str, encoded: Counter[str], writes: Counter[int]
) -> None:
    """Each event is encoded once for each serializer, and what a session is sent at once is one write."""
    heard: Counter[int] = Counter()
    clients = []
    for number in range(9):
        serializer = ("json", "msgpack", "cbor")[number % 3]
        client = await join(reactor, server.address(kind, serializer))

        def hear(*_: Any, number: int = number, **__: Any) -> None:
            heard[number] += 1

        await client.session.subscribe(hear, TOPIC)
        clients.append(client)
    realm = server.house.router.realms["acme"]
    encoded.clear()
    writes.clear()
    for number in range(20):
        realm.publish(TOPIC, [f"text {number}"], {"seq": number})
    while sum(heard.values()) < 9 * 20:
        await deferLater(reactor, 0.005, lambda: None)
    assert encoded == {"json": 20, "msgpack": 20, "cbor": 20}
    assert sorted(writes[port] for port in writes if writes[port]) == [1] * 9
    for client in clients:
        client.session.leave()
        await client.gone


@ensureDeferred
async def test_a_long_burst_goes_on_before_the_turn_ends(
    server: Server, reactor: Any, writes: Counter[int]
) -> None:
    """What is gathered stays small: whoever reads nothing is noticed as before, and order is kept."""
    heard: list[int] = []
    client = await join(reactor, server.address("http", "json"))
    await client.session.subscribe(lambda text, seq: heard.append(seq), TOPIC)
    realm = server.house.router.realms["acme"]
    writes.clear()
    for number in range(40):
        realm.publish(TOPIC, ["x" * 1000], {"seq": number})
    while len(heard) < 40:
        await deferLater(reactor, 0.005, lambda: None)
    assert heard == list(range(40))
    assert max(writes.values()) >= 3
    client.session.leave()
    await client.gone
