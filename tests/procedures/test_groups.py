"""Groups over WAMP: opening, coming in, what is seen of each other, leading, and what is left of who goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults

from hotline.domain.limits import DomainLimits
from hotline.domain.model import Scope
from hotline.store import tokens
from hotline.store.ids import secret_hash
from tests.conftest import Now
from tests.procedures.test_matrix import Scene, make_scene
from tests.procedures.wired import Guest, Wired, uri_of
from tests.store.full_house import WORD

DEVICE = "a-random-word-of-this-device"
NOT_ALLOWED = "hotline.error.not_allowed"
NOT_FOUND = "hotline.error.not_found"
CLOSED = "hotline.error.room_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One that `staff` opened, with two clients in it."""

    scene: Scene
    room: str
    code: str
    clients: dict[str, Guest]
    ids: dict[str, str]
    keys: dict[str, str]

    @property
    def topic(self) -> str:
        return f"hotline.room.{self.room}"

    @property
    def staff(self) -> Guest:
        return self.scene.guests["staff"]


async def opened(wired: Wired, now: Now, slug: str = "own", **more: Any) -> Group:
    scene = await make_scene(wired, now(), slug)
    line = await scene.guests["staff"].result(
        "hotline.group.open", name="Evening", ends_at="2026-11-22T14:00:00+00:00", **more
    )
    group = Group(scene=scene, room=line["room"], code=line["code"], clients={}, ids={}, keys={})
    for name, device in (("Robin", DEVICE), ("Kim", None)):
        await come_in(wired, group, name, device=device)
    return group


async def come_in(wired: Wired, group: Group, name: str, **more: Any) -> Guest:
    guest = await wired.join(group.scene.house.slug)
    entered = await guest.result("hotline.anteroom.enter_group", code=group.code, name=name, **more)
    assert entered["room"] == group.room
    group.clients[name], group.ids[name] = guest, entered["client"]
    group.keys[name] = entered["key"]
    return guest


async def kinds(guest: Guest, group: Group) -> list[str]:
    history = await guest.result("hotline.room.history", room=group.room)
    return [each["kind"] for each in history["messages"]]


def refused(answer: list[Any]) -> tuple[str, Any]:
    return uri_of(answer), answer[6].get("reason")


@ensureDeferred
async def test_everybody_in_it_hears_everybody_once(wired: Wired, now: Now) -> None:
    """One sequence for all, stored before it is acknowledged; what was missed is caught up with."""
    group = await opened(wired, now)
    robin, kim = group.clients["Robin"], group.clients["Kim"]
    for guest in (robin, kim, group.staff):
        assert (await guest.subscribe(group.topic))[0] == 33
    assert (await robin.publish(group.topic, "hello", nonce="n"))[0] == 17
    assert (await robin.publish(group.topic, "hello", nonce="n"))[0] == 17
    assert (await group.staff.publish(group.topic, "welcome", nonce="n"))[0] == 17
    for guest, texts in ((kim, ["hello", "welcome"]), (group.staff, ["hello"]), (robin, ["welcome"])):
        heard = [await guest.next(lambda array: array[0] == 36) for _ in texts]
        assert [event[4] for event in heard] == [[text] for text in texts]
    await wired.settled()
    assert [guest.events for guest in (kim, group.staff, robin)] == [[], [], []]
    again = await wired.join("own", group.ids["Kim"], group.keys["Kim"])
    history = (await again.result("hotline.room.history", room=group.room))["messages"]
    assert [each["seq"] for each in history] == [1, 2, 3, 4, 5]
    assert [each["kind"] for each in history] == ["joined", "entered", "entered", "message", "message"]
    assert [each["sender"]["name"] for each in history[3:]] == ["Robin", "staff of own"]
    late = await come_in(wired, group, "Alex")
    assert (await kinds(late, group))[3:] == ["message", "message", "entered"]


@ensureDeferred
async def test_what_clients_know_of_each_other(wired: Wired, now: Now) -> None:
    """Names and words; no profile, no marks of reading, nothing of other rooms, and no list."""
    group = await opened(wired, now, text="Be kind.")
    robin, kim = group.clients["Robin"], group.clients["Kim"]
    joined = await robin.result("hotline.room.join", room=group.room)
    assert (joined["client"], joined["status"]) == (None, "active")
    assert {each["name"] for each in joined["members"]} == {"staff of own", "Robin", "Kim"}
    assert joined["group"] == {
        "name": "Evening",
        "text": "Be kind.",
        "opens_at": "2026-11-22T12:00:00.000Z",
        "ends_at": "2026-11-22T14:00:00.000Z",
        "most_clients": 20,
        "clients": 2,
        "muted": False,
    }
    assert (await kim.subscribe(f"{group.topic}.seen"))[0] == 33
    await robin.result("hotline.room.seen", room=group.room, seq=2)
    await wired.settled()
    assert kim.events == []
    assert (await kim.result("hotline.room.join", room=group.room))["seen"] == {group.ids["Kim"]: 0}
    assert (await robin.result("hotline.room.join", room=group.room))["seen"] == {group.ids["Robin"]: 2}
    other = group.scene.served.room_id
    for procedure in ("join", "history", "leave"):
        assert uri_of(await robin.call(f"hotline.room.{procedure}", room=other)) == NOT_FOUND
        outside = await group.scene.guests["client"].call(f"hotline.room.{procedure}", room=group.room)
        assert uri_of(outside) == NOT_FOUND
    answer = await robin.call("hotline.anteroom.enter", name="Robin")
    assert refused(answer) == (NOT_ALLOWED, "this session has entered already")
    assert refused(await robin.call("hotline.anteroom.make_return_code", room=group.room)) == (
        NOT_ALLOWED,
        "group",
    )
    assert refused(await robin.call("hotline.room.close", room=group.room)) == (NOT_ALLOWED, "group")
    assert uri_of(await group.staff.call("hotline.room.profile", room=group.room)) == NOT_FOUND
    assert uri_of(await robin.call("hotline.anteroom.survey", room=group.room)) == NOT_FOUND
    assert [line["room"] for line in await group.staff.result("hotline.clientlist.get")] == [
        group.scene.waiting.room_id,
        group.scene.served.room_id,
    ]


@ensureDeferred
async def test_a_group_is_for_one_organisation(wired: Wired, now: Now) -> None:
    """A code, a room and a client's id of one lead nowhere in another, and are told like none."""
    group, other = await opened(wired, now), await make_scene(wired, now(), "other")
    await wired.settled()
    before = wired.everything()
    visitor, manager = other.guests["visitor"], other.guests["manager"]
    for uri, kwargs in (
        ("hotline.anteroom.group", {"code": group.code}),
        ("hotline.anteroom.enter_group", {"code": group.code, "name": "Robin"}),
    ):
        assert uri_of(await visitor.call(uri, **kwargs)) == NOT_FOUND
    for uri, kwargs in (
        ("hotline.group.mute", {"muted": True}),
        ("hotline.group.remove", {"member": group.ids["Robin"]}),
        ("hotline.room.join", {}),
    ):
        assert uri_of(await manager.call(uri, room=group.room, **kwargs)) == NOT_FOUND
    assert await manager.result("hotline.group.list") == []
    await wired.settled()
    assert {**wired.everything(), "audit": None} == {**before, "audit": None}


@ensureDeferred
async def test_who_leads_it(wired: Wired, now: Now) -> None:
    """Consultants in it: whoever opened it, managers, and who was asked in; others see that it is there."""
    group = await opened(wired, now)
    colleague, manager = group.scene.guests["colleague"], group.scene.guests["manager"]
    robin = group.ids["Robin"]
    assert (await colleague.subscribe("hotline.groups"))[0] == 33
    for guest in (colleague, manager):
        for uri, kwargs in (("mute", {"muted": True}), ("remove", {"member": robin})):
            answer = await guest.call(f"hotline.group.{uri}", room=group.room, **kwargs)
            assert uri_of(answer) == NOT_ALLOWED
    assert refused(await group.staff.call("hotline.room.leave", room=group.room)) == (
        NOT_ALLOWED,
        "last_leader",
    )
    for uri in ("claim", "release"):
        assert refused(await group.staff.call(f"hotline.room.{uri}", room=group.room))[0] == NOT_ALLOWED
    for uri, kwargs in (
        ("take_over", {}),
        ("transfer", {"to": group.scene.house.colleague.id}),
        ("set_priority", {"priority": 1}),
    ):
        answer = await manager.call(f"hotline.room.{uri}", room=group.room, **kwargs)
        assert refused(answer) == (NOT_ALLOWED, "group"), uri
    for uri, kwargs in (
        ("block", {"hours": 1, "reason": "insults"}),
        ("appoint", {"at": "2026-11-23T12:00:00"}),
        ("cancel_appointment", {}),
    ):
        answer = await group.staff.call(f"hotline.room.{uri}", room=group.room, **kwargs)
        assert refused(answer) == (NOT_ALLOWED, "group"), uri
    asked = group.scene.house.colleague.id
    await group.staff.result("hotline.room.ask", room=group.room, to=asked)
    assert (await colleague.next(lambda array: array[0] == 36))[5] == {"groups": 1}
    (line,) = await colleague.result("hotline.group.list")
    assert line["asked"] == [asked]
    await colleague.result("hotline.room.join", room=group.room)
    await manager.result("hotline.room.join", room=group.room)
    (line,) = await colleague.result("hotline.group.list")
    assert {each["name"] for each in line["leaders"]} == {
        f"{name} of own" for name in ("staff", "colleague", "manager")
    }
    assert (line["asked"], line["clients"], line["closed_at"]) == ([], 2, None)
    await group.staff.result("hotline.room.leave", room=group.room)
    await manager.result("hotline.room.close", room=group.room)
    (line,) = await colleague.result("hotline.group.list")
    assert line["closed_at"] == "2026-11-22T12:00:00.000Z"
    async with wired.database.transaction(group.scene.house.organisation_id) as tx:
        await tokens.add(
            tx,
            group.scene.house.organisation_id,
            asked,
            name="reader",
            secret_hash=secret_hash("reader's"),
            now=now(),
            scopes=frozenset({Scope.READ}),
        )
    reader = await wired.join("own", "reader", "reader's")
    assert await reader.result("hotline.group.list") == [{**line, "code": None}]
    answer = await group.clients["Kim"].publish(group.topic, "too late", nonce="n")
    assert uri_of(answer) == CLOSED
    assert (await kinds(group.clients["Kim"], group))[-1] == "closed"


@ensureDeferred
async def test_who_was_removed_stays_out(wired: Wired, now: Now) -> None:
    """They hear no more at once, by no key and no device, and are told why; the others read of it."""
    group = await opened(wired, now)
    robin, kim = group.clients["Robin"], group.clients["Kim"]
    assert (await robin.subscribe(group.topic))[0] == 33
    await group.staff.result("hotline.group.remove", room=group.room, member=group.ids["Robin"])
    await group.staff.result("hotline.group.remove", room=group.room, member=group.ids["Robin"])
    await wired.settled()
    robin.link.sent.clear()
    assert (await kim.publish(group.topic, "is Robin gone?", nonce="n"))[0] == 17
    await wired.settled()
    assert robin.events == []
    assert uri_of(await robin.publish(group.topic, "no", nonce="n")) == NOT_FOUND
    assert uri_of(await robin.call("hotline.room.history", room=group.room)) == NOT_FOUND
    again = await wired.join("own", group.ids["Robin"], group.keys["Robin"])
    for guest in (robin, again):
        assert refused(await guest.call("hotline.room.join", room=group.room)) == (NOT_ALLOWED, "removed")
    visitor = await wired.join("own")
    entering = {"code": group.code, "name": "Sam", "device": DEVICE}
    answer = await visitor.call("hotline.anteroom.enter_group", **entering)
    assert refused(answer) == (NOT_ALLOWED, "removed")
    # Deleting what one said opens no door.
    await robin.result("hotline.anteroom.delete", room=group.room)
    answer = await visitor.call("hotline.anteroom.enter_group", **entering)
    assert refused(answer) == (NOT_ALLOWED, "removed")
    assert (await kinds(kim, group))[3:] == ["removed", "message", "forgotten"]
    found = await group.scene.guests["manager"].result("hotline.audit.list", room=group.room)
    assert [each["action"] for each in found["entries"]] == [
        "group.words_deleted",
        "group.client_removed",
        "group.opened",
    ]


@ensureDeferred
async def test_a_muted_group(wired: Wired, now: Now) -> None:
    """Clients read, and consultants write, until it is over; what was acknowledged before is so again."""
    group = await opened(wired, now)
    robin = group.clients["Robin"]
    assert (await robin.publish(group.topic, "before", nonce="1"))[0] == 17
    for _ in range(2):
        await group.staff.result("hotline.group.mute", room=group.room, muted=True)
    assert refused(await robin.publish(group.topic, "meanwhile", nonce="2")) == (NOT_ALLOWED, "muted")
    assert (await robin.publish(group.topic, "before", nonce="1"))[0] == 17
    answer = await robin.call("hotline.room.edit", room=group.room, seq=4, text="other", nonce="3")
    assert refused(answer) == (NOT_ALLOWED, "muted")
    assert (await group.staff.publish(group.topic, "a moment please", nonce="2"))[0] == 17
    assert (await robin.result("hotline.room.join", room=group.room))["group"]["muted"] is True
    await group.staff.result("hotline.group.mute", room=group.room, muted=False)
    assert (await robin.publish(group.topic, "after", nonce="2"))[0] == 17
    assert (await kinds(robin, group))[3:] == ["message", "muted", "message", "unmuted", "message"]


@ensureDeferred
async def test_clients_are_not_left_alone(wired: Wired, now: Now) -> None:
    """When nobody who leads it is connected for too long it is muted, until one is back and says otherwise;
    not before it begins, and not while one of several is there."""
    group = await opened(wired, now)
    later = {"opens_at": "2026-11-22T13:00:00Z", "ends_at": "2026-11-22T14:00:00Z"}
    await group.staff.result("hotline.group.open", name="Later", **later)
    manager = group.scene.guests["manager"]
    await manager.result("hotline.room.join", room=group.room)

    async def lose(guest: Guest) -> None:
        guest.session.link_lost()
        await wired.settled()
        for _ in range(2):
            now.advance(seconds=121)
            await wired.upkeep.beat()

    async def muted() -> dict[str, bool]:
        lines = await group.scene.guests["colleague"].result("hotline.group.list")
        return {line["name"]: line["muted"] for line in lines}

    await lose(group.staff)
    assert await muted() == {"Evening": False, "Later": False}
    await lose(manager)
    assert await muted() == {"Evening": True, "Later": False}
    robin = group.clients["Robin"]
    assert (await kinds(robin, group))[-1] == "muted"
    assert refused(await robin.publish(group.topic, "anybody?", nonce="1")) == (NOT_ALLOWED, "muted")
    back = await wired.join("own", "manager", "manager-secret")
    await back.result("hotline.group.mute", room=group.room, muted=False)
    await wired.upkeep.beat()
    assert (await robin.publish(group.topic, "hello", nonce="2"))[0] == 17


@ensureDeferred
async def test_deleting_what_one_said(wired: Wired, now: Now) -> None:
    """Of the client nothing is left to read for anybody; what others said stays; there is a receipt."""
    group = await opened(wired, now)
    robin, kim = group.clients["Robin"], group.clients["Kim"]
    for number, text in enumerate((WORD, "more")):
        assert (await robin.publish(group.topic, text, nonce=str(number)))[0] == 17
    await robin.result("hotline.room.edit", room=group.room, seq=5, text=f"{WORD} again", nonce="e")
    assert (await kim.publish(group.topic, "hello", nonce="n"))[0] == 17
    assert (await robin.subscribe(group.topic))[0] == 33
    await robin.result("hotline.anteroom.delete", room=group.room)
    assert uri_of(await robin.call("hotline.anteroom.delete", room=group.room)) == NOT_FOUND
    assert uri_of(await robin.call("hotline.room.join", room=group.room)) == NOT_FOUND
    assert uri_of(await robin.publish(group.topic, "still here", nonce="x")) == NOT_FOUND
    history = (await kim.result("hotline.room.history", room=group.room))["messages"]
    by_robin = [each for each in history if each["sender"]["id"] == group.ids["Robin"]]
    assert [each["kind"] for each in by_robin] == ["entered", "message", "message", "edited", "forgotten"]
    assert {each["sender"]["name"] for each in by_robin} == {""}
    assert {each["text"] for each in by_robin[:-1]} == {""}
    assert "Robin" not in str(history)
    assert WORD not in str(history)
    assert [each["text"] for each in history if each["sender"]["name"] == "Kim"] == ["Kim came in.", "hello"]
    assert [each["seq"] for each in history] == list(range(1, len(history) + 1))
    rows = wired.everything()
    assert not [row for row in rows["clients"] if group.ids["Robin"] in row]
    assert len(rows["receipts"]) == 1
    refusing = await answer_to(wired, group.ids["Robin"], group.keys["Robin"])
    assert refusing == 3


async def answer_to(wired: Wired, authid: str, key: str) -> int:
    """What a session that says it is this client is answered at last."""
    guest = Guest(wired, "json")
    guest.send(1, "own", {"roles": {"caller": {}}, "authmethods": ["ticket"], "authid": authid})
    await guest.next(lambda array: array[0] == 4)
    guest.send(5, key, {})
    return int((await guest.next(lambda array: array[0] in (2, 3)))[0])


@ensureDeferred
async def test_absence_end_and_retention(wired: Wired, now: Now) -> None:
    """Who is away too long has left, keeps the name and comes back by the key; the end comes by the clock;
    when the time to keep it is over nothing is left of anybody."""
    group = await opened(wired, now, most_clients=2)
    robin = group.clients["Robin"]
    await wired.settled()
    robin.session.link_lost()
    await wired.settled()
    now.advance(minutes=11)
    await wired.upkeep.beat()
    await wired.settled()
    assert (await kinds(group.staff, group))[-1] == "left"
    visitor = await wired.join("own")
    found = await visitor.result("hotline.anteroom.group", code=group.code.lower().replace("-", " "))
    assert (found["clients"], found["ended"]) == (1, False)
    answer = await visitor.call("hotline.anteroom.enter_group", code=group.code, name="ROBIN")
    assert (uri_of(answer), answer[6]) == ("hotline.error.invalid", {"name": "is taken in this group"})
    robin = await wired.join("own", group.ids["Robin"], group.keys["Robin"])
    await robin.result("hotline.room.join", room=group.room)
    assert (await kinds(robin, group))[-1] == "entered"
    answer = await visitor.call("hotline.anteroom.enter_group", code=group.code, name="Sam")
    assert refused(answer) == (NOT_ALLOWED, "full")
    now.advance(hours=2)
    answer = await visitor.call("hotline.anteroom.enter_group", code=group.code, name="Sam")
    assert uri_of(answer) == CLOSED
    await wired.upkeep.beat()
    assert (await kinds(robin, group))[-1] == "closed"
    found = await visitor.result("hotline.anteroom.group", code=group.code)
    assert (found["open"], found["ended"]) == (False, True)
    clients = len(wired.everything()["clients"])
    now.advance(hours=48)
    await wired.upkeep.beat()
    rows = wired.everything()
    assert (rows["groups"], rows["group_clients"], clients - len(rows["clients"])) == ([], [], 2)
    assert not [row for table in rows.values() for row in table if group.ids["Robin"] in row]


@ensureDeferred
async def test_which_groups_are_shown(wired: Wired, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are listed and have not ended; one that begins later lets nobody in before."""
    scene = await make_scene(wired, now(), "own")
    staff, visitor = scene.guests["staff"], scene.guests["visitor"]
    times = {"opens_at": "2026-11-22T13:00:00+01:00", "ends_at": "2026-11-22T16:00:00Z"}
    await staff.result("hotline.group.open", name="by code only", **times)
    later = {"opens_at": "2026-11-22T14:00:00Z", "ends_at": "2026-11-22T16:00:00Z"}
    line = await staff.result("hotline.group.open", name="for all", listed=True, text="Come.", **later)
    (shown,) = await visitor.result("hotline.anteroom.groups")
    assert (shown["name"], shown["open"], shown["ended"]) == ("for all", False, False)
    found = await visitor.result("hotline.anteroom.group", code=line["code"])
    assert found == {key: value for key, value in shown.items() if key != "code"}
    answer = await visitor.call("hotline.anteroom.enter_group", code=line["code"], name="Robin")
    assert (uri_of(answer), answer[6]) == (
        NOT_ALLOWED,
        {"reason": "not_yet", "opens_at": "2026-11-22T14:00:00.000Z"},
    )
    now.advance(hours=2)
    assert (await visitor.result("hotline.anteroom.group", code=line["code"]))["open"] is True
    await visitor.result("hotline.anteroom.enter_group", code=line["code"], name="Robin")
    await staff.result("hotline.room.close", room=line["room"])
    assert await (await wired.join("own")).result("hotline.anteroom.groups") == []
    for most in (0, 3, 2):
        offices = replace(wired.offices, limits=DomainLimits(groups_per_organisation=most))
        monkeypatch.setattr(wired.router._rpc, "_calls", offices)
        answer = await staff.call("hotline.group.open", name="one more", ends_at="2026-11-22T16:00:00Z")
        if most != 2:
            assert answer[0] == 50
    assert (uri_of(answer), answer[6]) == (NOT_ALLOWED, {"reason": "limit", "limit": 2})


@ensureDeferred
async def test_the_last_place_is_taken_once(wired: Wired, now: Now) -> None:
    """Of many who come at once as many come in as there are places, each under a name of their own."""
    group = await opened(wired, now, most_clients=4)
    coming = [await wired.join("own") for _ in range(6)]
    names = ("Ash", "Birch", "Birch", "Cedar", "Elm", "Fir")
    answers = await gatherResults(
        [
            Deferred.fromCoroutine(guest.call("hotline.anteroom.enter_group", code=group.code, name=name))
            for guest, name in zip(coming, names, strict=True)
        ]
    )
    assert sorted(answer[0] for answer in answers) == [8, 8, 8, 8, 50, 50]
    inside = (await group.staff.result("hotline.room.join", room=group.room))["members"]
    clients = [each["name"] for each in inside if each["role"] == "client"]
    assert len(clients) == len(set(clients)) == 4


@ensureDeferred
async def test_changing_what_a_group_says_of_itself(wired: Wired, now: Now) -> None:
    """By who leads it; those in it read that it is otherwise, and the list is told; nothing else changes."""
    group = await opened(wired, now, text="Be kind.")
    staff, colleague = group.staff, group.scene.guests["colleague"]
    (before,) = await staff.result("hotline.group.list")
    assert (await colleague.subscribe("hotline.groups"))[0] == 33
    answer = await colleague.call("hotline.group.set", room=group.room, name="Mine")
    assert uri_of(answer) == NOT_ALLOWED
    answer = await group.clients["Kim"].call("hotline.group.set", room=group.room, name="Mine")
    assert uri_of(answer) == NOT_ALLOWED
    served = group.scene.served.room_id
    answer = await staff.call("hotline.group.set", room=served, name="Mine")
    assert refused(answer) == (NOT_ALLOWED, "no_group")
    after = {"name": "Night", "text": "", "ends_at": "2026-11-22T15:00:00.000Z"}
    line = await staff.result("hotline.group.set", room=group.room, most_clients=2, listed=True, **after)
    assert line == {**before, **after, "most_clients": 2, "listed": True}
    assert (await colleague.next(lambda array: array[0] == 36))[5] == {"groups": 1}
    assert await staff.result("hotline.group.set", room=group.room, listed=False) == {**line, "listed": False}
    assert (await kinds(group.clients["Kim"], group))[3:] == ["changed"]
    joined = await group.clients["Kim"].result("hotline.room.join", room=group.room)
    assert (joined["group"]["name"], joined["group"]["clients"]) == ("Night", 2)
    answer = await staff.call("hotline.group.set", room=group.room, opens_at="2026-11-22T13:00:00Z")
    assert (uri_of(answer), list(answer[6])) == ("hotline.error.invalid", ["opens_at"])
    await staff.result("hotline.room.close", room=group.room)
    assert uri_of(await staff.call("hotline.group.set", room=group.room, name="Late")) == CLOSED
    answer = await staff.call("hotline.record.save", room=group.room, answers={})
    assert refused(answer) == (NOT_ALLOWED, "group")


@ensureDeferred
async def test_what_is_counted_of_groups(wired: Wired, now: Now) -> None:
    """How many were held, and how many clients came; not those to which nobody came, and no conversation."""
    group = await opened(wired, now)
    empty = await group.staff.result("hotline.group.open", name="Empty", ends_at="2026-11-22T14:00:00Z")
    await group.clients["Kim"].result("hotline.anteroom.delete", room=group.room)
    for room in (group.room, empty["room"]):
        await group.staff.result("hotline.room.close", room=room)
    counted = {row.strip("()").split(",")[2]: row for row in wired.everything()["counts"] if "group" in row}
    assert [counted[subject].strip("()")[-1] for subject in ("groups_held", "group_clients")] == ["1", "2"]
    manager = group.scene.guests["manager"]
    found = await manager.result("hotline.statistics.get", since="2026-11-22", until="2026-11-22")
    assert (found["groups_held"], found["group_clients"]) == ("<5", "<5")


@ensureDeferred
async def test_who_leads_alone_and_loses_the_account(wired: Wired, now: Now) -> None:
    """Nobody is left in a group that nobody leads."""
    group = await opened(wired, now)
    manager = group.scene.guests["manager"]
    await manager.result("hotline.staff.remove", id=group.scene.house.staff.id)
    assert (await kinds(group.clients["Kim"], group))[-1] == "closed"
