"""The audit log as procedures write and tell it: who opened which room, who did what; no texts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults

from hotline.errors import AlreadyClaimed, Invalid, NotAllowed, NotFound
from hotline.store import audit, blocks, tokens
from hotline.store.database import Database
from hotline.store.ids import secret_hash
from tests.conftest import Now
from tests.helpers import House, add_block, make_client, make_house
from tests.procedures.calling import caller
from tests.procedures.wired import Wired

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def call(database: Database, reactor: Any, tmp_path: Path, now: Now) -> Call:
    """Calls a procedure as somebody."""
    return caller(database, reactor, tmp_path, now)


async def noted(call: Call, house: House, **wanted: Any) -> list[tuple[str, str]]:
    """(who, action), in the order in which it was done."""
    found = await call(house.manager, "audit.list", **wanted)
    assert not found["more"]
    return [(each["actor"]["name"].partition(" ")[0], each["action"]) for each in found["entries"][::-1]]


@ensureDeferred
async def test_who_opened_a_room(call: Call, database: Database, now: Now) -> None:
    """Those who do not serve it, and who reads the profile or a room that is closed; told to who served it,
    to managers, and to nobody else. Reading and writing in one's own room leave nothing."""
    house = await make_house(database, now())
    client, other = [await make_client(database, house, now(), name) for name in ("Robin", "Kim")]
    room = client.room_id
    await call(house.staff, "room.claim", room=room)
    await call(house.staff, "room.join", room=room)
    await call(house.staff, "room.history", room=room)
    await call(client.actor, "room.join", room=room)
    assert await noted(call, house) == [("staff", "room.claimed")]
    await call(house.colleague, "room.profile", room=room)
    await call(house.manager, "room.notes", room=room)
    await call(house.manager, "room.join", room=room)
    await call(house.manager, "room.join", room=room)
    await call(house.manager, "room.take_over", room=room)
    await call(house.manager, "room.take_over", room=room)
    await call(house.manager, "room.close", room=room)
    await call(house.manager, "room.join", room=room)
    await call(house.manager, "room.profile", room=other.room_id)
    # Who stayed to the end reads on without joining; once an hour is enough.
    now.advance(hours=2)
    await call(house.manager, "room.history", room=room)
    await call(house.manager, "room.history", room=room, after=1)
    opened = [
        ("staff", "room.claimed"),
        ("colleague", "profile.read"),
        ("manager", "notes.read"),
        ("manager", "room.joined"),
        ("manager", "room.taken_over"),
        ("manager", "room.read"),
        ("manager", "room.read"),
    ]
    assert await noted(call, house, room=room) == opened
    for who in (house.staff, house.manager):
        told = await call(who, "audit.of_room", room=room)
        assert [(each["actor"]["name"].partition(" ")[0], each["action"]) for each in told[::-1]] == opened
        assert all(each.keys() == {"at", "actor", "action", "to"} for each in told)
    with pytest.raises(NotAllowed):
        await call(house.colleague, "audit.of_room", room=room)
    with pytest.raises(NotAllowed):
        await call(house.staff, "audit.list")
    assert await noted(call, house, room=room, actor=house.colleague.id) == opened[1:2]
    # It outlives the room; clients are not named.
    await call(client.actor, "anteroom.delete", room=room)
    assert await noted(call, house, room=room) == [*opened, ("client", "room.deleted")]
    with pytest.raises(NotFound):
        await call(house.manager, "audit.of_room", room=room)


@ensureDeferred
async def test_who_served_whom(call: Call, database: Database, now: Now) -> None:
    """Taken off the list, handed over, asked in and given back, with whom; what was refused is not noted."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    room, staff, colleague = {"room": client.room_id}, house.staff, house.colleague
    await call(staff, "room.claim", **room)
    await call(staff, "room.claim", **room)
    with pytest.raises(AlreadyClaimed):
        await call(colleague, "room.claim", **room)
    await call(staff, "room.ask", **room, to=colleague.id, note="a secret note")
    await call(staff, "room.transfer", **room, to=colleague.id, note="a secret note")
    with pytest.raises(NotAllowed):
        await call(staff, "room.transfer", **room, to=staff.id)
    await call(colleague, "room.release", **room, note="a secret note")
    await call(staff, "room.claim", **room)
    found = (await call(house.manager, "audit.list"))["entries"][::-1]
    assert [(each["actor"]["id"], each["action"], each["details"]) for each in found] == [
        (staff.id, "room.claimed", {}),
        (staff.id, "room.asked", {"to": colleague.id}),
        (staff.id, "room.transferred", {"to": colleague.id}),
        (colleague.id, "room.released", {}),
        (staff.id, "room.claimed", {}),
    ]
    assert all(each["subject"] == {"kind": "room", "id": client.room_id} for each in found)
    told = await call(colleague, "audit.of_room", **room)
    assert [(each["action"], each["to"]) for each in told[::-1]] == [
        ("room.claimed", None),
        ("room.transferred", colleague.id),
        ("room.claimed", None),
    ]


@ensureDeferred
async def test_a_block_that_ends(call: Call, database: Database, now: Now) -> None:
    """By time, once, whichever node sees it first."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    async with database.transaction(house.organisation_id) as tx:
        await add_block(tx, house, client, "block", now())
    for minutes in (59, 1, 1):
        now.advance(minutes=minutes)
        async with database.transaction(house.organisation_id) as tx:
            await blocks.end(tx, house.organisation_id, "block", now())
    assert await noted(call, house) == [("time", "block.ended")]


@ensureDeferred
async def test_a_token_that_logs_in(wired: Wired, now: Now) -> None:
    """Once an hour, however often and at however many places at once."""
    house = await make_house(wired.database, now())
    async with wired.database.transaction(house.organisation_id) as tx:
        token = await tokens.add(tx, house.organisation_id, house.manager.id, "bot", secret_hash("b"), now())
    await gatherResults([Deferred.fromCoroutine(wired.join("haven", "bot", "b")) for _ in range(5)])
    now.advance(minutes=61)
    guest = await wired.join("haven", "bot", "b")
    found = (await guest.result("hotline.audit.list"))["entries"]
    assert [(each["action"], each["actor"]["id"], each["subject"]) for each in found] == [
        ("token.used", house.manager.id, {"kind": "token", "id": token})
    ] * 2


@ensureDeferred
async def test_what_was_done(call: Call, database: Database, now: Now) -> None:
    """Roles, settings, blocks, people: with names of settings and counts; no text, no address, no value."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    client = await make_client(database, house, now(), "Robin")
    await call(house.manager, "staff.set_role", id=house.staff.id, role="manager")
    await call(house.manager, "staff.set_role", id=house.staff.id, role="staff")
    await call(house.manager, "staff.invite", email="secret@example.org", role="staff")
    await call(house.manager, "organisation.set", name="A secret name", retention_hours=7)
    await call(house.manager, "organisation.set", retention_hours=7)  # changes nothing
    await call(house.manager, "organisation.set_intake", intake="paused")
    await call(house.staff, "room.claim", room=client.room_id)
    await call(house.staff, "room.block", room=client.room_id, hours=1, reason="secret insults")
    await call(house.manager, "staff.remove", id=house.colleague.id)
    found = await call(house.manager, "audit.list")
    assert [(each["number"], each["action"], each["details"]) for each in found["entries"][::-1]] == [
        (1, "role.changed", {"before": "staff", "after": "manager"}),
        (2, "role.changed", {"before": "manager", "after": "staff"}),
        (3, "invitation.sent", {"role": "staff"}),
        (4, "settings.changed", {"names": ["name", "retention_hours"]}),
        (5, "settings.changed", {"names": ["intake"]}),
        (6, "room.claimed", {}),
        (7, "client.blocked", {"hours": 1}),
        (8, "person.removed", {}),
    ]
    assert found["entries"][0]["subject"] == {"kind": "person", "id": house.colleague.id}
    assert found["entries"][1]["actor"] == {"id": house.staff.id, "name": house.staff.name}
    assert "secret" not in str(found)
    assert await noted(call, house, action="settings.changed", limit=2) == [
        ("manager", "settings.changed"),
        ("manager", "settings.changed"),
    ]
    page = await call(house.manager, "audit.list", before=4, limit=2)
    assert ([each["number"] for each in page["entries"]], page["more"]) == ([3, 2], True)
    with pytest.raises(Invalid) as error:
        await call(house.manager, "audit.list", action="x", actor="!", room="?", limit=0, before=-1)
    assert error.value.details.keys() == {"action", "actor", "room", "limit", "before"}
    assert await noted(call, other) == []
    assert await noted(call, other, room=client.room_id, actor=house.staff.id) == []
    async with database.transaction(house.organisation_id) as tx:
        assert await audit.verify(tx, house.organisation_id) == []
