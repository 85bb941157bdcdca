"""Reading a room's sequence in pages."""

from __future__ import annotations

from pytest_twisted import ensureDeferred

from hotline.domain.times import wire_time
from hotline.store import messages
from hotline.store.database import Database
from hotline.store.journal import Journal
from tests.conftest import Now
from tests.helpers import make_client, make_house
from tests.store.test_journal import Offered, said


@ensureDeferred
async def test_pages_lead_through_everything_once(database: Database, now: Now) -> None:
    """Forwards and backwards, by any page size, each entry comes once and in seq order."""
    client = await make_client(database, await make_house(database, now()), now())
    journal = Journal(database, "node", now, Offered())
    for number in range(2, 24):
        await journal.append(said(client.actor, client.room_id, f"text {number}"))
    where = (client.actor.organisation_id, client.room_id)
    for limit in (1, 5, 22, 23, 24, 200):
        async with database.transaction(client.actor.organisation_id) as tx:
            forwards, after, more = [], 0, True
            while more:
                page, more = await messages.list_as_member(
                    tx, *where, client.actor.id, limit=limit, after=after, before=None
                )
                forwards += [message.seq for message in page]
                after = forwards[-1]
            backwards, before, more = [], 2**53, True
            while more:
                page, more = await messages.list_as_member(
                    tx, *where, client.actor.id, limit=limit, after=0, before=before
                )
                backwards = [message.seq for message in page] + backwards
                before = backwards[0]
        assert forwards == backwards == list(range(1, 24))


@ensureDeferred
async def test_times_are_told_to_the_millisecond(database: Database, now: Now) -> None:
    """However many digits PostgreSQL writes of them."""
    client = await make_client(database, await make_house(database, now()), now())
    where = (client.actor.organisation_id, client.room_id, client.actor.id)
    journal = Journal(database, "node", now, Offered())
    said_at = []
    for microseconds in (0, 1, 999, 1_000, 20_000, 300_000, 123_000, 123_456, 999_999):
        now.advance(seconds=1 + (microseconds - now().microsecond) / 1e6)
        said_at.append(now())
        await journal.append(said(client.actor, client.room_id))
    async with database.reading(client.actor.organisation_id) as tx:
        found, _ = await messages.list_as_member(tx, *where, limit=50, after=1, before=None)
    assert [message.at for message in found] == [wire_time(at) for at in said_at]
    assert {at.microsecond for at in said_at} > {0, 1, 999, 123_456, 999_999}


@ensureDeferred
async def test_long_messages_make_short_pages(database: Database, now: Now) -> None:
    """However long the messages are, a page fits a session's buffer, and one always comes."""
    client = await make_client(database, await make_house(database, now()), now())
    journal = Journal(database, "node", now, Offered())
    for _ in range(30):
        await journal.append(said(client.actor, client.room_id, "\U0001f56f" * 5000))
    async with database.transaction(client.actor.organisation_id) as tx:
        page, more = await messages.list_as_member(
            tx,
            client.actor.organisation_id,
            client.room_id,
            client.actor.id,
            limit=200,
            after=0,
            before=2**53,
        )
    assert more
    assert [message.seq for message in page] == list(range(22, 32))
    assert sum(len(message.text.encode()) for message in page) < 256 * 1024
