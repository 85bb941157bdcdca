"""Who may call what with whose ids: every procedure and topic, by everybody, with what is not theirs.

Made from the table of procedures: one that has no row here fails the first test.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.model import Actor, Role
from hotline.procedures.table import PROCEDURES
from hotline.protocols.limits import SessionLimits
from hotline.store import tokens
from hotline.store.database import Database
from hotline.store.ids import secret_hash
from tests.conftest import Now
from tests.helpers import Entered, House, logged, make_client, make_house
from tests.procedures.wired import Guest, Wired, uri_of
from tests.store.full_house import fill

# As a browser gives it; the keys are those of the example in RFC 8291.
SUBSCRIPTION = {
    "endpoint": "https://push.example/send/abc",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
# What each procedure is called with, given a room and a person.
ARGUMENTS: dict[str, Any] = {
    "hotline.anteroom.describe": lambda room, person: {},
    "hotline.anteroom.enter": lambda room, person: {"name": "Robin"},
    "hotline.anteroom.place": lambda room, person: {"room": room},
    "hotline.anteroom.leave_message": lambda room, person: {"name": "Robin", "text": "Are you there?"},
    "hotline.anteroom.make_return_code": lambda room, person: {"room": room},
    "hotline.anteroom.come_back": lambda room, person: {"return_code": "0123-4567-89AB-CDEF"},
    "hotline.anteroom.groups": lambda room, person: {},
    "hotline.anteroom.group": lambda room, person: {"code": "0123-4567-89AB-CDEF"},
    "hotline.anteroom.enter_group": lambda room, person: {"code": "0123-4567-89AB-CDEF", "name": "Robin"},
    "hotline.anteroom.delete": lambda room, person: {"room": room},
    "hotline.anteroom.survey": lambda room, person: {"room": room},
    "hotline.anteroom.answer_survey": lambda room, person: {"room": room, "answers": {}},
    "hotline.room.join": lambda room, person: {"room": room},
    "hotline.room.history": lambda room, person: {"room": room},
    "hotline.room.seen": lambda room, person: {"room": room, "seq": 1},
    "hotline.room.delivered": lambda room, person: {"room": room, "seq": 1},
    "hotline.room.edit": lambda room, person: {"room": room, "seq": 1, "nonce": "n", "text": "other words"},
    "hotline.room.withdraw": lambda room, person: {"room": room, "seq": 1, "nonce": "n"},
    "hotline.room.leave": lambda room, person: {"room": room},
    "hotline.room.close": lambda room, person: {"room": room},
    "hotline.room.block": lambda room, person: {"room": room, "hours": 2, "reason": "insults"},
    "hotline.blocks.list": lambda room, person: {},
    "hotline.blocks.agree": lambda room, person: {"id": person},
    "hotline.blocks.lift": lambda room, person: {"id": person},
    "hotline.room.claim": lambda room, person: {"room": room},
    "hotline.room.transfer": lambda room, person: {"room": room, "to": person},
    "hotline.room.release": lambda room, person: {"room": room},
    "hotline.room.ask": lambda room, person: {"room": room, "to": person},
    "hotline.room.decline": lambda room, person: {"room": room},
    "hotline.room.take_over": lambda room, person: {"room": room},
    "hotline.room.note": lambda room, person: {"room": room, "text": "between us", "nonce": "n"},
    "hotline.room.notes": lambda room, person: {"room": room},
    "hotline.room.set_priority": lambda room, person: {"room": room, "priority": 0},
    "hotline.room.appoint": lambda room, person: {"room": room, "at": "2026-11-30T15:00:00Z"},
    "hotline.room.cancel_appointment": lambda room, person: {"room": room},
    "hotline.room.profile": lambda room, person: {"room": room},
    "hotline.group.open": lambda room, person: {"name": "Evening", "ends_at": "2026-11-22T14:00:00Z"},
    "hotline.group.set": lambda room, person: {"room": room},
    "hotline.group.list": lambda room, person: {},
    "hotline.group.mute": lambda room, person: {"room": room, "muted": True},
    "hotline.group.remove": lambda room, person: {"room": room, "member": person},
    "hotline.clientlist.get": lambda room, person: {},
    "hotline.clientlist.closed": lambda room, person: {},
    "hotline.staff.list": lambda room, person: {},
    "hotline.staff.set_skills": lambda room, person: {"id": person, "languages": ["de"], "topics": []},
    "hotline.staff.invite": lambda room, person: {"email": "new@example.org", "role": "staff"},
    "hotline.staff.invitations": lambda room, person: {},
    "hotline.staff.invite_again": lambda room, person: {"id": person},
    "hotline.staff.withdraw": lambda room, person: {"id": person},
    "hotline.staff.remove": lambda room, person: {"id": person},
    "hotline.staff.set_role": lambda room, person: {"id": person, "role": "manager"},
    "hotline.organisation.get": lambda room, person: {},
    "hotline.organisation.set": lambda room, person: {},
    "hotline.organisation.set_intake": lambda room, person: {"intake": "paused"},
    "hotline.organisation.deletion": lambda room, person: {},
    "hotline.organisation.keep": lambda room, person: {},
    "hotline.record.form": lambda room, person: {},
    "hotline.record.get": lambda room, person: {"room": room},
    "hotline.record.save": lambda room, person: {"room": room, "answers": {"contact": "Genuine"}},
    "hotline.record.missing": lambda room, person: {},
    "hotline.forms.get": lambda room, person: {"form": "questions"},
    "hotline.forms.set": lambda room, person: {"form": "questions"},
    "hotline.survey.list": lambda room, person: {},
    "hotline.statistics.get": lambda room, person: {},
    "hotline.audit.list": lambda room, person: {},
    "hotline.audit.of_room": lambda room, person: {"room": room},
    "hotline.answers.list": lambda room, person: {},
    "hotline.answers.set": lambda room, person: {"id": person, "scope": "own", "shortcut": "s", "text": "t"},
    "hotline.answers.remove": lambda room, person: {"id": person},
    "hotline.referrals.list": lambda room, person: {},
    "hotline.referrals.set": lambda room, person: {"id": person, "name": "n", "contact": "112"},
    "hotline.referrals.remove": lambda room, person: {"id": person},
    "hotline.me.get": lambda room, person: {},
    "hotline.me.set_presence": lambda room, person: {"presence": "busy"},
    "hotline.me.logins": lambda room, person: {},
    "hotline.me.end_login": lambda room, person: {"id": person},
    "hotline.me.tokens": lambda room, person: {},
    "hotline.me.revoke_token": lambda room, person: {"id": person},
    "hotline.me.drafts": lambda room, person: {},
    "hotline.me.set_draft": lambda room, person: {"room": room, "text": "not yet sent"},
    "hotline.me.push_key": lambda room, person: {},
    "hotline.me.push_subscribe": lambda room, person: SUBSCRIPTION,
    "hotline.me.push_unsubscribe": lambda room, person: {"endpoint": SUBSCRIPTION["endpoint"]},
    "hotline.me.push_test": lambda room, person: {},
}
NAMES_SOMETHING = {uri for uri, make in ARGUMENTS.items() if {"room", "id"} & make("r", "p").keys()}
# Ids of what else an organisation has, and where a list goes on from one.
ROOMS = ("waiting_id", "closed_id", "left_id", "group_id", "ended_group_id")
IDS = ("block_id", "answer_id", "referral_id", "token_id", "login_id", "invitation_id", "group_client_id")
GOES_ON = {
    "hotline.clientlist.get": ("after", "room_id"),
    "hotline.clientlist.closed": ("before", "closed_id"),
    "hotline.survey.list": ("before", "survey_id"),
    "hotline.answers.list": ("after", "answer_id"),
    "hotline.referrals.list": ("after", "referral_id"),
}
LISTS = (
    "hotline.clientlist",
    "hotline.staff",
    "hotline.organisation",
    "hotline.answers",
    "hotline.referrals",
    "hotline.blocks",
    "hotline.groups",
)
CALLERS = ("visitor", "client", "staff", "colleague", "manager")
SUFFIXES = ("", ".typing", ".seen", ".place", ".notes")

NOT_FOUND = "hotline.error.not_found"
NOT_ALLOWED = "hotline.error.not_allowed"
NOT_AUTHORIZED = "wamp.error.not_authorized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An organisation in full use: one client waits, one talks with `staff`."""

    house: House
    waiting: Entered
    served: Entered
    guests: dict[str, Guest]


async def add_token(database: Database, house: House, person: Actor, name: str, now: datetime) -> None:
    async with database.transaction(house.organisation_id) as tx:
        await tokens.add(
            tx,
            house.organisation_id,
            person.id,
            name=name,
            secret_hash=secret_hash(name + "-secret"),
            now=now,
        )


async def make_scene(wired: Wired, now: datetime, slug: str, serializer: str = "json") -> Scene:
    """The organisation, and a session of everybody."""
    house = await make_house(wired.database, now, slug)
    waiting = await make_client(wired.database, house, now, f"waiting at {slug}")
    served = await make_client(wired.database, house, now, f"served at {slug}")
    guests = {
        "visitor": await wired.join(slug, serializer=serializer),
        "client": await wired.join(slug, served.actor.id, served.key, serializer=serializer),
        "other client": await wired.join(slug, waiting.actor.id, waiting.key, serializer=serializer),
    }
    for name, person in (("staff", house.staff), ("colleague", house.colleague), ("manager", house.manager)):
        await add_token(wired.database, house, person, name, now)
        guests[name] = await wired.join(slug, name, f"{name}-secret", serializer=serializer)
    await guests["staff"].result("hotline.room.claim", room=served.room_id)
    await wired.upkeep.drained()
    return Scene(house=house, waiting=waiting, served=served, guests=guests)


def without_audit(wired: Wired) -> dict[str, list[str]]:
    """All that is stored but who looked at what."""
    return {table: rows for table, rows in wired.everything().items() if not table.startswith("audit")}


def role_of(caller: str) -> Role:
    return {
        "visitor": Role.CLIENT,
        "client": Role.CLIENT,
        "other client": Role.CLIENT,
        "manager": Role.MANAGER,
    }.get(caller, Role.STAFF)


def test_every_procedure_has_a_row() -> None:
    """A new procedure needs its row in this matrix."""
    assert set(ARGUMENTS) == set(PROCEDURES)


@pytest.mark.parametrize("serializer", ["json", "msgpack", "cbor"])
@ensureDeferred
async def test_ids_of_another_organisation(wired: Wired, now: Now, serializer: str) -> None:
    """They look just like ids that do not exist; nothing changes; nobody there hears of it."""
    own = await make_scene(wired, now(), "own", serializer)
    foreign = await make_scene(wired, now(), "foreign")
    for guest in foreign.guests.values():
        for topic in LISTS:
            await guest.subscribe(topic)
    for suffix in SUFFIXES:
        assert (await foreign.guests["staff"].subscribe(f"hotline.room.{foreign.served.room_id}{suffix}"))[
            0
        ] == 33
    await wired.settled()
    for guest in foreign.guests.values():
        guest.link.sent.clear()
    before = wired.everything()
    assert before["rooms"]
    for caller in CALLERS:
        guest = own.guests[caller]
        for uri in NAMES_SOMETHING:
            expected = NOT_FOUND if role_of(caller) in PROCEDURES[uri].roles else NOT_ALLOWED
            theirs = await guest.call(uri, **ARGUMENTS[uri](foreign.served.room_id, foreign.house.staff.id))
            nobodys = await guest.call(uri, **ARGUMENTS[uri]("0" * 16, "1" * 16))
            assert uri_of(theirs) == expected, (caller, uri, theirs)
            assert theirs[3:] == nobodys[3:], (caller, uri)
        for suffix in SUFFIXES:
            topic = f"hotline.room.{foreign.served.room_id}{suffix}"
            assert uri_of(await guest.subscribe(topic)) == NOT_AUTHORIZED, (caller, topic)
            said = {"": ("hello",)}.get(suffix, ())
            how = {"": {"nonce": "n"}, ".typing": {"typing": True}, ".seen": {"seq": 1}}.get(suffix, {})
            answer = await guest.publish(topic, *said, **how)
            assert uri_of(answer) == (NOT_AUTHORIZED if suffix else NOT_FOUND), (caller, topic)
        for topic in LISTS:
            assert uri_of(await guest.publish(topic, change="updated")) == NOT_AUTHORIZED
    staff = own.guests["staff"]
    answer = await staff.call("hotline.room.transfer", room=own.served.room_id, to=foreign.house.staff.id)
    assert uri_of(answer) == NOT_FOUND
    await wired.settled()
    assert wired.everything() == before
    for name, guest in foreign.guests.items():
        assert guest.events == [], name
    for guest in own.guests.values():
        assert guest.is_open


@ensureDeferred
async def test_whatever_another_organisation_has(wired: Wired, now: Now) -> None:
    """Left messages, groups, ended conversations, blocks, texts, tokens, logins, invitations, surveys,
    browsers and codes: all are as if they did not exist."""
    own = await make_scene(wired, now(), "own")
    foreign = await make_scene(wired, now(), "foreign")
    opened, named = ARGUMENTS["hotline.group.open"]("", ""), {"room": foreign.served.room_id}
    code = (await foreign.guests["manager"].result("hotline.group.open", **opened))["code"]
    back = await foreign.guests["client"].result("hotline.anteroom.make_return_code", **named)
    ids = await fill(wired.database, now)
    await wired.settled()
    before = without_audit(wired)
    for caller in ("client", "staff", "manager"):
        guest, role = own.guests[caller], role_of(caller)
        for uri in (each for each in NAMES_SOMETHING if role in PROCEDURES[each].roles):
            for name in ROOMS if "room" in ARGUMENTS[uri]("r", "p") else IDS:
                of_room = getattr(ids, name)
                of_person = of_room if name in IDS else ids.group_client_id
                answer = await guest.call(uri, **ARGUMENTS[uri](of_room, of_person))
                assert uri_of(answer) == NOT_FOUND, (caller, uri, name, answer)
        for uri, (parameter, name) in GOES_ON.items():
            theirs_id = getattr(ids, name)
            # The one beside it: whatever has an order has nothing between the two.
            nobodys_id = theirs_id[:-1] + ("1" if theirs_id[-1] == "0" else "0")
            theirs, nobodys = [
                str((await guest.call(uri, **{parameter: each}))[3:]).replace(each, "")
                for each in (theirs_id, nobodys_id)
            ]
            assert theirs == nobodys, uri
    visitor = own.guests["visitor"]
    for name, arguments in (
        ("group", {"code": code}),
        ("enter_group", {"code": code, "name": "Robin"}),
        ("come_back", {"return_code": back["return_code"]}),
    ):
        assert uri_of(await visitor.call(f"hotline.anteroom.{name}", **arguments)) == NOT_FOUND, name
    answer = await own.guests["staff"].call("hotline.me.push_unsubscribe", endpoint=ids.endpoint)
    assert uri_of(answer) == NOT_FOUND
    await wired.settled()
    assert without_audit(wired) == before


@ensureDeferred
async def test_roles(wired: Wired, now: Now) -> None:
    """Whoever lacks the role is told so, whatever they name; nothing changes."""
    scene = await make_scene(wired, now(), "own")
    await wired.settled()
    before = wired.everything()
    for caller in (*CALLERS, "other client"):
        for uri, procedure in PROCEDURES.items():
            if role_of(caller) not in procedure.roles:
                arguments = ARGUMENTS[uri](scene.served.room_id, scene.house.colleague.id)
                answer = await scene.guests[caller].call(uri, **arguments)
                assert uri_of(answer) == NOT_ALLOWED, (caller, uri, answer)
    await wired.settled()
    assert wired.everything() == before


@ensureDeferred
async def test_refusals_are_logged(wired: Wired, now: Now) -> None:
    """What was refused to which role, and nobody's name or id."""
    scene = await make_scene(wired, now(), "own")
    with logged() as lines:
        assert uri_of(await scene.guests["client"].call("hotline.clientlist.get")) == NOT_ALLOWED
    assert [line for line in lines if "refused" in line] == ["hotline.clientlist.get was refused to a client"]


@ensureDeferred
async def test_rooms_of_others_in_the_same_organisation(wired: Wired, now: Now) -> None:
    """To clients other rooms do not exist; consultants who are not in them may look at the profile,
    and say how urgent they are."""
    scene = await make_scene(wired, now(), "own")
    await wired.settled()
    before = without_audit(wired)
    room_calls = [uri for uri in ARGUMENTS if "room" in ARGUMENTS[uri]("r", "p")]
    for caller, room in (
        ("visitor", scene.served),
        ("client", scene.waiting),
        ("other client", scene.served),
    ):
        for uri in room_calls:
            expected = NOT_FOUND if Role.CLIENT in PROCEDURES[uri].roles else NOT_ALLOWED
            answer = await scene.guests[caller].call(
                uri, **ARGUMENTS[uri](room.room_id, scene.house.staff.id)
            )
            assert uri_of(answer) == expected, (caller, uri, answer)
        assert (
            uri_of(await scene.guests[caller].publish(f"hotline.room.{room.room_id}", "x", nonce="n"))
            == NOT_FOUND
        )
    colleague = scene.guests["colleague"]
    expected_of = {
        "hotline.room.claim": "hotline.error.already_claimed",
        "hotline.room.profile": "no error",
        "hotline.room.set_priority": "no error",
    }
    for uri in room_calls:
        answer = await colleague.call(uri, **ARGUMENTS[uri](scene.served.room_id, scene.house.colleague.id))
        assert uri_of(answer).partition(":")[0] == expected_of.get(uri, NOT_ALLOWED), (uri, answer)
    assert (
        uri_of(await colleague.publish(f"hotline.room.{scene.served.room_id}", "x", nonce="n")) == NOT_ALLOWED
    )
    for caller, room in (
        ("colleague", scene.served),
        ("other client", scene.served),
        ("visitor", scene.waiting),
    ):
        for suffix in SUFFIXES:
            answer = await scene.guests[caller].subscribe(f"hotline.room.{room.room_id}{suffix}")
            assert uri_of(answer) == NOT_AUTHORIZED, (caller, suffix)
        for suffix, kwargs in (
            (".typing", {"typing": True}),
            (".seen", {"seq": 1}),
            (".place", {}),
            (".notes", {}),
        ):
            answer = await scene.guests[caller].publish(f"hotline.room.{room.room_id}{suffix}", **kwargs)
            assert uri_of(answer) == NOT_AUTHORIZED, (caller, suffix)
    for caller in ("visitor", "client", "other client"):
        for topic in LISTS:
            assert uri_of(await scene.guests[caller].subscribe(topic)) == NOT_AUTHORIZED
    await wired.settled()
    assert without_audit(wired) == before
    found = await scene.guests["manager"].result("hotline.audit.list", actor=scene.house.colleague.id)
    assert [each["action"] for each in found["entries"]] == ["profile.read", "token.used"]


@ensureDeferred
async def test_nobody_else_hears_a_room(wired: Wired, now: Now) -> None:
    """What is said in a room reaches its members' sessions and no other one."""
    scene = await make_scene(wired, now(), "own")
    topic = f"hotline.room.{scene.served.room_id}"
    for name, guest in scene.guests.items():
        answer = await guest.subscribe(topic)
        assert (answer[0] == 33) == (name in ("client", "staff")), name
    assert (await scene.guests["client"].publish(topic, "only for you", nonce="n"))[0] == 17
    await wired.settled()
    heard = {name for name, guest in scene.guests.items() if guest.events}
    assert heard == {"staff"}


@ensureDeferred
async def test_who_leaves_hears_no_more(wired: Wired, now: Now) -> None:
    """A manager who joined, followed and left gets nothing from then on, typing included."""
    scene = await make_scene(wired, now(), "own")
    manager, client = scene.guests["manager"], scene.guests["client"]
    topic = f"hotline.room.{scene.served.room_id}"
    await manager.result("hotline.room.join", room=scene.served.room_id)
    for suffix in ("", ".typing", ".seen"):
        assert (await manager.subscribe(topic + suffix))[0] == 33
    await manager.result("hotline.room.leave", room=scene.served.room_id)
    await wired.settled()
    manager.link.sent.clear()
    assert (await client.publish(topic, "are you gone?", nonce="n"))[0] == 17
    assert (await client.publish(topic + ".typing", typing=True))[0] == 17
    assert uri_of(await manager.publish(topic, "I am", nonce="n")) == NOT_ALLOWED
    assert uri_of(await manager.publish(topic + ".typing", typing=True)) == NOT_AUTHORIZED
    await wired.settled()
    assert manager.events == []


@ensureDeferred
async def test_so_many_rooms_and_no_more(reactor: Any, dsn: str, tmp_path: Path, now: Now) -> None:
    """A session follows as many rooms as it may, any topic of each; one it no longer follows makes room."""
    wired = Wired(reactor, dsn, tmp_path, now, SessionLimits(messages_per_second=0, rooms=2))
    await wired.start()
    try:
        scene = await make_scene(wired, now(), "own")
        manager = scene.guests["manager"]
        rooms = [scene.served, scene.waiting, await make_client(wired.database, scene.house, now(), "Third")]
        for room in rooms:
            await manager.result("hotline.room.join", room=room.room_id)
        topics = [f"hotline.room.{room.room_id}" for room in rooms]
        for topic in (topics[0], topics[0] + ".typing", topics[1] + ".seen"):
            assert (await manager.subscribe(topic))[0] == 33
        refused = await manager.subscribe(topics[2])
        assert (uri_of(refused), refused[-1]) == (NOT_ALLOWED, {"rooms": 2})
        subscribed = await manager.subscribe(topics[1] + ".seen")
        assert (await manager.ask(34, subscribed[2]))[0] == 35
        assert (await manager.subscribe(topics[2]))[0] == 33
    finally:
        await wired.stop()
