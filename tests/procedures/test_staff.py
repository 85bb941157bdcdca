"""`hotline.staff.*` as they are called: roles, arguments, results; on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.model import Role
from hotline.errors import Invalid, NotAllowed, NotFound
from hotline.store import presence
from tests.helpers import make_client, make_house
from tests.procedures.calling import caller


@pytest.fixture
def call(database, reactor, tmp_path, now):
    """Calls a procedure as somebody."""
    return caller(database, reactor, tmp_path, now)


@ensureDeferred
async def test_list_shows_the_own_consultants(call, database, now):
    """All consultants of the organisation, by name, as the contract has it; staff may look too."""
    house, _ = await make_house(database, now()), await make_house(database, now(), "other")
    client = await make_client(database, house, now())
    async with database.transaction(house.organisation_id) as tx:
        await presence.attach(tx, house.organisation_id, True, [house.staff.id], "node1", now())
    await call(house.staff, "room.claim", room=client.room_id)
    listed = await call(house.staff, "staff.list")
    assert listed == [
        {
            "id": house.colleague.id,
            "name": "colleague of haven",
            "role": "staff",
            "presence": "away",
            "rooms": 0,
            "limit": 3,
        },
        {
            "id": house.manager.id,
            "name": "manager of haven",
            "role": "manager",
            "presence": "away",
            "rooms": 0,
            "limit": 3,
        },
        {
            "id": house.staff.id,
            "name": "staff of haven",
            "role": "staff",
            "presence": "here",
            "rooms": 1,
            "limit": 3,
        },
    ]


@ensureDeferred
async def test_invite_returns_the_link(call, database, now):
    """The manager gets the link and its end."""
    house = await make_house(database, now())
    result = await call(house.manager, "staff.invite", email="tom@example.org", role="staff")
    assert set(result) == {"link", "expires_at"}
    assert result["link"].startswith("https://talk.example/register/user/")
    assert result["expires_at"] == "2026-11-29T12:00:00.000Z"


@ensureDeferred
async def test_invitations_from_first_to_last(call, database, now):
    """They are listed without their links, sent again with a new link, and taken back; elsewhere they are not
    there."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    first = await call(house.manager, "staff.invite", email="tom@example.org", role="manager")
    (listed,) = await call(house.manager, "staff.invitations")
    assert {key: value for key, value in listed.items() if key != "id"} == {
        "email": "tom@example.org",
        "role": "manager",
        "created_at": "2026-11-22T12:00:00.000Z",
        "expires_at": first["expires_at"],
    }
    for name in ("staff.invite_again", "staff.withdraw"):
        with pytest.raises(NotFound):
            await call(other.manager, name, id=listed["id"])
        with pytest.raises(NotAllowed):
            await call(house.staff, name, id=listed["id"])
    again = await call(house.manager, "staff.invite_again", id=listed["id"])
    assert again["link"] != first["link"]
    (renewed,) = await call(house.manager, "staff.invitations")
    assert renewed["id"] != listed["id"]
    assert await call(house.manager, "staff.withdraw", id=renewed["id"]) == {}
    assert await call(house.manager, "staff.invitations") == []
    with pytest.raises(NotFound):
        await call(house.manager, "staff.withdraw", id=renewed["id"])


@ensureDeferred
async def test_what_somebody_is_best_at(call, database, now):
    """Said by oneself and by managers, shown to all, taken back by nothing; and by nobody else."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    await call(house.staff, "staff.set_skills", id=house.staff.id, languages=["de", "ar"], topics=["School"])
    own = {one["id"]: one for one in await call(house.colleague, "staff.list")}
    assert (own[house.staff.id]["languages"], own[house.staff.id]["topics"]) == (["de", "ar"], ["School"])
    assert "languages" not in own[house.colleague.id]
    await call(house.manager, "staff.set_skills", id=house.staff.id, languages=[], topics=[])
    assert all("languages" not in one for one in await call(house.staff, "staff.list"))
    with pytest.raises(NotAllowed):
        await call(house.colleague, "staff.set_skills", id=house.staff.id, languages=[], topics=[])
    with pytest.raises(NotFound):
        await call(house.manager, "staff.set_skills", id=other.staff.id, languages=[], topics=[])
    with pytest.raises(Invalid) as caught:
        await call(house.staff, "staff.set_skills", id=house.staff.id, languages=["x y"], topics=["z" * 41])
    assert set(caught.value.details) == {"languages", "topics"}


@ensureDeferred
async def test_remove_and_set_role(call, database, now):
    """A manager makes a manager and removes somebody; the list shows it."""
    house = await make_house(database, now())
    assert await call(house.manager, "staff.set_role", id=house.staff.id, role="manager") == {}
    assert await call(house.manager, "staff.remove", id=house.colleague.id) == {}
    listed = await call(house.manager, "staff.list")
    assert [(one["id"], one["role"]) for one in listed] == [
        (house.manager.id, "manager"),
        (house.staff.id, "manager"),
    ]


@ensureDeferred
async def test_who_may(call, database, now):
    """Staff may only look, clients nothing, and a role of yesterday counts for nothing."""
    house = await make_house(database, now())
    client = (await make_client(database, house, now())).actor
    arguments = {
        "staff.list": {},
        "staff.invite": {"email": "x@example.org", "role": "staff"},
        "staff.invitations": {},
        "staff.remove": {"id": house.colleague.id},
        "staff.set_role": {"id": house.colleague.id, "role": "manager"},
    }
    for name, kwargs in arguments.items():
        with pytest.raises(NotAllowed):
            await call(client, name, **kwargs)
        if name != "staff.list":
            for actor in (house.staff, replace(house.staff, role=Role.MANAGER)):
                with pytest.raises(NotAllowed):
                    await call(actor, name, **kwargs)
    assert len(await call(house.staff, "staff.list")) == 3


@ensureDeferred
async def test_other_organisations_are_not_there(call, database, now):
    """The id of another organisation's consultant is not found."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    for kwargs in ({"id": other.staff.id}, {"id": "zzz"}, {"id": ""}, {"id": "\x00"}, {"id": "\ud800"}):
        with pytest.raises(NotFound):
            await call(house.manager, "staff.remove", **kwargs)
        with pytest.raises(NotFound):
            await call(house.manager, "staff.set_role", role="staff", **kwargs)
    assert len(await call(other.manager, "staff.list")) == 3


@pytest.mark.parametrize(
    ("name", "kwargs", "field"),
    [
        ("staff.list", {"extra": 1}, "extra"),
        ("staff.invite", {"role": "staff"}, "email"),
        ("staff.invite", {"email": "x@example.org"}, "role"),
        ("staff.invite", {"email": 5, "role": "staff"}, "email"),
        ("staff.invite", {"email": "x" * 300, "role": "staff"}, "email"),
        ("staff.invite", {"email": "a\x00@example.org", "role": "staff"}, "email"),
        ("staff.invite", {"email": "a\ud800@example.org", "role": "staff"}, "email"),
        ("staff.invite", {"email": "x@example.org", "role": "client"}, "role"),
        ("staff.invite", {"email": "x@example.org", "role": float("nan")}, "role"),
        ("staff.remove", {}, "id"),
        ("staff.remove", {"id": 2**70}, "id"),
        ("staff.remove", {"id": None}, "id"),
        ("staff.set_role", {"id": "x", "role": "boss"}, "role"),
        ("staff.set_role", {"id": ["x"], "role": "staff"}, "id"),
    ],
)
@ensureDeferred
async def test_bad_arguments(call, database, now, name, kwargs, field):
    """Whatever is missing, unknown, too long or of the wrong kind is named."""
    house = await make_house(database, now())
    with pytest.raises(Invalid) as caught:
        await call(house.manager, name, **kwargs)
    assert set(caught.value.details) == {field}
    with pytest.raises(Invalid):
        await call(house.manager, name, "by position")
