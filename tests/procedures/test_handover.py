"""Who serves a room: limits, handing on with a note, giving back, asking in, taking over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, DeferredList

from hotline.domain.model import Actor
from hotline.errors import Invalid, NotAllowed, RoomClosed
from hotline.store import rooms
from hotline.store.database import Database
from tests.conftest import Now
from tests.helpers import make_client, make_house
from tests.procedures.calling import caller

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def call(database: Database, reactor: Any, tmp_path: Path, now: Now) -> Call:
    """Calls a procedure as somebody."""
    return caller(database, reactor, tmp_path, now)


async def line(call: Call, actor: Actor, room: str) -> dict[str, Any]:
    """The room's line of the clientlist."""
    (found,) = [each for each in await call(actor, "clientlist.get") if each["room"] == room]
    return dict(found)


async def kinds(call: Call, actor: Actor, room: str) -> list[str]:
    return [each["kind"] for each in (await call(actor, "room.history", room=room))["messages"]]


async def refusal(coroutine: Any) -> dict[str, Any]:
    with pytest.raises(NotAllowed) as caught:
        await coroutine
    return caught.value.details


@ensureDeferred
async def test_whoever_goes_on_keeps_to_the_limit(call: Call, database: Database, now: Now) -> None:
    """A second consultant serves no more than they may: its consultant has to give the room away otherwise,
    and one who is removed leaves a client who waits again."""
    house = await make_house(database, now())
    clients = [await make_client(database, house, now(), f"client {n}") for n in range(3)]
    shared, other, own = (client.room_id for client in clients)
    await call(house.manager, "organisation.set", rooms_per_consultant=2)
    for room in (shared, other):
        await call(house.staff, "room.claim", room=room)
        await call(house.staff, "room.ask", room=room, to=house.colleague.id)
        await call(house.colleague, "room.join", room=room)
    await call(house.colleague, "room.claim", room=own)
    await call(house.staff, "room.leave", room=shared)
    assert (await line(call, house.staff, shared))["served_by"]["id"] == house.colleague.id
    full = {"reason": "limit", "limit": 2}
    assert await refusal(call(house.staff, "room.leave", room=other)) == full
    assert (await line(call, house.staff, other))["served_by"]["id"] == house.staff.id
    async with database.transaction(house.organisation_id) as tx:
        await rooms.release_all(tx, house.organisation_id, house.staff.id, now())
    assert (await line(call, house.colleague, other))["status"] == "waiting"
    await call(house.manager, "organisation.set", rooms_per_consultant=3)
    await call(house.colleague, "room.claim", room=other)
    await call(house.colleague, "room.leave", room=other)
    assert (await line(call, house.colleague, other))["status"] == "waiting"


@ensureDeferred
async def test_a_list_of_many_comes_in_parts(call: Call, database: Database, now: Now) -> None:
    """In an order that claims do not upset, each line once, with its place in the whole queue."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    await make_client(database, other, now())
    for n in range(5):
        await make_client(database, house, now(), f"client {n}")
        now.advance(seconds=1)
    whole = await call(house.staff, "clientlist.get")
    assert [each["position"] for each in whole] == [1, 2, 3, 4, 5]
    found: list[dict[str, Any]] = []
    while page := await call(
        house.staff, "clientlist.get", after=found[-1]["room"] if found else None, limit=2
    ):
        assert len(page) == min(2, 5 - len(found))
        found += page
    assert found == sorted(whole, key=lambda each: each["room"])
    assert await call(house.staff, "clientlist.get", limit=200) == found


@ensureDeferred
async def test_the_limit_of_rooms(call: Call, database: Database, now: Now) -> None:
    """Beyond it nobody claims, is handed, or comes in when asked; a manager takes over; 0 is no limit."""
    house = await make_house(database, now())
    clients = [await make_client(database, house, now(), f"client {n}") for n in range(4)]
    await call(house.manager, "organisation.set", rooms_per_consultant=2)
    for client in clients[:2]:
        await call(house.staff, "room.claim", room=client.room_id)
    full = {"reason": "limit", "limit": 2}
    assert await refusal(call(house.staff, "room.claim", room=clients[2].room_id)) == full
    await call(house.staff, "room.claim", room=clients[0].room_id)  # one's own: not one more
    await call(house.colleague, "room.claim", room=clients[2].room_id)
    to_staff = {"room": clients[2].room_id, "to": house.staff.id}
    assert await refusal(call(house.colleague, "room.transfer", **to_staff)) == full
    assert await refusal(call(house.colleague, "room.ask", **to_staff)) == full
    await call(house.manager, "organisation.set", rooms_per_consultant=3)
    await call(house.colleague, "room.ask", **to_staff)
    await call(house.staff, "room.claim", room=clients[3].room_id)
    assert (await refusal(call(house.staff, "room.join", room=clients[2].room_id)))["reason"] == "limit"
    await call(house.manager, "organisation.set", rooms_per_consultant=1)
    now.advance(seconds=1)
    for client in clients[:2]:
        taken = await call(house.manager, "room.take_over", room=client.room_id)
        assert [member["id"] for member in taken["members"]] == [client.actor.id, house.manager.id]
    await call(house.manager, "organisation.set", rooms_per_consultant=0)
    await call(house.staff, "room.join", room=clients[2].room_id)
    rooms = {each["id"]: (each["rooms"], each["limit"]) for each in await call(house.staff, "staff.list")}
    assert rooms == {house.manager.id: (2, 0), house.staff.id: (1, 0), house.colleague.id: (1, 0)}


@ensureDeferred
async def test_two_claims_at_once_are_counted_together(call: Call, database: Database, now: Now) -> None:
    """Whoever may have one room more and claims two from two pages gets one."""
    house = await make_house(database, now())
    await call(house.manager, "organisation.set", rooms_per_consultant=1)
    clients = [await make_client(database, house, now()) for _ in range(4)]
    results = await DeferredList(
        [Deferred.fromCoroutine(call(house.staff, "room.claim", room=client.room_id)) for client in clients],
        consumeErrors=True,
    )
    assert sorted(success for success, _ in results) == [False, False, False, True]
    assert all(result.check(NotAllowed) for success, result in results if not success)


@ensureDeferred
async def test_giving_a_client_back(call: Call, database: Database, now: Now) -> None:
    """The client waits again where its arrival puts it, reads so, and the note waits for whoever goes on."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    now.advance(seconds=1)
    later = await make_client(database, house, now(), "Later")
    await call(house.staff, "room.claim", room=client.room_id)
    await call(house.staff, "room.release", room=client.room_id, note="was at the police already")
    waiting = await line(call, house.colleague, client.room_id)
    assert (waiting["status"], waiting["position"], waiting["served_by"]) == ("waiting", 1, None)
    assert "members" not in waiting
    assert (await line(call, house.colleague, later.room_id))["position"] == 2
    assert await kinds(call, client.actor, client.room_id) == ["entered", "claimed", "released"]
    assert (await refusal(call(house.staff, "room.history", room=client.room_id)))["reason"]
    claimed = await call(house.colleague, "room.claim", room=client.room_id)
    assert (claimed["note"], claimed["last_note"]) == ("was at the police already", 1)
    kept = (await call(house.colleague, "room.notes", room=client.room_id))["notes"]
    assert [(note["kind"], note["text"], note["sender"]["id"]) for note in kept] == [
        ("handover", "was at the police already", house.staff.id)
    ]
    assert (await refusal(call(house.staff, "room.release", room=client.room_id)))["reason"]
    assert (await refusal(call(house.colleague, "room.release", room=later.room_id)))["reason"]
    await call(house.manager, "room.release", room=client.room_id)
    assert (await line(call, house.staff, client.room_id))["status"] == "waiting"
    await call(client.actor, "room.leave", room=client.room_id)
    for procedure in ("release", "take_over"):
        with pytest.raises(RoomClosed):
            await call(house.manager, f"room.{procedure}", room=client.room_id)


@ensureDeferred
async def test_a_second_consultant(call: Call, database: Database, now: Now) -> None:
    """Asked in, they see it on the clientlist, may read the note first, and come in or not; nobody else."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    room = client.room_id
    await call(house.staff, "room.claim", room=room)
    to_colleague = {"room": room, "to": house.colleague.id}
    assert (await refusal(call(house.colleague, "room.ask", **to_colleague)))["reason"]
    for procedure in ("join", "decline", "notes"):
        assert (await refusal(call(house.colleague, f"room.{procedure}", room=room)))["reason"]
    asked = await call(house.staff, "room.ask", **to_colleague, note="do you know this?")
    assert asked == await call(house.staff, "room.ask", **to_colleague) == {"asked": [house.colleague.id]}
    assert (await line(call, house.manager, room))["asked"] == [house.colleague.id]
    notes = (await call(house.colleague, "room.notes", room=room))["notes"]
    assert [(note["kind"], note["text"]) for note in notes] == [("ask", "do you know this?")]
    assert (await refusal(call(house.colleague, "room.history", room=room)))["reason"]
    await call(house.colleague, "room.decline", room=room)
    assert "asked" not in await line(call, house.manager, room)
    await call(house.manager, "room.ask", **to_colleague)
    now.advance(seconds=1)
    joined = await call(house.colleague, "room.join", room=room)
    assert (joined["asked"], len(joined["members"])) == ([], 3)
    members = (await line(call, house.manager, room))["members"]
    assert [member["id"] for member in members] == [house.staff.id, house.colleague.id]
    assert await kinds(call, client.actor, room) == ["entered", "claimed", "joined"]
    with pytest.raises(Invalid):
        await call(house.staff, "room.ask", **to_colleague)
    await call(house.staff, "room.ask", room=room, to=house.manager.id)
    await call(house.staff, "room.close", room=room)
    assert (await call(house.colleague, "room.join", room=room))["asked"] == []
    with pytest.raises(RoomClosed):
        await call(house.staff, "room.ask", room=room, to=house.manager.id)


@ensureDeferred
async def test_taking_over(call: Call, database: Database, now: Now) -> None:
    """Managers only, visibly; who had the room is out of it; one's own room changes nothing."""
    house = await make_house(database, now())
    client, other = [await make_client(database, house, now()) for _ in range(2)]
    await call(house.staff, "room.claim", room=client.room_id)
    with pytest.raises(NotAllowed):
        await call(house.colleague, "room.take_over", room=client.room_id)
    with pytest.raises(NotAllowed):
        await call(house.manager, "room.take_over", room=other.room_id)  # waits: to be claimed
    for _ in range(2):
        await call(house.manager, "room.take_over", room=client.room_id)
    assert await kinds(call, client.actor, client.room_id) == ["entered", "claimed", "transferred"]
    assert (await line(call, house.staff, client.room_id))["served_by"]["id"] == house.manager.id
    assert (await refusal(call(house.staff, "room.history", room=client.room_id)))["reason"]


@ensureDeferred
async def test_urgency(call: Call, database: Database, now: Now) -> None:
    """Who is urgent comes before those who only came earlier: on the list, in the queue and in places."""
    house = await make_house(database, now())
    clients = []
    for n in range(3):
        clients.append(await make_client(database, house, now(), f"client {n}"))
        now.advance(seconds=1)
    await call(house.colleague, "room.set_priority", room=clients[2].room_id, priority=1)
    listed = await call(house.staff, "clientlist.get")
    assert [(each["name"], each["position"], each.get("priority")) for each in listed] == [
        ("client 2", 1, 1),
        ("client 0", 2, None),
        ("client 1", 3, None),
    ]
    for client, position in zip(clients, (2, 3, 1), strict=True):
        place = await call(client.actor, "anteroom.place", room=client.room_id)
        assert (place["position"], place["waiting"]) == (position, 3)
    await call(house.colleague, "room.set_priority", room=clients[2].room_id, priority=0)
    assert [each["name"] for each in await call(house.staff, "clientlist.get")] == [
        "client 0",
        "client 1",
        "client 2",
    ]
    await call(clients[0].actor, "room.close", room=clients[0].room_id)
    with pytest.raises(RoomClosed):
        await call(house.staff, "room.set_priority", room=clients[0].room_id, priority=1)


@ensureDeferred
async def test_closed_rooms(call: Call, database: Database, now: Now) -> None:
    """Consultants find those they were in, managers all, page by page, and read what was said."""
    house, other = await make_house(database, now()), await make_house(database, now(), "other")
    stranger = await make_client(database, other, now())
    await call(stranger.actor, "room.close", room=stranger.room_id)
    clients = [await make_client(database, house, now(), f"client {n}") for n in range(5)]
    for n, client in enumerate(clients):
        who = (house.staff, house.colleague)[n % 2]
        await call(who, "room.claim", room=client.room_id)
        await call(who, "room.close", room=client.room_id)
        if n % 2:  # at the same instant: the order has to be one all the same
            now.advance(seconds=1)

    async def names(actor: Actor, limit: int) -> list[str]:
        found: list[str] = []
        before, more = None, True
        while more:
            page = await call(actor, "clientlist.closed", before=before, limit=limit)
            found += [each["name"] for each in page["rooms"]]
            before, more = page["rooms"][-1]["room"], page["more"]
        return found

    for limit in (1, 2, 200):
        assert await names(house.staff, limit) == ["client 4", "client 2", "client 0"]
        assert sorted(await names(house.manager, limit)) == [f"client {n}" for n in range(5)]
    for search, number in (("CLIENT 3", [3]), ("cliént", [4, 3, 2, 1, 0]), ("client nobody", []), (" ", [4])):
        asked = {"search": search, "limit": 1 if not search.strip() else 200}
        page = await call(house.manager, "clientlist.closed", **asked)
        shown = {each["name"] for each in page["rooms"]}
        assert (shown == {f"client {n}" for n in number}, page["more"]) == (True, not search.strip())
    first = await call(house.staff, "clientlist.closed", search="client", limit=2)
    rest = await call(house.staff, "clientlist.closed", search="client", limit=2, before=first["before"])
    assert [each["name"] for each in (*first["rooms"], *rest["rooms"])] == [
        "client 4",
        "client 2",
        "client 0",
    ]
    assert (first["more"], rest["more"]) == (True, False)
    (line,) = (await call(house.colleague, "clientlist.closed", limit=1))["rooms"]
    assert (line["name"], line["members"]) == (
        "client 3",
        [{"id": house.colleague.id, "name": house.colleague.name}],
    )
    assert line["entered_at"] < line["closed_at"]
    assert await kinds(call, house.colleague, line["room"]) == ["entered", "claimed", "closed"]
    assert (await call(house.staff, "clientlist.closed", before=stranger.room_id))["rooms"] == []
