"""Ending and blocking: who it holds for and how long, who agrees, who lifts, and what is left of it."""

from __future__ import annotations

from typing import Any

from pytest_twisted import ensureDeferred

from hotline.domain.times import wire_time
from hotline.store import blocks
from tests.conftest import Now
from tests.procedures.test_matrix import Scene, make_scene
from tests.procedures.wired import Guest, Wired, uri_of

DEVICE = "a-random-word-of-this-device"
NOT_ALLOWED = "hotline.error.not_allowed"


async def block(scene: Scene, hours: int = 5) -> dict[str, Any]:
    result = await scene.guests["staff"].result(
        "hotline.room.block", room=scene.served.room_id, hours=hours, reason="insults"
    )
    return dict(result)


async def standing(guest: Guest, **more: Any) -> tuple[str, str | None, bool]:
    found = await guest.result("hotline.anteroom.describe", **more)
    return found["service"], found["opens_at"], found["may_leave_message"]


@ensureDeferred
async def test_a_blocked_client_is_known_by_key_code_and_device(wired: Wired, now: Now) -> None:
    """The room ends and says so; none of the three gets a new one until it is over."""
    scene = await make_scene(wired, now(), "own")
    client = scene.guests["client"]
    code = (await client.result("hotline.anteroom.make_return_code", room=scene.served.room_id))[
        "return_code"
    ]
    blocked = await block(scene)
    hour = wire_time(now()).replace("12:00", "13:00")
    assert (blocked["until"], blocked["wanted_until"]) == (hour, hour.replace("13:00", "17:00"))
    assert (blocked["name"], blocked["room"]) == ("served at own", scene.served.room_id)
    history = await client.result("hotline.room.history", room=scene.served.room_id)
    assert [each["kind"] for each in history["messages"][-2:]] == ["blocked", "closed"]
    refusal = {"reason": "blocked", "until": hour}
    # A word that nobody who is blocked has shown means nothing.
    visitor = await wired.join("own")
    assert (await standing(visitor, device=DEVICE))[0] == "open"
    assert await standing(client, device=DEVICE) == ("blocked", hour, False)
    assert await standing(visitor) == ("open", None, True)
    assert await standing(visitor, device=DEVICE) == ("blocked", hour, False)
    again = await wired.join("own", scene.served.actor.id, scene.served.key)
    for guest, device in ((client, {}), (again, {}), (visitor, {"device": DEVICE})):
        answer = await guest.call("hotline.anteroom.enter", name="Robin", **device)
        assert (uri_of(answer), answer[6]) == (NOT_ALLOWED, refusal)
    for procedure, arguments in (
        ("leave_message", {"name": "Robin", "text": "hello", "device": DEVICE}),
        ("come_back", {"return_code": code}),
    ):
        answer = await visitor.call(f"hotline.anteroom.{procedure}", **arguments)
        assert (uri_of(answer), answer[6]) == (NOT_ALLOWED, refusal)
    now.advance(hours=1)
    await wired.upkeep.beat()
    assert wired.everything()["blocks"] == wired.everything()["blocked_devices"] == []
    assert await standing(visitor, device=DEVICE) == ("open", None, True)
    await visitor.result("hotline.anteroom.enter", name="Robin", device=DEVICE)
    await client.result("hotline.anteroom.enter", name="Robin")


@ensureDeferred
async def test_somebody_else_agrees(wired: Wired, now: Now) -> None:
    """Not who blocked; then it holds as long as was wanted, and one of the two, or a manager, may lift it."""
    scene = await make_scene(wired, now(), "own")
    staff, colleague, manager = (scene.guests[name] for name in ("staff", "colleague", "manager"))
    await colleague.subscribe("hotline.blocks")
    blocked = await block(scene)
    told = await colleague.next(lambda array: array[0] == 36)
    assert told[5] == {"blocks": 1, "unagreed": 1}
    found = await colleague.result("hotline.blocks.list")
    assert found == {"blocks": [blocked], "more": False}
    own = await staff.call("hotline.blocks.agree", id=blocked["id"])
    assert (uri_of(own), own[6]) == (NOT_ALLOWED, {"reason": "own"})
    assert (await colleague.call("hotline.blocks.lift", id=blocked["id"]))[6] == {"reason": "not_yours"}
    agreed = await colleague.result("hotline.blocks.agree", id=blocked["id"])
    assert (agreed["until"], agreed["wanted_until"]) == (blocked["wanted_until"], None)
    assert agreed["agreed_by"] == {"id": scene.house.colleague.id, "name": scene.house.colleague.name}
    assert (await manager.call("hotline.blocks.agree", id=blocked["id"]))[6] == {"reason": "agreed"}
    told = await colleague.next(lambda array: array[0] == 36)
    assert told[5] == {"blocks": 1, "unagreed": 0}
    now.advance(hours=4, minutes=59)
    await wired.upkeep.beat()
    assert (await standing(scene.guests["client"]))[0] == "blocked"
    await manager.result("hotline.blocks.lift", id=blocked["id"])
    assert (await standing(scene.guests["client"]))[0] == "open"
    assert wired.everything()["blocks"] == []
    assert uri_of(await staff.call("hotline.blocks.lift", id=blocked["id"])) == "hotline.error.not_found"


@ensureDeferred
async def test_what_the_organisation_wants_and_what_was_left(wired: Wired, now: Now) -> None:
    """Without the second person it holds at once; a closed room can be the reason; a new one ends with it."""
    scene = await make_scene(wired, now(), "own")
    await scene.guests["manager"].result("hotline.organisation.set", block_second_person=False)
    client = scene.guests["client"]
    await client.result("hotline.room.leave", room=scene.served.room_id)
    second = (await client.result("hotline.anteroom.enter", name="Robin"))["room"]
    blocked = await block(scene, hours=720)
    assert (blocked["until"], blocked["wanted_until"]) == ("2026-12-22T12:00:00.000Z", None)
    listed = {each["room"] for each in await scene.guests["staff"].result("hotline.clientlist.get")}
    assert second not in listed
    history = await client.result("hotline.room.history", room=second)
    assert history["messages"][-1]["kind"] == "closed"
    # What is kept of the client goes by its own time; the block stays, and says neither name nor room.
    now.advance(hours=49)
    await wired.upkeep.beat()
    (left,) = (await scene.guests["staff"].result("hotline.blocks.list"))["blocks"]
    assert (left["name"], left["room"], left["reason"]) == (None, None, "insults")


@ensureDeferred
async def test_who_is_blocked_is_not_asked_how_it_was(wired: Wired, now: Now) -> None:
    """The survey is not for whoever was sent away, unless the block is lifted."""
    scene = await make_scene(wired, now(), "own")
    client, manager, room = scene.guests["client"], scene.guests["manager"], scene.served.room_id
    question = {"name": "helped", "label": "Did it help?", "kind": "text"}
    await manager.result("hotline.forms.set", form="survey", questions=[question])
    blocked = await block(scene, 1)
    assert await client.result("hotline.anteroom.survey", room=room) == {"questions": None}
    answer = await client.call("hotline.anteroom.answer_survey", room=room, answers={"helped": "No"})
    assert (uri_of(answer), answer[6]) == (NOT_ALLOWED, {"reason": "blocked"})
    assert wired.everything()["surveys"] == []
    await manager.result("hotline.blocks.lift", id=blocked["id"])
    (asked,) = (await client.result("hotline.anteroom.survey", room=room))["questions"]
    assert asked["name"] == "helped"


@ensureDeferred
async def test_lists_and_devices_have_an_end(wired: Wired, now: Now) -> None:
    """The list comes in parts, unagreed ones first; of one client so many devices are remembered."""
    scene = await make_scene(wired, now(), "own")
    organisation_id = scene.house.organisation_id
    ids = []
    for hours in (1, 5, 1, 3):
        ids.append((await block(scene, hours))["id"])
        now.advance(seconds=1)
    staff = scene.guests["staff"]
    first = await staff.result("hotline.blocks.list", limit=3)
    rest = await staff.result("hotline.blocks.list", after=3)
    assert (first["more"], rest["more"]) == (True, False)
    assert [each["id"] for each in first["blocks"] + rest["blocks"]] == [ids[1], ids[3], ids[0], ids[2]]
    for number in range(12):
        await standing(scene.guests["client"], device=f"another-word-of-a-device-{number}")
    async with wired.database.transaction(organisation_id) as tx:
        shown = await tx.rows("SELECT block_id, count(*) AS devices FROM blocked_devices GROUP BY block_id")
        assert {row.devices for row in shown} == {10}
        assert len(shown) == 4
        other = await blocks.find_until(tx, organisation_id, "", b"another hash", now())
    assert other is None
