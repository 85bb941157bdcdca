"""What grows is noticed, what does not is left alone, waits are summed up: on small records made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.growth import FEWEST, GROWN_CONNECTIONS, GROWN_FILES, GROWN_RESIDENT_BYTES, Growth
from tests.faults.latency import Latency

Entry = dict[str, Any]


def life(*, resident: float = 0, files: float = 0, connections: float = 0, moments: int = 40) -> list[Entry]:
    """One process that takes so much more of each, little by little; its sessions come and go meanwhile."""
    entries: list[Entry] = []
    for number in range(moments):
        t, share, sessions = 10.0 * number, number / (moments - 1), 200 if number % 2 else 20
        entries += [
            {
                "t": t,
                "what": "vitals",
                "node": 0,
                "pid": 7,
                "resident": 90_000_000 + resident * share,
                "files": 20 + sessions + files * share,
                "sessions": sessions,
                "calm": True,
            },
            {"t": t, "what": "connections", "count": 10 + connections * share},
        ]
    return entries


def judged(entries: list[Entry]) -> Growth:
    growth = Growth()
    for entry in entries:
        growth.take(entry)
    return growth


def test_what_stays_is_no_growth() -> None:
    """Nor is what comes and goes with the sessions."""
    growth = judged(life())
    assert growth.problems() == []
    assert len(growth.changes()) == 3


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"resident": 1.2 * GROWN_RESIDENT_BYTES}, "resident"),
        ({"files": 1.2 * GROWN_FILES}, "files"),
        ({"connections": 1.2 * GROWN_CONNECTIONS}, "connections"),
    ],
)
def test_growth_is_named(more: dict[str, float], word: str) -> None:
    """By what has grown, and by nothing else; half as much is allowed."""
    (problem,) = judged(life(**more)).problems()
    assert problem.startswith("growth: ")
    assert word in problem
    assert judged(life(**{name: value / 2 for name, value in more.items()})).problems() == []


def test_one_moment_does_not_decide() -> None:
    """The last moment was after a flood: that is no growth."""
    entries = life()
    entries[-2]["resident"] *= 5
    assert judged(entries).problems() == []


def test_only_one_process_is_compared() -> None:
    """A life too short is not judged, nor a new process with an old one, nor a moment that was not calm."""
    short = life(resident=1 << 30, moments=FEWEST - 1)
    assert judged(short).changes() == []
    other = [{**entry, "pid": 8, "resident": 900_000_000} for entry in short if entry["what"] == "vitals"]
    restless = [{**entry, "calm": False} for entry in life(resident=1 << 30) if entry["what"] == "vitals"]
    assert judged([*short, *other, *restless]).changes() == []


def test_waits_are_summed_up() -> None:
    """From the first sending on; a fault, until everybody is live again, has sums of its own."""
    latency = Latency()
    for entry in (
        {"t": 1.0, "what": "send", "nonce": "ann-1"},
        {"t": 1.1, "what": "event", "text": "room ann-1 hi", "own": False},
        {"t": 1.1, "what": "event", "text": "room ann-1 hi", "own": True},
        {"t": 1.2, "what": "event", "text": "Ann entered", "own": False},
        {"t": 1.3, "what": "acked", "nonce": "ann-1"},
        {"t": 2.0, "what": "send", "nonce": "ann-2"},
        {"t": 2.1, "what": "fault", "name": "node_killed", "phase": "begin"},
        {"t": 3.0, "what": "send", "nonce": "ann-2"},
        {"t": 3.5, "what": "fault", "name": "node_killed", "phase": "end"},
        {"t": 4.0, "what": "acked", "nonce": "ann-2"},
        {"t": 4.5, "what": "fault", "name": "node_killed", "phase": "alive"},
    ):
        latency.take(entry)
    sums = latency.sums()
    assert sums["calm"]["acknowledged"] == {"count": 1, "mean": 0.3, "p50": 0.3, "p99": 0.3, "longest": 0.3}
    assert sums["calm"]["heard"]["count"] == 1
    assert sums["calm"]["heard"]["p50"] == 0.1
    assert sums["broken"]["acknowledged"]["longest"] == 2.0
    assert sums["broken"]["heard"]["count"] == 0
    assert latency.recent()["count"] == 2
    assert latency.recent()["count"] == 0
