"""A WAMP session as light as it can be: JSON over WebSocket, masked with zeros, on asyncio.

In come arrays, out come arrays. It reads whole text frames and pings, and nothing else.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import msgspec

from bench.clients.guests import Listener, opened

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: wamp.2.json\r\n\r\n"
)
_ROLES: dict[str, Any] = {"roles": {"publisher": {}, "subscriber": {}, "caller": {}}}
_NO_MASK = b"\0\0\0\0"
_TEXT_FRAME, _PING = 1, 9
_HELLO, _WELCOME, _ABORT, _CHALLENGE, _AUTHENTICATE, _ERROR = 1, 2, 3, 4, 5, 8
_PUBLISH, _PUBLISHED, _SUBSCRIBE, _SUBSCRIBED, _EVENT, _CALL, _RESULT = 16, 17, 32, 33, 36, 48, 50


class Connection(asyncio.Protocol):
    """One session; the listener is told of acknowledgements and events."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._transport: Any = None
        self._data = b""
        self._requests = itertools.count(1)
        self._waiting: dict[Any, asyncio.Future[list[Any]]] = {}
        self._said: dict[int, str] = {}
        self.is_open = self._expect("open")

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(_UPGRADE)

    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the server hung up"))
        for nonce in self._said.values():
            self._listener.refused(nonce, "the server hung up")

    def data_received(self, data: bytes) -> None:
        data = self._data + data if self._data else data
        if not self.is_open.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._data = head
                return
            if b" 101 " not in head:
                self.is_open.set_exception(ConnectionError(head.decode()))
                return
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
            if kind == _TEXT_FRAME:
                self._received(_decode(data[start:stop]))
            elif kind == _PING:
                self._transport.write(bytes((0x8A, 0x80 | length)) + _NO_MASK + data[start:stop])
            position = stop
        self._data = data[position:]

    def _received(self, array: list[Any]) -> None:
        code = array[0]
        if code == _EVENT:
            self._listener.heard(array[5]["nonce"])
        elif code == _PUBLISHED:
            self._listener.acknowledged(self._said.pop(array[1]))
        elif code == _ERROR and array[1] == _PUBLISH:
            self._listener.refused(self._said.pop(array[2]), array[4])
        elif code in (_WELCOME, _ABORT, _CHALLENGE):
            self._answer("welcome", array)
        else:
            self._answer(array[2] if code == _ERROR else array[1], array)

    def _answer(self, key: Any, array: list[Any]) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(array)

    def _expect(self, key: Any) -> asyncio.Future[list[Any]]:
        waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        return waiting

    def _send(self, array: list[Any]) -> None:
        payload = _encode(array)
        length = len(payload)
        head = (
            bytes((0x81, 0x80 | length)) if length < 126 else bytes((0x81, 0xFE, length >> 8, length & 255))
        )
        self._transport.write(head + _NO_MASK + payload)

    async def _ask(self, code: int, *rest: Any) -> list[Any]:
        request = next(self._requests)
        answer = self._expect(request)
        self._send([code, request, {}, *rest])
        return await answer

    async def join(self, realm: str, authid: str = "", ticket: str = "") -> None:
        """HELLO until WELCOME."""
        welcome = self._expect("welcome")
        details = {"authmethods": ["ticket"], "authid": authid} if ticket else {"authmethods": ["anonymous"]}
        self._send([_HELLO, realm, {**_ROLES, **details}])
        answer = await welcome
        if answer[0] == _CHALLENGE:
            welcome = self._expect("welcome")
            self._send([_AUTHENTICATE, ticket, {}])
            answer = await welcome
        if answer[0] != _WELCOME:
            raise ConnectionError(f"not welcome: {answer}")

    async def call(self, procedure: str, **kwargs: Any) -> Any:
        result = await self._ask(_CALL, procedure, [], kwargs)
        if result[0] != _RESULT:
            raise RuntimeError(f"{procedure}: {result}")
        return result[3][0]

    async def subscribe(self, topic: str) -> None:
        result = await self._ask(_SUBSCRIBE, topic)
        if result[0] != _SUBSCRIBED:
            raise RuntimeError(f"{topic}: {result}")

    async def probe(self) -> None:
        """Call what is not there: through the router and back."""
        result = await self._ask(_CALL, "bench.nothing")
        if result[0] != _ERROR:
            raise RuntimeError(f"{result}")

    def publish(self, topic: str, text: str, nonce: str) -> None:
        """Sent, not waited for; the listener is told."""
        request = next(self._requests)
        self._said[request] = nonce
        self._send([_PUBLISH, request, {"acknowledge": True}, topic, [text], {"nonce": nonce}])

    def close(self) -> None:
        self._said.clear()
        self._transport.abort()


async def joined(port: int, listener: Listener, realm: str, authid: str = "", ticket: str = "") -> Connection:
    """A session that is welcome."""
    connection: Connection = await opened(port, lambda: Connection(listener))
    await connection.join(realm, authid, ticket)
    return connection
