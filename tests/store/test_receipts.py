"""Receipts: whatever is taken away, added, changed or put in another order shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred

from hotline.store import receipts
from hotline.store.chain import Head
from hotline.store.database import Database
from hotline.store.receipts import CHAIN, Receipt
from hotline.store.seals import Cipher
from tests.conftest import Now
from tests.helpers import make_house

CIPHER = Cipher(bytes(32))
START = Now()()


def row_of(length: int) -> tuple[list[Receipt], Head]:
    """So many receipts as they would have been written."""
    row: list[Receipt] = []
    before = b""
    for number in range(1, length + 1):
        at, counts = START + timedelta(minutes=number), {"rooms": number}
        parts = Receipt(number=number, at=at, kind="retention", counts=counts, seal=b"").link.parts
        before = CIPHER.seal(b"", CHAIN.about("o", number, parts, before))
        row.append(Receipt(number=number, at=at, kind="retention", counts=counts, seal=before))
    return row, Head(number=length, seal=CIPHER.seal(b"", CHAIN.about_head("o", length, before)))


def judge(cipher: Cipher, organisation_id: str, row: list[Receipt], head: Head | None) -> list[str]:
    return CHAIN.judge(cipher, organisation_id, [receipt.link for receipt in row], head)


@given(st.integers(0, 6))
def test_an_untouched_row_is_right(length: int) -> None:
    """Also an empty one; for its own organisation and key only."""
    row, head = row_of(length)
    assert judge(CIPHER, "o", row, head if length else None) == []
    assert not length or judge(CIPHER, "p", row, head)
    assert not length or judge(Cipher(bytes([1]) * 32), "o", row, head)


@given(st.integers(1, 6), st.data())
def test_any_change_shows(length: int, data: st.DataObject) -> None:
    """One field of one receipt, one gone, one twice, the last ones gone, whatever the head then says."""
    row, head = row_of(length)
    place = data.draw(st.integers(0, length - 1))
    one = row[place]
    changed = data.draw(
        st.sampled_from(
            [
                [*row[:place], *row[place + 1 :]],
                [*row[:place], replace(one, kind="client"), *row[place + 1 :]],
                [*row[:place], replace(one, counts={"rooms": 0}), *row[place + 1 :]],
                [*row[:place], replace(one, at=one.at + timedelta(seconds=1)), *row[place + 1 :]],
                [*row[:place], replace(one, seal=bytes(len(one.seal))), *row[place + 1 :]],
                [replace(each, number=each.number + 1) for each in row],
                [*row, replace(one, number=length + 1)],
                row[:place],
            ]
        )
    )
    assert judge(CIPHER, "o", changed, head)
    shorter = Head(number=len(changed), seal=head.seal)
    assert judge(CIPHER, "o", changed, shorter)
    assert not changed or judge(CIPHER, "o", changed, None)


@ensureDeferred
async def test_each_organisation_has_its_own_row(database: Database, now: Now) -> None:
    """Counted from one, verified alone, and not to be seen or written by another."""
    one, two = await make_house(database, now()), await make_house(database, now(), "other")
    for house in (one, one, two):
        now.advance(seconds=1)
        async with database.transaction(house.organisation_id) as tx:
            await receipts.add(tx, house.organisation_id, "client", {"rooms": 1, "drafts": 0}, now())
    for house, count in ((one, 2), (two, 1)):
        async with database.transaction(house.organisation_id) as tx:
            found = await receipts.list_all(tx, house.organisation_id)
            assert [(each.number, each.kind, each.counts) for each in found] == [
                (number, "client", {"rooms": 1}) for number in range(1, count + 1)
            ]
            assert await receipts.verify(tx, house.organisation_id) == []
    async with database.transaction(two.organisation_id) as tx:
        assert await receipts.list_all(tx, one.organisation_id) == []
