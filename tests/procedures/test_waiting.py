"""Finding it closed, paused or full; waiting with an estimate; leaving a message; coming back by a code."""

from __future__ import annotations

from typing import Any

from pytest_twisted import ensureDeferred

from hotline.upkeep import Upkeep
from tests.conftest import Now
from tests.procedures.test_matrix import Scene, make_scene
from tests.procedures.wired import Guest, Wired, uri_of

NOT_ALLOWED = "hotline.error.not_allowed"
NOT_FOUND = "hotline.error.not_found"
INVALID = "hotline.error.invalid"
TOO_FAST = "hotline.error.too_fast"
# The tests' clock begins on a Sunday, at 12:00 UTC.
OPEN = {"sunday": [["10:00", "15:00"]]}
CLOSED = {"monday": [["10:00", "15:00"]]}


async def refused(guest: Guest, procedure: str, **kwargs: Any) -> str:
    """The reason of a not_allowed."""
    answer = await guest.call(procedure, **kwargs)
    assert uri_of(answer) == NOT_ALLOWED, answer
    return str(answer[6]["reason"])


async def change(scene: Scene, **settings: Any) -> Any:
    return await scene.guests["manager"].result("hotline.organisation.set", **settings)


@ensureDeferred
async def test_what_a_visitor_finds(wired: Wired, now: Now) -> None:
    """Service, hours, numbers and the organisation's own words, each in the language asked for."""
    scene = await make_scene(wired, now(), "own")
    visitor = scene.guests["visitor"]
    found = await visitor.result("hotline.anteroom.describe")
    assert (found["open"], found["service"], found["schedule"], found["closes_at"]) == (
        True,
        "open",
        None,
        None,
    )
    assert (found["consultants_here"], found["waiting"], found["estimate"]) == (3, 1, None)
    await scene.guests["colleague"].result("hotline.me.set_presence", presence="busy")
    await change(
        scene,
        hours=OPEN,
        time_zone="Europe/Berlin",
        languages=["de", "en"],
        texts={"de": {"welcome": "Hallo", "closed": "Zu"}, "en": {"welcome": "Hello"}},
        elsewhere={"de": [{"name": "Seelsorge", "contact": "0800 1110111"}]},
        neutral_title=True,
        exit_url="https://www.example.org/",
        logo_text="OWN",
    )
    found = await visitor.result("hotline.anteroom.describe", language="en-GB")
    assert found["consultants_here"] == 2
    assert (found["closes_at"], found["dismisses_at"]) == ("2026-11-22T14:00:00.000Z", None)
    await change(scene, at_closing="dismiss")
    found = await visitor.result("hotline.anteroom.describe", language="en-GB")
    assert found["dismisses_at"] == found["closes_at"]
    assert found["closes_at"] == "2026-11-22T14:00:00.000Z"
    assert found["schedule"] == [
        {"opens_at": f"2026-11-{day}T09:00:00.000Z", "closes_at": f"2026-11-{day}T14:00:00.000Z"}
        for day in (22, 29)
    ]
    assert (found["language"], found["languages"], found["time_zone"]) == (
        "en",
        ["de", "en"],
        "Europe/Berlin",
    )
    assert found["texts"] == {"welcome": "Hello", "closed": "Zu"}
    assert found["elsewhere"] == [
        {"name": "Seelsorge", "contact": "0800 1110111", "href": "tel:08001110111", "text": ""}
    ]
    assert (found["neutral_title"], found["exit_url"]) == (True, "https://www.example.org/")
    assert found["logo_text"] == "OWN"
    now.advance(hours=3)
    found = await visitor.result("hotline.anteroom.describe")
    assert (found["open"], found["service"]) == (False, "closed")
    assert found["opens_at"] == "2026-11-29T09:00:00.000Z"
    assert found["may_leave_message"] is True


@ensureDeferred
async def test_another_language_in_mid_conversation(wired: Wired, now: Now) -> None:
    """What a client asks for after entering is shown to consultants; who asks for none changes nothing."""
    scene = await make_scene(wired, now(), "own")
    other = await make_scene(wired, now(), "other")
    client, staff, room = scene.guests["client"], scene.guests["staff"], scene.served.room_id

    async def shown() -> set[str | None]:
        lines = await staff.result("hotline.clientlist.get")
        [line] = [line for line in lines if line["room"] == room]
        return {line.get("language"), (await staff.result("hotline.room.profile", room=room))["language"]}

    for asked, expected in (
        ({"language": "ar"}, "ar"),
        ({}, "ar"),
        ({"language": "de-x-informal"}, "de-x-informal"),
    ):
        await client.result("hotline.anteroom.describe", **asked)
        assert await shown() == {expected}
    before = wired.everything()
    assert uri_of(await client.call("hotline.anteroom.describe", language="no tag!")) == INVALID
    for guest in (scene.guests["visitor"], client):
        await guest.result("hotline.anteroom.describe", language="de-x-informal")
    assert wired.everything() == before
    assert not any(
        "language" in line for line in await other.guests["staff"].result("hotline.clientlist.get")
    )


@ensureDeferred
async def test_entering_is_refused_with_the_reason(wired: Wired, now: Now) -> None:
    """Closed by hours or by hand, paused, full: nothing is stored; those who wait stay."""
    scene = await make_scene(wired, now(), "own")
    visitor = scene.guests["visitor"]
    for settings, reason in (
        ({"hours": CLOSED}, "closed"),
        ({"hours": OPEN, "intake": "paused"}, "paused"),
        ({"intake": "closed"}, "closed"),
        ({"intake": "scheduled", "queue_limit": 1}, "full"),
    ):
        await change(scene, **settings)
        await wired.settled()
        before = wired.everything()
        assert await refused(visitor, "hotline.anteroom.enter", name="Robin") == reason
        assert wired.everything() == before
    await change(scene, queue_limit=2)
    now.advance(seconds=1)
    assert (await visitor.result("hotline.anteroom.enter", name="Robin"))["position"] == 2
    late = await wired.join("own")
    assert await refused(late, "hotline.anteroom.enter", name="Late") == "full"


@ensureDeferred
async def test_the_last_place_is_taken_once(wired: Wired, now: Now) -> None:
    """Of many who come at the same time no more are let in than may wait."""
    scene = await make_scene(wired, now(), "own")
    await change(scene, queue_limit=3)
    visitors = [await wired.join("own") for _ in range(6)]
    for visitor in visitors:
        visitor.send(48, 1, {}, "hotline.anteroom.enter", [], {"name": "Robin"})
    answers = [await visitor.next(lambda array: array[0] in (8, 50)) for visitor in visitors]
    assert sorted(answer[0] for answer in answers) == [8, 8, 8, 8, 50, 50]


@ensureDeferred
async def test_one_click(wired: Wired, now: Now) -> None:
    """Everybody pauses and goes on, managers close and open; consultants of no other organisation hear it."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    staff, manager = scene.guests["staff"], scene.guests["manager"]
    for guest in (scene.guests["colleague"], other.guests["staff"]):
        assert (await guest.subscribe("hotline.organisation"))[0] == 33
    shown = await staff.result("hotline.organisation.set_intake", intake="paused")
    assert shown == {"intake": "paused", "service": "paused", "opens_at": None, "closes_at": None}
    event = await scene.guests["colleague"].next(lambda array: array[0] == 36)
    assert event[5] == {"name": "Own", **shown}
    assert (await staff.result("hotline.organisation.set_intake", intake="scheduled"))["service"] == "open"
    assert "managers" in await refused(staff, "hotline.organisation.set_intake", intake="closed")
    assert (await manager.result("hotline.organisation.set_intake", intake="closed"))["service"] == "closed"
    for intake in ("paused", "scheduled"):
        assert "managers" in await refused(staff, "hotline.organisation.set_intake", intake=intake)
    assert (await manager.result("hotline.organisation.set_intake", intake="scheduled"))["service"] == "open"
    await wired.settled()
    assert other.guests["staff"].events == []


@ensureDeferred
async def test_settings_over_wamp(wired: Wired, now: Now) -> None:
    """What is given changes, all else stays; what is shown can be given again; one wrong one stops all."""
    scene = await make_scene(wired, now(), "own")
    manager = scene.guests["manager"]
    before = await scene.guests["staff"].result("hotline.organisation.get")
    assert (before["intake"], before["hours"], before["grace_seconds"]) == ("scheduled", None, 600)
    assert (before["waiting"], before["left_messages"], before["slug"]) == (1, 0, "own")
    shown = await change(scene, name="New", hours=OPEN, queue_limit=7, colours={"accent": "#123456"})
    assert {key for key in shown if shown[key] != before[key]} == {
        "name", "hours", "queue_limit", "colours", "closes_at",
    }  # fmt: skip
    computed = {"slug", "service", "opens_at", "closes_at", "waiting", "left_messages"}
    again = {key: value for key, value in shown.items() if key not in computed}
    assert await manager.result("hotline.organisation.set", **again) == shown
    answer = await manager.call(
        "hotline.organisation.set", name="Other", time_zone="Europe/Atlantis", grace_seconds=60
    )
    assert (uri_of(answer), set(answer[6])) == ("hotline.error.invalid", {"time_zone"})
    assert await scene.guests["staff"].result("hotline.organisation.get") == shown


@ensureDeferred
async def test_estimates_are_learnt(wired: Wired, now: Now) -> None:
    """After enough waits a range is given, to visitors and to those who wait; nobody's ids are kept."""
    scene = await make_scene(wired, now(), "own")
    await change(scene, rooms_per_consultant=0)
    staff = scene.guests["staff"]
    await change(scene, rooms_per_consultant=0)
    await staff.result("hotline.room.claim", room=scene.waiting.room_id)
    for minutes in (2, 4, 4, 5, 6, 6, 8, 9):
        visitor = await wired.join("own")
        entered = await visitor.result("hotline.anteroom.enter", name="Robin")
        assert (await visitor.result("hotline.anteroom.place", room=entered["room"]))["position"] == 1
        now.advance(minutes=minutes)
        await staff.result("hotline.room.claim", room=entered["room"])
        # Waiting again after its consultant has left is not a first wait.
        await staff.result("hotline.room.leave", room=entered["room"])
        await scene.guests["colleague"].result("hotline.room.claim", room=entered["room"])
    # Those two of the scene waited no time at all, and count too.
    expected = {"low_minutes": 1, "high_minutes": 7}
    assert (await scene.guests["visitor"].result("hotline.anteroom.describe"))["estimate"] == expected
    late = await wired.join("own")
    entered = await late.result("hotline.anteroom.enter", name="Late")
    place = await late.result("hotline.anteroom.place", room=entered["room"])
    assert (place["estimate"], place["consultants_here"]) == (expected, 3)
    for high_minutes in (2, 0):
        now.advance(minutes=5)
        place = await late.result("hotline.anteroom.place", room=entered["room"])
        assert place["estimate"] == {"low_minutes": 0, "high_minutes": high_minutes}
    for name in ("manager", "staff", "colleague"):
        await scene.guests[name].result("hotline.me.set_presence", presence="away")
    place = await late.result("hotline.anteroom.place", room=entered["room"])
    assert (place["estimate"], place["consultants_here"]) == (None, 0)
    await wired.settled()
    kept = wired.everything()["waits"]
    assert len(kept) == 10
    rooms_and_clients = [entered["room"], entered["client"], scene.waiting.room_id, scene.waiting.actor.id]
    assert not any(each in row for each in rooms_and_clients for row in kept)
    now.advance(days=15)
    await wired.upkeep.beat()
    assert wired.everything()["waits"] == []


@ensureDeferred
async def test_a_message_is_left_and_answered(wired: Wired, now: Now) -> None:
    """On the clientlist, in no queue, not closed by absence; read at the next visit by the code."""
    scene = await make_scene(wired, now(), "own")
    staff, visitor = scene.guests["staff"], scene.guests["visitor"]
    await change(scene, intake="closed")
    left = await visitor.result(
        "hotline.anteroom.leave_message", name="Kim", text=" Are you there? ", answers={"age": "15"}
    )
    assert set(left) == {"client", "room", "key", "return_code"}
    await wired.settled()
    (line,) = [each for each in await staff.result("hotline.clientlist.get") if each["room"] == left["room"]]
    assert (line["status"], line["position"], line["left_message"]) == ("waiting", None, True)
    assert (line["unread"], line["present"], line["lost_since"]) == (1, True, None)
    assert (await scene.guests["manager"].result("hotline.organisation.get"))["left_messages"] == 1
    assert (await scene.guests["manager"].result("hotline.organisation.get"))["waiting"] == 1
    history = await visitor.result("hotline.room.history", room=left["room"])
    assert [(each["kind"], each["text"]) for each in history["messages"]] == [
        ("entered", "Kim left a message."),
        ("message", "Are you there?"),
    ]
    visitor.session.link_lost()
    await wired.settled()
    now.advance(days=2)
    await wired.upkeep.beat()
    await staff.result("hotline.room.claim", room=left["room"])
    topic = f"hotline.room.{left['room']}"
    assert (await staff.publish(topic, "We are now.", nonce="1"))[0] == 17
    await staff.result("hotline.room.close", room=left["room"])
    now.advance(days=20)
    await wired.upkeep.beat()
    back = await wired.join("own")
    found = await back.result("hotline.anteroom.come_back", return_code=left["return_code"].lower())
    assert (found["client"], found["room"], found["status"]) == (left["client"], left["room"], "closed")
    assert (found["position"], found["left_message"]) == (None, True)
    read = await back.result("hotline.room.history", room=left["room"])
    assert read["messages"][-2]["text"] == "We are now."
    # Once it was read it is kept as any other conversation is.
    await back.result("hotline.room.seen", room=left["room"], seq=read["messages"][-1]["seq"])
    back.session.link_lost()
    await wired.settled()
    now.advance(hours=47)
    await wired.upkeep.beat()
    again = await wired.join("own")
    assert (await again.result("hotline.anteroom.come_back", return_code=left["return_code"]))["room"]
    again.session.link_lost()
    await wired.settled()
    now.advance(hours=49)
    await wired.upkeep.beat()
    late = await wired.join("own")
    answer = await late.call("hotline.anteroom.come_back", return_code=left["return_code"])
    assert uri_of(answer) == NOT_FOUND
    assert left["client"] not in str(wired.everything())


@ensureDeferred
async def test_a_message_nobody_answers(wired: Wired, now: Now) -> None:
    """It is deleted with its client after the organisation's days; without leave it cannot be left."""
    scene = await make_scene(wired, now(), "own")
    await change(scene, intake="paused")
    visitor = scene.guests["visitor"]
    assert await refused(visitor, "hotline.anteroom.leave_message", name="Kim", text="Hello?") == "paused"
    await change(scene, intake="closed", messages_when_closed=False)
    assert await refused(visitor, "hotline.anteroom.leave_message", name="Kim", text="Hello?") == "closed"
    await change(scene, messages_when_closed=True, message_days=3)
    left = await visitor.result("hotline.anteroom.leave_message", name="Kim", text="Hello?")
    visitor.session.link_lost()
    await wired.settled()
    now.advance(days=3, seconds=-1)
    await wired.upkeep.beat()
    assert left["room"] in str(wired.everything()["rooms"])
    now.advance(seconds=1)
    await wired.upkeep.beat()
    assert left["client"] not in str(wired.everything())


@ensureDeferred
async def test_coming_back(wired: Wired, now: Now) -> None:
    """To the same room and place with a key that works; a new code ends the old one and its keys."""
    scene = await make_scene(wired, now(), "own")
    client = scene.guests["other client"]
    room = scene.waiting.room_id
    first = (await client.result("hotline.anteroom.make_return_code", room=room))["return_code"]
    assert len(first) == 19
    assert first not in str(wired.everything())
    phone = await wired.join("own")
    found = await phone.result("hotline.anteroom.come_back", return_code=first)
    assert (found["client"], found["room"], found["position"]) == (scene.waiting.actor.id, room, 1)
    assert [each["room"] for each in found["rooms"]] == [room]
    assert (await phone.publish(f"hotline.room.{room}", "it is me", nonce="n"))[0] == 17
    assert "entered already" in await refused(phone, "hotline.anteroom.come_back", return_code=first)
    assert (
        await (await wired.join("own", found["client"], found["key"])).result("hotline.room.join", room=room)
    )["status"] == "waiting"
    second = (await phone.result("hotline.anteroom.make_return_code", room=room))["return_code"]
    third = await wired.join("own")
    assert uri_of(await third.call("hotline.anteroom.come_back", return_code=first)) == NOT_FOUND
    assert (await third.result("hotline.anteroom.come_back", return_code=second))["room"] == room
    denied = await _denied(wired, found["client"], found["key"])
    assert denied == "wamp.error.authentication_denied"
    # The key of the first device is the client's own, and stays.
    assert (await wired.join("own", scene.waiting.actor.id, scene.waiting.key)).is_open


async def _denied(wired: Wired, authid: str, key: str) -> str:
    guest = Guest(wired, "json")
    guest.send(1, "own", {"roles": {"caller": {}}, "authmethods": ["ticket"], "authid": authid})
    await guest.next(lambda array: array[0] == 4)
    guest.send(5, key, {})
    return str((await guest.next(lambda array: array[0] == 3))[2])


@ensureDeferred
async def test_entering_again(wired: Wired, now: Now) -> None:
    """A new room after a closed one, which stays readable; a left message becomes a place in the queue."""
    scene = await make_scene(wired, now(), "own")
    await change(scene, intake="closed")
    visitor = scene.guests["visitor"]
    left = await visitor.result("hotline.anteroom.leave_message", name="Kim", text="Hello?")
    assert await refused(visitor, "hotline.anteroom.enter", name="Kim") == "closed"
    await change(scene, intake="scheduled")
    now.advance(seconds=1)
    entered = await visitor.result("hotline.anteroom.enter", name="Kim again")
    assert (entered["client"], entered["room"], entered["position"]) == (left["client"], left["room"], 2)
    assert "entered already" in await refused(visitor, "hotline.anteroom.enter", name="Kim")
    await wired.settled()
    line = next(
        each
        for each in await scene.guests["staff"].result("hotline.clientlist.get")
        if each["room"] == left["room"]
    )
    assert (line["position"], line["left_message"], line["name"]) == (2, False, "Kim again")
    await visitor.result("hotline.room.leave", room=left["room"])
    now.advance(hours=40)
    back = await wired.join("own")
    assert (await back.result("hotline.anteroom.come_back", return_code=left["return_code"]))[
        "status"
    ] == "closed"
    entered = await back.result("hotline.anteroom.enter", name="Kim")
    assert entered["client"] == left["client"]
    assert entered["room"] != left["room"]
    assert (await wired.join("own", entered["client"], entered["key"])).is_open
    found = await (await wired.join("own")).result(
        "hotline.anteroom.come_back", return_code=left["return_code"]
    )
    assert [each["status"] for each in found["rooms"]] == ["waiting", "closed"]
    # Each room ends with its own retention, the client with the last.
    await wired.settled()
    now.advance(hours=9)
    await wired.upkeep.beat()
    rooms = str(wired.everything()["rooms"])
    assert left["room"] not in rooms
    assert entered["room"] in rooms


@ensureDeferred
async def test_codes_cannot_be_guessed(wired: Wired, now: Now) -> None:
    """Wrong ones look like those of another organisation, and soon cost the session time; however many guess,
    others come back."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    code = (
        await other.guests["other client"].result(
            "hotline.anteroom.make_return_code", room=other.waiting.room_id
        )
    )["return_code"]
    visitor = scene.guests["visitor"]
    answers = [
        await visitor.call("hotline.anteroom.come_back", return_code=each)
        for each in (code, "0" * 16, "1" * 16, "2" * 16, "3" * 16)
    ]
    assert {uri_of(answer) for answer in answers} == {NOT_FOUND}
    assert {str(answer[5:]) for answer in answers} == {str(answers[0][5:])}
    answer = await visitor.call("hotline.anteroom.come_back", return_code="4" * 16)
    assert uri_of(answer) == TOO_FAST
    assert 0 < answer[6]["retry_after"] <= 60
    now.advance(seconds=61)
    assert uri_of(await visitor.call("hotline.anteroom.come_back", return_code="4" * 16)) == NOT_FOUND
    mine = (
        await scene.guests["other client"].result(
            "hotline.anteroom.make_return_code", room=scene.waiting.room_id
        )
    )["return_code"]
    for _ in range(30):
        guest = await wired.join("own")
        for number in range(5):
            await guest.call("hotline.anteroom.come_back", return_code=str(number) * 16)
    fresh = await wired.join("own")
    assert (await fresh.result("hotline.anteroom.come_back", return_code=mine))["room"]


@ensureDeferred
async def test_closing_time(wired: Wired, now: Now) -> None:
    """Those who wait are told and let go once, by whichever node; left messages and conversations stay."""
    scene = await make_scene(wired, now(), "own")
    await change(scene, messages_when_closed=True)
    left = await scene.guests["visitor"].result("hotline.anteroom.leave_message", name="Kim", text="Hello?")
    other_node = Upkeep(wired.reactor, wired.database, "other", wired.upkeep._limits, now)
    await change(scene, hours=OPEN, at_closing="serve")
    now.advance(hours=4)
    await wired.upkeep.beat()
    client = scene.guests["other client"]
    assert (await client.result("hotline.room.join", room=scene.waiting.room_id))["status"] == "waiting"
    await change(scene, at_closing="dismiss")
    now.advance(hours=-2)
    await wired.upkeep.beat()
    assert (await client.result("hotline.room.join", room=scene.waiting.room_id))["status"] == "waiting"
    now.advance(hours=2)
    await wired.upkeep.beat()
    await other_node.beat()
    await wired.settled()
    history = await client.result("hotline.room.history", room=scene.waiting.room_id)
    assert [each["kind"] for each in history["messages"]] == ["entered", "dismissed", "closed"]
    lines = {each["room"]: each for each in await scene.guests["staff"].result("hotline.clientlist.get")}
    assert set(lines) == {left["room"], scene.served.room_id}


@ensureDeferred
async def test_the_first_message_while_waiting(wired: Wired, now: Now) -> None:
    """What is written before anybody has come is there for whoever comes, and counted as unread."""
    scene = await make_scene(wired, now(), "own")
    client, staff = scene.guests["other client"], scene.guests["staff"]
    topic = f"hotline.room.{scene.waiting.room_id}"
    assert (await client.publish(topic, "I do not know how to begin", nonce="n"))[0] == 17
    line = next(
        each for each in await staff.result("hotline.clientlist.get") if each["room"] == scene.waiting.room_id
    )
    assert (line["status"], line["unread"], line["position"]) == ("waiting", 1, 1)
    await staff.result("hotline.room.claim", room=scene.waiting.room_id)
    history = await staff.result("hotline.room.history", room=scene.waiting.room_id)
    assert "how to begin" in history["messages"][1]["text"]


@ensureDeferred
async def test_a_place_is_held(wired: Wired, now: Now) -> None:
    """Through a lost connection for the organisation's grace time, with since when on the clientlist."""
    scene = await make_scene(wired, now(), "own")
    await change(scene, grace_seconds=120)
    scene.guests["other client"].session.link_lost()
    await wired.settled()
    lost_at = now()

    async def line() -> Any:
        listed = await scene.guests["staff"].result("hotline.clientlist.get")
        return next((each for each in listed if each["room"] == scene.waiting.room_id), None)

    now.advance(seconds=120)
    await wired.upkeep.beat()
    found = await line()
    assert (found["present"], found["position"]) == (False, 1)
    assert found["lost_since"] == f"{lost_at:%Y-%m-%dT%H:%M:%S}.000Z"
    again = await wired.join("own", scene.waiting.actor.id, scene.waiting.key)
    await wired.settled()
    assert (await again.result("hotline.anteroom.place", room=scene.waiting.room_id))["position"] == 1
    assert (await line())["lost_since"] is None
    again.session.link_lost()
    await wired.settled()
    now.advance(seconds=121)
    await wired.upkeep.beat()
    assert await line() is None
