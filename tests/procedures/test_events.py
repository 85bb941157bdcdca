"""Event history of rooms: whose it is, what the filters pick, and the ids of publications."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred

from hotline.domain import entries
from hotline.domain.model import Sender
from hotline.domain.times import wire_time
from hotline.errors import Invalid, NotAllowed, NotFound
from hotline.procedures.events import history, publication_of, seq_of
from hotline.store import messages
from tests.helpers import make_client, make_house


@given(st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1), st.integers(1, 2**40))
def test_publication_ids(room_id: str, seq: int) -> None:
    """Each message has one id in the range of WAMP's, from which its seq is found again."""
    publication = publication_of(room_id, seq)
    assert 1 <= publication <= 2**53
    assert seq_of(room_id, publication) == seq
    assert abs(publication_of(room_id, seq + 1) - publication) > 1000


@ensureDeferred
async def test_filters(database: Any, now: Any) -> None:
    """limit, reverse, times and publications pick what the specification says, all of them together."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    sender = Sender(id=client.actor.id, name="Robin", role=client.actor.role)
    begin = now()
    for _ in range(5):
        now.advance(minutes=1)
        async with database.transaction(house.organisation_id) as tx:
            await messages.append_entry(
                tx, house.organisation_id, client.room_id, entries.entered("x"), sender, now()
            )

    async def seqs(**filters: Any) -> list[int]:
        found = await history(database, client.actor, client.room_id, filters, now())
        return [event["kwargs"]["seq"] for event in found]

    def at(minutes: int) -> str:
        return wire_time(begin + timedelta(minutes=minutes))

    def publication(seq: int) -> int:
        return publication_of(client.room_id, seq)

    assert await seqs() == [1, 2, 3, 4, 5, 6]
    assert await seqs(limit=2) == [1, 2]
    assert await seqs(limit=2, reverse=True) == [6, 5]
    assert await seqs(from_time=at(2)) == [3, 4, 5, 6]
    assert await seqs(after_time=at(2)) == [4, 5, 6]
    assert await seqs(before_time=at(2)) == [1, 2]
    assert await seqs(until_time=at(2)) == [1, 2, 3]
    assert await seqs(after_time=at(1), until_time=at(3), reverse=True) == [4, 3]
    assert await seqs(from_publication=publication(3)) == [3, 4, 5, 6]
    assert await seqs(after_publication=publication(3)) == [4, 5, 6]
    assert await seqs(before_publication=publication(3), reverse=True) == [2, 1]
    assert await seqs(until_publication=publication(3)) == [1, 2, 3]
    assert await seqs(after_publication=12345) == await seqs(until_publication=12345) == []
    assert await seqs(topic=f"hotline.room.{client.room_id}", limit=1) == [1]
    assert await seqs(topic="hotline.room.other") == []
    (event,) = await history(database, client.actor, client.room_id, {"limit": 1}, now())
    assert set(event) == {"timestamp", "publication", "details", "args", "kwargs"}
    assert event["timestamp"] == wire_time(begin)
    for wrong in (
        {"limit": 0},
        {"limit": 201},
        {"limit": "1"},
        {"reverse": 1},
        {"from_time": "yesterday"},
        {"from_time": "2026-11-22T12:00:00"},
        {"after_publication": 0},
        {"nonsense": 1},
    ):
        with pytest.raises(Invalid):
            await seqs(**wrong)


@ensureDeferred
async def test_members_only(database: Any, now: Any) -> None:
    """Who is not in the room gets nothing, whoever it is."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    client, second = (
        await make_client(database, house, now()),
        await make_client(database, house, now(), "Kim"),
    )
    for stranger, error in (
        (house.staff, NotAllowed),
        (house.manager, NotAllowed),
        (second.actor, NotFound),
        (other.manager, NotFound),
    ):
        with pytest.raises(error):
            await history(database, stranger, client.room_id, {}, now())
