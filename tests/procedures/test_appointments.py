"""Appointments from giving one to coming by it: over WAMP, with a clock that the test moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from hotline.domain.audit import Action
from hotline.domain.times import wire_time
from hotline.store import appointments, audit, rooms
from tests.conftest import Now
from tests.helpers import make_client
from tests.procedures.test_matrix import Scene, make_scene
from tests.procedures.wired import Guest, Wired, uri_of

CLOSED = {"monday": [["10:00", "10:30"]]}
NOT_ALLOWED = "hotline.error.not_allowed"
# Who stands before a locked row of this database.
STANDING_STILL = """
SELECT count(*) AS count FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database()
"""


def later(now: Now, **delta: float) -> str:
    return wire_time(now() + timedelta(**delta))


async def lines(guest: Guest) -> dict[str, Any]:
    """The clientlist, by room."""
    return {line["room"]: line for line in await guest.result("hotline.clientlist.get")}


def of_appointment(array: list[Any]) -> bool:
    """Whether it is an event that tells the client's own."""
    return array[0] == 36 and "appointment" in array[5]


async def appointed(wired: Wired, now: Now, **delta: float) -> tuple[Scene, str]:
    """Somebody whose conversation has ended, with an appointment, and the code to come back by."""
    scene = await make_scene(wired, now(), "own")
    client, staff, room = scene.guests["client"], scene.guests["staff"], scene.served.room_id
    code = (await client.result("hotline.anteroom.make_return_code", room=room))["return_code"]
    await staff.result("hotline.room.appoint", room=room, at=later(now, **delta))
    await staff.result("hotline.room.close", room=room)
    await wired.settled()
    return scene, code


@ensureDeferred
async def test_the_client_is_told(wired: Wired, now: Now) -> None:
    """At once and on asking, with whether there is a code; moved and cancelled too; the clientlist as well,
    also of a room that has ended; another organisation hears nothing."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    client, staff, room = scene.guests["client"], scene.guests["staff"], scene.served.room_id
    await wired.settled()
    await client.subscribe(f"hotline.room.{room}.place")
    for guest in (scene.guests["manager"], other.guests["manager"]):
        await guest.subscribe("hotline.clientlist")
    at, until = later(now, days=1), later(now, days=1, minutes=45)
    span = {"at": at, "until": until}
    assert await staff.result("hotline.room.appoint", room=room, at=at, minutes=45) == span
    told = {**span, "cancelled": False, "return_code": False}
    heard = await client.next(of_appointment)
    assert heard[5]["appointment"] == told
    place = await client.result("hotline.anteroom.place", room=room)
    assert place["appointment"] == told
    whose = {"id": scene.house.staff.id, "name": scene.house.staff.name}
    shown = {**span, "with": whose, "kept": False}
    assert (await lines(scene.guests["manager"]))[room]["appointment"] == shown
    await client.result("hotline.anteroom.make_return_code", room=room)
    heard = await scene.guests["manager"].next(
        lambda array: array[0] == 36 and "return_code" in array[5]["room"]
    )
    assert heard[5]["room"]["status"] == "active"
    await staff.result("hotline.room.close", room=room)
    moved = {"at": later(now, days=2), "until": later(now, days=2, minutes=30)}
    assert await scene.guests["manager"].result("hotline.room.appoint", room=room, at=moved["at"]) == moved
    line = (await lines(staff))[room]
    assert (line["status"], line["appointment"]) == ("closed", {**shown, **moved})
    place = await client.result("hotline.anteroom.place", room=room)
    assert place["appointment"] == {**moved, "cancelled": False, "return_code": True}
    await staff.result("hotline.room.cancel_appointment", room=room)
    before = wired.everything()
    await staff.result("hotline.room.cancel_appointment", room=room)
    assert wired.everything() == before
    assert room not in await lines(staff)
    place = await client.result("hotline.anteroom.place", room=room)
    assert place["appointment"]["cancelled"]
    await wired.settled()
    changes = [
        array[5]["change"] for array in scene.guests["manager"].events if array[5]["room"]["room"] == room
    ]
    # A ring that is heard late tells what is by then: it may be told twice that the room is gone.
    first = changes.index("removed")
    assert set(changes[:first]) <= {"updated"}
    assert set(changes[first:]) == {"removed"}
    assert other.guests["manager"].events == []
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        noted, _ = await audit.list_before(tx, scene.house.organisation_id, subject_id=room)
    actions = [each.action for each in noted if each.action.startswith("appointment")]
    assert actions == [Action.APPOINTMENT_CANCELLED, Action.APPOINTMENT_MOVED, Action.APPOINTMENT_MADE]


@ensureDeferred
async def test_whether_there_is_a_code(wired: Wired, now: Now) -> None:
    """Consultants learn it as soon as there is one, of a conversation that has ended, too; never which."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    client, staff, room = scene.guests["client"], scene.guests["staff"], scene.served.room_id
    await wired.settled()
    for guest in (staff, other.guests["staff"]):
        await guest.subscribe("hotline.clientlist")
    assert "return_code" not in (await lines(staff))[room]
    await staff.result("hotline.room.appoint", room=room, at=later(now, days=1))
    await staff.result("hotline.room.close", room=room)
    await wired.settled()
    code = (await client.result("hotline.anteroom.make_return_code", room=room))["return_code"]
    heard = await staff.next(lambda array: array[0] == 36 and "return_code" in array[5]["room"])
    assert (heard[5]["change"], heard[5]["room"]["room"], heard[5]["room"]["return_code"]) == (
        "updated",
        room,
        True,
    )
    assert (await lines(staff))[room] == heard[5]["room"]
    assert code not in str(heard)
    assert other.guests["staff"].events == []


@ensureDeferred
async def test_who_may_give_one(wired: Wired, now: Now) -> None:
    """Whoever is in the room while it is open; nobody anew when it has ended; never in the past."""
    scene = await make_scene(wired, now(), "own")
    staff, room = scene.guests["staff"], scene.served.room_id
    for name in ("colleague", "manager", "client"):
        answer = await scene.guests[name].call("hotline.room.appoint", room=room, at=later(now, hours=1))
        assert uri_of(answer) == NOT_ALLOWED, name
    for at in (later(now, minutes=-1), later(now, days=61), "soon"):
        answer = await staff.call("hotline.room.appoint", room=room, at=at)
        assert (uri_of(answer), list(answer[6])) == ("hotline.error.invalid", ["at"])
    await staff.result("hotline.room.close", room=room)
    answer = await staff.call("hotline.room.appoint", room=room, at=later(now, hours=1))
    assert uri_of(answer) == "hotline.error.room_closed"
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        assert await appointments.find(tx, scene.house.organisation_id, scene.served.actor.id) is None


@ensureDeferred
async def test_coming_by_it(wired: Wired, now: Now) -> None:
    """Too early it is only told; from ten minutes before the client is let in though it is closed, into a new
    room, before who only came earlier and after who is urgent; and not once more when they have talked."""
    scene, code = await appointed(wired, now, hours=1)
    house, staff = scene.house, scene.guests["staff"]
    urgent = await make_client(wired.database, house, now(), "urgent")
    await staff.result("hotline.room.set_priority", room=urgent.room_id, priority=1)
    await scene.guests["manager"].result("hotline.organisation.set", hours=CLOSED, at_closing="dismiss")
    now.advance(minutes=49)
    early = await wired.join("own")
    found = await early.result("hotline.anteroom.come_back", return_code=code)
    assert (found["room"], found["status"]) == (scene.served.room_id, "closed")
    assert (await early.result("hotline.anteroom.place", room=found["room"]))["appointment"]
    assert uri_of(await early.call("hotline.anteroom.enter", name="Robin")) == NOT_ALLOWED
    now.advance(minutes=1)
    phone = await wired.join("own")
    found = await phone.result("hotline.anteroom.come_back", return_code=code)
    assert (found["status"], found["position"], found["left_message"]) == ("waiting", 2, False)
    room = found["room"]
    assert room != scene.served.room_id
    assert (await phone.result("hotline.anteroom.place", room=room))["appointment"] is None, "it has come"
    listed = await lines(staff)
    assert listed[room]["appointment"]["kept"]
    assert scene.served.room_id not in listed
    assert [line["position"] for line in listed.values() if line["position"]] == [1, 2, 3]
    await wired.upkeep.beat()
    assert set(await lines(staff)) == {room}, "the others are sent away at closing time"
    again = await wired.join("own")
    assert (await again.result("hotline.anteroom.come_back", return_code=code))["room"] == room
    await staff.result("hotline.room.claim", room=room)
    await staff.result("hotline.room.close", room=room)
    assert await lines(staff) == {}
    last = await wired.join("own")
    found = await last.result("hotline.anteroom.come_back", return_code=code)
    assert (found["room"], found["status"]) == (room, "closed")
    now.advance(hours=2)
    await wired.upkeep.beat()
    async with wired.database.transaction(house.organisation_id) as tx:
        assert await appointments.find(tx, house.organisation_id, scene.served.actor.id) is None


@ensureDeferred
async def test_on_two_devices_at_once(wired: Wired, now: Now) -> None:
    """Both are let in by the same new room, and it is counted once."""
    scene, code = await appointed(wired, now, minutes=5)
    come_back = "hotline.anteroom.come_back"
    devices = [await wired.join("own") for _ in range(2)]
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        await rooms.lock(tx, scene.house.organisation_id, scene.served.room_id)
        coming = [Deferred.fromCoroutine(each.result(come_back, return_code=code)) for each in devices]
        while (await tx.get(STANDING_STILL)).count < len(devices):
            await deferLater(wired.reactor, 0.01, lambda: None)
    found = await gatherResults(coming)
    [room] = {each["room"] for each in found}
    assert room != scene.served.room_id
    assert [each["position"] for each in found] == [1, 1]
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        there = await rooms.list_of_client(tx, scene.house.organisation_id, scene.served.actor.id)
    assert [each.room_id for each in there] == [room, scene.served.room_id]
    [kept] = [row for row in wired.everything()["counts"] if "appointments_kept" in row]
    assert kept.endswith(",1)")


@ensureDeferred
async def test_a_message_that_was_left(wired: Wired, now: Now) -> None:
    """Whoever answers it gives the appointment; its client, already here by then, is in the conversation."""
    scene = await make_scene(wired, now(), "own")
    visitor, staff = scene.guests["visitor"], scene.guests["staff"]
    left = await visitor.result("hotline.anteroom.leave_message", name="Robin", text="Are you there?")
    await staff.result("hotline.room.claim", room=left["room"])
    await staff.result("hotline.room.appoint", room=left["room"], at=later(now, hours=1))
    await staff.result("hotline.room.release", room=left["room"])
    await wired.settled()
    await visitor.subscribe(f"hotline.room.{left['room']}.place")
    wired.news.look()
    assert (await visitor.next(of_appointment))[5]["appointment"]["return_code"], "told, if a ring was lost"
    await wired.upkeep.beat()
    assert (await lines(staff))[left["room"]]["left_message"]
    now.advance(minutes=50)
    await wired.upkeep.beat()
    line = (await lines(staff))[left["room"]]
    assert (line["status"], line["position"], line["left_message"]) == ("waiting", 1, False)
    assert line["appointment"]["kept"]
    # Put off once more: it waits as others do.
    await staff.result("hotline.room.claim", room=left["room"])
    await staff.result("hotline.room.appoint", room=left["room"], at=later(now, hours=5))
    await staff.result("hotline.room.release", room=left["room"])
    line = (await lines(staff))[left["room"]]
    assert (line["position"], line["appointment"]["kept"]) == (2, False)


@ensureDeferred
async def test_kept_until_it_is_over(wired: Wired, now: Now) -> None:
    """The conversation is there as long as the appointment is ahead; whoever misses it is counted, and then
    it goes as any other."""
    scene, code = await appointed(wired, now, days=30)
    organisation_id = scene.house.organisation_id
    now.advance(days=30, minutes=31)
    await wired.upkeep.beat()
    guest = await wired.join("own")
    assert (await guest.result("hotline.anteroom.come_back", return_code=code))["status"] == "closed"
    now.advance(hours=1)
    await wired.upkeep.beat()
    async with wired.database.transaction(organisation_id) as tx:
        assert await rooms.list_of_client(tx, organisation_id, scene.served.actor.id) == []
    found = wired.everything()
    assert found["appointments"] == []
    numbers = {row for row in found["counts"] if "appointments" in row}
    assert {each.split(",")[2] for each in numbers} == {"appointments_made", "appointments_missed"}
