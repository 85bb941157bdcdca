"""The load: rooms with two members each, who talk at a given rate; run in a process of its own.

In comes one JSON object on standard input, out come lines of JSON on standard output. What is late is counted
from when it should have been sent, so that a server that stalls does not look fast.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bench.connection import Connection, connect
from bench.processes import cpu_seconds, resident_bytes

LATENCY_LIMIT_SECONDS = 0.1
_TICK_SECONDS = 0.002
_AT_ONCE = 20
_TEXT = "I have been thinking about what you said yesterday, and I believe "
_CALM_SECONDS = 1.0


@dataclass(slots=True)
class Seat:
    """One member of one room."""

    connection: Connection
    topic: str
    sent: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What happened in one step."""

    sent: int = 0
    acknowledged: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)


def percentile(values: list[float], share: float) -> float:
    """In milliseconds."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)


class Talk:
    """All rooms of the load."""

    def __init__(self, port: int, realm: str, ticket: str, pid: int) -> None:
        self._port = port
        self._realm = realm
        self._ticket = ticket
        self._pid = pid
        self._seats: list[tuple[Seat, Seat]] = []
        self._born: dict[str, float] = {}
        self._tally = Tally()
        self._number = 0

    async def enter(self, rooms: int) -> float:
        """Everybody comes in; gives connections and joins a second."""
        began = time.perf_counter()
        await in_parallel([self._enter_room] * rooms)
        return 2 * rooms / (time.perf_counter() - began)

    async def _enter_room(self) -> None:
        client = await connect("127.0.0.1", self._port)
        await client.join(self._realm)
        room = (await client.call("hotline.anteroom.enter", name="Robin"))["room"]
        consultant = await connect("127.0.0.1", self._port)
        await consultant.join(self._realm, "bench", self._ticket)
        await consultant.call("hotline.room.claim", room=room)
        topic = f"hotline.room.{room}"
        pair = (self._seat(client, topic), self._seat(consultant, topic))
        for seat in pair:
            await seat.connection.subscribe(topic)
        self._seats.append(pair)

    def _seat(self, connection: Connection, topic: str) -> Seat:
        seat = Seat(connection=connection, topic=topic)

        def published(request: int) -> None:
            self._tally.acknowledged.append(time.perf_counter() - seat.sent.pop(request))

        def refused(request: int, uri: str) -> None:
            seat.sent.pop(request, None)
            self._tally.refused[uri] = self._tally.refused.get(uri, 0) + 1

        def heard(array: list[Any]) -> None:
            born = self._born.pop(array[5]["nonce"], None)
            if born is not None:
                self._tally.delivered.append(time.perf_counter() - born)

        connection.published, connection.refused, connection.heard = published, refused, heard
        return seat

    async def step(self, rate: int, seconds: float) -> dict[str, Any]:
        """Talk at this rate for so long; what came of it."""
        tally = self._tally = Tally()
        self._born.clear()
        server, database = cpu_seconds(self._pid)
        own = time.process_time()
        began = time.perf_counter()
        count = int(rate * seconds)
        while tally.sent < count:
            due = min(int((time.perf_counter() - began) * rate) + 1, count)
            while tally.sent < due:
                self._say(began + tally.sent / rate)
                tally.sent += 1
            await asyncio.sleep(_TICK_SECONDS)
        ended = time.perf_counter()
        # What is still under way when the sending ends belongs to it, as long as it is not hopeless.
        while len(tally.delivered) < count and time.perf_counter() - ended < 5.0 and not tally.refused:
            await asyncio.sleep(0.01)
        took = time.perf_counter() - began
        own = time.process_time() - own
        server_after, database_after = cpu_seconds(self._pid)
        done = max(len(tally.acknowledged), 1)
        return {
            "rate": rate,
            "acknowledged_per_second": round(len(tally.acknowledged) / took, 1),
            "delivered_per_second": round(len(tally.delivered) / took, 1),
            "lost": count - len(tally.delivered),
            "refused": tally.refused,
            "acknowledge_ms": [percentile(tally.acknowledged, share) for share in (0.5, 0.99)],
            "deliver_ms": [percentile(tally.delivered, share) for share in (0.5, 0.99)],
            "server_ms_per_message": round(1000 * (server_after - server) / done, 4),
            "database_ms_per_message": round(1000 * (database_after - database) / done, 4),
            "generator_cpu": round(own / took, 2),
        }

    def _say(self, due: float) -> None:
        self._number += 1
        seat = random.choice(random.choice(self._seats))
        nonce = f"n{self._number}"
        self._born[nonce] = due
        seat.sent[seat.connection.publish(seat.topic, f"{_TEXT}{self._number}", nonce)] = due


async def in_parallel(tasks: list[Callable[[], Awaitable[Any]]]) -> None:
    """Do all, a few at a time: a crowd at the door is not what is measured."""
    waiting = list(tasks)

    async def work() -> None:
        while waiting:
            await waiting.pop()()

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))


def is_good(step: dict[str, Any]) -> bool:
    """Everything arrived, in time."""
    return (
        not step["lost"]
        and not step["refused"]
        and step["acknowledge_ms"][1] < 1000 * LATENCY_LIMIT_SECONDS
        and step["deliver_ms"][1] < 1000 * LATENCY_LIMIT_SECONDS
    )


async def talk(order: dict[str, Any]) -> None:
    """A calm rate first, then higher and higher until it is too much, then a closer look below that."""
    load = Talk(order["port"], order["realm"], order["ticket"], order["pid"])
    say("entered", {"joins_per_second": round(await load.enter(order["rooms"]), 1)})
    gc.collect()
    gc.freeze()
    gc.disable()
    await load.step(300, 2.0)
    await asyncio.sleep(_CALM_SECONDS)
    say("calm", await load.step(order["calm_rate"], order["seconds"]))
    best, failures, rate = order["calm_rate"], 0, order["first_rate"]
    while rate <= order["last_rate"] and failures < 2:
        await asyncio.sleep(_CALM_SECONDS)
        step = await load.step(rate, order["seconds"])
        say("step", step)
        if is_good(step):
            best, failures = rate, 0
            rate = int(rate * 1.2)
        else:
            # Once more before it counts: the machine may have been busy with something else.
            failures += 1
    fine = best
    for share in (1.05, 1.1, 1.15):
        await asyncio.sleep(_CALM_SECONDS)
        step = await load.step(int(best * share), order["seconds"])
        say("step", step)
        if not is_good(step):
            break
        fine = int(best * share)
    # Twice as long at the best rate; what does not hold is not claimed.
    for share in (1.0, 0.9, 0.8, 0.7, 0.6):
        await asyncio.sleep(2 * _CALM_SECONDS)
        step = await load.step(int(fine * share), 2 * order["seconds"])
        if is_good(step):
            break
        say("step", step)
    say("steady", {**step, "is_good": is_good(step)})


async def idle(order: dict[str, Any]) -> None:
    """What a session that does nothing costs in memory."""
    connections: list[Connection] = []

    async def one() -> None:
        connection = await connect("127.0.0.1", order["port"])
        await connection.join(order["realm"])
        connections.append(connection)

    await in_parallel([one] * 20)
    await asyncio.sleep(1)
    before = resident_bytes(order["pid"])
    await in_parallel([one] * order["connections"])
    await asyncio.sleep(2)
    after = resident_bytes(order["pid"])
    say(
        "idle",
        {
            "connections": order["connections"],
            "bytes_per_connection": (after - before) // order["connections"],
        },
    )
    say("idle", {"resident_megabytes": round(after / 1e6, 1), "lost": sum(c.is_lost for c in connections)})


def say(what: str, value: dict[str, Any]) -> None:
    print(json.dumps({"what": what, **value}), flush=True)


def main() -> None:
    order = json.load(sys.stdin)
    with contextlib.suppress(BrokenPipeError):
        asyncio.run({"talk": talk, "idle": idle}[order["scenario"]](order))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
