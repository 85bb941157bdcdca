"""A client of our own for every transport: it says any payload, well-formed or not, and hears the answers.

In come ways to be connected, out come lines: payloads in, payloads out, and the end. Nothing of the server's
code, and nothing of Autobahn's, is in it.
"""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from tests.router.outside import DUMPS, LOADS
from tests.system.daemon import sleep
from tests.wire.longpolling import Polls
from tests.wire.server import LONGPOLLS, RAWSOCKETS, Server

PATIENCE_SECONDS = 20.0
ROLES = {"publisher": {}, "subscriber": {}, "caller": {}}
RAWSOCKET_IDS = {"json": 1, "msgpack": 2, "cbor": 3}


class Line:
    """One connection; arrays are written and read in its subprotocol."""

    def __init__(self, reactor: Any, subprotocol: str) -> None:
        self._reactor = reactor
        self._subprotocol = subprotocol
        self.name, _, batched = subprotocol.partition(".")
        self.is_batched = bool(batched)
        self._payloads: DeferredQueue[bytes | None] = DeferredQueue()
        self._arrays: list[Any] = []
        self.closure = 0
        """The code of the frame that closed a WebSocket."""

    def say(self, *arrays: list[Any]) -> None:
        """Messages: all in one payload where there are batches."""
        payloads = [self.wrapped(DUMPS[self.name](array)) for array in arrays]
        for payload in [b"".join(payloads)] if self.is_batched else payloads:
            self.say_payload(payload)

    async def hear(self) -> Any:
        """The next message; None: it is over."""
        while not self._arrays:
            waiting = self._payloads.get()
            waiting.addTimeout(PATIENCE_SECONDS, self._reactor)
            if (payload := await waiting) is None:
                return None
            self._arrays = [LOADS[self.name](each) for each in self._split(payload)]
        return self._arrays.pop(0)

    async def ask(self, *arrays: list[Any]) -> Any:
        """What comes back."""
        self.say(*arrays)
        return await self.hear()

    async def join(self, **details: Any) -> Line:
        """Until WELCOME."""
        welcome = await self.ask([1, "acme", {"roles": ROLES, **details}])
        assert welcome[0] == 2
        return self

    async def ended(self) -> list[Any]:
        """What is said until it is over."""
        heard = []
        while (array := await self.hear()) is not None:
            heard.append(array)
        return heard

    def wrapped(self, payload: bytes) -> bytes:
        """As it stands in a payload with others."""
        if not self.is_batched:
            return payload
        return payload + b"\x1e" if self.name == "json" else len(payload).to_bytes(4, "big") + payload

    def _split(self, payload: bytes) -> list[bytes]:
        if not self.is_batched:
            return [payload]
        if self.name == "json":
            assert payload.endswith(b"\x1e")
            return payload[:-1].split(b"\x1e")
        found = []
        while payload:
            length = int.from_bytes(payload[:4], "big")
            found.append(payload[4 : 4 + length])
            payload = payload[4 + length :]
        return found

    # What each transport does in its own way

    def say_payload(self, payload: bytes) -> None:
        """Anything, as the transport carries payloads."""
        raise NotImplementedError

    def pause(self) -> None:
        """Read nothing more."""
        raise NotImplementedError

    def resume(self) -> None:
        """Read again."""
        raise NotImplementedError

    async def cut(self) -> None:
        """Be gone without a word."""
        raise NotImplementedError


class Socket(Line, Protocol):
    """A line that is one connection; those who derive from it know its frames."""

    transport: Any
    opening = b""

    def __init__(self, reactor: Any, subprotocol: str) -> None:
        super().__init__(reactor, subprotocol)
        self._data = b""
        self.opened: Deferred[None] = Deferred()
        self.lost: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        self.transport.write(self.opening)

    def dataReceived(self, data: bytes) -> None:
        self._data += data
        if not self.opened.called and not self._is_opened():
            return
        while (frame := self._next_frame()) is not None:
            self._frame_received(*frame)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self.opened.called:
            self.opened.errback(reason)
        self._payloads.put(None)
        self.lost.callback(None)

    def pause(self) -> None:
        self.transport.pauseProducing()

    def resume(self) -> None:
        self.transport.resumeProducing()

    async def cut(self) -> None:
        self.transport.abortConnection()
        await self.lost

    def _take(self, count: int) -> bytes:
        taken, self._data = self._data[:count], self._data[count:]
        return taken

    def _is_opened(self) -> bool:
        raise NotImplementedError

    def _next_frame(self) -> tuple[int, bytes] | None:
        raise NotImplementedError

    def _frame_received(self, kind: int, payload: bytes) -> None:
        raise NotImplementedError


class WebSocket(Socket):
    """Frames of RFC 6455."""

    def __init__(self, reactor: Any, subprotocol: str, path: str) -> None:
        super().__init__(reactor, subprotocol)
        self.opening = (
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: wamp.2.{subprotocol}\r\n\r\n"
        ).encode()

    def say_payload(self, payload: bytes) -> None:
        self.say_frame(0x81 if self.name == "json" else 0x82, payload)

    def say_frame(self, first: int, payload: bytes) -> None:
        """A frame of any kind."""
        mask, count = os.urandom(4), len(payload)
        if count < 126:
            head = bytes((first, 128 | count))
        elif count < 65536:
            head = bytes((first, 254)) + count.to_bytes(2, "big")
        else:
            head = bytes((first, 255)) + count.to_bytes(8, "big")
        key = (mask * (count // 4 + 1))[:count]
        masked = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
        self.transport.write(head + mask + masked.to_bytes(count, "big"))

    def _is_opened(self) -> bool:
        if b"\r\n\r\n" not in self._data:
            return False
        head, _, self._data = self._data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        assert f"wamp.2.{self._subprotocol}\r\n".encode() in head + b"\r\n"
        self.opened.callback(None)
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        if len(self._data) < 2:
            return None
        more = {126: 2, 127: 8}.get(self._data[1], 0)
        count = int.from_bytes(self._data[2 : 2 + more], "big") if more else self._data[1]
        if len(self._data) < 2 + more + count:
            return None
        kind = self._take(2 + more)[0]
        return kind, self._take(count)

    def _frame_received(self, kind: int, payload: bytes) -> None:
        if kind == 0x88:
            self.closure = int.from_bytes(payload[:2], "big")
            self.say_frame(0x88, payload[:2])
        elif kind != 0x89:
            assert kind == (0x81 if self.name == "json" else 0x82)
            self._payloads.put(payload)


class RawSocket(Socket):
    """Frames of RawSocket."""

    def __init__(self, reactor: Any, subprotocol: str) -> None:
        super().__init__(reactor, subprotocol)
        self.opening = bytes((0x7F, 0xF0 | RAWSOCKET_IDS[self.name], 0, 0))

    def say_payload(self, payload: bytes) -> None:
        self.transport.write(len(payload).to_bytes(4, "big") + payload)

    def _is_opened(self) -> bool:
        if len(self._data) < 4:
            return False
        assert self._take(4)[1] & 15 == RAWSOCKET_IDS[self.name]
        self.opened.callback(None)
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        count = int.from_bytes(self._data[1:4], "big")
        if len(self._data) < 4 or len(self._data) < 4 + count:
            return None
        kind = self._take(4)[0]
        return kind, self._take(count)

    def _frame_received(self, kind: int, payload: bytes) -> None:
        if kind == 0:
            self._payloads.put(payload)


class LongPoll(Line):
    """Requests, one after another in each direction."""

    def __init__(self, reactor: Any, subprotocol: str, polls: Polls) -> None:
        super().__init__(reactor, subprotocol)
        self._polls = polls
        self._paused: Deferred[None] | None = None

    async def open(self) -> None:
        """Begin to ask."""
        await self._polls.open()
        self._asking = Deferred.fromCoroutine(self._ask())
        # Whoever is cut asks in vain.
        self._asking.addErrback(lambda _: None)

    async def _ask(self) -> None:
        try:
            while (body := await self._polls.receive()) is not None:
                self._payloads.put(body)
                if self._paused is not None:
                    await self._paused
        finally:
            self._payloads.put(None)
            await self._polls.close()

    def say_payload(self, payload: bytes) -> None:
        self._polls.say(payload)

    def pause(self) -> None:
        self._paused = Deferred()

    def resume(self) -> None:
        paused, self._paused = self._paused, None
        if paused is not None:
            paused.callback(None)

    async def cut(self) -> None:
        # Not from within what has just been heard: by then it asks for more.
        await sleep(self._reactor, 0)
        self._asking.cancel()
        await self._polls.close()


async def line(server: Server, kind: str, subprotocol: str) -> Line:
    """One that is open."""
    reactor = server.reactor
    if kind in LONGPOLLS:
        address = server.address(kind)
        long_poll = LongPoll(reactor, subprotocol, Polls(reactor, address.endpoint, address.url, subprotocol))
        await long_poll.open()
        return long_poll
    socket: Socket
    if kind in RAWSOCKETS:
        socket = RawSocket(reactor, subprotocol)
    else:
        socket = WebSocket(reactor, subprotocol, "/ws" if kind.startswith("http") else "/")
    await server.endpoint(kind).connect(Factory.forProtocol(lambda: socket))
    await socket.opened
    return socket
