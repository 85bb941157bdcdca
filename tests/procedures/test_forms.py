"""What is asked before and after a talk, what is written down of it, and what is counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.limits import DomainLimits
from hotline.domain.statistics import SUBJECTS
from hotline.store import counts, surveys
from tests.conftest import Now
from tests.helpers import NAUGHTY
from tests.procedures.test_matrix import Scene, make_scene
from tests.procedures.wired import Guest, Wired, uri_of

INVALID = "hotline.error.invalid"
NOT_ALLOWED = "hotline.error.not_allowed"

SAFE = {
    "name": "safe",
    "label": "Are you safe?",
    "kind": "choice",
    "choices": ["Yes", "I am not"],
    "risk_choices": ["I am not"],
    "translations": {"de": {"label": "Sind Sie in Sicherheit?", "choices": {"I am not": "Nein, gar nicht"}}},
}
PAIN = {
    "name": "pain",
    "label": "How bad is it?",
    "kind": "scale",
    "low": 0,
    "high": 10,
    "low_label": "Not bad",
    "risk_at_least": 9,
}
HELPED = {"name": "helped", "label": "Did it help?", "kind": "scale", "low": 1, "high": 5, "required": True}
COMMENT = {"name": "comment", "label": "Anything to say?", "kind": "long_text"}


def reason(answer: list[Any]) -> tuple[str, Any]:
    return uri_of(answer), answer[6].get("reason") if answer[0] == 8 else None


async def ended(scene: Scene) -> Guest:
    """The served client, whose conversation is over."""
    await scene.guests["staff"].result("hotline.room.close", room=scene.served.room_id)
    return scene.guests["client"]


@ensureDeferred
async def test_a_form_is_changed_and_shown(wired: Wired, now: Now) -> None:
    """What a manager sets is what they get, and what clients are asked, in their language."""
    scene = await make_scene(wired, now(), "own")
    other = await make_scene(wired, now(), "other")
    manager, visitor = scene.guests["manager"], scene.guests["visitor"]
    changed = await manager.result("hotline.forms.set", form="questions", questions=[SAFE, PAIN])
    assert changed == await manager.result("hotline.forms.get", form="questions")
    assert await manager.result("hotline.forms.set", form="questions", **{
        key: changed[key] for key in ("questions", "consent", "consent_required")
    }) == changed  # fmt: skip
    assert changed["questions"][0]["risk_choices"] == ["I am not"]
    described = await visitor.result("hotline.anteroom.describe", language="de-AT")
    assert described["questions"] == [
        {
            "name": "safe",
            "label": "Sind Sie in Sicherheit?",
            "kind": "choice",
            "required": False,
            "choices": ["Ja", "Nein, gar nicht"],
        },
        {
            "name": "pain",
            "label": "How bad is it?",
            "kind": "scale",
            "required": False,
            "low": 0,
            "high": 10,
            "low_label": "Not bad",
        },
    ]
    assert described["notice"].startswith("Dieses Gespräch wird 48 Stunden")
    assert described["notice_facts"]["retention_hours"] == 48
    assert described["message_notice"].startswith("Eine Nachricht, auf die niemand antwortet, wird 30 Tage")
    assert described["group_notice"].startswith("Namen und Nachrichten werden 48 Stunden nach")
    assert described["consent"] is None
    foreign = await other.guests["visitor"].result("hotline.anteroom.describe")
    assert [question["name"] for question in foreign["questions"]] == ["age", "gender", "issues"]
    assert foreign["questions"][0] == {"name": "age", "label": "Age", "kind": "text", "required": False}


@pytest.mark.parametrize("serializer", ["json", "msgpack", "cbor"])
@ensureDeferred
async def test_a_risk_answer_goes_first(wired: Wired, now: Now, serializer: str) -> None:
    """It is stored in the organisation's words, and goes before the others; the client is not told why."""
    scene = await make_scene(wired, now(), "own", serializer)
    await scene.guests["manager"].result("hotline.forms.set", form="questions", questions=[SAFE, PAIN])
    for given, kept, risk, position in (
        ({"safe": "Nein, gar nicht", "pain": 2}, {"safe": "I am not", "pain": 2}, True, 1),
        ({"pain": 9}, {"pain": 9}, True, 2),
        ({"pain": 8}, {"pain": 8}, False, 4),
        ({}, {}, False, 5),
    ):
        now.advance(seconds=1)
        visitor = await wired.join("own", serializer=serializer)
        entered = await visitor.result("hotline.anteroom.enter", name="Robin", answers=given)
        assert set(entered) == {"client", "room", "key", "position"}
        assert entered["position"] == position
        async with wired.database.transaction(scene.house.organisation_id) as tx:
            row = await tx.get("SELECT risk, priority FROM rooms WHERE room_id = %(r)s", r=entered["room"])
        assert (row.risk, row.priority) == (risk, int(risk))
        profile = await scene.guests["staff"].result("hotline.room.profile", room=entered["room"])
        assert profile["answers"] == kept
        assert [question["name"] for question in profile["questions"]] == list(kept)


@ensureDeferred
async def test_consent(wired: Wired, now: Now) -> None:
    """Asked for in the client's language; where it is required, nobody enters without it."""
    scene = await make_scene(wired, now(), "own")
    manager, visitor = scene.guests["manager"], scene.guests["visitor"]
    await manager.result(
        "hotline.forms.set",
        form="questions",
        consent={"": "You agree?", "de": "Einverstanden?"},
        consent_required=True,
    )
    for language, text in (("de-CH", "Einverstanden?"), ("fr", "You agree?"), (None, "You agree?")):
        described = await visitor.result("hotline.anteroom.describe", language=language)
        assert described["consent"] == {"text": text, "required": True}
    await wired.settled()
    before = wired.everything()
    answer = await visitor.call("hotline.anteroom.enter", name="Robin")
    assert (uri_of(answer), answer[6]) == (INVALID, {"consent": "must be agreed to"})
    assert wired.everything() == before
    entered = await visitor.result("hotline.anteroom.enter", name="Robin", consent=True)
    staff = scene.guests["staff"]
    assert (await staff.result("hotline.room.profile", room=entered["room"]))["consented"] is True
    await manager.result("hotline.forms.set", form="questions", consent_required=False)
    second = await wired.join("own")
    entered = await second.result("hotline.anteroom.enter", name="Kim")
    assert (await staff.result("hotline.room.profile", room=entered["room"]))["consented"] is False
    await manager.result("hotline.forms.set", form="questions", consent={})
    third = await wired.join("own")
    entered = await third.result("hotline.anteroom.enter", name="Lee")
    assert (await staff.result("hotline.room.profile", room=entered["room"]))["consented"] is None


@ensureDeferred
async def test_the_survey(wired: Wired, now: Now) -> None:
    """After the end, once, apart from the room; what is wrong is told and may be said again."""
    scene = await make_scene(wired, now(), "own")
    manager, client, room = scene.guests["manager"], scene.guests["client"], scene.served.room_id
    assert await client.result("hotline.anteroom.survey", room=room) == {"questions": None}
    await manager.result("hotline.forms.set", form="survey", questions=[HELPED, COMMENT])
    assert await client.result("hotline.anteroom.survey", room=room) == {"questions": None}
    early = await client.call("hotline.anteroom.answer_survey", room=room, answers={"helped": 4})
    assert reason(early) == (NOT_ALLOWED, "open")
    await ended(scene)
    asked = (await client.result("hotline.anteroom.survey", room=room))["questions"]
    assert [question["name"] for question in asked] == ["helped", "comment"]
    wrong = await client.call("hotline.anteroom.answer_survey", room=room, answers={"comment": "hm"})
    assert (uri_of(wrong), set(wrong[6])) == (INVALID, {"answers.helped"})
    given = {"helped": 4, "comment": NAUGHTY[0]}
    assert await client.result("hotline.anteroom.answer_survey", room=room, answers=given) == {}
    again = await client.call("hotline.anteroom.answer_survey", room=room, answers={"helped": 1})
    assert reason(again) == (NOT_ALLOWED, "answered")
    assert await client.result("hotline.anteroom.survey", room=room) == {"questions": None}
    listed = await manager.result("hotline.survey.list")
    assert not listed["more"]
    assert [(each["day"], each["answers"]) for each in listed["surveys"]] == [("2026-11-22", given)]
    (row,) = wired.everything()["surveys"]
    for secret in (room, scene.served.actor.id, "12:00"):
        assert secret not in row


@ensureDeferred
async def test_a_survey_is_declined_and_forgotten(wired: Wired, now: Now) -> None:
    """Nothing answered: nothing stored, nor asked again. Answers go when their time is over, counts stay."""
    scene = await make_scene(wired, now(), "own")
    manager, client, room = scene.guests["manager"], scene.guests["client"], scene.served.room_id
    await manager.result("hotline.forms.set", form="survey", questions=[HELPED])
    await ended(scene)
    assert await client.result("hotline.anteroom.answer_survey", room=room, answers={}) == {}
    assert await client.result("hotline.anteroom.survey", room=room) == {"questions": None}
    assert (await manager.result("hotline.survey.list"))["surveys"] == []
    other, waiting = scene.guests["other client"], scene.waiting.room_id
    await other.result("hotline.room.leave", room=waiting)
    await other.result("hotline.anteroom.answer_survey", room=waiting, answers={"helped": 5})
    now.advance(days=2, hours=11)
    await wired.upkeep.beat()
    assert len((await manager.result("hotline.survey.list"))["surveys"]) == 1
    now.advance(hours=2)
    await wired.upkeep.beat()
    assert await manager.result("hotline.survey.list") == {"surveys": [], "more": False}
    found = await manager.result("hotline.statistics.get")
    assert found["survey"][0]["answers"][4] == {"answer": "5", "count": "<5"}


@ensureDeferred
async def test_surveys_page_by_page(wired: Wired, now: Now) -> None:
    """Every one comes once, the newest day first."""
    scene = await make_scene(wired, now(), "own")
    manager = scene.guests["manager"]
    await manager.result("hotline.forms.set", form="survey", questions=[COMMENT])
    for number in range(7):
        now.advance(hours=8)
        visitor = await wired.join("own")
        room = (await visitor.result("hotline.anteroom.enter", name="Robin"))["room"]
        await visitor.result("hotline.room.leave", room=room)
        said = {"comment": str(number)}
        await visitor.result("hotline.anteroom.answer_survey", room=room, answers=said)
    found: list[Any] = []
    more, before = True, None
    while more:
        page = await manager.result("hotline.survey.list", before=before, limit=3)
        found += page["surveys"]
        more, before = page["more"], page["surveys"][-1]["id"]
    assert len({each["id"] for each in found}) == len(found) == 7
    assert [each["day"] for each in found] == sorted((each["day"] for each in found), reverse=True)


@ensureDeferred
async def test_the_record(wired: Wired, now: Now) -> None:
    """Written by who is or was in the room, also while it goes on, again and again; gone with the room."""
    scene = await make_scene(wired, now(), "own")
    staff, colleague, manager = (scene.guests[name] for name in ("staff", "colleague", "manager"))
    room = scene.served.room_id
    asked = await staff.result("hotline.record.form", language="de")
    assert asked["required"] is False
    assert asked["questions"][0]["label"] == "Art des Kontakts"
    nothing = {"answers": {}, "saved_at": None, "saved_by": None}
    assert await staff.result("hotline.record.get", room=room) == nothing
    for outsider in (colleague, manager):
        for call in (
            outsider.call("hotline.record.get", room=room),
            outsider.call("hotline.record.save", room=room, answers={"contact": "Genuine"}),
        ):
            assert uri_of(await call) == NOT_ALLOWED
    wrong = await staff.call("hotline.record.save", room=room, answers={"topic": ["Family"]})
    assert (uri_of(wrong), set(wrong[6])) == (INVALID, {"answers.contact"})
    answers = {"contact": "Echt", "topic": ["Family", "Violence"]}
    await staff.result("hotline.record.save", room=room, answers=answers)
    await staff.result("hotline.room.transfer", room=room, to=scene.house.colleague.id)
    now.advance(minutes=5)
    kept = {"contact": "Prank", "topic": ["Violence"], "outcome": "Broken off"}
    saved = await staff.result("hotline.record.save", room=room, answers=kept)
    assert await colleague.result("hotline.record.get", room=room) == {
        "answers": kept,
        "saved_at": saved["saved_at"],
        "saved_by": {"id": scene.house.staff.id, "name": scene.house.staff.name},
    }
    counts = {row for row in wired.everything()["counts"] if "record." in row and not row.endswith(",0)")}
    assert {row.partition("record.")[2] for row in counts} == {
        'contact,Prank,1)', 'topic,Violence,1)', 'outcome,"Broken off",1)',
    }  # fmt: skip
    await colleague.result("hotline.room.close", room=room)
    now.advance(hours=49)
    await wired.upkeep.beat()
    assert wired.everything()["records"] == []
    assert counts <= set(wired.everything()["counts"])


@ensureDeferred
async def test_missing_records(wired: Wired, now: Now) -> None:
    """Only when it is required, only ended rooms, only of who was in it at the end, until it is written."""
    scene = await make_scene(wired, now(), "own")
    staff, colleague, manager = (scene.guests[name] for name in ("staff", "colleague", "manager"))
    room = scene.served.room_id
    await colleague.result("hotline.room.claim", room=scene.waiting.room_id)
    await staff.result("hotline.room.close", room=room)
    assert await staff.result("hotline.record.missing") == []
    changed = await manager.result("hotline.forms.set", form="record", required=True)
    assert changed["required"] is True
    (line,) = await staff.result("hotline.record.missing")
    assert (line["room"], line["name"]) == (room, "served at own")
    for other in (colleague, manager):
        assert await other.result("hotline.record.missing") == []
    await staff.result("hotline.record.save", room=room, answers={"contact": "Silent"})
    assert await staff.result("hotline.record.missing") == []


@ensureDeferred
async def test_days_are_those_of_the_time_zone(wired: Wired, now: Now) -> None:
    """At eight in the evening it is tomorrow in Tokyo, for counts and surveys alike, which are kept from the
    end of that day on; a zone that PostgreSQL does not know is no harm."""
    scene = await make_scene(wired, now(), "own")
    manager = scene.guests["manager"]
    await manager.result("hotline.organisation.set", time_zone="Asia/Tokyo")
    now.advance(hours=8)
    for _ in range(5):
        await (await wired.join("own")).result("hotline.anteroom.enter", name="Robin")
    found = await manager.result("hotline.statistics.get")
    assert (found["until"], found["days"][-1]["entered"]) == ("2026-11-23", 5)
    organisation_id = scene.house.organisation_id
    async with wired.database.transaction(organisation_id) as tx:
        await surveys.add(tx, organisation_id, {"how": "Well"}, now())
    [survey] = (await manager.result("hotline.survey.list"))["surveys"]
    assert survey["day"] == "2026-11-23"
    # Its end in Tokyo is at three in the afternoon here; then 48 hours.
    ends = datetime(2026, 11, 25, 15, tzinfo=UTC)
    async with wired.database.transaction(organisation_id) as tx:
        assert await surveys.EXPIRED.list(tx, ends - timedelta(seconds=1), [], 9) == []
        assert await surveys.EXPIRED.list(tx, ends, [], 9) == [(organisation_id, survey["id"])]
        assert await surveys.EXPIRED.find_oldest(tx, ends) == ends
    async with wired.database.transaction(organisation_id) as tx:
        await tx.run("UPDATE organisations SET time_zone = 'America/Los_Angeles'")
        ends += timedelta(hours=17)
        assert await surveys.EXPIRED.list(tx, ends - timedelta(seconds=1), [], 9) == []
        assert await surveys.EXPIRED.list(tx, ends, [], 9) == [(organisation_id, survey["id"])]
        assert await surveys.EXPIRED.find_oldest(tx, ends) == ends
    async with wired.database.transaction(organisation_id) as tx:
        await tx.run("UPDATE organisations SET time_zone = 'Nowhere/At_all'")
        await surveys.add(tx, organisation_id, {"how": "Well"}, now())
        in_order = await surveys.EXPIRED.list(tx, ends, [], 9)
        assert len(in_order) == 2
        assert await surveys.EXPIRED.list(tx, ends, in_order[:1], 9) == in_order[::-1]
    assert await (await wired.join("own")).result("hotline.anteroom.enter", name="Robin")


@ensureDeferred
async def test_statistics(wired: Wired, now: Now, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entered, served, waited, gone before; small groups are not told apart; nobody else's; of these days."""
    scene = await make_scene(wired, now(), "own")
    other = await make_scene(wired, now(), "other")
    manager, staff = scene.guests["manager"], scene.guests["staff"]
    now.advance(days=1)
    for number in range(8):
        visitor = await wired.join("own")
        room = (await visitor.result("hotline.anteroom.enter", name="Robin"))["room"]
        now.advance(minutes=4)
        if number < 6:
            await staff.result("hotline.room.claim", room=room)
            contact = "Genuine" if number < 5 else "Silent"
            await staff.result("hotline.record.save", room=room, answers={"contact": contact})
            # Back to the list and claimed again counts once.
            await staff.result("hotline.room.leave", room=room)
            await staff.result("hotline.room.claim", room=room)
        await visitor.result("hotline.room.leave", room=room)
    found = await manager.result("hotline.statistics.get", since="2026-11-22", until="2026-11-24")
    assert [found[key] for key in ("entered", "served", "left_before_served", "left_messages")] == [
        ">8",
        ">6",
        "<5",
        0,
    ]
    assert [(day["day"], day["entered"], day["served"]) for day in found["days"]] == [
        ("2026-11-22", "<5", "<5"),
        ("2026-11-23", 8, 6),
        ("2026-11-24", 0, 0),
    ]
    waited = {each["from_minutes"]: (each["to_minutes"], each["count"]) for each in found["waited"]}
    assert waited[0] == (1, "<5")
    assert waited[3] == (5, 6)
    assert waited[60] == (None, 0)
    contact = found["record"][0]
    assert (contact["name"], contact["label"]) == ("contact", "Kind of contact")
    assert [(each["answer"], each["count"]) for each in contact["answers"]][:3] == [
        ("Genuine", 5),
        ("Silent", "<5"),
        ("Prank", 0),
    ]
    assert (await other.guests["manager"].result("hotline.statistics.get"))["entered"] == "<5"
    assert json.dumps(found).count("own") == 0
    for wrong, field in (
        ({"since": "2026-11-23", "until": "2026-11-22"}, "since"),
        ({"since": "2020-01-01"}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-13-01"}, "until"),
    ):
        answer = await manager.call("hotline.statistics.get", **wrong)
        assert (uri_of(answer), set(answer[6])) == (INVALID, {field}), wrong
    span = {"since": "2026-11-20", "until": "2026-11-22"}
    for most, is_refused in ((2, True), (3, False), (0, False)):
        monkeypatch.setattr(wired.accounts, "_limits", DomainLimits(statistics_days=most))
        assert ((await manager.call("hotline.statistics.get", **span))[0] == 8) is is_refused


@ensureDeferred
async def test_left_messages_are_counted(wired: Wired, now: Now) -> None:
    """As messages, and as clients who came in once they did; consent and risk are as at the entrance."""
    scene = await make_scene(wired, now(), "own")
    manager, visitor = scene.guests["manager"], scene.guests["visitor"]
    await manager.result(
        "hotline.forms.set", form="questions", questions=[SAFE], consent={"": "Yes?"}, consent_required=True
    )
    await manager.result("hotline.organisation.set_intake", intake="closed")
    said = {"name": "Kim", "text": "Hello?", "answers": {"safe": "I am not"}}
    refused = await visitor.call("hotline.anteroom.leave_message", **said)
    assert (uri_of(refused), set(refused[6])) == (INVALID, {"consent"})
    room = (await visitor.result("hotline.anteroom.leave_message", **said, consent=True))["room"]
    assert await counted(wired, scene, now) == {"entered": 2, "served": 1, "left_messages": 1}
    (line,) = [each for each in await manager.result("hotline.clientlist.get") if each["room"] == room]
    assert line["risk"] is True
    await manager.result("hotline.organisation.set_intake", intake="scheduled")
    entered = await visitor.result("hotline.anteroom.enter", name="Kim", consent=True)
    assert entered["room"] == room
    await scene.guests["colleague"].result("hotline.room.claim", room=room)
    assert await counted(wired, scene, now) == {"entered": 3, "served": 2, "left_messages": 1}


async def counted(wired: Wired, scene: Scene, now: Now) -> dict[str, int]:
    """Of today, however few they are."""
    async with wired.database.transaction(scene.house.organisation_id) as tx:
        found = await counts.list_all(tx, scene.house.organisation_id, now().date(), now().date())
    return {each.subject: each.count for each in found if each.subject in SUBJECTS}


@pytest.mark.parametrize("serializer", ["json", "msgpack", "cbor"])
@ensureDeferred
async def test_wrong_forms(wired: Wired, now: Now, serializer: str) -> None:
    """Each wrong part is named with its question; settings of another form are refused; nothing is stored."""
    scene = await make_scene(wired, now(), "own", serializer)
    manager = scene.guests["manager"]
    await wired.settled()
    before = wired.everything()
    for form, given, field in (
        ("questions", {"questions": [SAFE, {"name": "x", "label": "y"}]}, "questions.1"),
        ("questions", {"questions": [{**SAFE, "kind": "upload"}]}, "questions.0.kind"),
        ("questions", {"questions": [{**SAFE, "odd": 1}]}, "questions.0"),
        ("questions", {"questions": [{**SAFE, "low": 1.5}]}, "questions.0.low"),
        ("questions", {"questions": [{**SAFE, "choices": ["a", 3]}]}, "questions.0.choices.1"),
        ("questions", {"questions": [{**SAFE, "choices": ["a\x00"]}]}, "questions.0.choices"),
        ("questions", {"questions": [{**SAFE, "label": "x" * 300}]}, "questions.0.label"),
        ("questions", {"questions": [{**SAFE, "translations": {"": {}}}]}, "questions.0.translations"),
        ("questions", {"questions": [{**PAIN, "high": 10**9}]}, "questions.0.high"),
        ("questions", {"questions": [SAFE, SAFE]}, "questions"),
        ("questions", {"required": True}, "required"),
        ("survey", {"questions": [SAFE]}, "questions.0.risk_choices"),
        ("record", {"questions": [PAIN]}, "questions.0.risk_choices"),
        ("record", {"consent": {"": "x"}}, "consent"),
        ("survey", {"consent_required": True}, "consent_required"),
        ("questions", {"consent": {"de": "Ja?"}}, "consent"),
        ("questions", {"consent": {"": 5}}, "consent"),
        ("answers", {}, "form"),
    ):
        answer = await manager.call("hotline.forms.set", form=form, **given)
        assert (uri_of(answer), list(answer[6])) == (INVALID, [field]), (given, answer)
        assert manager.is_open
    assert wired.everything() == before
