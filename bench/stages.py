"""What is done with one system that has just been started; each stage has a system of its own.

In come a system, sizes and the groups of rows that are wanted, out come samples by row key.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.player import Player, player
from bench.rows import Sizes
from bench.systems import ejabberd, hotline
from bench.systems.base import Running

_TALK = {"throughput", "cpu", "ack", "lone"}
_HISTORIES: dict[str, Callable[[Running, int], None]] = {
    hotline.NAME: hotline.add_history,
    ejabberd.NAME: ejabberd.add_history,
}


@dataclass(slots=True, kw_only=True)
class Subject:
    """A system that can be started, any number of times."""

    name: str
    started: Callable[[Path], contextlib.AbstractContextManager[Running]]
    rate: float
    """Where to begin to look for the highest."""


Samples = dict[str, float]


def talk(
    subject: Subject, directory: Path, sizes: Sizes, wanted: set[str], spying: Callable[[Running], Any]
) -> Samples:
    """Everything that begins with a server that does nothing, except crowds."""
    samples: Samples = {}
    with _with_rooms(subject, directory, 1, sizes.rooms) as running:
        if "join" in wanted:
            told = _only(running, scenario="joins", count=sizes.joins)
            samples |= {"join_server_ms": told["server_ms"], "join_database_ms": told["database_ms"]}
        if "fanout" in wanted:
            told = _only(running, scenario="fan", listeners=sizes.listeners, events=sizes.events)
            samples["fan_us"] = told["server_us"]
        if wanted & _TALK:
            order = {
                "scenario": "talk",
                "seconds": sizes.seconds,
                "lone": sizes.lone if "lone" in wanted else 0,
                "rates": [sizes.calm_rate] if "ack" in wanted else [],
                "first_rate": subject.rate if wanted & {"throughput", "cpu"} else 0,
            }
            with spying(running):
                samples |= _talked(subject, running, order)
        if "reload" in wanted and subject.name in _HISTORIES:
            for length in sizes.lengths:
                _HISTORIES[subject.name](running, length)
            order = {"scenario": "reload", "lengths": list(sizes.lengths), "seconds": sizes.seconds}
            with _playing(running, order) as playing:
                for key, told in zip(("reload_short", "reload_long"), playing.lines(), strict=True):
                    samples[key] = told["per_second"]
    return _without_database(samples, running)


def crowd(subject: Subject, directory: Path, sizes: Sizes) -> Samples:
    """Thousands come, stay and leave; the probe looks on."""
    samples: Samples = {}
    with (
        _with_rooms(subject, directory, 1, 1) as running,
        _playing(running, {"scenario": "probe", "first_user": running.known.get("users")}) as probe,
        _playing(running, {"scenario": "crowd", "sessions": sizes.sessions}) as guests,
    ):
        probe.read()
        samples["memory_kb"] = guests.read()["kilobytes"]
        samples["pause_coming"] = _longest(probe, "coming")
        time.sleep(sizes.watch_seconds)
        samples["pause_idle"] = _longest(probe, "idle")
        guests.write("leave")
        guests.read()
        samples["pause_leaving"] = _longest(probe, "leaving")
    return samples


def many(subject: Subject, directory: Path, sizes: Sizes) -> Samples:
    """Many rooms in many organisations."""
    organisations, rooms = sizes.many
    with _with_rooms(subject, directory, organisations, rooms) as running:
        order = {"scenario": "talk", "seconds": sizes.seconds, "first_rate": subject.rate}
        return {"many_rate": _best(running, order)}


def nodes(subject: Subject, directory: Path, sizes: Sizes) -> Samples:
    """One and two nodes with a PostgreSQL of its own, so that only their number differs."""
    order = {"scenario": "talk", "seconds": sizes.seconds}
    with hotline.nodes(directory / "one", 1) as running:
        hotline.add_rooms(running, organisations=1, rooms=sizes.rooms)
        one = _best(running, {**order, "first_rate": subject.rate})
    with hotline.nodes(directory / "two", 2) as running:
        hotline.add_rooms(running, organisations=1, rooms=sizes.rooms)
        two = _best(running, {**order, "first_rate": one or subject.rate})
        with _playing(running, {**order, "rates": [two / 2]}) as playing:
            half = next(told for told in playing.lines() if told["what"] == "calm")
    return {
        "nodes_one": one,
        "nodes_two": two,
        "nodes_ratio": two / one,
        "nodes_p99": half["deliver_ms"][1],
    }


@contextlib.contextmanager
def _with_rooms(subject: Subject, directory: Path, organisations: int, rooms: int) -> Iterator[Running]:
    with subject.started(directory) as running:
        if subject.name == hotline.NAME:
            hotline.add_rooms(running, organisations=organisations, rooms=rooms)
        else:
            running.known["rooms"] = organisations * rooms
        yield running


@contextlib.contextmanager
def _playing(running: Running, order: dict[str, Any]) -> Iterator[Player]:
    target = running.target()
    if order.get("first_user"):
        target["first_user"] = order["first_user"]
    with player({**order, "target": target}) as playing:
        yield playing


def _only(running: Running, **order: Any) -> dict[str, Any]:
    """The one thing that a short scenario tells."""
    with _playing(running, order) as playing:
        return playing.read()


def _talked(subject: Subject, running: Running, order: dict[str, Any]) -> Samples:
    samples: Samples = {}
    with _playing(running, order) as playing:
        for told in playing.lines():
            if told["what"] == "lone":
                samples["lone_p50"], samples["lone_p99"] = told["deliver_ms"]
            elif told["what"] == "calm":
                samples["ack_p50"], samples["ack_p99"] = told["acknowledge_ms"]
                samples["calm_server_ms"] = told["server_ms"]
                samples["calm_database_ms"] = told["database_ms"]
            elif told["what"] == "best":
                subject.rate = told["rate"]
                samples["rate"] = told["delivered_per_second"]
                samples["generator"] = 100 * told["generator_share"]
                samples["server_ms"], samples["database_ms"] = told["server_ms"], told["database_ms"]
    return samples


def _best(running: Running, order: dict[str, Any]) -> float:
    """The highest rate that holds; 0: none does."""
    with _playing(running, order) as playing:
        for told in playing.lines():
            if told["what"] == "best":
                return float(told["delivered_per_second"])
    return 0.0


def _longest(probe: Player, name: str) -> float:
    probe.write(name)
    return float(probe.read()["longest_ms"])


def _without_database(samples: Samples, running: Running) -> Samples:
    """Who has none has no figures of it."""
    if running.database_pid is not None:
        return samples
    return {key: value for key, value in samples.items() if "database" not in key}
