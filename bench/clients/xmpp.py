"""An XMPP session as light as it can be: SASL PLAIN, one resource, one MUC room, on asyncio.

In come stanzas, out come stanzas. It knows what is needed to say something in a room and to read its archive.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from typing import Any
from xml.etree.ElementTree import Element, XMLPullParser

from bench.clients.guests import TEXT, Listener, opened

HOST = "localhost"
ROOMS_HOST = f"conference.{HOST}"
_CLIENT = "{jabber:client}"
_STREAM = (
    f"<?xml version='1.0'?><stream:stream to='{HOST}' version='1.0' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)
_AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{}</auth>"
_BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
_ENTER = (
    "<presence to='{}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
)
_LAST = "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>{}</max><before/></set></query>"
_ARCHIVED = "{urn:xmpp:mam:2}result"


class Connection(asyncio.Protocol):
    """One session; the listener is told of what its room says."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._transport: Any = None
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Element]] = {}
        self._begin()
        self.is_open = self._expect("features")
        self._room = self._self = ""
        self.archived = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send(_STREAM)

    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed(data)
        event: str
        element: Element
        for event, element in self._parser.read_events():
            if event == "start":
                self._depth += 1
                if self._depth == 1:
                    self._root = element
                continue
            self._depth -= 1
            if self._depth == 1:
                self._root.clear()
                self._received(element)

    def _begin(self) -> None:
        self._parser: Any = XMLPullParser(("start", "end"))
        self._depth = 0
        self._root = Element("none")

    def _received(self, element: Element) -> None:
        kind = element.tag.partition("}")[2]
        if kind == "message":
            if element.find(_ARCHIVED) is not None:
                self.archived += 1
            elif element.get("type") == "error":
                self._listener.refused(element.get("id", ""), "error")
            elif element.get("from") == self._self:
                self._listener.acknowledged(element.get("id", ""))
            elif element.get("id"):
                self._listener.heard(element.get("id", ""))
        elif kind == "presence":
            if element.get("from") == self._self:
                self._answer("entered", element)
        elif kind in ("success", "failure"):
            self._answer("auth", element)
        else:
            self._answer(element.get("id") or kind, element)

    def _answer(self, key: str, element: Element) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(element)

    def _expect(self, key: str) -> asyncio.Future[Element]:
        waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        return waiting

    def _send(self, text: str) -> None:
        self._transport.write(text.encode())

    async def _ask(self, kind: str, to: str, content: str) -> Element:
        key = f"q{next(self._numbers)}"
        answer = self._expect(key)
        self._send(f"<iq type='{kind}' id='{key}' to='{to}'>{content}</iq>")
        result = await answer
        if result.get("type") != "result":
            raise RuntimeError(f"{content}: {[child.tag for child in result.iter()]}")
        return result

    async def join(self, user: str, password: str) -> None:
        """Log in, and have a resource."""
        proof = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        answer = self._expect("auth")
        self._send(_AUTH.format(proof))
        if not (await answer).tag.endswith("success"):
            raise ConnectionError(f"{user} is not welcome")
        self._begin()
        features = self._expect("features")
        self._send(_STREAM)
        await features
        await self._ask("set", HOST, _BIND)

    async def appear(self) -> None:
        """Be available, as one who waits for messages."""
        self._send("<presence/>")
        await self.probe()

    async def enter(self, room: str, nick: str) -> None:
        """Be in this room; made by whoever is first."""
        self._room = f"{room}@{ROOMS_HOST}"
        self._self = f"{self._room}/{nick}"
        entered = self._expect("entered")
        self._send(_ENTER.format(self._self))
        answer = await entered
        if answer.get("type") == "error":
            raise RuntimeError(f"{room}: {[child.tag for child in answer.iter()]}")

    async def last(self, count: int) -> int:
        """Read so many from the room's archive; how many came."""
        self.archived = 0
        await self._ask("set", self._room, _LAST.format(count))
        return self.archived

    async def probe(self) -> None:
        await self._ask("get", HOST, "<ping xmlns='urn:xmpp:ping'/>")

    def say(self, nonce: str) -> None:
        """Sent, not waited for: the room's copy comes back to us when it is stored."""
        self._send(f"<message to='{self._room}' type='groupchat' id='{nonce}'><body>{TEXT}</body></message>")

    def close(self) -> None:
        self._transport.abort()


async def joined(port: int, listener: Listener, user: str, password: str) -> Connection:
    """A session that is welcome."""
    connection: Connection = await opened(port, lambda: Connection(listener))
    await connection.join(user, password)
    return connection
