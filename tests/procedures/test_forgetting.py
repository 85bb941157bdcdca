"""Clients delete their conversation at its end: it is gone for everybody, and a receipt says so."""

from __future__ import annotations

from typing import Any

from pytest_twisted import ensureDeferred

from hotline.store import receipts
from tests.conftest import Now
from tests.procedures.test_matrix import make_scene, without_audit
from tests.procedures.wired import Wired, uri_of

DELETE = "hotline.anteroom.delete"


def told(answer: list[Any]) -> tuple[str, dict[str, Any]]:
    return uri_of(answer), answer[6] if len(answer) > 6 else {}


@ensureDeferred
async def test_only_at_the_end_and_only_ones_own(wired: Wired, now: Now) -> None:
    """Not while it goes on; not another's; also after having left it; only once."""
    scene = await make_scene(wired, now(), "own")
    client, other = scene.guests["client"], scene.guests["other client"]
    room = scene.served.room_id
    assert told(await client.call(DELETE, room=room)) == ("hotline.error.not_allowed", {"reason": "open"})
    await client.result("hotline.room.leave", room=room)
    for stranger in (other, scene.guests["visitor"]):
        assert uri_of(await stranger.call(DELETE, room=room)) == "hotline.error.not_found"
    await client.result(DELETE, room=room)
    for asked in (DELETE, "hotline.room.history", "hotline.room.join"):
        assert uri_of(await client.call(asked, room=room)) == "hotline.error.not_found"
    # But that it was there, and is deleted.
    assert room not in str(without_audit(wired))
    assert scene.served.actor.id not in str(wired.everything())
    assert scene.waiting.room_id in str(wired.everything())


@ensureDeferred
async def test_consultants_see_it_go(wired: Wired, now: Now) -> None:
    """From the list of closed ones at once; what they wrote about it is gone with it; the receipt counts."""
    scene = await make_scene(wired, now(), "own")
    staff, room = scene.guests["staff"], scene.served.room_id
    await staff.publish(f"hotline.room.{room}", "hello", nonce="1")
    await staff.result("hotline.room.note", room=room, text="between us", nonce="n")
    await staff.result("hotline.room.close", room=room)
    assert [each["room"] for each in (await staff.result("hotline.clientlist.closed"))["rooms"]] == [room]
    await scene.guests["client"].result(DELETE, room=room)
    assert (await staff.result("hotline.clientlist.closed"))["rooms"] == []
    assert uri_of(await staff.call("hotline.room.notes", room=room)) == "hotline.error.not_found"
    organisation_id = scene.house.organisation_id
    async with wired.database.transaction(organisation_id) as tx:
        [receipt] = await receipts.list_all(tx, organisation_id)
        assert await receipts.verify(tx, organisation_id) == []
    assert receipt.kind == "client"
    assert receipt.counts == {"rooms": 1, "messages": 4, "notes": 1, "clients": 1}
