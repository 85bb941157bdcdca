"""What is said in one serializer and heard in another: every pair, in calls, results and events.

Values go through as they are, as bytes do in JSON, or not at all: then the caller is told, and nobody's
session ends.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.router.outside import House, Peer, uri_of

REFUSED = object()
NAMES = ("json", "msgpack", "cbor")
BINARY = ("msgpack", "cbor")

# As it is said and as it is heard, by serializer; what is missing cannot be said in it.
PAYLOADS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    **{
        what: (dict.fromkeys(NAMES, value), dict.fromkeys(NAMES, value))
        for what, value in {
            "nested": [None, True, 1, -2.5, "grüße 😀", [], [[]], "a\nb\0c", {"a": {"b": [1, {}]}, "": 0}],
            "64-bits": [2**64 - 1, -(2**63)],
        }.items()
    },
    "bytes": (
        {"json": "\0AP8=", **dict.fromkeys(BINARY, b"\x00\xff")},
        {"json": "\0AP8=", **dict.fromkeys(BINARY, b"\x00\xff")},
    ),
    "more-than-64-bits": (
        {"json": 2**70, "cbor": 2**70},
        {"json": 2**70, "cbor": 2**70, "msgpack": REFUSED},
    ),
    "lone-surrogate": ({"json": "\ud800"}, dict.fromkeys(NAMES, REFUSED)),
    "infinity": (dict.fromkeys(BINARY, math.inf), {"json": None, **dict.fromkeys(BINARY, math.inf)}),
}

each_payload = pytest.mark.parametrize(
    ("what", "name", "other"),
    [(what, name, other) for what, (said, _) in PAYLOADS.items() for name in said for other in NAMES],
)


@each_payload
def test_calls(house: House, what: str, name: str, other: str) -> None:
    """An argument reaches a script, which answers with the same: the caller gets what it said."""
    said, heard = PAYLOADS[what][0][name], PAYLOADS[what][1][other]
    script, caller = Peer(house, other).log_in(), Peer(house, name).join()
    script.register("org.same")
    answer = caller.say(48, 1, {}, "org.same", [said], {"k": said})
    if heard is REFUSED:
        assert uri_of(answer) == "wamp.error.invalid_argument"
        assert script.heard() == []
    else:
        ((_, invocation, _, _, args, kwargs),) = script.heard()
        assert (args, kwargs) == ([heard], {"k": heard})
        script.say(70, invocation, {}, args, kwargs)
        back = None if heard is None else said
        assert caller.heard() == [[50, 1, {}, [back], {"k": back}]]
    assert script.session.is_open
    assert caller.session.is_open


@each_payload
def test_results(house: House, what: str, name: str, other: str) -> None:
    """The answer of a script, and a part of it, reaches the caller, or the caller is told that it cannot."""
    said, heard = PAYLOADS[what][0][name], PAYLOADS[what][1][other]
    script, caller = Peer(house, name).log_in(), Peer(house, other).join()
    script.register("org.it")
    for number, details in ((1, {}), (2, {"progress": True})):
        caller.say(48, number, {"receive_progress": True}, "org.it")
        ((_, invocation, *_),) = script.heard()
        script.say(70, invocation, details, [said])
        if heard is REFUSED:
            assert uri_of(caller.heard()) == "wamp.error.invalid_argument"
        else:
            assert caller.heard() == [[50, number, details, [heard], {}]]
    assert script.session.is_open
    assert caller.session.is_open


@each_payload
def test_events(house: House, no_logged_failures: list[str], what: str, name: str, other: str) -> None:
    """An event reaches all who can hear it; the others only miss it."""
    said, heard = PAYLOADS[what][0][name], PAYLOADS[what][1]
    publisher = Peer(house, name).join()
    subscribers = {each: Peer(house, each).join() for each in {other, "json"}}
    for peer in subscribers.values():
        peer.subscribe("plain.a")
    publisher.say(16, 1, {}, "plain.a", [said])
    publisher.say(16, 2, {}, "plain.a", ["and then"])
    for each, peer in subscribers.items():
        expected = [["and then"]] if heard[each] is REFUSED else [[heard[each]], ["and then"]]
        assert [event[4] for event in peer.heard()] == expected
    assert len(no_logged_failures) == sum(heard[each] is REFUSED for each in subscribers)
    no_logged_failures.clear()
