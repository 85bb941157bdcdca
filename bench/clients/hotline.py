"""hotline's clients: in each room the one who asks, by key, and a consultant, by API token.

In comes what was filled in, out come voices. With several nodes the two of a room are on different ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bench.clients.guests import TEXT, Closable, Listener, Say
from bench.clients.wamp import Connection, joined

_FIRST = "bench-1"
_PAGE = 50
_ROOMS_OF_A_CONSULTANT = 10
_MOST_CONSULTANTS = 1000


class HotlineGuests:
    """All clients of one hotline."""

    def __init__(self, target: dict[str, Any], listener: Listener) -> None:
        self._target = target
        self._listener = listener
        self._joins = itertools.count()
        self._client_port, self._consultant_port = target["ports"][0], target["ports"][-1]

    async def join(self) -> Closable:
        """As in rooms: as many clients as consultants."""
        number = next(self._joins)
        if number % 2:
            return await self._client(1, number % self._target["rooms"] + 1)
        return await self._consultant(1)

    async def idle(self) -> Closable:
        return await joined(self._client_port, self._listener, _FIRST)

    async def rooms(self) -> list[Callable[[], Awaitable[list[Say]]]]:
        """One consultant a room; with very many rooms one for ten."""
        organisations, rooms = self._target["organisations"], self._target["rooms"]
        each = 1 if organisations * rooms <= _MOST_CONSULTANTS else _ROOMS_OF_A_CONSULTANT
        return [
            partial(self._enter, organisation, range(first, min(first + each, rooms + 1)))
            for organisation in range(1, organisations + 1)
            for first in range(1, rooms + 1, each)
        ]

    async def audience(self, listeners: int) -> Say:
        topic = f"hotline.room.{room_name(1, 1)}"
        speaker = await self._client(1, 1)
        for _ in range(listeners):
            await (await self._consultant(1)).subscribe(topic)
        return partial(speaker.publish, topic, TEXT)

    async def reader(self, messages: int) -> Callable[[], Awaitable[None]]:
        room = self._target["histories"][str(messages)]
        consultant = await self._consultant(1)

        async def read() -> None:
            page = await consultant.call("hotline.room.history", room=room, before=messages + 1, limit=_PAGE)
            if len(page["messages"]) != _PAGE:
                raise RuntimeError(f"{len(page['messages'])} messages of {_PAGE}")

        return read

    async def prober(self) -> Callable[[], Awaitable[None]]:
        return (await joined(self._client_port, self._listener, _FIRST)).probe

    async def _enter(self, organisation: int, numbers: range) -> list[Say]:
        consultant = await self._consultant(organisation)
        says: list[Say] = []
        for number in numbers:
            topic = f"hotline.room.{room_name(organisation, number)}"
            client = await self._client(organisation, number)
            for connection in (client, consultant):
                await connection.subscribe(topic)
                says.append(partial(connection.publish, topic, TEXT))
        return says

    async def _client(self, organisation: int, number: int) -> Connection:
        return await joined(
            self._client_port, self._listener, f"bench-{organisation}", f"client{number}", f"key-{number}"
        )

    async def _consultant(self, organisation: int) -> Connection:
        return await joined(
            self._consultant_port,
            self._listener,
            f"bench-{organisation}",
            self._target["token"],
            self._target["secret"],
        )


def room_name(organisation: int, number: int) -> str:
    return f"room{organisation}x{number}"
