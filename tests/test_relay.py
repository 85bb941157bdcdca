"""The relay on a real database: whatever becomes of the hints, each follower gets n+1 after n, once."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import Clock, deferLater

from hotline.domain.model import Kind, Message, Role, Sender
from hotline.errors import Unavailable
from hotline.relay import LINGER_SECONDS, LOOK_SECONDS, Relay
from hotline.store.database import Database, Transaction
from hotline.store.journal import Entry, Journal
from tests.conftest import Now
from tests.helpers import Entered, make_client, make_house

Emitted = dict[str, list[Message]]


class Node:
    """A relay and what it let out, by room; its doorbell is in the hands of the test."""

    def __init__(self, reactor: Any, database: Database) -> None:
        self.out: Emitted = {}
        self.origins: list[Any] = []
        self.relay = Relay(reactor, database, self._emit)
        self.relay.start()

    def _emit(self, organisation_id: str, room_id: str, message: Message, origin: Any) -> None:
        self.out.setdefault(room_id, []).append(message)
        self.origins.append(origin)

    def follow(self, client: Entered, last_seq: int) -> None:
        self.relay.follow(client.actor.organisation_id, client.room_id)
        self.relay.begin(client.actor.organisation_id, client.room_id, last_seq)

    def hint(self, client: Entered, seq: int) -> None:
        self.relay.hint(client.actor.organisation_id, client.room_id, seq)

    def seqs(self, client: Entered) -> list[int]:
        return [message.seq for message in self.out.get(client.room_id, [])]


@pytest.fixture
def make_node(reactor: Any, database: Database) -> Iterator[Callable[..., Node]]:
    """Makes relays that are stopped at the end."""
    nodes: list[Node] = []

    def make(clock: Any = reactor, slow: Database = database) -> Node:
        nodes.append(Node(clock, slow))
        return nodes[-1]

    yield make
    for node in nodes:
        node.relay.stop()


async def until(reactor: Any, condition: Callable[[], bool], seconds: float = 8.0) -> None:
    end = reactor.seconds() + seconds
    while not condition():
        assert reactor.seconds() < end, "waited in vain"
        await deferLater(reactor, 0.01, lambda: None)


@pytest.mark.parametrize("seed", range(4))
@ensureDeferred
async def test_a_random_walk(
    reactor: Any, database: Database, now: Now, make_node: Callable[..., Node], seed: int
) -> None:
    """Three rooms, a local journal and another node; hints are lost, doubled, late and in any order."""
    chance = random.Random(seed)
    house = await make_house(database, now())
    clients = [await make_client(database, house, now(), f"Robin {n}") for n in range(3)]
    here, there = make_node(), make_node()
    local = Journal(database, "here", now, here.relay.offer)
    counts = {client.room_id: 1 for client in clients}
    late: list[tuple[Node, Entered, int]] = []

    def offered_elsewhere(organisation_id: str, room_id: str, message: Message, origin: Any) -> None:
        client = next(client for client in clients if client.room_id == room_id)
        for _ in range(chance.choice((0, 1, 1, 2))):
            late.append((here, client, message.seq))

    remote = Journal(database, "there", now, offered_elsewhere)
    for client in clients:
        for node in (here, there):
            node.follow(client, 1)
    for step in range(40):
        entries = [
            Entry(
                actor=client.actor,
                room_id=client.room_id,
                text=f"text {step}.{number}",
                nonce=f"{step}.{number}",
                origin=None,
            )
            for number, client in enumerate(chance.choices(clients, k=chance.randint(1, 6)))
        ]
        await gatherResults(
            [Deferred.fromCoroutine(chance.choice((local, remote)).append(entry)) for entry in entries]
        )
        for entry in entries:
            counts[entry.room_id] += 1
            client = next(client for client in clients if client.room_id == entry.room_id)
            if chance.random() < 0.7:
                late.append((there, client, counts[entry.room_id]))
        chance.shuffle(late)
        for node, client, seq in late[: chance.randint(0, len(late))]:
            node.hint(client, seq)
            late.remove((node, client, seq))
        if chance.random() < 0.2:
            await deferLater(reactor, chance.random() / 50, lambda: None)
    # The rest of the hints never comes: the slow look finds what is missing.
    for client in clients:
        for node in (here, there):
            expected = list(range(2, counts[client.room_id] + 1))
            count = len(expected)
            await until(reactor, lambda node=node, client=client, n=count: len(node.seqs(client)) >= n)
            assert node.seqs(client) == expected
    assert here.out == there.out


class Late:
    """A database that commits at once, and says so when it is let, or that it is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.keys = database.keys
        self.turn = database.turn
        self.reading = database.reading
        self.committed: Deferred[None] = Deferred()
        self.answer: Deferred[None] = Deferred()

    async def prepared(self, *args: Any, **kwargs: Any) -> list[Any]:
        rows = await self._database.prepared(*args, **kwargs)
        self.committed.callback(None)
        await self.answer
        return rows


@pytest.mark.parametrize("answer", ["late", "lost"])
@ensureDeferred
async def test_what_this_node_said_is_found_before_it_is_offered(
    database: Database, now: Now, make_node: Callable[..., Node], reactor: Any, answer: str
) -> None:
    """Fetched along with another node's message, it is let out at once, and with its origin."""
    client = await make_client(database, await make_house(database, now()), now())
    late: Any = Late(database)
    here, there = make_node(), Journal(database, "there", now, lambda *offered: None)
    journal = Journal(late, "here", now, here.relay.offer)
    here.relay.find_origin = journal.find_origin
    here.follow(client, 1)

    def said(text: str, origin: Any) -> Entry:
        return Entry(actor=client.actor, room_id=client.room_id, text=text, nonce=text, origin=origin)

    await there.append(said("there", 1))
    saying = journal.appended(said("here", 2))
    await late.committed
    if answer == "lost":
        late.answer.errback(Unavailable())
        with pytest.raises(Unavailable):
            await saying
    here.hint(client, 2)
    await until(reactor, lambda: len(here.origins) == 2)
    assert (here.seqs(client), here.origins) == ([2, 3], [None, 2])
    if answer == "late":
        late.answer.callback(None)
        assert (await saying).seq == 3
    await journal.drained()
    assert here.seqs(client) == [2, 3]


def test_a_room_that_was_never_begun_is_forgotten_at_once(make_node: Callable[..., Node], now: Now) -> None:
    """What was committed while somebody asked who may not follow the room is kept for nobody."""
    node = make_node()
    message = Message(
        seq=2,
        at=now(),
        kind=Kind.MESSAGE,
        text="",
        sender=Sender(id="s", name="", role=Role.CLIENT),
        nonce=None,
    )
    for _ in range(2):
        node.relay.follow("o", "r")
        node.relay.unfollow("o", "r")
        node.relay.offer("o", "r", message, None)
    node.relay.follow("o", "r")
    node.relay.begin("o", "r", 1)
    assert node.out == {}


@ensureDeferred
async def test_more_than_one_fetch(
    reactor: Any, database: Database, now: Now, make_node: Callable[..., Node]
) -> None:
    """A node that was deaf for long catches up over many fetches, in order, while more comes in."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    journal = Journal(database, "elsewhere", now, lambda *offered: None)
    node = make_node()
    node.follow(client, 1)

    async def say(first: int, count: int) -> None:
        await gatherResults(
            [
                Deferred.fromCoroutine(
                    journal.append(
                        Entry(
                            actor=client.actor,
                            room_id=client.room_id,
                            text=f"t{n}",
                            nonce=f"n{n}",
                            origin=None,
                        )
                    )
                )
                for n in range(first, first + count)
            ]
        )

    await say(0, 450)
    node.hint(client, 451)
    await say(450, 50)
    node.hint(client, 501)
    await until(reactor, lambda: len(node.seqs(client)) >= 500)
    assert node.seqs(client) == list(range(2, 502))
    assert [message.text for message in node.out[client.room_id]] == [f"t{n}" for n in range(500)]


@ensureDeferred
async def test_a_lost_hint_is_found(
    reactor: Any, database: Database, now: Now, make_node: Callable[..., Node]
) -> None:
    """Without any hint the slow look lets the message out; `look` does it at once."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    node = make_node()
    node.follow(client, 1)
    journal = Journal(database, "elsewhere", now, lambda *offered: None)
    for number in (1, 2):
        await journal.append(
            Entry(actor=client.actor, room_id=client.room_id, text="lost", nonce=f"n{number}", origin=None)
        )
        if number == 2:
            node.relay.look()
        began = reactor.seconds()
        await until(reactor, lambda number=number: len(node.seqs(client)) == number)
        took = reactor.seconds() - began
        assert took < LOOK_SECONDS + 1
    assert node.seqs(client) == [2, 3]


@ensureDeferred
async def test_whoever_comes_back_while_something_is_fetched(
    reactor: Any, database: Database, now: Now, make_node: Callable[..., Node]
) -> None:
    """Long after everybody had left: what they read as history is not let out to them by that old fetch."""
    client = await make_client(database, await make_house(database, now()), now())
    journal = Journal(database, "elsewhere", now, lambda *offered: None)
    slow: Any = Slow(database)
    clock = Clock()
    node = make_node(clock, slow)
    node.follow(client, 1)
    await journal.append(
        Entry(actor=client.actor, room_id=client.room_id, text="hello", nonce="1", origin=None)
    )
    node.hint(client, 2)
    await slow.begun
    node.relay.unfollow(client.actor.organisation_id, client.room_id)
    clock.advance(LINGER_SECONDS)
    node.follow(client, 2)
    slow.goes_on.callback(None)
    await journal.append(
        Entry(actor=client.actor, room_id=client.room_id, text="hello", nonce="2", origin=None)
    )
    node.hint(client, 3)
    await until(reactor, lambda: bool(node.seqs(client)) and node.seqs(client)[-1] == 3)
    assert node.seqs(client) == [3]


class Slow:
    """A database whose first read takes until it is let go on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.begun: Deferred[None] = Deferred()
        self.goes_on: Deferred[None] = Deferred()

    @asynccontextmanager
    async def reading(self, *organisations: str) -> AsyncIterator[Transaction]:
        if not self.begun.called:
            self.begun.callback(None)
            await self.goes_on
        async with self._database.reading(*organisations) as tx:
            yield tx


def change_limit(dsn: str, limit: int) -> None:
    """How many connections the database takes."""
    connection = psycopg2.connect(make_dsn(dsn, dbname="postgres"))
    connection.autocommit = True
    name = parse_dsn(dsn)["dbname"]
    connection.cursor().execute(f"ALTER DATABASE {name} CONNECTION LIMIT {limit}")
    if not limit:
        connection.cursor().execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
    connection.close()


@ensureDeferred
async def test_the_database_was_away(
    reactor: Any, database: Database, dsn: str, now: Now, make_node: Callable[..., Node]
) -> None:
    """Hints that come while nothing can be fetched are not forgotten."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    node = make_node()
    node.follow(client, 1)
    journal = Journal(database, "elsewhere", now, lambda *offered: None)
    for number in range(5):
        await journal.append(
            Entry(actor=client.actor, room_id=client.room_id, text="hello", nonce=f"n{number}", origin=None)
        )
    change_limit(dsn, 0)
    node.hint(client, 3)
    node.relay.look()
    await deferLater(reactor, 0.2, lambda: None)
    assert node.seqs(client) == []
    change_limit(dsn, -1)
    await until(reactor, lambda: len(node.seqs(client)) == 5)
    assert node.seqs(client) == [2, 3, 4, 5, 6]


@ensureDeferred
async def test_a_deleted_room_and_rooms_nobody_follows(
    reactor: Any, database: Database, now: Now, make_node: Callable[..., Node]
) -> None:
    """Hints for them let nothing out and do not make the relay fetch for ever."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    node = make_node()
    node.hint(client, 7)
    node.follow(client, 1)
    async with database.transaction(house.organisation_id) as tx:
        await tx.run("DELETE FROM clients")
    node.hint(client, 9)
    await deferLater(reactor, 0.2, lambda: None)
    assert node.out == {}
    node.relay.unfollow(house.organisation_id, client.room_id)
