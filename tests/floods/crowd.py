"""Those who flood, in a process of their own.

In comes one JSON object on standard input: what to do, where and how often. Out comes one JSON object: what
they did, and how it ended for them. Whether that is right is for others to say.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from bench.clients.guests import opened
from tests.floods.wire import Client, Raw, connect, frame, said

Order = dict[str, Any]

AT_ONCE = 200
BLOB_MESSAGES = 500
GIVE_UP_SECONDS = 90.0
LONG_TEXT = "x" * 60_000
LAST = said(48, 2**20, {}, "hotline.nothing")
LAST_ANSWER = b"[8,48,1048576,"
ENDS = (b"close.too_fast", b"close.too_slow", b"close.busy", b"protocol_viol")

# As web/src/wamp/connection.ts pauses.
SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 30.0


async def in_parallel(count: int, act: Callable[[int], Awaitable[Any]]) -> list[Any]:
    """Do it for 0, 1, 2, ... some at a time; what came of each."""
    numbers = iter(range(count))
    results: list[Any] = []

    async def work() -> None:
        for number in numbers:
            results.append(await act(number))

    await asyncio.gather(*(work() for _ in range(min(AT_ONCE, count))))
    return results


def ends_of(raws: list[Raw]) -> Order:
    """How many have come to their end, and after how long the last of them."""
    ended = [raw.seconds for raw in raws if raw.ended.is_set()]
    longest = round(max(ended, default=0.0), 1)
    return {"connections": len(raws), "ended": len(ended), "longest_seconds": longest}


async def silent(order: Order) -> Order:
    """Connections that never come to HELLO, in five ways; how long each was suffered."""
    hello = said(1, order["realm"], {"roles": {"caller": {}}})

    async def begin(number: int) -> Raw:
        way = number % 5
        raw = await connect(order["rawsocket"] if way == 3 else order["port"], *ENDS)
        if way == 1:
            raw.transport.write(b"GET /ws HTTP/1.1\r\nHost: a\r\nX-")
        elif way in (2, 4):
            await raw.upgrade()
        return raw

    raws = await in_parallel(order["count"], begin)
    slow = raws[4::5]
    until = time.perf_counter() + GIVE_UP_SECONDS
    for octet in hello:
        for raw in slow:
            if not raw.ended.is_set():
                raw.transport.write(bytes((octet,)))
        await asyncio.sleep(1.0)
        if all(raw.ended.is_set() for raw in raws) or time.perf_counter() > until:
            break
    return ends_of(raws)


async def trickle(order: Order) -> Order:
    """Welcomed sessions that bring one byte a second of a frame that will be long."""

    async def begin(_: int) -> Raw:
        raw = await connect(order["port"], *ENDS)
        assert await raw.join(order["realm"])
        raw.transport.write(frame(LONG_TEXT.encode())[:1000])
        return raw

    raws = await in_parallel(order["count"], begin)
    until = time.perf_counter() + GIVE_UP_SECONDS
    while not all(raw.ended.is_set() for raw in raws) and time.perf_counter() < until:
        for raw in raws:
            if not raw.ended.is_set():
                raw.transport.write(b"x")
        await asyncio.sleep(1.0)
    return ends_of(raws)


def blob_of(kind: str) -> bytes:
    """What one that floods says again and again."""
    topic = "hotline.room.00000000000000000000"
    messages = {
        "publish": lambda n: said(16, n, {}, topic, ["x"], {"nonce": str(n)}),
        "call": lambda n: said(48, n, {}, "hotline.anteroom.describe"),
        "subscribe": lambda n: said(32, n, {}, topic),
        "cancel": lambda n: said(49, n, {}),
        "ping": lambda n: frame(b"", 0x89),
        "malformed": lambda n: frame(b'[16,"' + bytes((n % 256,)) + b"[" * 40),
    }
    return b"".join(messages[kind](number) for number in range(1, BLOB_MESSAGES + 1))


async def speak(order: Order) -> Order:
    """Sessions that say the same as fast as they can, and come again at once when they are thrown out."""
    blob = blob_of(order["say"])
    began = time.perf_counter()
    told = {"said": 0, "bytes": len(blob) // BLOB_MESSAGES, "sessions": 0, "thrown_out": 0, "not_let_in": 0}
    ends: dict[str, int] = {}

    async def flood(_: int) -> None:
        while told["said"] < order["count"]:
            try:
                raw = await connect(order["port"], *ENDS)
                welcome = await raw.join(order["realm"])
            except OSError:
                welcome = False
            if not welcome:
                told["not_let_in"] += 1
                await asyncio.sleep(0.5)
                continue
            told["sessions"] += 1
            while told["said"] < order["count"]:
                told["said"] += BLOB_MESSAGES
                # What it is asked last is answered when all of that has been dealt with.
                if not await raw.write(blob + LAST) or await raw.hear(LAST_ANSWER, *ENDS) != LAST_ANSWER:
                    told["thrown_out"] += 1
                    break
            for end, count in raw.counts.items():
                ends[end.decode()] = ends.get(end.decode(), 0) + count
            raw.transport.abort()

    await in_parallel(order["talkers"], flood)
    return {**told, "seconds": round(time.perf_counter() - began, 1), "ends": ends}


async def subscribe(order: Order) -> Order:
    """One script that subscribes to ever more topics, as fast as it is answered."""
    raw = await connect(order["port"], b"[33,", b"[8,32,", *ENDS)
    assert await raw.join(order["realm"], order["authid"], order["ticket"])
    asked = 0
    while asked < order["count"]:
        numbers = range(asked + 1, asked + BLOB_MESSAGES + 1)
        if not await raw.write(b"".join(said(32, n, {}, f"org.{order['realm']}.t{n}") for n in numbers)):
            break
        asked += BLOB_MESSAGES
        while sum(raw.counts.values()) < asked - 4 * BLOB_MESSAGES:
            await asyncio.sleep(0.001)
    until = time.perf_counter() + GIVE_UP_SECONDS
    while sum(raw.counts.values()) < asked and time.perf_counter() < until and not raw.ended.is_set():
        await asyncio.sleep(0.01)
    return {"asked": asked, "subscribed": raw.counts[b"[33,"], "refused": raw.counts[b"[8,32,"]}


async def never_read(order: Order) -> Order:
    """Subscribers who stop reading, and one who publishes to them until that must have ended them."""
    topic = f"org.{order['realm']}.news"

    async def begin(_: int) -> Raw:
        raw = await connect(order["port"], *ENDS, receive_bytes=4096)
        assert await raw.join(order["realm"], order["authid"], order["ticket"])
        raw.transport.write(said(32, 1, {}, topic))
        await raw.hear(b"[33,")
        raw.transport.pause_reading()
        return raw

    raws = await in_parallel(order["count"], begin)
    publisher = await connect(order["port"], b"[17,")
    assert await publisher.join(order["realm"], order["authid"], order["ticket"])
    for number in range(1, order["messages"] + 1):
        if not await publisher.write(said(16, number, {"acknowledge": True}, topic, [LONG_TEXT])):
            break
        while publisher.counts[b"[17,"] < number and not publisher.ended.is_set():
            await asyncio.sleep(0.001)
    await asyncio.sleep(order["closing_seconds"] + 1.0)
    for raw in raws:
        raw.transport.resume_reading()
    until = time.perf_counter() + 10.0
    while not all(raw.ended.is_set() for raw in raws) and time.perf_counter() < until:
        await asyncio.sleep(0.05)
    return {"readers": len(raws), "ended": sum(raw.ended.is_set() for raw in raws)}


class Comer:
    """A client with a room, as the browser app would be: back after every loss, by full jitter."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._connection: Client | None = None
        self.attempts = 0
        self.refusals = 0
        self.lost_at = 0.0
        self.back_after: float | None = None

    async def enter(self, port: int) -> None:
        self._connection = await opened(port, Client)
        await self._connection.join(self._order["realm"])
        entered = await self._connection.call("hotline.anteroom.enter", name="Robin")
        self._client, self._key, self._room = entered["client"], entered["key"], entered["room"]

    async def come_back(self) -> None:
        assert self._connection is not None
        await self._connection.lost.wait()
        self.lost_at = time.perf_counter()
        while self.back_after is None:
            limit = min(LONGEST_SECONDS, 2.0**self.attempts)
            await asyncio.sleep(SHORTEST_SECONDS + random.random() * (limit - SHORTEST_SECONDS))
            self.attempts += 1
            try:
                async with asyncio.timeout(15.0):
                    await self._attempt(random.choice(self._order["ports"]))
            except (OSError, RuntimeError):
                self.refusals += 1
            else:
                self.back_after = time.perf_counter() - self.lost_at

    async def _attempt(self, port: int) -> None:
        self._connection = None
        connection = await opened(port, Client)
        try:
            await connection.join(self._order["realm"], self._client, self._key)
            await connection.call("hotline.room.join", room=self._room)
            await connection.subscribe(f"hotline.room.{self._room}")
            await connection.call("hotline.room.history", room=self._room)
        except BaseException:
            connection.close()
            raise
        self._connection = connection


async def come_back(order: Order) -> Order:
    """Clients who are all in, lose their node, and are to be back on whichever there is."""
    comers = [Comer(order) for _ in range(order["count"])]

    async def enter(number: int) -> None:
        await comers[number].enter(order["ports"][0])

    global AT_ONCE
    AT_ONCE = 20
    await in_parallel(len(comers), enter)
    print(json.dumps({"in": len(comers)}), flush=True)
    async with asyncio.timeout(GIVE_UP_SECONDS + LONGEST_SECONDS):
        await asyncio.gather(*(comer.come_back() for comer in comers))
    back = sorted(comer.back_after or 0.0 for comer in comers)
    return {
        "back": len(back),
        "half_seconds": round(back[len(back) // 2], 1),
        "all_seconds": round(back[-1], 1),
        "attempts": sum(comer.attempts for comer in comers),
        "refused": sum(comer.refusals for comer in comers),
    }


async def http(port: int, head: str, body: str = "") -> tuple[int, str]:
    """One request on a connection of its own: status, and all that came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"{head}\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n".encode())
        writer.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        text = (await reader.read()).decode()
    finally:
        writer.close()
    return int(text.split(" ", 2)[1]), text


async def log_in(order: Order) -> Order:
    """Wrong passwords of ever new addresses from ever new networks, so that only the queue is in the way."""
    port = order["port"]
    _, page = await http(port, "GET /login HTTP/1.1")
    cookie = re.search(r"(?i)set-cookie: ([^;]+)", page)
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert cookie
    assert token
    head = (
        f"POST /login HTTP/1.1\r\nCookie: {cookie[1]}\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: "
    )
    answers: Counter[int] = Counter()

    async def guess(number: int) -> None:
        body = f"csrf={token[1]}&email=n{number}%40example.org&password=whatever+it+may+be"
        status, _ = await http(port, f"{head}9.{number >> 8}.{number & 255}.1", body)
        answers[status] += 1

    await in_parallel(order["count"], guess)
    return {"posts": answers.total(), "wrong": answers[400], "busy": answers[503]}


KINDS: dict[str, Callable[[Order], Awaitable[Order]]] = {
    "silent": silent,
    "trickle": trickle,
    "speak": speak,
    "subscribe": subscribe,
    "never_read": never_read,
    "come_back": come_back,
    "log_in": log_in,
}


async def main(order: Order) -> Order:
    """What came of it; a mistake in a protocol's own methods is raised, which asyncio would only mention."""
    mistakes: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: mistakes.append(context) if "protocol" in context else None
    )
    told = await KINDS[order["kind"]](order)
    assert not mistakes, mistakes
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.stdin.readline())))), flush=True)
