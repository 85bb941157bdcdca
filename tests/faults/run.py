"""A run: people talk, things break by a seeded schedule, everything is written down and judged in the end.

In come a seed, how many clients and how long, out come the problems the checker found, and figures. With the
same seed the same faults come in the same order, to the same victims. It breaks nothing itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from autobahn.wamp.exception import ApplicationError
from twisted.internet.defer import CancelledError, Deferred, TimeoutError

from tests.faults.checker import LIVE_SECONDS, Stored, check
from tests.faults.growth import Change, Growth
from tests.faults.latency import Latency
from tests.faults.nemesis import ENDING_NODES, FAULTS, NEEDING_THE_SERVER
from tests.faults.record import History, read
from tests.faults.stage import Stage
from tests.faults.talker import Seat, Talker
from tests.faults.vitals import Progress, look
from tests.system.daemon import sleep
from tests.system.peers import CUT, Peer, Refused, connect

END_SECONDS = 20.0
"""How long after the last word everybody may take to have sent and seen everything."""
LIVE_AGAIN_SECONDS = LIVE_SECONDS + 0.5
"""How long is waited for signs of life before the next fault; whether it was in time, the checker says."""
LASTING = (0.15, 0.85)
"""Between these parts of a run no fault ends a node, so that one process meets all others for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to."""

    problems: list[str]
    faults: list[dict[str, Any]]
    """Name, when it began, how long it lasted, and until everybody was live again: in seconds."""
    left_out: list[str]
    messages: int
    seconds: float
    latency: dict[str, Any]
    growth: list[Change]
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
    database: str = "",
    calm: float = 0.5,
    hang: float = 6.0,
    patience: float = END_SECONDS,
    prepare: Callable[[Stage], Awaitable[None]] | None = None,
    say: Any = print,
) -> Outcome:
    """One run. Without `faults` all of them, in the seed's order, then more until `seconds` are over.

    :param database: a PostgreSQL that runs; without it there is one of the run's own.
    :param calm: seconds without any fault once everybody is live again; at their end the nodes are looked at.
    :param hang: how long what hangs does so.
    :param patience: how long is waited for everybody, after a fault and in the end, at most.
    """
    random = Random(seed)
    history = History(directory / "history.jsonl")
    latency, growth = Latency(), Growth()
    history.listeners += [latency.take, growth.take]
    stage = Stage(
        reactor,
        directory,
        history,
        random,
        clients=clients,
        pace=pace,
        mutation=mutation,
        database=database,
        hang=hang,
    )
    say(f"seed {seed}, {clients} clients")
    left_out = sorted(NEEDING_THE_SERVER.intersection(faults or FAULTS)) if database else []
    if left_out:
        say(f"the server is not ours, so these are left out: {', '.join(left_out)}")
    done: list[dict[str, Any]] = []
    progress = None
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
        progress = Progress(stage, growth, latency, done, say)
        possible = [name for name in faults or FAULTS if name not in left_out]
        schedule = _schedule(random, possible, seconds, lambda: reactor.seconds() - began)
        for name in possible if faults else schedule:
            started = reactor.seconds()
            history.write("fault", name=name, phase="begin")
            await FAULTS[name](stage)
            ended = history.write("fault", name=name, phase="end")
            lasted = reactor.seconds() - started
            took = await _live_again(stage, ended, min(patience, LIVE_AGAIN_SECONDS))
            history.write("fault", name=name, phase="alive")
            await sleep(reactor, calm)
            look(stage, calm=True)
            say(f"{reactor.seconds() - began:6.1f} s  {name}: {lasted:.1f} s, live again after {took:.1f} s")
            done.append(
                {
                    "name": name,
                    "at": round(started - began, 1),
                    "lasted": round(lasted, 2),
                    "live_again": round(took, 2),
                }
            )
        for each in trespassing:
            each.cancel()
        await _settle(stage, say, patience)
        stored = stage.stored()
    finally:
        if progress is not None:
            progress.stop()
        stage.resume_all()
        await stage.close()
        history.close()
    problems = [*check(read(history.path), stored), *growth.problems()]
    for node in stage.nodes:
        problems += [f"log: {line}" for line in node.problems()]
    problems += [f"mistake: {talker} died of {talker.death!r}" for talker in stage.talkers if talker.death]
    return Outcome(
        problems=problems,
        faults=done,
        left_out=left_out,
        messages=sum(len(rows) for rows in stored.values()),
        seconds=reactor.seconds() - began,
        latency=latency.sums(),
        growth=growth.changes(),
        longest_gap=max(talker.longest_gap for talker in stage.talkers),
        daemon_logs=[node.log for node in stage.nodes],
    )


def _schedule(
    random: Random, faults: Sequence[str], seconds: float, elapsed: Callable[[], float]
) -> Iterator[str]:
    """Each once; then, until the time is over, any, but for long none that ends a node."""
    order = [*faults]
    random.shuffle(order)
    yield from order
    lasting = [name for name in order if name not in ENDING_NODES]
    while (now := elapsed()) < seconds:
        is_lasting = LASTING[0] <= now / seconds < LASTING[1]
        yield random.choice(lasting if is_lasting else order)


async def _live_again(stage: Stage, ended: float, most: float) -> float:
    """Wait until everybody has been acknowledged and has heard something, or the time for it is over."""
    began = stage.reactor.seconds()
    for talker in stage.talkers:
        talker.hurry()
    while (waited := stage.reactor.seconds() - began) < most:
        if all(talker.acked_at > ended and talker.heard_at > ended for talker in stage.talkers):
            break
        await sleep(stage.reactor, 0.05)
    return float(waited)


async def _settle(stage: Stage, say: Any, patience: float) -> None:
    for talker in stage.talkers:
        talker.fall_silent()
    until = stage.reactor.seconds() + patience
    while not all(talker.has_said_all for talker in stage.talkers) and stage.reactor.seconds() < until:
        await sleep(stage.reactor, 0.1)
    stored = stage.stored()
    ends = {talker.seat.who: _last_to_hear(talker, stored[talker.seat.room]) for talker in stage.talkers}
    while stage.reactor.seconds() < until:
        if all(talker.last >= ends[talker.seat.who] for talker in stage.talkers):
            # What would come twice, or too much, gets its chance.
            await sleep(stage.reactor, 0.5)
            return
        await sleep(stage.reactor, 0.1)
    say(f"not settled: {[t for t in stage.talkers if not t.has_said_all or t.last < ends[t.seat.who]]}")


def _last_to_hear(talker: Talker, rows: Sequence[Stored]) -> int:
    """The last of these that somebody is shown for certain."""
    own = "\0" if talker.hears_itself else f"{talker.seat.who}-"
    return max(row.seq for row in rows if not (row.nonce or "").startswith(own))


async def _trespass(stage: Stage, seat: Seat, others: list[Seat], random: Random) -> None:
    """Try for ever what must never work."""
    while True:
        peer: Peer | None = None
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
        finally:
            # Nobody else counts it among the connections a node should have.
            if peer is not None and not peer.gone.called:
                peer.disconnect()


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
