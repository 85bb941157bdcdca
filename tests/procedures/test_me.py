"""`hotline.me.*` as they are called: roles, arguments, results; on a real PostgreSQL."""

from __future__ import annotations

import pytest
from pytest_twisted import ensureDeferred

from hotline.errors import Invalid, NotAllowed
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
    "kwargs", [{}, {"presence": "gone"}, {"presence": 1}, {"presence": "here", "id": "x"}]
)
@ensureDeferred
async def test_bad_arguments_change_nothing(call, database, now, kwargs):
    """Anything else is refused by name."""
    house = await make_house(database, now())
    with pytest.raises(Invalid):
        await call(house.staff, "me.set_presence", **kwargs)
    assert (await call(house.staff, "me.get"))["presence"] == "here"


@ensureDeferred
async def test_clients_have_no_account(call, database, now):
    """The two are for consultants."""
    house = await make_house(database, now())
    client = (await make_client(database, house, now())).actor
    with pytest.raises(NotAllowed):
        await call(client, "me.get")
    with pytest.raises(NotAllowed):
        await call(client, "me.set_presence", presence="busy")
