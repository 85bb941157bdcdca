"""Crossbar's clients: anonymous, two sessions a topic.

In come numbers of rooms, out come voices.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bench.clients.guests import TEXT, Closable, Listener, Say
from bench.clients.wamp import Connection, joined

_REALM = "bench"


class CrossbarGuests:
    """All clients of one Crossbar."""

    def __init__(self, target: dict[str, Any], listener: Listener) -> None:
        self._port = target["ports"][0]
        self._rooms = target["rooms"]
        self._listener = listener

    async def join(self) -> Closable:
        return await self._joined()

    async def idle(self) -> Closable:
        return await self._joined()

    async def rooms(self) -> list[Callable[[], Awaitable[list[Say]]]]:
        return [partial(self._enter, f"bench.room.n{number}") for number in range(self._rooms)]

    async def audience(self, listeners: int) -> Say:
        topic = "bench.audience"
        speaker = await self._joined()
        for _ in range(listeners):
            await (await self._joined()).subscribe(topic)
        return partial(speaker.publish, topic, TEXT)

    async def reader(self, messages: int) -> Callable[[], Awaitable[None]]:
        raise NotImplementedError("it stores nothing")

    async def prober(self) -> Callable[[], Awaitable[None]]:
        return (await self._joined()).probe

    async def _enter(self, topic: str) -> list[Say]:
        pair = [await self._joined(), await self._joined()]
        for connection in pair:
            await connection.subscribe(topic)
        return [partial(speaker.publish, topic, TEXT) for speaker in pair]

    async def _joined(self) -> Connection:
        return await joined(self._port, self._listener, _REALM)
