"""Two who talk all the while, and somebody who comes in now and then: how long everything takes them.

In comes one JSON object on standard input, then a line whenever somebody wants to know; out comes a line when
they talk, then one JSON object each time. They are well-behaved: what happens to them happens to everybody.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from typing import Any

from bench.clients.guests import opened
from tests.floods.wire import Client

PAUSE_SECONDS = 0.1
JOIN_PAUSE_SECONDS = 0.25
# Whoever has waited so long to come in has given up.
JOIN_SECONDS = 15.0


def shares(values: list[float]) -> dict[str, float]:
    """In milliseconds."""
    ordered = sorted(values) or [float("nan")]
    at = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
    found = {
        name: ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000 for name, share in at.items()
    }
    return {name: round(value, 1) for name, value in found.items()}


class Pair:
    """A client and a consultant in one room."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order
        self._born: dict[str, float] = {}
        self._is_silent = False
        self.delivered: list[float] = []
        self.joined: list[float] = []
        self.not_let_in: list[str] = []
        self.problems: list[str] = []

    async def begin(self) -> None:
        realm = self._order["realm"]
        self._client = await opened(self._order["port"], lambda: Client(self))
        await self._client.join(realm)
        self._room = (await self._client.call("hotline.anteroom.enter", name="Robin"))["room"]
        self._staff = await opened(self._order["port"], lambda: Client(self))
        await self._staff.join(realm, self._order["authid"], self._order["ticket"])
        await self._staff.call("hotline.room.claim", room=self._room)
        for connection in (self._client, self._staff):
            await connection.subscribe(f"hotline.room.{self._room}")

    def heard(self, nonce: str) -> None:
        born = self._born.pop(nonce, None)
        if born is not None:
            self.delivered.append(time.perf_counter() - born)

    def acknowledged(self, nonce: str) -> None:
        """What counts is when the other hears it."""

    def refused(self, nonce: str, why: str) -> None:
        self.problems.append(why)

    async def talk(self) -> None:
        for number, connection in zip(
            itertools.count(), itertools.cycle((self._client, self._staff)), strict=False
        ):
            if not self._is_silent:
                self._say(connection, f"n{number}")
            await asyncio.sleep(PAUSE_SECONDS / 2)

    def _say(self, connection: Client, nonce: str) -> None:
        self._born[nonce] = time.perf_counter()
        connection.publish(f"hotline.room.{self._room}", "How are you?", nonce)

    async def come_in(self) -> None:
        while True:
            began = time.perf_counter()
            try:
                async with asyncio.timeout(JOIN_SECONDS):
                    await self._visit()
            except (OSError, RuntimeError) as problem:
                self.not_let_in.append(str(problem) or type(problem).__name__)
            else:
                self.joined.append(time.perf_counter() - began)
            await asyncio.sleep(JOIN_PAUSE_SECONDS)

    async def _visit(self) -> None:
        visitor = await opened(self._order["port"], lambda: Client(self))
        try:
            await visitor.join(self._order["realm"])
            await visitor.call("hotline.anteroom.describe")
        finally:
            visitor.close()

    async def figures(self) -> dict[str, Any]:
        """Since the last time; `lost` is what has not arrived after a while."""
        self._is_silent = True
        until = time.perf_counter() + 5.0
        while self._born and time.perf_counter() < until:
            await asyncio.sleep(0.01)
        figures = {
            "deliver_ms": shares(self.delivered),
            "join_ms": shares(self.joined),
            "joins": len(self.joined),
            "not_let_in": len(self.not_let_in),
            "lost": len(self._born),
            "problems": (self.problems + self.not_let_in)[:5],
        }
        for past in (self.delivered, self.joined, self.not_let_in, self.problems, self._born):
            past.clear()
        self._is_silent = False
        return figures


async def main() -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    pair = Pair(json.loads(await lines.readline()))
    await pair.begin()
    talking = asyncio.gather(pair.talk(), pair.come_in())
    answering = asyncio.ensure_future(answer(pair, lines))
    # Those who talk never come to an end by themselves: if they do, this raises what it was.
    await asyncio.wait((talking, answering), return_when=asyncio.FIRST_COMPLETED)
    if talking.done():
        talking.result()
    answering.result()
    talking.cancel()


async def answer(pair: Pair, lines: asyncio.StreamReader) -> None:
    """To each line, until there are no more."""
    await asyncio.sleep(0.5)
    await pair.figures()
    print("talking", flush=True)
    while await lines.readline():
        print(json.dumps(await pair.figures()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
