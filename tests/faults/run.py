"""A run: people talk, things break by a seeded schedule, everything is written down and judged in the end.

In come a seed, how many clients and how long, out come the problems the checker found, and figures. With the
same seed the same faults come in the same order, to the same victims.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from autobahn.wamp.exception import ApplicationError
from twisted.internet.defer import CancelledError, Deferred, TimeoutError

from tests.faults.checker import LIVE_SECONDS, check
from tests.faults.nemesis import FAULTS
from tests.faults.record import History, read
from tests.faults.stage import Stage
from tests.faults.talker import Seat
from tests.system.daemon import sleep
from tests.system.peers import CUT, Peer, Refused, connect

END_SECONDS = 20.0
"""How long after the last word everybody may take to have sent and seen everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to."""

    problems: list[str]
    faults: list[str]
    messages: int
    seconds: float
    longest_gap: float
    """The longest time somebody was without a working session."""
    daemon_logs: list[str]


async def play(
    reactor: Any,
    directory: Path,
    *,
    seed: int,
    clients: int = 40,
    seconds: float = 0.0,
    pace: float = 1.0,
    faults: Sequence[str] = (),
    mutation: str = "",
    prepare: Callable[[Stage], Awaitable[None]] | None = None,
    say: Any = print,
) -> Outcome:
    """One run. Without `faults` all of them, in the seed's order, then more until `seconds` are over."""
    random = Random(seed)
    history = History(directory / "history.jsonl")
    stage = Stage(reactor, directory, history, random, clients=clients, pace=pace, mutation=mutation)
    say(f"seed {seed}, {clients} clients")
    done = []
    began = reactor.seconds()
    try:
        await stage.open()
        if prepare is not None:
            await prepare(stage)
        began = reactor.seconds()
        for talker in stage.talkers:
            talker.begin()
        trespassing = [
            Deferred.fromCoroutine(_trespass(stage, seat, rooms, Random(seed + 1)))
            for seat, rooms in stage.strangers
        ]
        await sleep(reactor, 2.0)
        for name in faults or _schedule(random, lambda: reactor.seconds() - began < seconds):
            started = reactor.seconds()
            history.write("fault", name=name, phase="begin")
            await FAULTS[name](stage)
            ended = history.write("fault", name=name, phase="end")
            lasted = reactor.seconds() - started
            took = await _live_again(stage, ended)
            say(f"{reactor.seconds() - began:6.1f} s  {name}: {lasted:.1f} s, live again after {took:.1f} s")
            done.append(name)
        for each in trespassing:
            each.cancel()
        await _settle(stage, say)
        stored = stage.stored()
    finally:
        stage.resume_all()
        await stage.close()
        history.close()
    problems = check(read(history.path), stored)
    for node in stage.nodes:
        problems += [f"log: {line}" for line in node.problems()]
    problems += [f"mistake: {talker} died of {talker.death!r}" for talker in stage.talkers if talker.death]
    return Outcome(
        problems=problems,
        faults=done,
        messages=sum(len(rows) for rows in stored.values()),
        seconds=reactor.seconds() - began,
        longest_gap=max(talker.longest_gap for talker in stage.talkers),
        daemon_logs=[node.log for node in stage.nodes],
    )


def _schedule(random: Random, goes_on: Any) -> Iterator[str]:
    order = list(FAULTS)
    random.shuffle(order)
    yield from order
    while goes_on():
        yield random.choice(order)


async def _live_again(stage: Stage, ended: float) -> float:
    """Wait until everybody has been acknowledged and has heard something, or the time for it is over."""
    began = stage.reactor.seconds()
    for talker in stage.talkers:
        talker.hurry()
    while (waited := stage.reactor.seconds() - began) < LIVE_SECONDS + 0.5:
        if all(talker.acked_at > ended and talker.heard_at > ended for talker in stage.talkers):
            break
        await sleep(stage.reactor, 0.05)
    return float(waited)


async def _settle(stage: Stage, say: Any) -> None:
    for talker in stage.talkers:
        talker.fall_silent()
    until = stage.reactor.seconds() + END_SECONDS
    while not all(talker.has_said_all for talker in stage.talkers) and stage.reactor.seconds() < until:
        await sleep(stage.reactor, 0.1)
    counts = {room: len(rows) for room, rows in stage.stored().items()}
    while stage.reactor.seconds() < until:
        if all(talker.last >= counts[talker.seat.room] for talker in stage.talkers):
            # What would come twice, or too much, gets its chance.
            await sleep(stage.reactor, 0.5)
            return
        await sleep(stage.reactor, 0.1)
    say(f"not settled: {[t for t in stage.talkers if not t.has_said_all or t.last < counts[t.seat.room]]}")


async def _trespass(stage: Stage, seat: Seat, others: list[Seat], random: Random) -> None:
    """Try for ever what must never work."""
    while True:
        try:
            port = next(stage.target)
            peer = await _timely(
                stage,
                Deferred.fromCoroutine(
                    connect(
                        stage.reactor,
                        f"ws://127.0.0.1:{port}/ws",
                        seat.slug,
                        authid=seat.authid,
                        ticket=seat.ticket,
                    )
                ),
            )
            while not peer.gone.called:
                other = random.choice(others)
                await _try_door(stage, peer, seat, other.room)
                await sleep(stage.reactor, 0.2)
        except CancelledError:
            return
        except (*CUT, Refused, TimeoutError):
            await sleep(stage.reactor, 0.3)


async def _try_door(stage: Stage, peer: Peer, seat: Seat, room: str) -> None:
    attempts = {
        "subscribe to": lambda: peer.subscribe(lambda *_, **__: None, f"hotline.room.{room}"),
        "read": lambda: peer.call("hotline.room.history", room=room),
        "join": lambda: peer.call("hotline.room.join", room=room),
        "speak in": lambda: peer.say(room, "let me in", f"{seat.who}-{stage.reactor.seconds()}"),
    }
    for how, attempt in attempts.items():
        allowed = True
        try:
            await _timely(stage, Deferred.fromCoroutine(_awaited(attempt())))
        except ApplicationError:
            allowed = False
        stage.history.write("trespass", who=seat.who, room=room, how=how, allowed=allowed)


async def _awaited(something: Any) -> Any:
    return await something


def _timely(stage: Stage, deferred: Deferred[Any]) -> Deferred[Any]:
    return deferred.addTimeout(4.0, stage.reactor)
