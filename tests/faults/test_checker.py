"""The checker itself, on records made by hand: silent when all is well, and loud for each promise broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.checker import Stored, check

Record = list[dict[str, Any]]
Rows = dict[str, list[Stored]]


def send(session: str, room: str, nonce: str, text: str, hears_itself: bool = True) -> dict[str, Any]:
    who = session.partition("#")[0]
    said = {"who": who, "session": session, "room": room, "nonce": nonce, "text": text}
    return {"what": "send", **said, "hears_itself": hears_itself}


def good() -> tuple[Record, Rows]:
    """Two members of one room, one message each, and one fault in between; a second room with a stranger."""
    record: Record = [
        {"what": "room", "room": "a", "organisation": "one", "members": ["ann", "bob"]},
        {"what": "room", "room": "b", "organisation": "two", "members": ["eve"]},
        {"what": "session", "who": "ann", "session": "ann#1", "room": "a", "after": 0},
        {"what": "read", "session": "ann#1", "seq": 1, "text": "Ann entered"},
        {"what": "caught_up", "session": "ann#1"},
        {"what": "session", "who": "bob", "session": "bob#1", "room": "a", "after": 0},
        {"what": "read", "session": "bob#1", "seq": 1, "text": "Ann entered"},
        {"what": "caught_up", "session": "bob#1"},
        send("ann#1", "a", "ann-1", "hello"),
        {"what": "event", "session": "ann#1", "seq": 2, "text": "hello"},
        {"what": "acked", "who": "ann", "room": "a", "nonce": "ann-1"},
        {"what": "event", "session": "bob#1", "seq": 2, "text": "hello"},
        {"what": "fault", "name": "cut", "phase": "begin"},
        {"what": "lost", "who": "bob", "reason": "cut"},
        {"what": "failed", "who": "bob", "room": "a", "nonce": "bob-1", "error": "hotline.error.unavailable"},
        {"what": "fault", "name": "cut", "phase": "end"},
        {"what": "session", "who": "bob", "session": "bob#2", "room": "a", "after": 2},
        {"what": "caught_up", "session": "bob#2"},
        send("bob#2", "a", "bob-1", "hi"),
        {"what": "event", "session": "bob#2", "seq": 3, "text": "hi"},
        {"what": "event", "session": "ann#1", "seq": 3, "text": "hi"},
        {"what": "acked", "who": "bob", "room": "a", "nonce": "bob-1"},
        send("ann#1", "a", "ann-2", "bye"),
        {"what": "acked", "who": "ann", "room": "a", "nonce": "ann-2"},
        {"what": "event", "session": "bob#2", "seq": 4, "text": "bye"},
        {"what": "event", "session": "ann#1", "seq": 4, "text": "bye"},
        send("bob#2", "a", "bob-2", "so", False),
        {"what": "event", "session": "ann#1", "seq": 5, "text": "so"},
        {"what": "acked", "who": "bob", "room": "a", "nonce": "bob-2"},
        send("ann#1", "a", "ann-3", "yes"),
        {"what": "event", "session": "ann#1", "seq": 6, "text": "yes"},
        {"what": "acked", "who": "ann", "room": "a", "nonce": "ann-3"},
        {"what": "event", "session": "bob#2", "seq": 6, "text": "yes"},
        send("bob#2", "a", "bob-3", "well", False),
        {"what": "acked", "who": "bob", "room": "a", "nonce": "bob-3"},
        {"what": "event", "session": "ann#1", "seq": 7, "text": "well"},
        {"what": "session", "who": "eve", "session": "eve#1", "room": "b", "after": 0},
        {"what": "caught_up", "session": "eve#1"},
        send("eve#1", "b", "eve-1", "secret"),
        {"what": "event", "session": "eve#1", "seq": 1, "text": "secret"},
        {"what": "acked", "who": "eve", "room": "b", "nonce": "eve-1"},
        {"what": "trespass", "who": "eve", "room": "a", "how": "read", "allowed": False},
        {"what": "deaf", "ended": True, "grown": 1000},
        {"what": "stopped", "node": 0, "code": 0, "seconds": 2.0},
    ]
    for number, entry in enumerate(record):
        entry["t"] = number / 10
    rows = {
        "a": [
            Stored(1, "Ann entered", None),
            Stored(2, "hello", "ann-1"),
            Stored(3, "hi", "bob-1"),
            Stored(4, "bye", "ann-2"),
            Stored(5, "so", "bob-2"),
            Stored(6, "yes", "ann-3"),
            Stored(7, "well", "bob-3"),
        ],
        "b": [Stored(1, "secret", "eve-1")],
    }
    return record, rows


def find(record: Record, **fields: Any) -> dict[str, Any]:
    """The first entry like this."""
    return next(entry for entry in record if fields.items() <= entry.items())


def test_a_good_run_is_good() -> None:
    """Nothing to say."""
    assert check(*good()) == []


def lose_a_row(record: Record, rows: Rows) -> None:
    rows["a"].pop()
    record[:] = [entry for entry in record if entry.get("seq") != 7]


def store_twice(record: Record, rows: Rows) -> None:
    rows["a"].append(Stored(8, "bye", "ann-2"))


def leave_a_gap(record: Record, rows: Rows) -> None:
    rows["b"][0] = Stored(2, "secret", "eve-1")


def change_a_text(record: Record, rows: Rows) -> None:
    rows["a"][3] = Stored(4, "by", "ann-2")


def show_the_wrong_order(record: Record, rows: Rows) -> None:
    first, second = find(record, session="ann#1", seq=3), find(record, session="ann#1", seq=4)
    for field in ("seq", "text"):
        first[field], second[field] = second[field], first[field]


def show_twice(record: Record, rows: Rows) -> None:
    record.append({**find(record, session="ann#1", seq=4)})


def show_one_less(record: Record, rows: Rows) -> None:
    record.remove(find(record, session="ann#1", seq=4))


def skip_after_a_reconnect(record: Record, rows: Rows) -> None:
    record.remove(find(record, session="bob#2", seq=3))


def hide_what_others_said(record: Record, rows: Rows) -> None:
    record.remove(find(record, session="bob#2", seq=6))


def hide_it_from_others(record: Record, rows: Rows) -> None:
    record.remove(find(record, session="ann#1", seq=5))


def show_them_their_own(record: Record, rows: Rows) -> None:
    own = {**find(record, session="ann#1", seq=5), "session": "bob#2"}
    record.insert(record.index(find(record, what="acked", nonce="bob-2")), own)


def read_with_a_gap(record: Record, rows: Rows) -> None:
    find(record, session="bob#1", what="session")["after"] = -1


def swap_two(record: Record, rows: Rows) -> None:
    """Ann's "bye" was sent after Bob's "hi" was acknowledged, and comes before it."""
    rows["a"][2:4] = [Stored(3, "bye", "ann-2"), Stored(4, "hi", "bob-1")]
    for entry in record:
        if entry.get("seq") in (3, 4):
            entry["text"] = {3: "bye", 4: "hi"}[entry["seq"]]


def show_a_strangers_word(record: Record, rows: Rows) -> None:
    find(record, session="eve#1", seq=1)["text"] = "hello"


def open_a_door(record: Record, rows: Rows) -> None:
    find(record, what="trespass")["allowed"] = True


def refuse_for_good(record: Record, rows: Rows) -> None:
    find(record, what="failed")["error"] = "hotline.error.internal"


def end_without_a_reason(record: Record, rows: Rows) -> None:
    find(record, what="lost")["reason"] = "wamp.error.not_authorized"


def never_acknowledge(record: Record, rows: Rows) -> None:
    record.remove(find(record, what="acked", nonce="eve-1"))


def come_back_late(record: Record, rows: Rows) -> None:
    for entry in record[record.index(find(record, phase="end")) + 1 :]:
        entry["t"] += 5.0


def never_come_back(record: Record, rows: Rows) -> None:
    record.append({"what": "fault", "name": "late", "phase": "end", "t": 99.0})


def stop_badly(record: Record, rows: Rows) -> None:
    find(record, what="stopped")["code"] = 1


def stop_slowly(record: Record, rows: Rows) -> None:
    find(record, what="stopped")["seconds"] = 26.0


def go_on_without_end(record: Record, rows: Rows) -> None:
    find(record, what="deaf")["ended"] = False


def grow(record: Record, rows: Rows) -> None:
    find(record, what="deaf")["grown"] = 1 << 30


@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        (lose_a_row, "durable"),
        (store_twice, "once"),
        (leave_a_gap, "sequence"),
        (change_a_text, "durable"),
        (show_the_wrong_order, "delivery"),
        (show_twice, "delivery"),
        (show_one_less, "delivery"),
        (skip_after_a_reconnect, "delivery"),
        (hide_what_others_said, "delivery"),
        (hide_it_from_others, "delivery"),
        (show_them_their_own, "excluded"),
        (read_with_a_gap, "delivery"),
        (swap_two, "order"),
        (show_a_strangers_word, "wall"),
        (open_a_door, "wall"),
        (refuse_for_good, "fair"),
        (end_without_a_reason, "fair"),
        (never_acknowledge, "live"),
        (come_back_late, "live"),
        (never_come_back, "live"),
        (stop_badly, "drain"),
        (stop_slowly, "drain"),
        (go_on_without_end, "bounded"),
        (grow, "bounded"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_broken_promise_is_named(spoil: Callable[[Record, Rows], None], promise: str) -> None:
    """Each in its own way, under its own name."""
    record, rows = good()
    spoil(record, rows)
    assert promise in {problem.partition(":")[0] for problem in check(record, rows)}


def test_what_was_not_acknowledged_may_be_stored_or_not() -> None:
    """Sent again under the same nonce, then acknowledged: stored once is right, whichever attempt it was."""
    record, rows = good()
    again = {**find(record, what="send", nonce="ann-2")}
    record.insert(record.index(find(record, what="send", nonce="ann-2")) + 1, again)
    assert check(record, rows) == []


def test_what_another_session_said_before_may_be_shown() -> None:
    """The event may have been under way when they came back and said it again."""
    record, rows = good()
    said = send("bob#1", "a", "bob-2", "so", False)
    record.insert(record.index(find(record, what="lost")), {**said, "t": 1.0})
    show_them_their_own(record, rows)
    assert check(record, rows) == []
