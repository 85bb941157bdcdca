"""The Big List of Naughty Strings through everything that people type in.

In come the strings, by real procedures; each is stored and given back character for character (trimmed), or
refused with the name of its field. Nothing else happens, whatever they are meant to set off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_twisted import ensureDeferred

from hotline.domain import checks, names
from hotline.errors import Invalid
from tests.conftest import Now
from tests.procedures.test_matrix import make_scene
from tests.procedures.wired import Guest, Wired

STRINGS: list[str] = json.loads((Path(__file__).parents[1] / "corpus" / "blns.json").read_text("utf-8"))
SOME = STRINGS[::3]
"""Where each one costs more."""

LINE = 80
"""Longest name, in characters."""

FIRST_REQUEST = 1_000_000
AT_ONCE = 4
"""No more than there are connections to the database: nobody waits for one, however busy the machine."""


async def answers_of(
    guest: Guest, asked: Iterable[tuple[Any, ...]], at_once: int = AT_ONCE
) -> list[list[Any]]:
    """Some at a time, as a network would bring them: the answers in the order of the questions."""
    found: dict[int, list[Any]] = {}
    waiting = 0
    numbered = list(enumerate(asked, FIRST_REQUEST))
    for number, (code, *rest) in numbered:
        guest.send(code, number, *rest)
        waiting += 1
        if waiting == at_once or number == numbered[-1][0]:
            for _ in range(waiting):
                answer = await guest.next(lambda array: array[0] in (8, 17, 50))
                found[answer[2] if answer[0] == 8 else answer[1]] = answer
            waiting = 0
    return [found[number] for number, _ in numbered]


def refused(strings: list[str], answers: list[list[Any]], field: str) -> set[str]:
    """Those that were refused, each with the name of this field alone."""
    pairs = list(zip(strings, answers, strict=True))
    for text, answer in pairs:
        if answer[0] == 8:
            assert (answer[4], list(answer[6])) == ("hotline.error.invalid", [field]), (text, answer)
    return {text for text, answer in pairs if answer[0] == 8}


def is_line(text: str) -> bool:
    """Whether a client may be called so."""
    try:
        checks.name(text)
    except Invalid:
        return False
    return True


def called(procedure: str, **kwargs: Any) -> tuple[Any, ...]:
    return (48, {}, procedure, [], kwargs)


@ensureDeferred
async def test_said_and_noted(wired: Wired, now: Now) -> None:
    """Messages, notes and the one draft: only what is empty when trimmed is refused."""
    scene = await make_scene(wired, now(), "own")
    room, client, staff = scene.served.room_id, scene.guests["client"], scene.guests["staff"]
    topic = f"hotline.room.{room}"
    said = await answers_of(
        client,
        [
            (16, {"acknowledge": True}, topic, [text], {"nonce": str(number)})
            for number, text in enumerate(STRINGS)
        ],
        at_once=len(STRINGS),  # the journal has a connection of its own
    )
    assert refused(STRINGS, said, "text") == {text for text in STRINGS if not text.strip()}
    noted = await answers_of(
        staff,
        [
            called("hotline.room.note", room=room, text=text, nonce=str(number))
            for number, text in enumerate(SOME)
        ],
    )
    assert refused(SOME, noted, "text") == {text for text in SOME if not text.strip()}
    assert await texts_of(client, "hotline.room.history", "messages", room, "message") == trimmed(STRINGS)
    notes = await texts_of(staff, "hotline.room.notes", "notes", room, "note")
    assert sorted(notes) == sorted(trimmed(SOME))
    for text in STRINGS[::40]:
        await staff.result("hotline.me.set_draft", room=room, text=text)
        assert [each["text"] for each in await staff.result("hotline.me.drafts")] == ([text] if text else [])


def trimmed(strings: list[str]) -> list[str]:
    return [text.strip() for text in strings if text.strip()]


async def texts_of(guest: Guest, procedure: str, kind: str, room: str, wanted: str) -> list[str]:
    """All texts of this kind, page by page."""
    texts: list[str] = []
    after, more = 0, True
    while more:
        page = await guest.result(procedure, room=room, after=after, limit=200)
        texts += [each["text"] for each in page[kind] if each["kind"] == wanted]
        after, more = page[kind][-1]["seq"], page["more"]
    return texts


@ensureDeferred
async def test_names_and_answers(wired: Wired, now: Now) -> None:
    """Clients' names and answers, and the organisation's own name: one line of up to 80 characters."""
    scene = await make_scene(wired, now(), "own")
    manager, staff = scene.guests["manager"], scene.guests["staff"]
    named = await answers_of(manager, [called("hotline.organisation.set", name=text) for text in SOME])
    outside = refused(SOME, named, "name")
    # An organisation's name stands in mails, so it holds no web address, and nothing that cannot be seen;
    # clients' names do not.
    mailed = {text for text in outside if is_line(text)}
    assert all(names.has_address(text) or names.has_hidden(text.strip()) for text in mailed)
    outside -= mailed
    assert len(outside) < len(SOME) / 5
    for text, answer in zip(SOME, named, strict=True):
        assert text in outside | mailed or answer[3][0]["name"] == text.strip()
        assert text not in outside or not text.strip() or len(text.strip()) > LINE or not text.isprintable()
    for number, text in enumerate(SOME[::6]):
        visitor = await wired.join("own", serializer=("json", "msgpack", "cbor")[number % 3])
        answer = await visitor.call("hotline.anteroom.enter", name=text, answers={"issues": text})
        if text in outside or not text.strip():
            assert answer[4] == "hotline.error.invalid", text
            assert set(answer[6]) <= {"name", "answers.issues"}, (text, answer)
        else:
            profile = await staff.result("hotline.room.profile", room=answer[3][0]["room"])
            assert (profile["name"], profile["answers"]) == (text.strip(), {"issues": text.strip()})
