"""Logins, tickets, tokens, invitations and resets in a real PostgreSQL: found by their hash, at home only.

What they are for is tested with the accounts; here it is the wall between organisations, and time.
"""

from __future__ import annotations

from datetime import timedelta

import psycopg2
import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.model import Role
from hotline.errors import AlreadyExists
from hotline.store import invitations, logins, mails, resets, tokens
from hotline.store.ids import secret_hash
from tests.helpers import make_house

HASH = secret_hash("secret")


@pytest.fixture
def fill(database, now):
    """Two houses, of which the first has one of everything."""

    async def fill():
        one, two = await make_house(database, now()), await make_house(database, now(), "other")
        later = now() + timedelta(hours=1)
        organisation_id = one.organisation_id
        async with database.transaction(organisation_id) as tx:
            login = await logins.add_login(tx, organisation_id, one.staff.id, HASH, now(), 12)
            await logins.add_ticket(tx, organisation_id, HASH, one.staff.id, login.login_id, now(), later)
            await tokens.add(tx, organisation_id, one.staff.id, "bot", HASH, now())
            await invitations.add(
                tx,
                organisation_id,
                HASH,
                email="new@example.org",
                role=Role.STAFF,
                invited_by=one.manager.id,
                now=now(),
                expires_at=later,
            )
            await resets.add(tx, organisation_id, one.staff.id, HASH, now(), later)
            await mails.add(tx, organisation_id, "new@example.org", "Hello", "there", now())
        return one, two

    return fill


@ensureDeferred
async def test_found_before_the_organisation_is_known(database, fill):
    """Each secret leads to its organisation, and an unknown one nowhere."""
    one, _ = await fill()
    async with database.transaction() as tx:
        for module in (logins, invitations, resets):
            assert await module.find_organisation(tx, HASH) == one.organisation_id
            assert await module.find_organisation(tx, secret_hash("other")) is None


@ensureDeferred
async def test_nothing_of_it_elsewhere(database, fill, now):
    """Another organisation's transaction finds, uses and ends none of it, also when it names the right id."""
    one, two = await fill()
    async with database.transaction(two.organisation_id) as tx:
        for organisation_id in (one.organisation_id, two.organisation_id):
            assert await logins.find_login(tx, organisation_id, HASH, now(), 30) is None
            assert await logins.use_ticket(tx, organisation_id, HASH, now()) is None
            assert await logins.end_all_of(tx, organisation_id, one.staff.id) == 0
            assert await logins.end_by_token(tx, organisation_id, HASH) is None
            assert await logins.list_of(tx, organisation_id, one.staff.id, now(), 30) == []
            assert await tokens.find(tx, organisation_id, "bot", HASH, now()) is None
            assert await tokens.list_all(tx, organisation_id) == []
            assert await invitations.find(tx, organisation_id, HASH, now()) is None
            assert await invitations.use(tx, organisation_id, HASH, now()) is None
            assert await invitations.list_all(tx, organisation_id, now()) == []
            assert await invitations.withdraw_of(tx, organisation_id, one.manager.id) == 0
            assert await resets.find(tx, organisation_id, HASH, now()) is None
            assert await resets.use(tx, organisation_id, HASH, now()) is None
    async with database.transaction(one.organisation_id) as tx:
        login = await logins.find_login(tx, one.organisation_id, HASH, now(), 30)
        consultant, login_id = await logins.use_ticket(tx, one.organisation_id, HASH, now())
        assert (consultant.consultant_id, login_id) == (one.staff.id, login.login_id)
        found = await tokens.find(tx, one.organisation_id, "bot", HASH, now())
        assert found == consultant.actor(token_id=found.token_id)
        assert (await invitations.use(tx, one.organisation_id, HASH, now())).email == "new@example.org"
        assert await resets.use(tx, one.organisation_id, HASH, now()) == one.staff.id
        assert await invitations.use(tx, one.organisation_id, HASH, now()) is None
        assert await resets.use(tx, one.organisation_id, HASH, now()) is None


@ensureDeferred
async def test_time_ends_them(database, fill, now):
    """When their time has come they are not found any more, to the moment."""
    one, _ = await fill()
    organisation_id = one.organisation_id
    now.advance(hours=1)
    async with database.transaction(organisation_id) as tx:
        assert await logins.use_ticket(tx, organisation_id, HASH, now()) is None
        assert await invitations.find(tx, organisation_id, HASH, now()) is None
        assert await invitations.use(tx, organisation_id, HASH, now()) is None
        assert await resets.find(tx, organisation_id, HASH, now()) is None
        assert await logins.find_login(tx, organisation_id, HASH, now(), 60) is not None
        assert await logins.find_login(tx, organisation_id, HASH, now(), 59) is None
        assert await logins.find_login(tx, organisation_id, HASH, now() + timedelta(hours=11), 0) is None


@ensureDeferred
async def test_touch_never_goes_back(database, fill, now):
    """Use counts from its latest moment, in whatever order nodes report it."""
    one, _ = await fill()
    async with database.transaction(one.organisation_id) as tx:
        login = await logins.find_login(tx, one.organisation_id, HASH, now(), 30)
        await logins.touch(tx, one.organisation_id, login.login_id, now() + timedelta(minutes=20))
        await logins.touch(tx, one.organisation_id, login.login_id, now() + timedelta(minutes=10))
        login = await logins.find_login(tx, one.organisation_id, HASH, now(), 30)
    assert login.seen_at == now() + timedelta(minutes=20)


@ensureDeferred
async def test_expired_logins_of_all_are_listed_and_ended(database, fill, now):
    """What is over is found and ended for several organisations at once."""
    one, two = await fill()
    async with database.transaction(two.organisation_id) as tx:
        await logins.add_login(tx, two.organisation_id, two.staff.id, secret_hash("b"), now(), 1)
        await logins.add_login(tx, two.organisation_id, two.staff.id, secret_hash("c"), now(), 0)
    async with database.transaction(one.organisation_id, two.organisation_id) as tx:
        assert await logins.over(30).list(tx, now(), [], 9) == []
        assert len(await logins.over(0).list(tx, now() + timedelta(hours=1), [], 9)) == 1
        assert len(await logins.over(0).list(tx, now() + timedelta(hours=13), [], 9)) == 2
        over = await logins.over(30).list(tx, now() + timedelta(hours=13), [], 9)
        assert len(over) == 3
        assert [await logins.end(tx, *each) for each in over] == [True] * 3
        assert [await logins.end(tx, *each) for each in over] == [False] * 3


@ensureDeferred
async def test_a_name_is_one_token(database, fill, now):
    """Names of tokens are authids: one each in an organisation, the same again in another."""
    one, two = await fill()
    with pytest.raises(AlreadyExists) as caught:
        async with database.transaction(one.organisation_id) as tx:
            await tokens.add(tx, one.organisation_id, one.colleague.id, "bot", secret_hash("x"), now())
    assert set(caught.value.details) == {"name"}
    async with database.transaction(two.organisation_id) as tx:
        await tokens.add(tx, two.organisation_id, two.staff.id, "bot", HASH, now())


@ensureDeferred
async def test_only_hashes_are_stored(database, fill, dsn):
    """No secret stands in any column of any table."""
    await fill()
    connection = psycopg2.connect(dsn)
    try:
        cursor = connection.cursor()
        for table in ("logins", "tickets", "tokens", "invitations", "resets"):
            cursor.execute(f"SELECT {table}::text FROM {table}")
            rows = cursor.fetchall()
            assert rows, table
            assert all("secret" not in row for (row,) in rows)
    finally:
        connection.close()
