"""News on a real node: what is changed elsewhere is told to the sessions it concerns, and to nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn
from pytest_twisted import ensureDeferred
from twisted.internet.task import deferLater

from hotline.news import ROOMS_IN_A_TURN
from hotline.store import logins, members
from hotline.store.ids import new_id, secret_hash
from tests.conftest import Now
from tests.helpers import House, make_client
from tests.procedures.conftest import wired
from tests.procedures.test_matrix import Scene, make_scene
from tests.procedures.wired import Guest, Wired, uri_of

__all__ = ["wired"]


async def write(wired: Wired, house: House, sql: str, **parameters: Any) -> None:
    """As psql, a command or another node would."""
    async with wired.database.transaction(house.organisation_id) as tx:
        assert await tx.run(sql, **parameters) >= 1


async def subscribed(scene: Scene, name: str = "manager") -> Guest:
    guest = scene.guests[name]
    for topic in ("hotline.clientlist", "hotline.staff"):
        assert (await guest.subscribe(topic))[0] == 33
    guest.link.sent.clear()
    return guest


async def event(guest: Guest, about: str = "room", **wanted: Any) -> dict[str, Any]:
    """The next event about a room, a consultant or a position whose keyword arguments have these values."""
    array = await guest.next(
        lambda array: array[0] == 36 and about in array[5] and wanted.items() <= array[5].items()
    )
    return dict(array[5])


@ensureDeferred
async def test_a_room_changed_elsewhere(wired: Wired, now: Now) -> None:
    """Another node's new room is added, its claim updates it, its end removes it; strangers hear nothing."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    guest, stranger = await subscribed(scene), await subscribed(other)
    await wired.settled()
    guest.link.sent.clear()
    stranger.link.sent.clear()
    now.advance(seconds=1)  # whoever enters at the same instant waits in any order
    client = await make_client(wired.database, scene.house, now(), "Elsewhere")
    added = await event(guest, change="added")
    assert (added["room"]["room"], added["room"]["name"], added["room"]["position"]) == (
        client.room_id,
        "Elsewhere",
        2,
    )
    await write(
        wired,
        scene.house,
        "UPDATE rooms SET status = 'active', served_by = %(staff)s, claimed_at = %(now)s"
        " WHERE room_id = %(room)s",
        room=client.room_id,
        staff=scene.house.colleague.id,
        now=now(),
    )
    updated = await event(guest, change="updated")
    assert updated["room"]["served_by"] == {
        "id": scene.house.colleague.id,
        "name": scene.house.colleague.name,
    }
    await write(wired, scene.house, "DELETE FROM clients WHERE client_id = %(id)s", id=client.actor.id)
    assert (await event(guest, change="removed"))["room"]["room"] == client.room_id
    assert stranger.events == []


@ensureDeferred
async def test_many_rooms_are_told_in_many_turns(wired: Wired, now: Now, reactor: Any) -> None:
    """However many change in one moment, others have their turns between them."""
    scene = await make_scene(wired, now(), "own")
    count = 3 * ROOMS_IN_A_TURN
    for _ in range(count):
        await make_client(wired.database, scene.house, now())
    guest = await subscribed(scene)
    await wired.settled()
    guest.link.sent.clear()
    turns = [0]

    def next_turn() -> None:
        turns.append(len(guest.events) - sum(turns))
        if len(guest.events) < count:
            reactor.callLater(0, next_turn)

    next_turn()
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        await tx.run("UPDATE rooms SET priority = 1")
    while len(guest.events) < count:
        await deferLater(reactor, 0.01)
    assert max(turns) <= ROOMS_IN_A_TURN


@ensureDeferred
async def test_places_are_pushed(wired: Wired, now: Now) -> None:
    """When somebody ahead is served the place of those who wait comes by itself, and one's own turn does."""
    scene = await make_scene(wired, now(), "own")
    now.advance(seconds=1)
    later = await make_client(wired.database, scene.house, now(), "Later")
    guest = await wired.join("own", later.actor.id, later.key)
    assert (await guest.subscribe(f"hotline.room.{later.room_id}.place"))[0] == 33
    await wired.settled()
    guest.link.sent.clear()
    await scene.guests["colleague"].result("hotline.room.claim", room=scene.waiting.room_id)
    assert await event(guest, "position", position=1) == {
        "position": 1,
        "waiting": 1,
        "served": 2,
        "consultants_here": 3,
        "estimate": None,
    }
    await scene.guests["staff"].result("hotline.me.set_presence", presence="away")
    assert (await event(guest, "consultants_here", consultants_here=2))["position"] == 1
    await scene.guests["colleague"].result("hotline.room.claim", room=later.room_id)
    assert (await event(guest, "position", position=None))["served"] == 3
    await wired.settled()
    guest.link.sent.clear()
    await scene.guests["colleague"].result("hotline.me.set_presence", presence="busy")
    await wired.settled()
    assert guest.events == []


@ensureDeferred
async def test_people_changed_elsewhere(wired: Wired, now: Now) -> None:
    """A new name and role hold at once in live sessions and are told; a removed one is out."""
    scene = await make_scene(wired, now(), "own")
    guest = await subscribed(scene)
    staff = scene.guests["staff"]
    await wired.settled()  # that people have come is told, too
    guest.link.sent.clear()
    await write(
        wired,
        scene.house,
        "UPDATE consultants SET name = 'Renamed', role = 'manager' WHERE consultant_id = %(id)s",
        id=scene.house.staff.id,
    )
    told = await event(guest, "consultant", change="updated")
    assert (told["consultant"]["name"], told["consultant"]["role"]) == ("Renamed", "manager")
    assert (await staff.publish(f"hotline.room.{scene.served.room_id}", "it is me", nonce="1"))[0] == 17
    history = await staff.result("hotline.room.history", room=scene.served.room_id)
    assert history["messages"][-1]["sender"] == {
        "id": scene.house.staff.id,
        "name": "Renamed",
        "role": "manager",
    }
    assert (await staff.call("hotline.staff.invite", email="x@y.example", role="staff"))[0] == 50
    await write(
        wired,
        scene.house,
        "DELETE FROM consultants WHERE consultant_id = %(id)s",
        id=scene.house.colleague.id,
    )
    colleague = scene.guests["colleague"]
    goodbye = await colleague.next(lambda array: array[0] == 6)
    assert goodbye[2] == "wamp.close.killed"
    assert colleague.link.closed is not None
    assert (await event(guest, "consultant", change="removed"))["consultant"] == {
        "id": scene.house.colleague.id
    }
    assert staff.is_open


@ensureDeferred
async def test_another_limit_of_rooms(wired: Wired, now: Now) -> None:
    """It is on every line of the staff, so each is told anew; other settings change none of them."""
    scene = await make_scene(wired, now(), "own")
    guest = await subscribed(scene)
    manager = scene.guests["manager"]
    await manager.result("hotline.organisation.set", rooms_per_consultant=7)
    await wired.settled()
    guest.events.clear()
    guest.link.sent.clear()
    await manager.result("hotline.organisation.set", retention_hours=7)
    await manager.result("hotline.organisation.set", rooms_per_consultant=5)
    told = [await event(guest, "consultant", change="updated") for _ in range(3)]
    people = {scene.house.manager.id, scene.house.staff.id, scene.house.colleague.id}
    limits = {each["consultant"]["id"]: each["consultant"]["limit"] for each in told}
    assert limits == dict.fromkeys(people, 5)


@ensureDeferred
async def test_ended_tokens_and_logins(wired: Wired, now: Now) -> None:
    """Deleting the row ends the sessions that came in by it, and those only."""
    scene = await make_scene(wired, now(), "own")
    ticket = "ticket-" + new_id()
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        login = await logins.add_login(
            tx, scene.house.organisation_id, scene.house.staff.id, secret_hash("cookie"), now(), 12
        )
        await logins.add_ticket(
            tx,
            scene.house.organisation_id,
            secret_hash(ticket),
            scene.house.staff.id,
            login.login_id,
            now(),
            now() + timedelta(seconds=60),
        )
    console = await wired.join("own", scene.house.staff.id, ticket)
    await write(wired, scene.house, "DELETE FROM tokens WHERE name = 'staff'")
    await scene.guests["staff"].next(lambda array: array[0] == 6)
    assert console.is_open
    await write(wired, scene.house, "DELETE FROM logins WHERE login_id = %(id)s", id=login.login_id)
    await console.next(lambda array: array[0] == 6)
    assert scene.guests["manager"].is_open


@ensureDeferred
async def test_a_member_removed_elsewhere(wired: Wired, now: Now) -> None:
    """Whoever is taken out of a room hears nothing more of it, in the session it has."""
    scene = await make_scene(wired, now(), "own")
    staff, client = scene.guests["staff"], scene.guests["client"]
    topic = f"hotline.room.{scene.served.room_id}"
    for suffix in ("", ".typing"):
        assert (await staff.subscribe(topic + suffix))[0] == 33
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        await members.remove(
            tx, scene.house.organisation_id, scene.served.room_id, scene.house.staff.id, now()
        )
    await wired.settled()
    staff.link.sent.clear()
    assert (await client.publish(topic, "between us", nonce="1"))[0] == 17
    assert (await client.publish(topic + ".typing", typing=True))[0] == 17
    assert uri_of(await staff.publish(topic + ".typing", typing=True)) == "wamp.error.not_authorized"
    assert staff.events == []
    assert staff.is_open


@ensureDeferred
async def test_a_member_removed_when_nobody_listened(wired: Wired, now: Now) -> None:
    """The ring was lost: when rings are heard again they are out, and only they, and only of this room."""
    scene = await make_scene(wired, now(), "own")
    staff, manager, client = (scene.guests[name] for name in ("staff", "manager", "client"))
    topic = f"hotline.room.{scene.served.room_id}"
    await manager.result("hotline.room.join", room=scene.served.room_id)
    for guest in (staff, manager):
        assert (await guest.subscribe(topic))[0] == 33
        assert (await guest.subscribe(f"{topic}.notes"))[0] == 33
    await wired.settled()
    async with wired.deaf(), wired.database.transaction(scene.house.organisation_id) as tx:
        await members.remove(
            tx, scene.house.organisation_id, scene.served.room_id, scene.house.staff.id, now()
        )
    await wired.settled()
    for guest in (staff, manager):
        guest.link.sent.clear()
    assert (await client.publish(topic, "between us", nonce="1"))[0] == 17
    assert uri_of(await staff.publish(f"{topic}.typing", typing=True)) == "wamp.error.not_authorized"
    assert staff.events == []
    assert [event[4] for event in manager.events] == [["between us"]]


@ensureDeferred
async def test_a_removed_reader_of_notes_when_nobody_listened(wired: Wired, now: Now) -> None:
    """Also who follows nothing of the room but its notes; managers need not be in it to do so."""
    scene = await make_scene(wired, now(), "own")
    organisation_id, room_id = scene.house.organisation_id, scene.served.room_id
    staff, manager = scene.guests["staff"], scene.guests["manager"]
    for guest in (staff, manager):
        assert (await guest.subscribe(f"hotline.room.{room_id}.notes"))[0] == 33
    await wired.settled()
    async with wired.deaf(), wired.database.transaction(organisation_id) as tx:
        await members.remove(tx, organisation_id, room_id, scene.house.staff.id, now())
    await wired.settled()
    for guest in (staff, manager):
        guest.link.sent.clear()
    await manager.result("hotline.room.note", room=room_id, text="among us", nonce="1")
    await wired.settled()
    assert staff.events == []
    assert [event[5]["text"] for event in manager.events] == ["among us"]


@ensureDeferred
async def test_a_deleted_organisation(wired: Wired, now: Now) -> None:
    """Everybody of it is out, nobody else."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    await write(wired, scene.house, "DELETE FROM organisations")
    for guest in scene.guests.values():
        assert (await guest.next(lambda array: array[0] == 6))[2] == "wamp.close.killed"
    assert all(guest.is_open for guest in other.guests.values())


@ensureDeferred
async def test_news_that_came_while_the_database_was_away(wired: Wired, dsn: str, now: Now) -> None:
    """What rang shortly before the outage, and what changed during it, is told after it."""
    scene = await make_scene(wired, now(), "own")
    guest = await subscribed(scene)
    await wired.settled()
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    name = parse_dsn(dsn)["dbname"]
    elsewhere = psycopg2.connect(make_dsn(dsn, dbname="postgres"))
    elsewhere.autocommit = True
    elsewhere.cursor().execute(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )
    cursor.execute("SET ROLE hotline_app")
    cursor.execute("SELECT set_config('hotline.organisations', %s, false)", (scene.house.organisation_id,))
    cursor.execute(
        "UPDATE rooms SET status = 'closed', closed_at = now(), served_by = NULL WHERE room_id = %s",
        (scene.waiting.room_id,),
    )
    cursor.execute(
        "UPDATE consultants SET name = 'Meanwhile' WHERE consultant_id = %s", (scene.house.staff.id,)
    )
    cursor.execute("DELETE FROM tokens WHERE name = 'colleague'")
    connection.close()
    await deferLater(wired.reactor, 0.3, lambda: None)
    guest.link.sent.clear()
    elsewhere.cursor().execute(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
    elsewhere.close()
    closed = await event(guest, change="removed")
    assert closed["room"]["room"] == scene.waiting.room_id
    told = await guest.next(
        lambda array: array[0] == 36 and array[5].get("consultant", {}).get("name") == "Meanwhile"
    )
    assert told[5]["change"] == "updated"
    await scene.guests["colleague"].next(lambda array: array[0] == 6)
