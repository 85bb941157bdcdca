"""Rooms in which everybody talks without pause, whatever happens to the daemon; and a check of the outcome.

In come a daemon and a house, out come members who say again what was not acknowledged. It breaks nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from hotline.store import places
from hotline.store.database import Database
from tests.helpers import Entered, House, list_entries, make_client
from tests.keys import make_keys
from tests.system.conftest import MakeDaemon, as_consultant, enter, house_with_tokens
from tests.system.daemon import Daemon, sleep, until
from tests.system.peers import Member, Peer

ROOMS = 4


Talk = list[tuple[Entered, Member, Member]]


def postmaster_of(daemon: Daemon) -> int:
    """The first process of a daemon's own PostgreSQL."""
    return int((daemon.directory / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


async def claimed_room(reactor: Any, daemon: Daemon, house: House) -> tuple[Peer, Peer, str]:
    """A client, the consultant who has claimed it, and their room."""
    client, entered = await enter(reactor, daemon, house)
    staff = await as_consultant(reactor, daemon, house)
    await staff.call("hotline.room.claim", room=entered["room"])
    return client, staff, entered["room"]


@asynccontextmanager
async def talk_on_embedded(
    reactor: Any, make_daemon: MakeDaemon
) -> AsyncIterator[tuple[Daemon, Talk, Callable[[], Awaitable[None]]]]:
    """A daemon with its own PostgreSQL, those who talk there, and what checks the talk in the end."""
    daemon = make_daemon()
    await daemon.start()
    dsn = places.find_running_url(daemon.directory)
    assert dsn is not None
    database = Database(reactor, dsn, keys=make_keys())
    try:
        house = await house_with_tokens(database)
        talk = await begin_talk(reactor, daemon, database, house)
        yield daemon, talk, lambda: check_talk(reactor, database, house, talk)
    finally:
        database.close()


async def begin_talk(reactor: Any, daemon: Daemon, database: Database, house: House) -> Talk:
    """Rooms, each with its client and a consultant, both connected."""
    staff = await as_consultant(reactor, daemon, house)
    talk = []
    for number in range(ROOMS):
        client = await make_client(database, house, datetime.now(UTC), f"Robin {number}")
        await staff.call("hotline.room.claim", room=client.room_id)
        where = (reactor, lambda: daemon.url, house.slug, client.room_id)
        talk.append(
            (
                client,
                Member(*where, authid=client.actor.id, ticket=client.key),
                Member(*where, authid="staff", ticket="staff-secret"),
            )
        )
    await staff.end()
    for _, *members in talk:
        for member in members:
            member.begin()
    return talk


async def talk_on(reactor: Any, talk: Talk, count: int, seconds: float) -> None:
    """Everybody says something, again and again."""
    for number in range(count):
        for client, *members in talk:
            for member in members:
                member.say(f"{number} of {client.room_id}, said by {len(member.acknowledged)}: naïve ☕")
        await sleep(reactor, seconds / count)


async def check_talk(reactor: Any, database: Database, house: House, talk: Talk) -> None:
    """Everything acknowledged is stored once; no gap in the sequence; both saw all of it once, in order."""
    for _, *members in talk:
        for member in members:
            await until(reactor, lambda member=member: member.has_said_all, 30, f"all sayings of {talk}")
    for client, *members in talk:
        stored = await list_entries(database, house.organisation_id, client.room_id)
        assert [message.seq for message in stored] == list(range(1, len(stored) + 1))
        nonces = [(message.sender.id, message.nonce) for message in stored if message.nonce]
        assert len(set(nonces)) == len(nonces)
        for member in members:
            await until(
                reactor,
                lambda member=member, last=stored[-1].seq: member.last == last,
                15,
                f"all seen by {member}",
            )
            assert [event["seq"] for event in member.seen] == [message.seq for message in stored]
            assert [event["text"] for event in member.seen] == [message.text for message in stored]
        texts = [message.text for message in stored if message.kind == "message"]
        said = [text for member in members for text in member.acknowledged]
        assert sorted(texts) == sorted(said)
        for member in members:
            await member.end()
