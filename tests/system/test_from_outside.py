"""A daemon that was given more than comes with it: an open realm, and a transport of docs/examples."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_twisted
from autobahn.wamp.types import RegisterOptions, SubscribeOptions
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred

from hotline.store.database import Database
from tests.helpers import House
from tests.system.conftest import as_consultant, dsn_url, house_with_tokens, made_directory, making_daemons
from tests.system.daemon import ROOT, Daemon, free_port, until
from tests.system.peers import ACKNOWLEDGED, Refused, connect, failure
from tests.wire.clients import Bare
from tests.wire.clients import connect as connect_bare

EXAMPLE = ROOT / "docs" / "examples" / "transport_plugin"


@pytest.fixture(scope="module")
def lines_port() -> int:
    """Where the example listens."""
    return free_port()


@pytest.fixture(scope="module")
def daemon(shared_dsn: str, lines_port: int, reactor: Any) -> Iterator[Daemon]:
    """As contract and example say: `--open-realm free`, and the example on `PYTHONPATH`, wherever that is."""
    with made_directory() as directory, making_daemons(reactor, directory) as make:
        path = directory / "example"
        shutil.copytree(EXAMPLE, path, ignore=shutil.ignore_patterns("__pycache__", "dropin.cache*"))
        lines = f"lines:tcp:{lines_port}:interface=127.0.0.1"
        options = ("--database", dsn_url(shared_dsn), "--open-realm", "free", "--transport", lines)
        daemon = make(*options, path=[path])
        pytest_twisted.blockon(Deferred.fromCoroutine(daemon.start()))
        yield daemon


@pytest_twisted.async_fixture
async def house(shared_database: Database) -> House:
    """An organisation beside the open realm."""
    return await house_with_tokens(shared_database)


@ensureDeferred
async def test_open_realm(daemon: Daemon, house: House, reactor: Any) -> None:
    """Anybody subscribes, publishes, registers and calls there; nowhere else, and nobody else hears it."""
    ann, eve = [await connect(reactor, daemon.url, "free", serializer=name) for name in ("cbor", "msgpack")]
    assert (ann.details.authrole, ann.details.authmethod) == ("anonymous", "anonymous")
    topics: list[tuple[str, Any]] = []
    await ann.subscribe(
        lambda value, details: topics.append((details.topic, value)),
        "com.example.",
        SubscribeOptions(match="prefix", details=True),
    )
    await eve.publish("com.example.topic", 1, options=ACKNOWLEDGED)
    await eve.publish("com.example.other", [2.5, None], options=ACKNOWLEDGED)
    await ann.register(lambda a, b=0: a + b, "com.example.add", RegisterOptions(invoke="roundrobin"))
    assert await eve.call("com.example.add", 40, b=2) == 42
    assert await eve.call("wamp.session.count") == 2
    await until(reactor, lambda: len(topics) == 2, what="both events")
    assert topics == [("com.example.topic", 1), ("com.example.other", [2.5, None])]
    assert (await failure(eve.call("hotline.anteroom.describe"))).error == "hotline.error.not_allowed"
    with pytest.raises(Refused, match="authentication_denied"):
        await connect(reactor, daemon.url, "free", authid="staff", ticket="staff-secret")

    stranger, staff = (
        await connect(reactor, daemon.url, house.slug),
        await as_consultant(reactor, daemon, house),
    )
    for refused in (
        stranger.subscribe(topics.append, "com.example.topic"),
        stranger.publish("com.example.topic", 3, options=ACKNOWLEDGED),
        stranger.register(lambda: None, "com.example.mine"),
        stranger.call("com.example.add", 1),
        stranger.call("wamp.session.count"),
        staff.call("com.example.add", 1),
    ):
        assert (await failure(refused)).error == "wamp.error.not_authorized"
    for peer in (ann, eve, stranger, staff):
        await peer.end()
    assert len(topics) == 2


@ensureDeferred
async def test_transport_of_the_examples(daemon: Daemon, lines_port: int, house: House, reactor: Any) -> None:
    """WAMP in lines, by a plugin that is not hotline's: a visitor enters, writes, and is answered."""
    bare: Bare = await connect_bare(reactor, lines_port)

    async def heard(start: str) -> Any:
        """The first message that begins so."""
        found = await bare.until(lambda data: any(line.startswith(start) for line in whole_lines(data)))
        return json.loads(next(line for line in whole_lines(found) if line.startswith(start)))

    def say(*array: Any) -> None:
        bare.transport.write(json.dumps(array).encode() + b"\n")

    say(1, house.slug, {"roles": {"caller": {}, "publisher": {}, "subscriber": {}}})
    assert (await heard("[2,"))[2]["authrole"] == "client"
    say(48, 1, {}, "hotline.anteroom.enter", [], {"name": "Robin"})
    entered = (await heard("[50,1,"))[3][0]
    topic = f"hotline.room.{entered['room']}"
    say(32, 2, {}, topic)
    await heard("[33,2,")
    staff = await as_consultant(reactor, daemon, house)
    await staff.call("hotline.room.claim", room=entered["room"])
    events = await staff.collect(topic)
    say(16, 3, {"acknowledge": True}, topic, ["Grüße 👋"], {"nonce": "n1"})
    await heard("[17,3,")
    await until(reactor, lambda: events, what="what was said in lines")
    assert events[-1]["text"] == "Grüße 👋"
    await staff.say(entered["room"], "And to you.", "n2")
    await bare.until(lambda data: b'["And to you."]' in data)
    history = await staff.call("hotline.room.history", room=entered["room"])
    assert [message["text"] for message in history["messages"][-2:]] == ["Grüße 👋", "And to you."]
    say(6, {}, "wamp.close.close_realm")
    assert (await bare.lost).endswith(b'[6,{},"wamp.close.goodbye_and_out"]\n')
    await staff.end()


def whole_lines(data: bytes) -> list[str]:
    return data[: data.rfind(b"\n") + 1].decode().splitlines()
