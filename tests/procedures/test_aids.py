"""Ready answers and referrals over WAMP: whose they are, who hears of them, and how many there may be."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.limits import DomainLimits
from tests.conftest import Now
from tests.helpers import NAUGHTY
from tests.procedures.test_matrix import NOT_ALLOWED, NOT_AUTHORIZED, NOT_FOUND, make_scene
from tests.procedures.wired import Guest, Wired, uri_of

INVALID = "hotline.error.invalid"


async def set_answer(guest: Guest, shortcut: str, scope: str = "own", **more: Any) -> dict[str, Any]:
    arguments = {"shortcut": shortcut, "text": f"text of {shortcut}", "scope": scope} | more
    return dict(await guest.result("hotline.answers.set", **arguments))


async def shortcuts(guest: Guest) -> list[tuple[str, str]]:
    listed = (await guest.result("hotline.answers.list"))["answers"]
    return [(answer["scope"], answer["shortcut"]) for answer in listed]


async def names(guest: Guest, **arguments: Any) -> list[str]:
    listed = (await guest.result("hotline.referrals.list", **arguments))["referrals"]
    return [referral["name"] for referral in listed]


@ensureDeferred
async def test_whose_answers_are(wired: Wired, now: Now) -> None:
    """The organisation's are everybody's to use and the managers' to change; one's own are nobody else's."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    staff, colleague, manager = (scene.guests[name] for name in ("staff", "colleague", "manager"))
    common = await set_answer(manager, "hello", "organisation", language="de")
    assert common == {
        "id": common["id"], "scope": "organisation", "shortcut": "hello", "text": "text of hello",
        "language": "de",
    }  # fmt: skip
    own = await set_answer(staff, "/Hello")
    assert await shortcuts(staff) == sorted(await shortcuts(staff), key=lambda each: each[1])
    assert sorted(await shortcuts(staff)) == [("organisation", "hello"), ("own", "hello")]
    assert await shortcuts(colleague) == await shortcuts(manager) == [("organisation", "hello")]
    for guest in other.guests.values():
        if guest is not other.guests["visitor"] and guest not in (
            other.guests["client"],
            other.guests["other client"],
        ):
            assert await shortcuts(guest) == []

    async def refused(guest: Guest, expected: str, uri: str, **arguments: Any) -> None:
        before = wired.everything()
        assert uri_of(await guest.call(uri, **arguments)) == expected
        assert wired.everything() == before

    changed = {"shortcut": "x", "text": "y"}
    await wired.settled()
    await refused(staff, NOT_ALLOWED, "hotline.answers.set", scope="organisation", **changed)
    await refused(staff, NOT_ALLOWED, "hotline.answers.set", id=common["id"], scope="organisation", **changed)
    await refused(staff, NOT_FOUND, "hotline.answers.set", id=common["id"], scope="own", **changed)
    await refused(staff, NOT_ALLOWED, "hotline.answers.remove", id=common["id"])
    await refused(manager, NOT_FOUND, "hotline.answers.set", id=own["id"], scope="organisation", **changed)
    for guest in (colleague, manager, other.guests["staff"], other.guests["manager"]):
        await refused(guest, NOT_FOUND, "hotline.answers.set", id=own["id"], scope="own", **changed)
        await refused(guest, NOT_FOUND, "hotline.answers.remove", id=own["id"])
        await refused(guest, NOT_FOUND, "hotline.answers.list", after=own["id"])
    await refused(
        other.guests["manager"],
        NOT_FOUND,
        "hotline.answers.set",
        id=common["id"],
        scope="organisation",
        **changed,
    )
    await refused(other.guests["manager"], NOT_FOUND, "hotline.answers.remove", id=common["id"])

    taken = await staff.call("hotline.answers.set", shortcut="HELLO", text="again", scope="own")
    assert (uri_of(taken), taken[6]) == (INVALID, {"shortcut": "is already taken"})
    again = await set_answer(staff, "hello", id=own["id"], text="{client}, hello")
    assert again == own | {"text": "{client}, hello"}
    await staff.result("hotline.answers.remove", id=own["id"])
    await manager.result("hotline.answers.remove", id=common["id"])
    assert await shortcuts(staff) == []


@ensureDeferred
async def test_referrals_are_the_managers(wired: Wired, now: Now) -> None:
    """All consultants find them, by words; managers change them; other organisations see none of it."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    manager, staff = scene.guests["manager"], scene.guests["staff"]
    made = await manager.result(
        "hotline.referrals.set",
        name="Night line",
        contact="tel:0800 111",
        text="Until 6",
        languages=["de"],
        topics=["Sleep"],
    )
    assert made == {
        "id": made["id"], "name": "Night line", "contact": "0800 111", "href": "tel:0800111",
        "text": "Until 6", "languages": ["de"], "topics": ["Sleep"],
    }  # fmt: skip
    await manager.result("hotline.referrals.set", name="100% café_x", contact="help@example.org")
    assert await names(staff) == ["100% café_x", "Night line"]
    for search, found in (
        ("line NIGHT", ["Night line"]),
        ("cafe", ["100% café_x"]),
        ("%", ["100% café_x"]),
        ("_", ["100% café_x"]),
        ("\\", []),
        ("sleep cafe", []),
    ):
        assert await names(staff, search=search) == found, search
    assert await names(other.guests["manager"]) == []
    for uri, more in (("set", {"name": "x", "contact": "112"}), ("remove", {})):
        answer = await other.guests["manager"].call(f"hotline.referrals.{uri}", id=made["id"], **more)
        assert uri_of(answer) == NOT_FOUND
    answer = await other.guests["staff"].call("hotline.referrals.list", after=made["id"])
    assert uri_of(answer) == NOT_FOUND
    changed = await manager.result("hotline.referrals.set", id=made["id"], name="Day line", contact="112")
    assert (changed["id"], changed["text"], changed["topics"]) == (made["id"], "", [])
    assert await names(staff, search="night") == []
    await manager.result("hotline.referrals.remove", id=made["id"])
    assert await names(staff) == ["100% café_x"]


@ensureDeferred
async def test_who_hears_of_changes(wired: Wired, now: Now) -> None:
    """Consultants of the organisation; of one's own only oneself; all, when something was missed."""
    scene, other = await make_scene(wired, now(), "own"), await make_scene(wired, now(), "other")
    staff, colleague, manager = (scene.guests[name] for name in ("staff", "colleague", "manager"))
    own = f"hotline.me.{scene.house.staff.id}.answers"
    for guest in (colleague, manager, scene.guests["client"], other.guests["staff"]):
        assert uri_of(await guest.subscribe(own)) == NOT_AUTHORIZED
    assert uri_of(await staff.publish(own, change="missed")) == NOT_AUTHORIZED
    for guest, topics in (
        (staff, ("hotline.answers", own)),
        (colleague, ("hotline.answers", "hotline.referrals")),
        (other.guests["staff"], ("hotline.answers", "hotline.referrals")),
    ):
        for topic in topics:
            assert (await guest.subscribe(topic))[0] == 33
    await wired.settled()
    for guest in (staff, colleague, other.guests["staff"]):
        guest.link.sent.clear()

    common = await set_answer(manager, "hello", "organisation")
    mine = await set_answer(staff, "mine")
    await staff.result("hotline.answers.remove", id=mine["id"])
    place = await manager.result("hotline.referrals.set", name="Night line", contact="112")
    await manager.result("hotline.referrals.remove", id=place["id"])
    await wired.settled()

    def heard(guest: Guest) -> list[Any]:
        return [array[5] for array in guest.events]

    assert {"change": "updated", "answer": common} in heard(staff)
    assert heard(staff)[-1] == {"change": "removed", "answer": {"id": mine["id"]}}
    assert heard(colleague)[0] == {"change": "updated", "answer": common}
    assert heard(colleague)[-1] == {"change": "removed", "referral": {"id": place["id"]}}
    assert mine["id"] not in str(heard(colleague))
    assert other.guests["staff"].events == []

    staff.link.sent.clear()
    wired.news.look()
    await wired.settled()
    assert heard(staff).count({"change": "missed"}) == 2


@ensureDeferred
async def test_how_many_there_may_be(wired: Wired, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as the bound says, and then no more, whoever asks at the same time."""
    limits = DomainLimits(ready_answers=2, ready_answers_per_person=1, referrals=1)
    monkeypatch.setattr(wired.accounts, "_limits", limits)
    scene = await make_scene(wired, now(), "own")
    manager = scene.guests["manager"]
    for scope, most in (("organisation", 2), ("own", 1)):
        arguments = [{"shortcut": f"s{n}", "text": "t", "scope": scope} for n in range(most + 2)]
        answers = [manager.call("hotline.answers.set", **each) for each in arguments]
        results = [await answer for answer in answers]
        assert [uri_of(each) for each in results].count(INVALID) == 2, results
        assert {"answers": f"must be at most {most}"} in [each[-1] for each in results if each[0] == 8]
    results = [
        await manager.call("hotline.referrals.set", name=name, contact="112") for name in ("one", "two")
    ]
    assert results[1][6] == {"referrals": "must be at most 1"}
    (kept,) = (await manager.result("hotline.referrals.list"))["referrals"]
    assert kept["name"] == "one"


@ensureDeferred
async def test_page_by_page(wired: Wired, now: Now) -> None:
    """Each once, in order, whatever is written in them; long ones come fewer at a time."""
    scene = await make_scene(wired, now(), "own")
    manager = scene.guests["manager"]
    for number, naughty in enumerate(NAUGHTY):
        await set_answer(manager, f"n{number:02}", text=naughty, scope="organisation")
        await manager.result(
            "hotline.referrals.set", name=f"n{number:02}", contact="112", text=naughty, topics=[naughty[:40]]
        )
    for number in range(30):
        await set_answer(manager, f"long{number:02}", text="👩" * 2000)
    for uri, key, limit, sort in (
        ("hotline.answers.list", "answers", 200, "shortcut"),
        ("hotline.referrals.list", "referrals", 5, "name"),
    ):
        found: list[dict[str, Any]] = []
        more, pages = True, 0
        while more:
            after = {"after": found[-1]["id"]} if found else {}
            page = await manager.result(uri, limit=limit, **after)
            found += page[key]
            more, pages = page["more"], pages + 1
        assert pages > 1
        assert [each[sort] for each in found] == sorted({each[sort] for each in found})
        assert [each["text"] for each in found if each["text"][0] != "👩" or len(each["text"]) < 2000] == [
            naughty.strip() for naughty in NAUGHTY
        ]
