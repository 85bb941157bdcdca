"""`hotline.me.*` as they are called: roles, arguments, results; on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.model import Scope
from hotline.errors import Invalid, NotAllowed, NotFound
from hotline.store import logins, policies, tokens
from tests.helpers import make_client, make_house
from tests.procedures.calling import caller


@pytest.fixture
def call(database, reactor, tmp_path, now):
    """Calls a procedure as somebody."""
    return caller(database, reactor, tmp_path, now)


@ensureDeferred
async def test_get_tells_who_one_is(call, database, now):
    """Own id, name, address, role, presence, and the organisation's name."""
    house = await make_house(database, now())
    assert await call(house.staff, "me.get") == {
        "id": house.staff.id,
        "name": "staff of haven",
        "email": "staff@haven.example",
        "role": "staff",
        "presence": "here",
        "organisation": "Haven",
        "login_ends_at": None,
    }


@pytest.mark.parametrize("presence", ["here", "busy", "away"])
@ensureDeferred
async def test_presence_is_chosen(call, database, now, presence):
    """Each of the three can be chosen, by oneself and for nobody else."""
    house = await make_house(database, now())
    assert await call(house.staff, "me.set_presence", presence=presence) == {"presence": presence}
    assert (await call(house.staff, "me.get"))["presence"] == presence
    assert (await call(house.colleague, "me.get"))["presence"] == "here"


@pytest.mark.parametrize(
    ("kwargs", "problem"),
    [
        ({}, {"presence": "is missing"}),
        ({"presence": "gone"}, {"presence": "must be one of here, busy, away"}),
        ({"presence": 1}, {"presence": "expected `str`, got `int`"}),
        ({"presence": "here", "id": "x"}, {"id": "is not known here"}),
    ],
)
@ensureDeferred
async def test_bad_arguments_change_nothing(call, database, now, kwargs, problem):
    """Anything else is refused by name, with what would be right."""
    house = await make_house(database, now())
    with pytest.raises(Invalid) as refused:
        await call(house.staff, "me.set_presence", **kwargs)
    assert refused.value.details == problem
    assert (await call(house.staff, "me.get"))["presence"] == "here"


@ensureDeferred
async def test_ways_into_the_account(call, database, now):
    """Logins and tokens are listed without what opens them, and ended; those of others are not there."""
    house = await make_house(database, now())
    where = (house.organisation_id, house.staff.id)
    async with database.transaction(house.organisation_id) as tx:
        login = await logins.add_login(tx, *where, b"h" * 32, now(), 12)
        token_id = await tokens.add(tx, *where, "night", b"t" * 32, now(), scopes=[Scope.READ])
    own = replace(house.staff, login_id=login.login_id)
    assert (await call(own, "me.get"))["login_ends_at"] == "2026-11-23T00:00:00.000Z"
    assert await call(own, "me.logins") == [
        {
            "id": login.login_id,
            "created_at": "2026-11-22T12:00:00.000Z",
            "seen_at": "2026-11-22T12:00:00.000Z",
            "expires_at": "2026-11-23T00:00:00.000Z",
            "own": True,
        }
    ]
    assert [one["own"] for one in await call(house.staff, "me.logins")] == [False]
    assert await call(own, "me.tokens") == [
        {
            "id": token_id,
            "name": "night",
            "scopes": ["read"],
            "created_at": "2026-11-22T12:00:00.000Z",
            "used_on": None,
            "expires_at": None,
        }
    ]
    for name, one in (("me.end_login", login.login_id), ("me.revoke_token", token_id)):
        for actor in (house.colleague, house.manager):
            with pytest.raises(NotFound):
                await call(actor, name, id=one)
        with pytest.raises(NotAllowed):
            await call(replace(own, scopes=frozenset({Scope.READ, Scope.SPEAK})), name, id=one)
        assert await call(own, name, id=one) == {}
    assert await call(own, "me.logins") == await call(own, "me.tokens") == []


@ensureDeferred
async def test_keeping_the_organisation(call, database, now):
    """Whoever asked for its end is shown to managers, and any of them takes it back, which is noted once."""
    house = await make_house(database, now())
    async with database.transaction(house.organisation_id) as tx:
        await policies.ask_deletion(tx, house.organisation_id, house.manager.id, now())
    assert await call(house.manager, "organisation.deletion") == {"asked_by": house.manager.id}
    for name in ("organisation.deletion", "organisation.keep"):
        with pytest.raises(NotAllowed):
            await call(house.staff, name)
    for _ in range(2):
        assert await call(house.manager, "organisation.keep") == {}
    assert await call(house.manager, "organisation.deletion") == {"asked_by": None}
    noted = (await call(house.manager, "audit.list"))["entries"]
    assert [entry["action"] for entry in noted] == ["deletion.taken_back"]


@ensureDeferred
async def test_clients_have_no_account(call, database, now):
    """The two are for consultants."""
    house = await make_house(database, now())
    client = (await make_client(database, house, now())).actor
    with pytest.raises(NotAllowed):
        await call(client, "me.get")
    with pytest.raises(NotAllowed):
        await call(client, "me.set_presence", presence="busy")
