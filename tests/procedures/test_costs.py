"""What a request costs, in counts that do not depend on the machine: round trips to the database, commits,
notifications. A figure that grows here is a decision, not an accident."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg2
import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from hotline.store import database as store
from hotline.store import logins, tokens
from hotline.store.database import Database
from hotline.store.ids import secret_hash
from hotline.store.journal import Journal
from tests.conftest import Now
from tests.helpers import make_client, make_house
from tests.procedures.conftest import wired
from tests.procedures.wired import Wired
from tests.store.test_journal import Offered, said

__all__ = ["wired"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is sent to the database, a text for each round trip."""
    trips: list[str] = []
    execute = store.execute

    async def counted(reactor: Any, connection: Any, sql: str, parameters: Any = None) -> Any:
        trips.append(sql)
        return await execute(reactor, connection, sql, parameters)

    monkeypatch.setattr(store, "execute", counted)
    return trips


@pytest.fixture
def bell(dsn: str) -> Iterator[Callable[[], list[str]]]:
    """What has been rung since it was last asked."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    connection.cursor().execute("LISTEN hotline")

    def rung() -> list[str]:
        connection.cursor().execute("SELECT 1")
        heard = [each.payload for each in connection.notifies if not each.payload.startswith("beat")]
        connection.notifies.clear()
        return heard

    yield rung
    connection.close()


@ensureDeferred
async def test_round_trips_of_what_sessions_ask_for(wired: Wired, now: Now, asked: list[str]) -> None:
    """From HELLO to the history: so many round trips each, the commit among them."""
    house = await make_house(wired.database, now())
    staff, organisation_id = house.staff, house.organisation_id
    async with wired.database.transaction(organisation_id) as tx:
        await tokens.add(tx, organisation_id, staff.id, name="bot", secret_hash=secret_hash("b"), now=now())
        login = await logins.add_login(tx, organisation_id, staff.id, secret_hash("cookie"), now(), 12)
        await logins.add_ticket(
            tx, organisation_id, secret_hash("t"), staff.id, login.login_id, now(), login.expires_at
        )
    # What others are told of it, and the mark that somebody is here, are not part of the request.
    wired.news.rang = lambda words: None  # type: ignore[method-assign]
    wired.upkeep.present = wired.upkeep.absent = lambda actor: None  # type: ignore[method-assign]

    async def trips(what: Callable[[], Awaitable[Any]]) -> tuple[int, Any]:
        await wired.settled()
        asked.clear()
        result = await what()
        return len(asked), result

    costs: dict[str, int] = {}
    costs["visitor"], guest = await trips(lambda: wired.join("haven"))
    costs["ticket"], consultant = await trips(lambda: wired.join("haven", staff.id, "t"))
    costs["token"], _ = await trips(lambda: wired.join("haven", "bot", "b"))
    costs["enter"], entered = await trips(lambda: guest.result("hotline.anteroom.enter", name="Robin"))
    room = entered["room"]
    costs["key"], _ = await trips(lambda: wired.join("haven", entered["client"], entered["key"]))
    costs["claim"], _ = await trips(lambda: consultant.result("hotline.room.claim", room=room))
    costs["subscribe"], _ = await trips(lambda: guest.subscribe(f"hotline.room.{room}"))
    await guest.publish(f"hotline.room.{room}", "the first prepares", nonce="0")
    costs["publish"], _ = await trips(lambda: guest.publish(f"hotline.room.{room}", "hello", nonce="1"))
    costs["history"], found = await trips(lambda: guest.result("hotline.room.history", room=room))
    costs["nothing new"], none = await trips(
        lambda: guest.result("hotline.room.history", room=room, after=found["messages"][-1]["seq"])
    )
    assert none["messages"] == []
    assert costs == {
        "visitor": 1,
        "ticket": 3,
        "token": 5,
        "key": 4,
        "enter": 7,
        "claim": 9,
        "subscribe": 1,
        "publish": 1,
        "history": 1,
        "nothing new": 2,
    }


@pytest.mark.parametrize(("senders", "most_groups"), [(1, 64), (16, 6), (64, 3)])
@ensureDeferred
async def test_commits_and_notifications_of_messages(
    database: Database,
    now: Now,
    asked: list[str],
    bell: Callable[[], list[str]],
    senders: int,
    most_groups: int,
) -> None:
    """So many senders, each with its next message once the last one is acknowledged: 64 messages in all."""
    client = await make_client(database, await make_house(database, now()), now())
    journal = Journal(database, "node", now, Offered())

    async def talk() -> None:
        for _ in range(64 // senders):
            await journal.append(said(client.actor, client.room_id))

    asked.clear()
    bell()
    await gatherResults([Deferred.fromCoroutine(talk()) for _ in range(senders)])
    assert journal.entries == 64
    assert journal.groups <= most_groups
    assert len(asked) == journal.groups + 1  # one round trip a group, and the preparation
    # The client waits: each group rings once for its messages, and once for the line in the clientlist.
    assert len(bell()) == 2 * journal.groups


@ensureDeferred
async def test_a_crowd_that_comes_and_goes(wired: Wired, now: Now, reactor: Any, asked: list[str]) -> None:
    """Marks of presence, and what is told of them, are written and read for many at a time."""
    house = await make_house(wired.database, now())
    clients = [await make_client(wired.database, house, now()) for _ in range(40)]
    watching = await wired.join("haven")
    await wired.settled()
    asked.clear()
    for client in clients:
        wired.upkeep.present(client.actor)
    while len([sql for sql in asked if "FROM rooms" in sql]) == 0:
        await deferLater(reactor, 0.01, lambda: None)
    await wired.settled()
    assert len([sql for sql in asked if "UPDATE clients" in sql]) == 2  # the first one waits for nobody
    assert len(asked) <= 4 + 3 * 3
    assert watching.is_open
