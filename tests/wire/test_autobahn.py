"""Autobahn's Python client against the router, over every transport and serializer."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import pytest_twisted
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import CallOptions, PublishOptions, RegisterOptions, SubscribeOptions
from twisted.internet.defer import CancelledError, Deferred

from hotline.errors import RoomClosed
from hotline.router.ports import Credentials, Identity
from tests.wire.clients import ACKNOWLEDGED, TO_ME_TOO, Inbox, connect, join, leave, pause
from tests.wire.server import LONGPOLLS, RAWSOCKETS, WAYS, WEBSOCKETS, Server

# Where the session matters and not how its messages are written: each transport and serializer once.
FEW_WAYS = [
    ("http", "json"),
    ("websocket", "msgpack"),
    ("rawsocket", "cbor"),
    ("rawsocket unix", "json"),
    ("longpoll", "msgpack"),
    ("http longpoll", "json"),
    ("longpoll", "cbor.batched"),
    ("https", "json.batched"),
    ("websocket tls", "cbor.batched"),
    ("rawsocket tls", "msgpack"),
]

# Autobahn's own way of separating batches in JSON is understood where Autobahn speaks them: in WebSockets.
AUTOBAHNS_WAYS = [way for way in WAYS if not (way[0] in LONGPOLLS and way[1] == "json.batched")]

every_way = pytest.mark.parametrize(("kind", "serializer"), AUTOBAHNS_WAYS)
few_ways = pytest.mark.parametrize(("kind", "serializer"), FEW_WAYS)


@every_way
@pytest_twisted.ensureDeferred
async def test_talk(reactor: Any, server: Server, kind: str, serializer: str) -> None:
    """Join anonymously, subscribe, publish, call, be refused, leave: all of it works."""
    client = await join(reactor, server.address(kind, serializer))
    assert (client.details.authid, client.details.authrole) == ("anonymous1", "client")
    inbox = Inbox(reactor)
    subscription = await client.session.subscribe(inbox, "hotline.room.x")
    await client.session.publish("hotline.room.x", "grüße 😀", nonce="n1", options=TO_ME_TOO)
    assert await inbox.has(1) == [(("grüße 😀",), {"nonce": "n1", "seq": 1})]
    assert await client.session.call("hotline.echo", 1, a=[None, 2.5]) == {
        "args": [1],
        "kwargs": {"a": [None, 2.5]},
    }
    for refused in (
        client.session.call("hotline.nothing"),
        client.session.subscribe(inbox, "nobodys.topic"),
        client.session.subscribe(inbox, "hotline", SubscribeOptions(match="prefix")),
        client.session.register(lambda: None, "org.acme.add"),
        client.session.publish("nobodys.topic", options=ACKNOWLEDGED),
    ):
        with pytest.raises(ApplicationError) as caught:
            await refused
        assert caught.value.error == "wamp.error.not_authorized"
    await subscription.unsubscribe()
    await client.session.publish("hotline.room.x", "unheard", options=TO_ME_TOO)
    await leave(client)
    assert len(inbox.events) == 1
    assert not server.house.router.realms


@few_ways
@pytest_twisted.ensureDeferred
async def test_where_a_session_comes_from(reactor: Any, server: Server, kind: str, serializer: str) -> None:
    """Each transport says the peer's address, and that nobody speaks for anybody."""
    client = await join(reactor, server.address(kind, serializer))
    [session] = server.house.router.sessions
    assert session.network == (b"None None" if kind.endswith("unix") else b"127.0.0.1 None")
    await leave(client)


UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: wamp.2.json\r\nX-Forwarded-For: 8.8.4.4, 9.9.9.9\r\n\r\n"
)
OPENING = b'{"protocols": ["wamp.2.json"]}'
OPEN = (
    b"POST /wamp/open HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 8.8.4.4, 9.9.9.9\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(OPENING), OPENING)
)


@pytest.mark.parametrize(("request_", "answer"), [(UPGRADE, b" 101 "), (OPEN, b" 200 ")])
@pytest_twisted.ensureDeferred
async def test_what_a_proxy_says(reactor: Any, server: Server, request_: bytes, answer: bytes) -> None:
    """It reaches whoever judges it, over WebSocket and long polls."""
    bare = await connect(reactor, server.port("http"))
    bare.transport.write(request_)
    await bare.until(lambda data: answer in data)
    [session] = server.house.router.sessions
    assert session.network == b"127.0.0.1 8.8.4.4, 9.9.9.9"
    if request_ is OPEN:
        name = json.loads((await bare.until(lambda data: b"}" in data)).rpartition(b"\r\n")[2])["transport"]
        bare.transport.write(f"POST /wamp/{name}/close HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await bare.until(lambda data: b" 202 " in data)
    bare.transport.abortConnection()
    await bare.lost


@few_ways
@pytest_twisted.ensureDeferred
async def test_ticket(reactor: Any, server: Server, kind: str, serializer: str) -> None:
    """Autobahn logs in with a ticket, and is told what is wrong with another."""
    address = server.address(kind, serializer)
    client = await join(reactor, address, ticket={"authid": "bob", "ticket": "secret"})
    assert (client.details.authid, client.details.authrole, client.details.authmethod) == (
        "bob",
        "staff",
        "ticket",
    )
    await leave(client)
    with pytest.raises(RuntimeError, match=r"authentication_denied: This ticket is not valid\."):
        await join(reactor, address, ticket={"authid": "bob", "ticket": "wrong"})
    with pytest.raises(RuntimeError, match="no_such_realm"):
        await join(reactor, address, "nowhere")


@pytest_twisted.ensureDeferred
async def test_everybody_hears_everybody(reactor: Any, server: Server) -> None:
    """An event reaches every way of being connected, in the order in which the store has it."""
    clients = [await join(reactor, server.address(kind, serializer)) for kind, serializer in FEW_WAYS]
    inboxes = [Inbox(reactor) for _ in clients]
    for client, inbox in zip(clients, inboxes, strict=True):
        await client.session.subscribe(inbox, "hotline.room.x")
    for number, client in enumerate(clients):
        await client.session.publish("hotline.room.x", number, options=ACKNOWLEDGED)
    for number, inbox in enumerate(inboxes):
        events = await inbox.has(len(clients) - 1)
        assert [args[0] for args, _ in events] == [each for each in range(len(clients)) if each != number]
        assert [kwargs["seq"] for _, kwargs in events] == sorted(kwargs["seq"] for _, kwargs in events)
    for client in clients:
        await leave(client)


@pytest_twisted.ensureDeferred
async def test_realms_are_apart(reactor: Any, server: Server) -> None:
    """The same topic of another organisation stays silent."""
    ours = await join(reactor, server.address("http"), "acme")
    theirs = await join(reactor, server.address("http"), "other")
    inbox = Inbox(reactor)
    await theirs.session.subscribe(inbox, "hotline.room.x")
    await ours.session.publish("hotline.room.x", "secret", options=ACKNOWLEDGED)
    assert await theirs.session.call("hotline.echo")
    assert inbox.events == []
    await leave(ours)
    await leave(theirs)


@pytest_twisted.ensureDeferred
async def test_idle_session_on_the_http_port(reactor: Any, server: Server) -> None:
    """The idle timeout of HTTP (one second here) does not touch a connection that has become a WebSocket."""
    client = await join(reactor, server.address("http"))
    await pause(reactor, 1.5)
    assert await client.session.call("hotline.echo")
    await leave(client)


@pytest_twisted.ensureDeferred
async def test_errors_carry_their_details(reactor: Any, server: Server) -> None:
    """Autobahn gets URI, sentence and details of what the outside says no with."""
    client = await join(reactor, server.address("websocket", "msgpack"))
    server.outside.problem = RoomClosed(room="x")
    for refused in (
        client.session.call("hotline.echo"),
        client.session.publish("hotline.room.x", "hi", options=ACKNOWLEDGED),
    ):
        with pytest.raises(ApplicationError) as caught:
            await refused
        assert caught.value.error == "hotline.error.room_closed"
        assert (caught.value.args, caught.value.kwargs) == ((RoomClosed.sentence,), {"room": "x"})
    await leave(client)


@pytest_twisted.ensureDeferred
async def test_live_session_is_changed_and_closed(reactor: Any, server: Server) -> None:
    """A role, a subscription and the session itself can be taken from a live client."""
    client = await join(reactor, server.address("http", "cbor"))
    (session,) = server.house.router.realms["acme"].sessions
    session.become(
        Identity(authid="client7", authrole="client", authmethod="x", authprovider="hotline", principal=None)
    )
    assert await client.session.call("hotline.whoami") == {"authid": "client7"}
    inbox = Inbox(reactor)
    await client.session.subscribe(inbox, "plain.a")
    assert session.drop_subscriptions(lambda topic: topic == "plain.a") == 1
    await client.session.publish("plain.a", options=TO_ME_TOO)
    assert await client.session.call("hotline.whoami") == {"authid": "client7"}
    assert inbox.events == []
    session.close("wamp.close.killed", "You were removed.")
    details = await client.left
    assert (details.reason, details.message) == ("wamp.close.killed", "You were removed.")
    await client.gone


@pytest_twisted.ensureDeferred
async def test_shutdown(reactor: Any, server: Server) -> None:
    """A stop says goodbye to everybody over every transport, and ends when all are gone."""
    clients = [
        await join(reactor, server.address(kind, "json")) for kind in (*WEBSOCKETS, *RAWSOCKETS, *LONGPOLLS)
    ]
    await server.house.router.close_all()
    for client in clients:
        assert (await client.left).reason == "wamp.close.system_shutdown"
        await client.gone


@few_ways
@pytest_twisted.ensureDeferred
async def test_wamp_cra(reactor: Any, server: Server, kind: str, serializer: str) -> None:
    """Autobahn proves itself by WAMP-CRA with a salted secret, and is refused with another."""
    secret, salt = "a secret", "salt"
    server.outside.known["script"] = Credentials(
        salt=salt,
        iterations=4096,
        salted_key=hashlib.pbkdf2_hmac("sha256", secret.encode(), salt.encode(), 4096),
        public_key=None,
        authrole="manager",
        reference="manager",
    )
    address = server.address(kind, serializer)
    client = await join(reactor, address, wampcra={"authid": "script", "secret": secret})
    assert (client.details.authid, client.details.authmethod) == ("script", "wampcra")
    await leave(client)
    with pytest.raises(RuntimeError, match="authentication_denied"):
        await join(reactor, address, wampcra={"authid": "script", "secret": "another"})


@every_way
@pytest_twisted.ensureDeferred
async def test_procedures_of_scripts(reactor: Any, server: Server, kind: str, serializer: str) -> None:
    """Autobahn calls what Autobahn offers: results, errors, progress, timeout, canceling, leaving."""
    address = server.address(kind, serializer)
    script = await join(reactor, address, ticket={"authid": "mary", "ticket": "hidden"})
    caller = await join(reactor, address)
    never: Deferred[None] = Deferred()

    def add(a: int, b: int = 0) -> int:
        if b < 0:
            raise ApplicationError("org.error.negative", "not so", b=b)
        return a + b

    def count(to: int, details: Any) -> int:
        for number in range(to):
            details.progress(number)
        return to

    registration = await script.session.register(add, "org.add", RegisterOptions(invoke="roundrobin"))
    await script.session.register(count, "org.count", RegisterOptions(details=True))
    await script.session.register(lambda: never, "org.never")
    assert await caller.session.call("org.add", 1, b=2) == 3
    with pytest.raises(ApplicationError) as caught:
        await caller.session.call("org.add", 1, b=-2)
    assert (caught.value.error, caught.value.args, caught.value.kwargs) == (
        "org.error.negative",
        ("not so",),
        {"b": -2},
    )
    parts: list[int] = []
    assert await caller.session.call("org.count", 3, options=CallOptions(on_progress=parts.append)) == 3
    assert parts == [0, 1, 2]
    with pytest.raises(ApplicationError) as caught:
        await caller.session.call("org.never", options=CallOptions(timeout=50))
    assert caught.value.error == "wamp.error.timeout"
    canceled = caller.session.call("org.never")
    canceled.cancel()
    with pytest.raises((ApplicationError, CancelledError)):
        await canceled
    await registration.unregister()
    with pytest.raises(ApplicationError) as caught:
        await caller.session.call("org.add", 1)
    assert caught.value.error == "wamp.error.no_such_procedure"
    waiting = caller.session.call("org.never")
    await leave(script)
    with pytest.raises(ApplicationError) as caught:
        await waiting
    assert caught.value.error == "wamp.error.canceled"
    await leave(caller)


@few_ways
@pytest_twisted.ensureDeferred
async def test_patterns_and_lists(reactor: Any, server: Server, kind: str, serializer: str) -> None:
    """Autobahn subscribes to patterns, publishes to some only, and sees the topic of each event."""
    address = server.address(kind, serializer)
    script = await join(reactor, address, ticket={"authid": "mary", "ticket": "hidden"})
    publisher = await join(reactor, address)
    topics: list[tuple[str, int]] = []
    for pattern, match in (("plain.", "prefix"), ("plain..c", "wildcard")):
        await script.session.subscribe(
            lambda number, details, **_: topics.append((details.topic, number)),
            pattern,
            SubscribeOptions(match=match, details=True),
        )
    for number, options in enumerate(
        (
            {"eligible": [script.details.session]},
            {"eligible": []},
            {"exclude_authid": ["mary"]},
            {"exclude_authrole": ["client"]},
        )
    ):
        await publisher.session.publish(
            "plain.b.c", number, options=PublishOptions(acknowledge=True, **options)
        )
    assert await script.session.call("hotline.echo")
    assert topics == [("plain.b.c", 0)] * 2 + [("plain.b.c", 3)] * 2
    await leave(script)
    await leave(publisher)
