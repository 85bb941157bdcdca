"""Rooms with two members each who talk: one message at a time, at a given rate, and as fast as it goes.

In come rooms and rates, out come latencies and CPU. What is late counts from when it should have been sent,
so that a server that stalls does not look fast.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from bench.clients.guests import Guests, Say, in_parallel
from bench.figures import milliseconds
from bench.load.common import Deaf, costing, guests_of, tell
from bench.search import Search, due

LATENCY_LIMIT_MS = 100.0
_TICK_SECONDS = 0.002
_CALM_SECONDS = 1.0
_WARM_RATE, _WARM_SECONDS = 300, 2.0
_DRAIN_SECONDS = 15.0
_HOPELESS_SECONDS = 1.0
"""So much waiting, counted in seconds of sending, and a step is given up."""


@dataclass(slots=True)
class Tally(Deaf):
    """What happened in one step; nonces of other steps are passed over."""

    born: dict[str, float] = field(default_factory=dict)
    unheard: dict[str, float] = field(default_factory=dict)
    acknowledgements: list[float] = field(default_factory=list)
    deliveries: list[float] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)

    def sent(self, nonce: str, at: float) -> None:
        self.born[nonce] = self.unheard[nonce] = at

    def acknowledged(self, nonce: str) -> None:
        at = self.born.pop(nonce, None)
        if at is not None:
            self.acknowledgements.append(time.perf_counter() - at)

    def heard(self, nonce: str) -> None:
        at = self.unheard.pop(nonce, None)
        if at is not None:
            self.deliveries.append(time.perf_counter() - at)

    def refused(self, nonce: str, reason: str) -> None:
        self.born.pop(nonce, None)
        self.unheard.pop(nonce, None)
        self.refusals[reason] = self.refusals.get(reason, 0) + 1

    @property
    def waiting(self) -> int:
        return max(len(self.born), len(self.unheard))


class Talk:
    """All rooms of the load; it is the clients' listener, for the tally of the moment."""

    def __init__(self, target: dict[str, Any]) -> None:
        self._target = target
        self._guests: Guests = guests_of(target, self)
        self._rooms: list[list[Say]] = []
        self._tally = Tally()
        # Of this generator alone: what an earlier one has said would be known to the server, and not sent on.
        self._nonces = (f"{secrets.token_hex(4)}n{number}" for number in itertools.count())
        # The same rooms in the same order for every system.
        self._dice = random.Random(1)

    def acknowledged(self, nonce: str) -> None:
        self._tally.acknowledged(nonce)

    def heard(self, nonce: str) -> None:
        self._tally.heard(nonce)

    def refused(self, nonce: str, reason: str) -> None:
        self._tally.refused(nonce, reason)

    async def enter(self) -> int:
        """Everybody comes in; how many voices there are."""
        self._rooms = await in_parallel(await self._guests.rooms())
        return sum(len(room) for room in self._rooms)

    async def lone(self, count: int) -> dict[str, Any]:
        """One message, then nothing until well after it has arrived."""
        tally = self._tally = Tally()
        for _ in range(count):
            self._say(time.perf_counter())
            while tally.waiting:
                await asyncio.sleep(_TICK_SECONDS)
            await asyncio.sleep(self._dice.uniform(0.01, 0.03))
        return {
            "acknowledge_ms": _spread(tally.acknowledgements),
            "deliver_ms": _spread(tally.deliveries),
            "refused": tally.refusals,
        }

    async def step(self, rate: float, seconds: float) -> dict[str, Any]:
        """Talk at this rate for so long, or until it is hopeless; then wait until all is quiet again."""
        tally = self._tally = Tally()
        count, sent = int(rate * seconds), 0
        with costing(self._target) as cost:
            began = time.perf_counter()
            while sent < count and tally.waiting < rate * _HOPELESS_SECONDS + 100:
                now = due(time.perf_counter() - began, rate, count)
                while sent < now:
                    self._say(began + sent / rate)
                    sent += 1
                await asyncio.sleep(_TICK_SECONDS)
            is_given_up = sent < count
            ended = time.perf_counter()
            while tally.waiting and time.perf_counter() - ended < _DRAIN_SECONDS:
                await asyncio.sleep(_TICK_SECONDS)
        took = cost.seconds
        result = {
            "rate": round(rate),
            "delivered_per_second": round(len(tally.deliveries) / took, 1),
            "lost": tally.waiting,
            "given_up": is_given_up,
            "refused": tally.refusals,
            "acknowledge_ms": _spread(tally.acknowledgements),
            "deliver_ms": _spread(tally.deliveries),
            "server_ms": round(1000 * cost.server / max(sent, 1), 4),
            "database_ms": round(1000 * cost.database / max(sent, 1), 4),
            "generator_share": round(cost.generator_share, 2),
        }
        # Autovacuum, checkpoints and the server's own tidying up after a crowd are not the next step's.
        await asyncio.sleep(_CALM_SECONDS if not is_given_up else 2 * _CALM_SECONDS)
        return result

    def _say(self, due_at: float) -> None:
        nonce = next(self._nonces)
        self._tally.sent(nonce, due_at)
        self._dice.choice(self._dice.choice(self._rooms))(nonce)


def _spread(values: list[float]) -> list[float]:
    return [milliseconds(values, share) for share in (0.5, 0.99)]


def _late_ms(step: dict[str, Any]) -> float:
    return max(float(step[kind][1]) for kind in ("acknowledge_ms", "deliver_ms"))


def is_good(step: dict[str, Any]) -> bool:
    """Everything arrived, in time."""
    is_whole = not (step["lost"] or step["given_up"] or step["refused"])
    return is_whole and _late_ms(step) < LATENCY_LIMIT_MS


def is_hopeless(step: dict[str, Any]) -> bool:
    """So far from good that nobody else can be to blame."""
    return bool(step["given_up"]) or _late_ms(step) > 5 * LATENCY_LIMIT_MS


async def play(order: dict[str, Any]) -> None:
    """Lone messages, the calm rate, and the search; each only if the order has it."""
    load = Talk(order["target"])
    tell(what="entered", voices=await load.enter())
    gc.collect()
    gc.freeze()
    await asyncio.sleep(_CALM_SECONDS)
    if order.get("lone"):
        tell(what="lone", **await load.lone(order["lone"]))
    await load.step(_WARM_RATE, _WARM_SECONDS)
    for rate in order.get("rates", ()):
        tell(what="calm", **await load.step(rate, order["seconds"]))
    if order.get("first_rate"):
        await _find_best(load, order["first_rate"], order["seconds"])
    if order.get("half"):
        tell(what="half", **await load.step(order["half"], order["seconds"]))


async def _find_best(load: Talk, first: float, seconds: float) -> None:
    """Tell of the highest rate that holds three times as long as it was tried for; of none, if none does."""
    search = Search(first=first)
    while (rate := search.next_rate()) is not None:
        step = await load.step(rate, seconds)
        tell(what="step", **step)
        if not is_good(step) and not is_hopeless(step):
            # Once more before it counts: the machine may have been busy with something else.
            step = await load.step(rate, seconds)
            tell(what="step", **step)
        search.learn(rate, is_good=is_good(step))
    for rate in search.to_confirm():
        step = await load.step(rate, 3 * seconds)
        tell(what="best" if is_good(step) else "step", **step)
        if is_good(step):
            return
