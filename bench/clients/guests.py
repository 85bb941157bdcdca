"""What scenarios ask of a system's clients, whatever the protocol.

In come numbers of rooms, out come ways to say something there. Only types, and one helper.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

TEXT = "I have been thinking about what you said yesterday, and I believe "

Say = Callable[[str], None]
"""Send TEXT with this nonce to one's room; not waited for."""

_sources = itertools.cycle(f"127.0.0.{host}" for host in range(1, 21))


class Listener(Protocol):
    """Who is told what comes back."""

    def acknowledged(self, nonce: str) -> None:
        """The server says to the sender that it has it."""

    def heard(self, nonce: str) -> None:
        """It has come to another member."""

    def refused(self, nonce: str, reason: str) -> None: ...


class Closable(Protocol):
    def close(self) -> None: ...


class Guests(Protocol):
    """All clients of one system."""

    async def join(self) -> Closable:
        """Connect and authenticate as somebody who may take part, and be welcome."""

    async def idle(self) -> Closable:
        """A session that does nothing: the cheapest that one who waits can have."""

    async def rooms(self) -> list[Callable[[], Awaitable[list[Say]]]]:
        """For each room: everybody comes in and listens."""

    async def audience(self, listeners: int) -> Say:
        """A room with so many who listen besides the one who speaks."""

    async def reader(self, messages: int) -> Callable[[], Awaitable[None]]:
        """Reads the last 50 of a room with so many messages."""

    async def prober(self) -> Callable[[], Awaitable[None]]:
        """Asks the server for something that costs nearly nothing, and has the answer."""


async def opened(port: int, protocol: Callable[[], Any]) -> Any:
    """A connection that says it is open; from several addresses, since the ports of one are not enough."""
    _, made = await asyncio.get_running_loop().create_connection(
        protocol, "127.0.0.1", port, local_addr=(next(_sources), 0)
    )
    await made.is_open
    return made


async def in_parallel(tasks: list[Callable[[], Awaitable[Any]]], at_once: int = 20) -> list[Any]:
    """Do all, a few at a time; what came of them, in any order."""
    waiting = list(reversed(tasks))
    results = []

    async def work() -> None:
        while waiting:
            results.append(await waiting.pop()())

    await asyncio.gather(*(work() for _ in range(at_once)))
    return results
