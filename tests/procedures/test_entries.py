"""Coming in when the answer gets lost on the way: asked again by the same name, it is the same entry."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred, gatherResults

from tests.conftest import Now
from tests.procedures.test_groups import opened
from tests.procedures.wired import Wired, uri_of

NONCE = "a-random-word-of-this-entry"
INVALID = "hotline.error.invalid"
NOT_FOUND = "hotline.error.not_found"
PROCEDURES = ("enter", "leave_message", "enter_group")


async def prepared(wired: Wired, now: Now, procedure: str) -> tuple[str, dict[str, Any]]:
    """An organisation where this can be called, and with what."""
    group = await opened(wired, now)
    more: dict[str, Any] = {"name": "Sam", "nonce": NONCE}
    if procedure == "enter_group":
        more["code"] = group.code
    if procedure == "leave_message":
        more["text"] = "Are you there?"
    return f"hotline.anteroom.{procedure}", more


@pytest.mark.parametrize("procedure", PROCEDURES)
@ensureDeferred
async def test_it_is_made_once(wired: Wired, now: Now, procedure: str) -> None:
    """The second session is the same client, in the same room, with the same key, whatever else it says; and
    the key is good."""
    uri, more = await prepared(wired, now, procedure)
    first = await wired.join("own")
    entered = await first.result(uri, **more)
    first.session.link_lost()
    second = await wired.join("own")
    again = await second.result(uri, **(more | {"name": "Sami"}))
    for name in ("client", "room", "key"):
        assert again[name] == entered[name]
    assert again.get("position") == entered.get("position")
    joined = await second.result("hotline.room.join", room=entered["room"])
    assert "Sami" not in str(joined)
    await wired.join("own", entered["client"], entered["key"])
    rooms = wired.everything()["rooms"]
    assert sum(entered["client"] in str(row) for row in rooms) <= 1
    if procedure == "leave_message":
        for code, found in ((entered["return_code"], False), (again["return_code"], True)):
            answer = await (await wired.join("own")).call("hotline.anteroom.come_back", return_code=code)
            assert (uri_of(answer) != NOT_FOUND) == found


@ensureDeferred
async def test_two_at_once(wired: Wired, now: Now) -> None:
    """The second waits for what becomes of the first."""
    uri, more = await prepared(wired, now, "enter")
    guests = [await wired.join("own") for _ in range(3)]
    entered = await gatherResults([Deferred.fromCoroutine(guest.result(uri, **more)) for guest in guests])
    assert len({(each["client"], each["room"], each["key"]) for each in entered}) == 1


@ensureDeferred
async def test_it_is_nobody_elses(wired: Wired, now: Now) -> None:
    """Another name, another organisation and another way in make another client; so does none at all."""
    uri, more = await prepared(wired, now, "enter")
    await opened(wired, now, "other")
    others: list[tuple[str, str, dict[str, Any]]] = [
        ("own", uri, more),
        ("own", uri, more | {"nonce": NONCE[::-1]}),
        ("own", uri, more | {"nonce": None}),
        ("own", uri, more | {"nonce": None}),
        ("own", "hotline.anteroom.leave_message", more | {"text": "Hello?"}),
        ("other", uri, more),
    ]
    keys = [(await (await wired.join(realm)).result(what, **kwargs))["key"] for realm, what, kwargs in others]
    assert len(set(keys)) == len(keys)


@ensureDeferred
async def test_it_says_nothing_of_a_client_who_has_another_key_by_now(wired: Wired, now: Now) -> None:
    """Who came back and entered anew has a new key, and the entry before is good no more."""
    uri, more = await prepared(wired, now, "leave_message")
    client = await wired.join("own")
    left = await client.result(uri, **more)
    await client.result("hotline.anteroom.enter", name="Sam", nonce=NONCE)
    answer = await (await wired.join("own")).call(uri, **more)
    assert uri_of(answer) == INVALID
    assert left["client"] not in str(answer)


@ensureDeferred
async def test_what_is_no_name_is_refused(wired: Wired, now: Now) -> None:
    """It is to be as random as a key: nothing is made."""
    uri, more = await prepared(wired, now, "enter")
    visitor = await wired.join("own")
    await wired.settled()
    before = wired.everything()
    for nonce in ("", "x" * 19, "x" * 101, "x" * 19 + " ", "ä" * 20, 7, ["x" * 20]):
        assert uri_of(await visitor.call(uri, **(more | {"nonce": nonce}))) == INVALID, nonce
    assert wired.everything() == before
