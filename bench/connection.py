"""A WAMP client as light as it can be: JSON over WebSocket, masked with zeros, on asyncio.

In come arrays, out come arrays. It trusts the server, and that is why it may only be used for measuring.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: wamp.2.json\r\n\r\n"
)
_ROLES = {"roles": {"publisher": {}, "subscriber": {}, "caller": {}}}
_NO_MASK = b"\0\0\0\0"


class Connection(asyncio.Protocol):
    """One session. `published` and `heard` are told of acknowledgements and events."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._data = b""
        self._is_open = False
        self._requests = itertools.count(1)
        self._waiting: dict[Any, asyncio.Future[list[Any]]] = {}
        self.published: Callable[[int], None] = lambda request: None
        self.refused: Callable[[int, str], None] = lambda request, uri: None
        self.heard: Callable[[list[Any]], None] = lambda array: None
        self.is_lost = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(_UPGRADE)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        data = self._data + data if self._data else data
        if not self._is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._data = head
                return
            if b" 101 " not in head:
                raise ConnectionError(head.decode())
            self._is_open = True
            self._answer("open", [])
        position, size = 0, len(data)
        while size - position >= 2:
            length, start = data[position + 1], position + 2
            if length == 126:
                if size - position < 4:
                    break
                length, start = int.from_bytes(data[position + 2 : position + 4], "big"), position + 4
            elif length == 127:
                if size - position < 10:
                    break
                length, start = int.from_bytes(data[position + 2 : position + 10], "big"), position + 10
            stop = start + length
            if stop > size:
                break
            kind = data[position] & 15
            if kind == 1:
                self._received(_decode(data[start:stop]))
            elif kind == 9:
                self._transport.write(bytes((0x8A, 0x80 | length)) + _NO_MASK + data[start:stop])
            position = stop
        self._data = data[position:]

    def _received(self, array: list[Any]) -> None:
        code = array[0]
        if code == 36:
            self.heard(array)
        elif code == 17 and array[1] not in self._waiting:
            self.published(array[1])
        elif code == 8 and array[2] not in self._waiting:
            self.refused(array[2], array[4])
        elif code in (2, 3, 4):
            self._answer("welcome", array)
        else:
            self._answer(array[2] if code == 8 else array[1], array)

    def _answer(self, key: Any, array: list[Any]) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(array)

    def send(self, array: list[Any]) -> None:
        payload = _encode(array)
        length = len(payload)
        head = (
            bytes((0x81, 0x80 | length)) if length < 126 else bytes((0x81, 0xFE, length >> 8, length & 255))
        )
        self._transport.write(head + _NO_MASK + payload)

    def expect(self, key: Any) -> asyncio.Future[list[Any]]:
        waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        return waiting

    async def join(self, realm: str, authid: str = "", ticket: str = "") -> None:
        """HELLO until WELCOME."""
        welcome = self.expect("welcome")
        methods = ["ticket"] if ticket else ["anonymous"]
        self.send([1, realm, {**_ROLES, "authmethods": methods, "authid": authid}])
        answer = await welcome
        if answer[0] == 4:
            welcome = self.expect("welcome")
            self.send([5, ticket, {}])
            answer = await welcome
        if answer[0] != 2:
            raise ConnectionError(f"not welcome: {answer}")

    async def call(self, procedure: str, **kwargs: Any) -> Any:
        request = next(self._requests)
        answer = self.expect(request)
        self.send([48, request, {}, procedure, [], kwargs])
        result = await answer
        if result[0] != 50:
            raise RuntimeError(f"{procedure}: {result}")
        return result[3][0]

    async def subscribe(self, topic: str) -> None:
        request = next(self._requests)
        answer = self.expect(request)
        self.send([32, request, {}, topic])
        result = await answer
        if result[0] != 33:
            raise RuntimeError(f"{topic}: {result}")

    def publish(self, topic: str, text: str, nonce: str) -> int:
        """Sent, not waited for; `published` is told."""
        request = next(self._requests)
        self.send([16, request, {"acknowledge": True}, topic, [text], {"nonce": nonce}])
        return request

    def close(self) -> None:
        self._transport.abort()


async def connect(host: str, port: int) -> Connection:
    """An open WebSocket without a session."""
    loop = asyncio.get_running_loop()

    def make() -> Connection:
        connection = Connection()
        connection.opened = connection.expect("open")  # type: ignore[attr-defined]
        return connection

    _, connection = await loop.create_connection(make, host, port)
    await connection.opened  # type: ignore[attr-defined]
    return connection
