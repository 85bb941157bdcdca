"""Sockets that say what they like: the bytes of WAMP in JSON over WebSocket, and a connection that obeys.

In come ports and arrays, out come bytes, what was heard last and when it ended. It checks nothing.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

from bench.clients.wamp import Connection

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: wamp.2.json\r\n\r\n"
)
ROLES = {"roles": {"publisher": {}, "subscriber": {}, "caller": {}}}
TAIL_BYTES = 16


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """A frame masked with zeros."""
    length = len(payload)
    head = bytes((first, 128 | length)) if length < 126 else bytes((first, 254)) + length.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def said(*array: Any) -> bytes:
    """A message."""
    return frame(json.dumps(array).encode())


class Client(Connection):
    """A well-behaved session; `lost` when it has ended."""

    def __init__(self, listener: Any = None) -> None:
        super().__init__(listener)
        self.lost = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()
        super().connection_lost(exc)


class Raw(asyncio.Protocol):
    """One connection; counts what it was told to look for, and keeps no more than it has to."""

    def __init__(self, *wanted: bytes) -> None:
        self.transport: Any = None
        self.counts = dict.fromkeys(wanted, 0)
        self.began = time.perf_counter()
        self.seconds = 0.0
        self.ended = asyncio.Event()
        self._can_write = asyncio.Event()
        self._tail = b""
        self._awaited: list[tuple[tuple[bytes, ...], asyncio.Future[bytes]]] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._can_write.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.seconds = time.perf_counter() - self.began
        self.ended.set()
        self._can_write.set()
        for _, future in self._awaited:
            if not future.done():
                future.set_result(b"")

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()

    def data_received(self, data: bytes) -> None:
        text = self._tail + data
        for wanted in self.counts:
            # What ends in the tail was counted before.
            self.counts[wanted] += text.count(wanted) - self._tail.count(wanted)
        for awaited in list(self._awaited):
            found = next((each for each in awaited[0] if each in text), None)
            if found is not None:
                self._awaited.remove(awaited)
                if not awaited[1].done():
                    awaited[1].set_result(found)
        self._tail = text[-TAIL_BYTES:]

    async def write(self, data: bytes) -> bool:
        """Write, and wait until there is room for more; whether it is still open."""
        if not self.ended.is_set():
            self.transport.write(data)
            await self._can_write.wait()
            # Without this a fast server would keep the loop from noticing that it has hung up.
            await asyncio.sleep(0)
        return not self.ended.is_set()

    async def hear(self, *wanted: bytes) -> bytes:
        """Wait for one of these; nothing: it ended before."""
        if self.ended.is_set():
            return b""
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._awaited.append((wanted, future))
        return await future

    async def upgrade(self) -> bool:
        """The opening handshake of a WebSocket."""
        self.transport.write(UPGRADE)
        return await self.hear(b"\r\n\r\n") != b""

    async def join(self, realm: str, authid: str = "", ticket: str = "") -> bool:
        """From the opening handshake to WELCOME; whether it was."""
        if not await self.upgrade():
            return False
        method = "ticket" if ticket else "anonymous"
        self.transport.write(said(1, realm, {**ROLES, "authmethods": [method], "authid": authid}))
        answer = await self.hear(b"[2,", b"[3,", b"[4,")
        if answer == b"[4,":
            self.transport.write(said(5, ticket, {}))
            answer = await self.hear(b"[2,", b"[3,")
        return answer == b"[2,"


async def connect(port: int, *wanted: bytes, receive_bytes: int = 0) -> Raw:
    """A connection to a port of this machine; with so small a buffer to receive in, if given."""
    loop = asyncio.get_running_loop()
    plain = socket.socket()
    if receive_bytes:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    plain.setblocking(False)
    try:
        await loop.sock_connect(plain, ("127.0.0.1", port))
        _, raw = await loop.create_connection(lambda: Raw(*wanted), sock=plain)
    except OSError:
        plain.close()
        raise
    return raw
