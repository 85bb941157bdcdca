"""Editing and withdrawing one's last message: who may, until when, and that the old words are gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.errors import HotlineError, NonceReused, NotFound, RoomClosed
from hotline.store.database import Database
from hotline.store.journal import Journal
from tests.conftest import Now
from tests.helpers import make_client, make_house
from tests.procedures.calling import caller
from tests.procedures.test_matrix import make_scene
from tests.procedures.wired import Wired
from tests.store.test_journal import Offered, said

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def call(database: Database, reactor: Any, tmp_path: Path, now: Now) -> Call:
    """Calls a procedure as somebody."""
    return caller(database, reactor, tmp_path, now)


async def reason(coroutine: Any) -> Any:
    with pytest.raises(HotlineError) as caught:
        await coroutine
    return caught.value.details.get("reason", type(caught.value))


@ensureDeferred
async def test_everybody_sees_the_correction_and_nobody_the_old_words(wired: Wired, now: Now) -> None:
    """In order, with what it is about: as an event, in history, in event history, and in the database."""
    scene = await make_scene(wired, now(), "own")
    client, staff = scene.guests["client"], scene.guests["staff"]
    room = scene.served.room_id
    topic = f"hotline.room.{room}"
    subscription = (await staff.subscribe(topic))[2]
    assert (await client.publish(topic, "I live at Mill Lane 3", nonce="1"))[0] == 17
    assert await client.result("hotline.room.edit", room=room, seq=3, text="I live alone", nonce="2") == {
        "seq": 4
    }
    assert (await client.publish(topic, "and so on", nonce="3"))[0] == 17
    assert await client.result("hotline.room.withdraw", room=room, seq=5, nonce="4") == {"seq": 6}
    await wired.settled()
    told = [(event[4][0], event[5]["seq"], event[5]["kind"], event[5].get("of")) for event in staff.events]
    assert told == [
        ("I live at Mill Lane 3", 3, "message", None),
        ("I live alone", 4, "edited", 3),
        ("and so on", 5, "message", None),
        ("", 6, "withdrawn", 5),
    ]
    expected = [
        ("I live alone", 3, {"edited": True}),
        ("I live alone", 4, {"of": 3}),
        ("", 5, {"withdrawn": True}),
        ("", 6, {"of": 5}),
    ]
    keys = ("of", "edited", "withdrawn")
    history = (await staff.result("hotline.room.history", room=room, after=2))["messages"]
    assert [(m["text"], m["seq"], {key: m[key] for key in keys if key in m}) for m in history] == expected
    events = await staff.result(
        "wamp.subscription.get_events", subscription=subscription, limit=200, reverse=False
    )
    kept = [event for event in events if event["kwargs"]["seq"] > 2]
    assert [
        (e["args"][0], e["kwargs"]["seq"], {key: e["kwargs"][key] for key in keys if key in e["kwargs"]})
        for e in kept
    ] == expected
    content = str(wired.everything())
    assert "Mill Lane" not in content
    assert "and so on" not in content
    (line,) = [each for each in await staff.result("hotline.clientlist.get") if each["room"] == room]
    assert line["unread"] == 1


@ensureDeferred
async def test_who_may_and_until_when(call: Call, database: Database, now: Now) -> None:
    """One's own, the last one, within a minute, not twice withdrawn, in an open room."""
    house = await make_house(database, now())
    client = await make_client(database, house, now())
    room = client.room_id
    await call(house.staff, "room.claim", room=room)
    journal = Journal(database, "node", now, Offered())
    for actor in (client.actor, client.actor, house.staff):  # 3, 4, 5
        await journal.append(said(actor, room))

    def withdraw(actor: Any, seq: int, nonce: str = "w") -> Any:
        return call(actor, "room.withdraw", room=room, seq=seq, nonce=nonce)

    def edit(actor: Any, seq: int, nonce: str = "e", text: str = "other words") -> Any:
        return call(actor, "room.edit", room=room, seq=seq, text=text, nonce=nonce)

    for attempt in (withdraw, edit):
        assert await reason(attempt(house.staff, 4)) == "not_yours"
        assert await reason(attempt(client.actor, 3)) == "not_last"
        for seq in (1, 2, 6, 2**53):
            assert await reason(attempt(client.actor, seq)) is NotFound
    now.advance(seconds=60)
    assert await edit(client.actor, 4, "e1", "first") == {"seq": 6}
    now.advance(seconds=0.001)
    assert await reason(edit(client.actor, 4, "e2")) == "too_late"
    assert await reason(withdraw(house.staff, 5)) == "too_late"
    assert await edit(client.actor, 4, "e1", "first") == {"seq": 6}  # asked again: the answer was lost
    for wrong in (edit(client.actor, 4, "e1", "second"), withdraw(client.actor, 4, "e1")):
        assert await reason(wrong) is NonceReused
    await journal.append(said(client.actor, room, "once more", nonce="n"))  # 7
    assert await edit(client.actor, 7, "e3", "first try") == {"seq": 8}
    assert await edit(client.actor, 7, "e4", "second try") == {"seq": 9}
    assert await edit(client.actor, 7, "e3", "first try") == {"seq": 8}
    assert await withdraw(client.actor, 7, "w1") == {"seq": 10}
    assert await reason(edit(client.actor, 7, "e5")) == "withdrawn"
    history = (await call(client.actor, "room.history", room=room, after=6))["messages"]
    assert [message["text"] for message in history] == [""] * 4
    again = await journal.append(said(client.actor, room, "once more", nonce="n"))
    assert again.seq == 7  # said again by a page that missed the acknowledgement: known
    for nonce in ("e3", "w1"):
        assert await reason(journal.append(said(client.actor, room, "", nonce=nonce))) is NonceReused
    await journal.append(said(client.actor, room))
    await call(client.actor, "room.close", room=room)
    assert await reason(edit(client.actor, 11)) is RoomClosed
    assert await withdraw(client.actor, 7, "w1") == {"seq": 10}
