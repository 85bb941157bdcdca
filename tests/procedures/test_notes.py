"""Notes and drafts reach those whom they are for, on every page, and no client by any way."""

from __future__ import annotations

import json
from typing import Any

from pytest_twisted import ensureDeferred

from hotline.errors import NonceReused
from tests.conftest import Now
from tests.procedures.test_matrix import NOT_ALLOWED, NOT_AUTHORIZED, NOT_FOUND, add_token, make_scene
from tests.procedures.wired import Guest, Wired, uri_of

SECRET = "he must not read this"


async def told(guest: Guest, topic_kwargs: str = "text") -> dict[str, Any]:
    """The next event that has such a keyword argument."""
    array = await guest.next(lambda array: array[0] == 36 and topic_kwargs in array[5])
    return dict(array[5])


@ensureDeferred
async def test_notes_reach_consultants_and_managers(wired: Wired, now: Now) -> None:
    """Whoever is in the room and every manager, in a sequence of their own, after its end, too."""
    scene = await make_scene(wired, now(), "own")
    staff, manager, colleague = (scene.guests[name] for name in ("staff", "manager", "colleague"))
    room = scene.served.room_id
    topic = f"hotline.room.{room}.notes"
    for guest in (staff, manager):
        assert (await guest.subscribe(topic))[0] == 33
    assert uri_of(await colleague.subscribe(topic)) == NOT_AUTHORIZED
    note = await staff.result("hotline.room.note", room=room, text=f"  {SECRET} ", nonce="1")
    assert (note["seq"], note["kind"], note["text"], note["sender"]["id"]) == (
        1,
        "note",
        SECRET,
        scene.house.staff.id,
    )
    for guest in (staff, manager):
        assert await told(guest) == note
    assert await staff.result("hotline.room.note", room=room, text=SECRET, nonce="1") == note
    reused = await staff.call("hotline.room.note", room=room, text="another", nonce="1")
    assert uri_of(reused) == NonceReused.uri
    await scene.guests["client"].result("hotline.room.close", room=room)
    await manager.result("hotline.room.note", room=room, text="to be discussed", nonce="1")
    assert (await told(staff))["seq"] == 2
    page = await manager.result("hotline.room.notes", room=room, limit=1)
    assert (page["notes"], page["more"]) == ([note], True)
    page = await staff.result("hotline.room.notes", room=room, after=1)
    assert ([each["text"] for each in page["notes"]], page["more"]) == (["to be discussed"], False)
    assert (await staff.result("hotline.room.join", room=room))["last_note"] == 2
    # The room's own sequence knows nothing of them.
    history = await staff.result("hotline.room.history", room=room)
    assert [message["kind"] for message in history["messages"]] == ["entered", "claimed", "closed"]


@ensureDeferred
async def test_who_stops_being_a_manager_follows_no_more(wired: Wired, now: Now) -> None:
    """Nor does who has left the room."""
    scene = await make_scene(wired, now(), "own")
    staff, manager = scene.guests["staff"], scene.guests["manager"]
    room = scene.served.room_id
    topic = f"hotline.room.{room}.notes"
    await staff.result("hotline.room.transfer", room=room, to=scene.house.colleague.id, note="yours")
    assert uri_of(await staff.subscribe(topic)) == NOT_AUTHORIZED
    colleague = scene.guests["colleague"]
    for guest in (manager, colleague):
        assert (await guest.subscribe(topic))[0] == 33
    await manager.result("hotline.staff.set_role", id=scene.house.staff.id, role="manager")
    await wired.settled()
    await staff.result("hotline.staff.set_role", id=scene.house.manager.id, role="staff")
    await colleague.result("hotline.room.release", room=room)
    await wired.settled()
    for guest in (manager, colleague):
        guest.link.sent.clear()
    await staff.result("hotline.room.note", room=room, text=SECRET, nonce="1")
    await wired.settled()
    assert manager.events == colleague.events == []
    for guest in (manager, colleague):
        assert uri_of(await guest.call("hotline.room.notes", room=room)) == NOT_ALLOWED


@ensureDeferred
async def test_no_client_ever_gets_a_note(wired: Wired, now: Now) -> None:
    """Whatever any client, or anybody of another organisation, subscribes to, calls or publishes before and
    after: no byte that reaches them has a word of a note in it.
    """
    scene, foreign = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "foreign")
    room = scene.served.room_id
    topic = f"hotline.room.{room}"
    outsiders = {
        "visitor": scene.guests["visitor"],
        "client": scene.guests["client"],
        "other client": scene.guests["other client"],
        **{f"foreign {name}": guest for name, guest in foreign.guests.items()},
    }
    script = await wired.join("foreign", "manager", "manager-secret")
    outsiders["foreign script"] = script

    async def try_everything(guest: Guest) -> None:
        answers = [await guest.subscribe(f"{topic}.notes"), await guest.publish(f"{topic}.notes", SECRET[:5])]
        assert [uri_of(answer) for answer in answers] == [NOT_AUTHORIZED, NOT_AUTHORIZED]
        for pattern, match in (
            (topic, "prefix"),
            ("hotline.room.", "prefix"),
            ("hotline.", "prefix"),
            ("", "prefix"),
            (f"hotline.room.{room}.", "wildcard"),
            ("hotline.room..notes", "wildcard"),
            ("...", "wildcard"),
        ):
            assert (await guest.ask(32, {"match": match}, pattern))[0] == 8, (pattern, match)
        for suffix in ("", ".typing", ".seen", ".place"):
            await guest.subscribe(topic + suffix)
        for procedure, arguments in (
            ("hotline.room.notes", {"room": room}),
            ("hotline.room.note", {"room": room, "text": "mine", "nonce": "1"}),
            ("hotline.room.history", {"room": room}),
            ("hotline.room.join", {"room": room}),
            ("hotline.room.profile", {"room": room}),
            ("hotline.anteroom.place", {"room": room}),
            ("hotline.clientlist.closed", {}),
            ("hotline.me.drafts", {}),
            ("wamp.subscription.list", {}),
            ("wamp.subscription.lookup", {}),
        ):
            answer = await guest.call(procedure, **arguments)
            if procedure.startswith("hotline.room.note"):
                assert uri_of(answer) in (NOT_ALLOWED, NOT_FOUND), answer
        for subscription in range(1, 40):
            answer = await guest.call("wamp.subscription.get_events", subscription=subscription, limit=200)
            assert SECRET not in str(answer)

    for guest in outsiders.values():
        await try_everything(guest)
    staff = scene.guests["staff"]
    for suffix in (".notes", ""):
        assert (await staff.subscribe(topic + suffix))[0] == 33
    await staff.result("hotline.room.note", room=room, text=SECRET, nonce="1")
    await staff.result("hotline.me.set_draft", room=room, text=f"draft: {SECRET}")
    to_manager = {"room": room, "to": scene.house.manager.id, "note": SECRET}
    await staff.result("hotline.room.ask", **to_manager)
    await staff.result("hotline.room.transfer", **to_manager)
    await scene.guests["manager"].result("hotline.room.release", room=room, note=SECRET)
    await wired.settled()
    for guest in outsiders.values():
        await try_everything(guest)
    await wired.settled()
    for name, guest in outsiders.items():
        assert SECRET not in json.dumps(guest.link.sent), name
    joined = await scene.guests["client"].result("hotline.room.join", room=room)
    assert not {"note", "last_note", "asked"} & joined.keys()


@ensureDeferred
async def test_drafts_are_ones_own_on_every_page(wired: Wired, now: Now) -> None:
    """All sessions of the person learn of them, nobody else; they go when sent, left or closed."""
    scene = await make_scene(wired, now(), "own")
    staff, manager = scene.guests["staff"], scene.guests["manager"]
    await add_token(wired.database, scene.house, scene.house.staff, "elsewhere", now())
    second = await wired.join("own", "elsewhere", "elsewhere-secret")
    room, waiting = scene.served.room_id, scene.waiting.room_id
    topic = f"hotline.me.{scene.house.staff.id}.drafts"
    for guest in (staff, second):
        assert (await guest.subscribe(topic))[0] == 33
    for name in ("manager", "colleague", "client", "visitor"):
        assert uri_of(await scene.guests[name].subscribe(topic)) == NOT_AUTHORIZED, name
    for wrong in ("hotline.me..drafts", f"hotline.me.{scene.house.staff.id}", "hotline.me.drafts"):
        assert (await staff.subscribe(wrong))[0] == 8, wrong
    assert uri_of(await second.publish(topic, room=room)) == NOT_AUTHORIZED

    async def put(guest: Guest, text: str, where: str = room) -> None:
        at = (await guest.result("hotline.me.set_draft", room=where, text=text))["at"]
        for each in (staff, second):
            assert await told(each, "at") == {"room": where, "text": text, "at": at if text else None}

    await put(staff, " I think ")
    now.advance(seconds=1)
    await put(second, "I think that")
    assert [draft["text"] for draft in await staff.result("hotline.me.drafts")] == ["I think that"]
    assert await manager.result("hotline.me.drafts") == []
    await put(staff, "")
    assert await staff.result("hotline.me.drafts") == []
    await put(staff, "unsent")
    await staff.result("hotline.room.claim", room=waiting)
    await put(staff, "unsent, too", waiting)
    await scene.guests["client"].result("hotline.room.close", room=room)
    assert await told(second, "at") == {"room": room, "text": "", "at": None}
    closed = await staff.call("hotline.me.set_draft", room=room, text="late")
    assert uri_of(closed) == "hotline.error.room_closed"
    await staff.result("hotline.room.leave", room=waiting)
    assert await told(second, "at") == {"room": waiting, "text": "", "at": None}
    assert await staff.result("hotline.me.drafts") == []


@ensureDeferred
async def test_what_arrived_and_what_was_seen(wired: Wired, now: Now) -> None:
    """Both marks go forwards only, seen includes delivered, and the others are told what has changed."""
    scene = await make_scene(wired, now(), "own")
    client, staff = scene.guests["client"], scene.guests["staff"]
    room, me = scene.served.room_id, scene.served.actor.id
    assert (await staff.subscribe(f"hotline.room.{room}.seen"))[0] == 33
    await client.result("hotline.room.delivered", room=room, seq=2)
    assert await told(staff, "delivered") == {"id": me, "seq": 0, "delivered": 2}
    await client.result("hotline.room.seen", room=room, seq=1)
    assert await told(staff, "delivered") == {"id": me, "seq": 1, "delivered": 2}
    for procedure, seq in (("delivered", 1), ("seen", 0), ("delivered", 99)):
        await client.result(f"hotline.room.{procedure}", room=room, seq=seq)
    await wired.settled()
    assert staff.events == []
    await client.result("hotline.room.seen", room=room, seq=99)
    assert await told(staff, "delivered") == {"id": me, "seq": 2, "delivered": 2}
    joined = await staff.result("hotline.room.join", room=room)
    staff_id = scene.house.staff.id
    assert (joined["seen"], joined["delivered"]) == ({me: 2, staff_id: 0}, {me: 2, staff_id: 0})


@ensureDeferred
async def test_the_clientlist_tells_of_what_consultants_do(wired: Wired, now: Now) -> None:
    """Urgency, being asked in, coming in and going change the room's line for everybody at once."""
    scene = await make_scene(wired, now(), "own")
    manager, colleague = scene.guests["manager"], scene.guests["colleague"]
    assert (await manager.subscribe("hotline.clientlist"))[0] == 33
    assert (await manager.subscribe("hotline.staff"))[0] == 33

    async def line(**wanted: Any) -> None:
        await manager.next(
            lambda array: array[0] == 36 and wanted.items() <= array[5].get("room", {}).items()
        )

    room = scene.served.room_id
    await colleague.result("hotline.room.set_priority", room=scene.waiting.room_id, priority=1)
    await line(room=scene.waiting.room_id, priority=1, position=1)
    await scene.guests["staff"].result("hotline.room.ask", room=room, to=scene.house.colleague.id)
    await line(room=room, asked=[scene.house.colleague.id])
    now.advance(seconds=1)
    await colleague.result("hotline.room.join", room=room)
    people = [{"id": person.id, "name": person.name} for person in (scene.house.staff, scene.house.colleague)]
    await line(room=room, members=people)
    await colleague.result("hotline.room.leave", room=room)
    await line(room=room, members=people[:1])
    await scene.guests["staff"].result("hotline.room.release", room=room)
    told_of = await manager.next(
        lambda array: (
            array[0] == 36
            and array[5].get("consultant", {}).get("id") == scene.house.staff.id
            and array[5]["consultant"]["rooms"] == 0
        )
    )
    assert told_of[5]["consultant"]["limit"] == 3
