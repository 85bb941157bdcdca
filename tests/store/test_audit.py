"""The audit log: a row for each organisation, cut at its beginning only, and verified from there on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred

from hotline.domain.audit import SAID, Action
from hotline.store import audit
from hotline.store.audit import CHAIN
from hotline.store.chain import Anchor, Head, Link
from hotline.store.connections import APPLICATION_ROLE
from hotline.store.database import Database
from hotline.store.seals import Cipher
from tests.conftest import Now
from tests.helpers import House, make_client, make_house

CIPHER = Cipher(bytes(32))


async def write(database: Database, house: House, now: Now, count: int, days: float = 0) -> None:
    """So many entries, so many days after each other."""
    for _ in range(count):
        async with database.transaction(house.organisation_id) as tx:
            by = audit.person_of(house.manager)
            await audit.add(tx, house.organisation_id, by, Action.SETTINGS_CHANGED, now(), names=["name"])
        now.advance(days=days)


async def numbers(database: Database, house: House) -> list[int]:
    async with database.transaction(house.organisation_id) as tx:
        assert await audit.verify(tx, house.organisation_id) == []
        return [entry.number for entry in await audit.list_all(tx, house.organisation_id)]


async def cut(database: Database, house: House, now: Now, days: float) -> int:
    async with database.transaction(house.organisation_id) as tx:
        return await audit.cut(tx, house.organisation_id, now() - timedelta(days=days))


def test_every_action_has_words() -> None:
    """And a name that is no other's."""
    assert set(SAID) == set(Action)
    assert len(set(SAID.values())) == len(SAID)


@given(st.integers(1, 6), st.data())
def test_a_row_that_was_cut(length: int, data: st.DataObject) -> None:
    """Right from its anchor on; wrong without it, with another one, or with more taken away."""
    links, seals = [], [b""]
    for number in range(1, length + 1):
        parts = (f"said {number}",)
        seals.append(CIPHER.seal(b"", CHAIN.about("o", number, parts, seals[-1])))
        links.append(Link(number=number, parts=parts, seal=seals[-1]))
    head = Head(number=length, seal=CIPHER.seal(b"", CHAIN.about_head("o", length, seals[-1])))
    at = data.draw(st.integers(0, length - 1))

    def anchor(number: int, last: bytes, organisation_id: str = "o") -> Anchor:
        proof = CIPHER.seal(b"", CHAIN.about_anchor(organisation_id, number, last))
        return Anchor(number=number, last=last, proof=proof)

    good = anchor(at, seals[at])
    assert CHAIN.judge(CIPHER, "o", links[at:], head, good) == []
    assert CHAIN.judge(CIPHER, "o", links[at + 1 :], head, good)
    assert CHAIN.judge(CIPHER, "o", links[at:-1], head, good)
    assert not at or CHAIN.judge(CIPHER, "o", links[at:], head)
    forged = Anchor(number=at + 1, last=seals[at + 1], proof=good.proof)
    assert CHAIN.judge(CIPHER, "o", links[at + 1 :], head, forged)
    assert CHAIN.judge(CIPHER, "o", links[at:], head, anchor(at, seals[at], "p"))


@ensureDeferred
async def test_what_is_old_is_cut_off(database: Database, now: Now) -> None:
    """From the oldest on; what is left is verified and goes on; the last one stays; the others' rows do not
    change."""
    now.advance(days=-1000)
    one, two = await make_house(database, now()), await make_house(database, now(), "other")
    await write(database, one, now, 5, days=100)
    await write(database, two, now, 2)
    async with database.transaction(one.organisation_id, two.organisation_id) as tx:
        assert await audit.OLD.list(tx, now() - timedelta(days=600), [], 9) == []
        assert await audit.OLD.list(tx, now() - timedelta(days=150), [], 9) == [(one.organisation_id,)]
    assert await cut(database, one, now, 600) == 0
    assert await cut(database, one, now, 250) == 3
    assert await numbers(database, one) == [4, 5]
    await write(database, one, now, 1)
    assert await numbers(database, one) == [4, 5, 6]
    assert await cut(database, one, now, -1) == 2
    assert await cut(database, one, now, -1) == 0
    assert await numbers(database, one) == [6]
    assert await numbers(database, two) == [1, 2]


@ensureDeferred
async def test_new_ones_cannot_be_cut_off(database: Database, now: Now, dsn: str) -> None:
    """Whoever has the application's role can neither change nor delete them, nor have them cut; and of
    another organisation's not even the old ones."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    await write(database, house, now, 3)
    with pytest.raises(RuntimeError, match="takes for old"):
        await cut(database, house, now, -1)
    assert await numbers(database, house) == [1, 2, 3]
    now.advance(days=-1000)
    await write(database, other, now, 2)
    connection = psycopg2.connect(dsn, options=f"-c role={APPLICATION_ROLE}")
    try:
        cursor = connection.cursor()
        here = f"SELECT set_config('hotline.organisations', '{house.organisation_id}', false);"
        cursor.execute(here + "SELECT cut_audit(%s, 9)", (house.organisation_id,))
        assert cursor.fetchone() == (0,)
        cursor.execute(here + "SELECT cut_audit(%s, 9)", (other.organisation_id,))
        assert cursor.fetchone() == (0,)
        for sql in ("DELETE FROM audit", "UPDATE audit SET action = 'x'", "TRUNCATE audit"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(here + sql)
            connection.rollback()
    finally:
        connection.close()


@ensureDeferred
async def test_filters_and_pages(database: Database, now: Now) -> None:
    """Newest first, page by page; by action, person and room; never another organisation's."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    client = await make_client(database, house, now())

    async def look(actor: Any, action: Action) -> None:
        async with database.transaction(house.organisation_id) as tx:
            await audit.add_opening(tx, actor, action, client.room_id, now())

    await write(database, house, now, 2)
    await write(database, other, now, 1)
    await look(house.staff, Action.PROFILE_READ)
    await look(house.staff, Action.PROFILE_READ)  # the same
    await look(house.staff, Action.ROOM_JOINED)
    await look(house.colleague, Action.PROFILE_READ)
    now.advance(minutes=61)
    await look(house.staff, Action.PROFILE_READ)
    async with database.transaction(house.organisation_id, other.organisation_id) as tx:

        async def found(before: int | None = None, limit: int = 50, **wanted: Any) -> tuple[list[int], bool]:
            page, more = await audit.list_before(tx, house.organisation_id, before, limit, **wanted)
            return [entry.number for entry in page], more

        assert await found() == ([6, 5, 4, 3, 2, 1], False)
        assert await found(None, 2) == ([6, 5], True)
        assert await found(3, 2) == ([2, 1], False)
        assert await found(actions=[Action.PROFILE_READ]) == ([6, 5, 3], False)
        assert await found(actor_id=house.staff.id) == ([6, 4, 3], False)
        assert await found(subject_id=client.room_id, actions=[Action.ROOM_JOINED]) == ([4], False)
        newest = (await audit.list_before(tx, house.organisation_id))[0][0]
        assert (newest.actor.name, newest.details) == (house.staff.name, {})
        assert newest.subject is not None
        assert (newest.subject.kind, newest.subject.id) == ("room", client.room_id)
        # Names stand sealed.
        rows = await tx.rows("SELECT actor_name FROM audit")
        assert all(house.staff.name not in row.actor_name for row in rows)
