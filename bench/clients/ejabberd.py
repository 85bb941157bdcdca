"""ejabberd's clients: registered users, two in each MUC room, whose messages are archived.

In come numbers of rooms, out come voices.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from bench.clients.guests import Closable, Listener, Say
from bench.clients.xmpp import Connection, joined

_PAGE = 50


class EjabberdGuests:
    """All clients of one ejabberd."""

    def __init__(self, target: dict[str, Any], listener: Listener) -> None:
        self._port = target["ports"][0]
        self._rooms = target["rooms"]
        self._password = target["password"]
        # Each process has users of its own: a probe is nobody of the crowd.
        self._users = itertools.cycle(range(target.get("first_user", 1), target["users"] + 1))
        self._listener = listener

    async def join(self) -> Closable:
        return await self._joined()

    async def idle(self) -> Closable:
        session = await self._joined()
        await session.appear()
        return session

    async def rooms(self) -> list[Callable[[], Awaitable[list[Say]]]]:
        return [partial(self._enter, f"n{number}") for number in range(self._rooms)]

    async def audience(self, listeners: int) -> Say:
        speaker = await self._joined()
        await speaker.enter("audience", "speaker")
        for number in range(listeners):
            await (await self._joined()).enter("audience", f"listener{number}")
        return speaker.say

    async def reader(self, messages: int) -> Callable[[], Awaitable[None]]:
        session = await self._joined()
        await session.enter(f"history{messages}", f"reader{next(self._users)}")

        async def read() -> None:
            if (count := await session.last(_PAGE)) != _PAGE:
                raise RuntimeError(f"{count} messages of {_PAGE}")

        return read

    async def prober(self) -> Callable[[], Awaitable[None]]:
        return (await self._joined()).probe

    async def _enter(self, room: str) -> list[Say]:
        pair = [await self._joined(), await self._joined()]
        for number, session in enumerate(pair):
            await session.enter(room, f"member{number}")
        return [session.say for session in pair]

    async def _joined(self) -> Connection:
        return await joined(self._port, self._listener, f"u{next(self._users)}", self._password)
