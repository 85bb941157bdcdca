"""Wrong arguments for every procedure and topic, in every serializer.

The answer is a clear error, nothing is stored, the session lives.
"""

from __future__ import annotations

import json
from typing import Any, get_type_hints

import pytest
from msgspec import structs
from pytest_twisted import ensureDeferred

from hotline.domain.checks import TEXT_LENGTH
from hotline.domain.model import Role
from hotline.procedures.table import PROCEDURES
from tests.conftest import Now
from tests.helpers import NAUGHTY
from tests.procedures.test_matrix import ARGUMENTS, Scene, make_scene
from tests.procedures.wired import Guest, Wired, uri_of
from tests.router.outside import ROLES

INVALID = "hotline.error.invalid"
NOT_FOUND = "hotline.error.not_found"

SERIALIZERS = pytest.mark.parametrize("serializer", ["json", "msgpack", "cbor"])

# What no field takes, whatever its kind.
WRONG: list[Any] = [
    [],
    ["x"],
    [[[[[[[[["deep"]]]]]]]]],
    1.5,
    -1,
    2**53 + 1,
    2**63 - 1,
    "",
    "   ",
    "\x00",
    "a\x00b",
]
BINARY_ONLY: list[Any] = [float("nan"), float("inf"), -float("inf"), b"bytes", 2**64 - 1]
TEXT_ONLY: list[Any] = ["\ud800", "a\udfff"]
HUGE: list[Any] = [10**30]
LONG = "x" * (TEXT_LENGTH + 1)
# Of these, what some fields do take.
RIGHT: dict[str, list[Any]] = {
    "allowed_sites": [[]],
    "special_days": [[]],
    "messages_when_closed": [True],
    "messages_when_full": [True],
    "neutral_title": [True],
    "questions": [[]],
    "required": [True],
    "consent": [True],
    "quickly": [True],
    "listed": [True],
    "muted": [True],
    "consent_required": [True],
    "block_second_person": [True],
    "automatic_assignment": [True],
    "languages": [[]],
    "topics": [[], ["x"]],
}
# Fields that may be empty.
MAY_BE_EMPTY = {
    ("hotline.anteroom.enter", "proof"),
    ("hotline.anteroom.leave_message", "proof"),
    ("hotline.anteroom.enter_group", "proof"),
    ("hotline.group.open", "text"),
    ("hotline.group.set", "text"),
    ("hotline.me.set_draft", "text"),
    ("hotline.referrals.set", "text"),
    ("hotline.referrals.list", "search"),
    ("hotline.clientlist.closed", "search"),
}


def wrong_values(serializer: str) -> list[Any]:
    return (
        WRONG
        + (TEXT_ONLY if serializer == "json" else BINARY_ONLY)
        + (HUGE if serializer != "msgpack" else [])
    )


def caller_of(scene: Scene, uri: str) -> Guest:
    """Somebody who may call it, and with the right arguments would get what they ask for."""
    for name in ("manager", "visitor", "client"):
        if "room" in ARGUMENTS[uri]("r", "p") and name == "visitor":
            continue
        role = {"manager": "manager"}.get(name, "client")
        if role in {role.value for role in PROCEDURES[uri].roles}:
            return scene.guests[name]
    raise AssertionError(uri)


def good_arguments(scene: Scene, uri: str) -> dict[str, Any]:
    arguments: dict[str, Any] = ARGUMENTS[uri](scene.served.room_id, scene.house.colleague.id)
    more = {
        "hotline.anteroom.enter": {"answers": {"age": "12"}, "language": "de"},
        "hotline.room.history": {"after": 0, "before": None, "limit": 10},
        "hotline.room.transfer": {"note": "a note"},
        "hotline.room.ask": {"note": "a note"},
        "hotline.room.release": {"note": "a note"},
        "hotline.room.notes": {"after": 0, "limit": 10},
        "hotline.room.appoint": {"minutes": 30},
        "hotline.survey.list": {"limit": 10},
        "hotline.blocks.list": {"after": 0, "limit": 10},
        "hotline.audit.list": {"before": None, "action": "room.joined", "actor": scene.house.staff.id},
    }
    return arguments | more.get(uri, {})


@SERIALIZERS
@ensureDeferred
async def test_wrong_values(wired: Wired, now: Now, serializer: str) -> None:
    """Each field of each procedure with each wrong value names that field; nothing is stored."""
    scene = await make_scene(wired, now(), "own", serializer)
    await scene.guests["manager"].result("hotline.room.join", room=scene.served.room_id)
    await wired.settled()
    before = wired.everything()
    for uri, procedure in PROCEDURES.items():
        guest = caller_of(scene, uri)
        for field in procedure.arguments.__struct_fields__:
            may_be_none = type(None) in getattr(get_type_hints(procedure.arguments)[field], "__args__", ())
            values = [*wrong_values(serializer), LONG, True, *([] if may_be_none else [None])]
            if field == "answers":
                values += [
                    {"age": 3},
                    {"age": LONG},
                    {"unasked": "x"},
                    {"age": {"deep": [1]}},
                    {"age": "\x00"},
                ]
            else:
                values.append({"a": "table"})
            for value in values:
                if any(type(value) is type(right) and value == right for right in RIGHT.get(field, [])):
                    continue
                if (uri, field) in MAY_BE_EMPTY and value in ("", "   "):
                    continue
                answer = await guest.call(uri, **{**good_arguments(scene, uri), field: value})
                shown = f"{uri} {field}={value!r:.60}: {answer!r:.300}"
                # An id that cannot exist may also just not be found.
                expected = (INVALID, NOT_FOUND) if field in ("id", "room", "to", "member") else (INVALID,)
                assert uri_of(answer) in expected, shown
                if uri_of(answer) == INVALID:
                    named = {key.partition(".")[0] for key in answer[6]}
                    assert named == {field}, shown
                    assert all(isinstance(problem, str) and problem for problem in answer[6].values()), shown
                assert guest.is_open, shown
    await wired.settled()
    assert wired.everything() == before


# What databases that take questions as values would take for conditions.
OPERATORS: tuple[Any, ...] = (
    {"$ne": None},
    {"$gt": ""},
    {"$regex": ".*"},
    {"$where": "1"},
    [{"$ne": 1}],
    ["a"],
)


@SERIALIZERS
@ensureDeferred
async def test_conditions_before_a_login(wired: Wired, now: Now, serializer: str) -> None:
    """Whoever is nobody yet: where a text or a number is asked for, a table or list is neither."""
    await make_scene(wired, now(), "own", serializer)
    visitor = await wired.join("own", serializer=serializer)
    await wired.settled()
    before = wired.everything()
    tried = 0
    for uri, procedure in PROCEDURES.items():
        if Role.CLIENT not in procedure.roles:
            continue
        good = ARGUMENTS[uri]("0" * 16, "1" * 16)
        for field in procedure.arguments.__struct_fields__:
            for value in OPERATORS if field != "answers" else ({"age": value} for value in OPERATORS):
                answer = await visitor.call(uri, **{**good, field: value})
                # Of answers, those for no question of ours are refused before they are looked at.
                assert uri_of(answer) in (INVALID, *((NOT_FOUND,) if field == "answers" else ())), (
                    uri,
                    field,
                )
                tried += 1
    assert tried > 100
    for wrong in OPERATORS:
        for hello, proof in (
            ({"authmethods": ["ticket"], "authid": wrong}, "x"),
            ({"authmethods": ["ticket"], "authid": "staff"}, wrong),
        ):
            guest = Guest(wired, serializer)
            guest.send(1, "own", {"roles": ROLES, **hello})
            guest.send(5, proof, {})
            ended = await guest.next(lambda array: array[0] == 3)
            assert ended[2] == "wamp.error.protocol_violation"
    await wired.settled()
    assert wired.everything() == before


@SERIALIZERS
@ensureDeferred
async def test_wrong_shapes(wired: Wired, now: Now, serializer: str) -> None:
    """Missing, unknown and positional arguments are named; nothing is stored."""
    scene = await make_scene(wired, now(), "own", serializer)
    await wired.settled()
    before = wired.everything()
    for uri, procedure in PROCEDURES.items():
        guest, good = caller_of(scene, uri), good_arguments(scene, uri)
        for field in [each.name for each in structs.fields(procedure.arguments) if each.required]:
            answer = await guest.call(uri, **{name: value for name, value in good.items() if name != field})
            assert (uri_of(answer), answer[6]) == (INVALID, {field: "is missing"}), (uri, answer)
        answer = await guest.call(uri, **good, unexpected=1)
        assert (uri_of(answer), answer[6]) == (INVALID, {"unexpected": "is not known here"}), (uri, answer)
        for strange in ("\x00", "x" * 3000, "a\nb", "room\ud800" if serializer == "json" else "`"):
            answer = await guest.call(uri, **good, **{strange: 1})
            assert uri_of(answer) == INVALID, (uri, answer)
            (key,) = answer[6]
            assert len(key) <= 40
            assert key.isprintable()
        answer = await guest.call(uri, "positional", **good)
        assert (uri_of(answer), answer[6]) == (INVALID, {"arguments": "must be given by name"}), (uri, answer)
        assert guest.is_open
        assert procedure.uri == uri
    await wired.settled()
    assert wired.everything() == before


@SERIALIZERS
@ensureDeferred
async def test_wrong_publications(wired: Wired, now: Now, serializer: str) -> None:
    """Texts and nonces, typing and seen marks that cannot be used are refused and reach nobody."""
    scene = await make_scene(wired, now(), "own", serializer)
    client, staff = scene.guests["client"], scene.guests["staff"]
    topic = f"hotline.room.{scene.served.room_id}"
    for suffix in ("", ".typing", ".seen"):
        await staff.subscribe(topic + suffix)
    await wired.settled()
    before = wired.everything()
    staff.link.sent.clear()
    for value in [*wrong_values(serializer), LONG, True, None, {"a": "table"}]:
        for args, kwargs, field in (
            ((value,), {"nonce": "n"}, "text"),
            (("hello",), {"nonce": value}, "nonce"),
        ):
            answer = await client.publish(topic, *args, **kwargs)
            assert (uri_of(answer), list(answer[6])) == (INVALID, [field]), (value, answer)
        for suffix, name in ((".typing", "typing"), (".seen", "seq")):
            if (name, value) != ("typing", True):
                answer = await client.publish(topic + suffix, **{name: value})
                assert (uri_of(answer), list(answer[6])) == (INVALID, [name]), (suffix, value, answer)
    for args, kwargs, fields in (
        ((), {}, {"text", "nonce"}),
        (("a", "b"), {"nonce": "n"}, {"text"}),
        (("a",), {}, {"nonce"}),
        (("a",), {"nonce": "n", "text": "b"}, {"text"}),
        (("a",), {"nonce": "x" * 81}, {"nonce"}),
        (("a",), {"nonce": "two\nlines"}, {"nonce"}),
    ):
        answer = await client.publish(topic, *args, **kwargs)
        assert (uri_of(answer), set(answer[6])) == (INVALID, fields), answer
    for suffix, args, kwargs in (
        (".typing", ("x",), {"typing": True}),
        (".seen", (), {"seq": 1, "id": "me"}),
    ):
        assert uri_of(await client.publish(topic + suffix, *args, **kwargs)) == INVALID
    await wired.settled()
    assert wired.everything() == before
    assert staff.events == []
    assert client.is_open
    assert (await client.publish(topic, "and now a good one", nonce="n"))[0] == 17


@SERIALIZERS
@ensureDeferred
async def test_payloads_that_are_no_messages(wired: Wired, now: Now, serializer: str) -> None:
    """They end the session that sent them, with a reason, and nobody else's."""
    scene = await make_scene(wired, now(), "own", serializer)
    bystander = scene.guests["staff"]
    deep = {
        "json": b'[48,1,{},"hotline.me.get",[],{"x":' + b"[" * 60_000 + b"]" * 60_000 + b"}]",
        "msgpack": b"\x96\x30\x01\x80\xaehotline.me.get\x90\x81\xa1x" + b"\x91" * 60_000 + b"\x90",
        "cbor": b"\x86\x18\x30\x01\xa0\x6ehotline.me.get\x80\xa1\x61x" + b"\x81" * 60_000 + b"\x80",
    }[serializer]
    for payload in (b"", b"\xff\xfe\xfd", b"null", b'{"a": 1}', b"[48, 1, {}, NaN]", deep, b"\x00" * 1000):
        guest = await wired.join("own", serializer=serializer)
        guest.send_bytes(payload)
        assert not guest.session.is_open, payload[:40]
        assert guest.link.sent[-1][0] == 3
        assert guest.link.sent[-1][2] == "wamp.error.protocol_violation"
    assert (await bystander.call("hotline.me.get"))[0] == 50


@ensureDeferred
async def test_numbers_that_json_does_not_have(wired: Wired, now: Now) -> None:
    """NaN and numbers beyond all size in JSON are refused as JSON or as a value; the server goes on."""
    scene = await make_scene(wired, now(), "own")
    for text, ends in (
        ("NaN", True),
        ("Infinity", True),
        ("1e999", False),
        ("9" * 400, False),
        ("-0.0", False),
    ):
        guest = await wired.join("own", scene.served.actor.id, scene.served.key)
        payload = (
            f'[48, 1, {{}}, "hotline.room.seen", [], {{"room": "{scene.served.room_id}", "seq": {text}}}]'
        )
        guest.send_bytes(payload.encode())
        await wired.settled()
        if not ends and guest.is_open:
            answer = await guest.next(lambda array: array[0] in (8, 50))
            assert uri_of(answer) == INVALID or text == "-0.0", (text, answer)
        else:
            assert guest.link.sent[-1][2] == "wamp.error.protocol_violation", text
    assert (await scene.guests["staff"].call("hotline.me.get"))[0] == 50


@SERIALIZERS
@ensureDeferred
async def test_naughty_texts_arrive_unchanged(wired: Wired, now: Now, serializer: str) -> None:
    """As names, answers, messages, notes: the same in events, history, profile and clientlist."""
    scene = await make_scene(wired, now(), "own", serializer)
    staff = scene.guests["staff"]
    for naughty in NAUGHTY:
        visitor = await wired.join("own", serializer=serializer)
        entered = await visitor.result("hotline.anteroom.enter", name=naughty, answers={"issues": naughty})
        room = entered["room"]
        await staff.result("hotline.room.claim", room=room)
        assert (await staff.subscribe(f"hotline.room.{room}"))[0] == 33
        assert (await visitor.publish(f"hotline.room.{room}", naughty, nonce=naughty))[0] == 17
        event = await staff.next(lambda array, nonce=naughty: array[0] == 36 and array[5]["nonce"] == nonce)
        assert (event[4], event[5]["nonce"], event[5]["sender"]["name"]) == ([naughty], naughty, naughty)
        history = await visitor.result("hotline.room.history", room=room)
        assert history["messages"][-1]["text"] == naughty
        profile = await staff.result("hotline.room.profile", room=room)
        assert (profile["name"], profile["answers"]) == (naughty, {"issues": naughty})
        listed = await staff.result("hotline.clientlist.get")
        assert [line["name"] for line in listed if line["room"] == room] == [naughty]
        await staff.result("hotline.room.transfer", room=room, to=scene.house.manager.id, note=naughty)
        manager = scene.guests["manager"]
        assert (await manager.result("hotline.room.join", room=room))["note"] == naughty
        await manager.result("hotline.room.note", room=room, text=naughty, nonce=naughty)
        kept = (await manager.result("hotline.room.notes", room=room))["notes"]
        assert [note["text"] for note in kept] == [naughty, naughty]
        await manager.result("hotline.me.set_draft", room=room, text=naughty)
        assert [draft["text"] for draft in await manager.result("hotline.me.drafts")] == [naughty]
        await manager.result("hotline.room.close", room=room)
    # And nothing of it has done anything.
    assert json.dumps(await staff.result("hotline.room.history", room=scene.served.room_id))


@SERIALIZERS
@ensureDeferred
async def test_lengths_at_the_edge(wired: Wired, now: Now, serializer: str) -> None:
    """The longest text and name pass, trimmed; one character more does not. Characters count, not bytes."""
    scene = await make_scene(wired, now(), "own", serializer)
    client = scene.guests["client"]
    topic = f"hotline.room.{scene.served.room_id}"
    longest = "👩" * TEXT_LENGTH
    assert (await client.publish(topic, f"\n  {longest}\t ", nonce="1"))[0] == 17
    assert uri_of(await client.publish(topic, longest + "x", nonce="2")) == INVALID
    (message,) = (await client.result("hotline.room.history", room=scene.served.room_id, after=2))["messages"]
    assert message["text"] == longest
    visitor = await wired.join("own", serializer=serializer)
    assert uri_of(await visitor.call("hotline.anteroom.enter", name="é" * 81)) == INVALID
    assert (await visitor.call("hotline.anteroom.enter", name=" " + "é" * 80 + " "))[0] == 50
