"""WAMP over HTTP requests that wait for their answer, for networks that let no WebSocket through.

In: POSTs below one path: `open`, then `<transport>/send`, `/receive`, `/close`. Out: messages for the
receiver, answers that wait until there is something to say. It never holds more than a session may have
waiting, and forgets a peer that does not come back.
"""

from __future__ import annotations

import secrets
from collections import deque
from http import HTTPStatus
from typing import Any

import msgspec
from twisted.internet.interfaces import IDelayedCall
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request

from hotline.protocols.batches import Batch, batch_of
from hotline.protocols.inflow import Inflow
from hotline.protocols.interfaces import Hub, Receiver, Serializer, Undecodable
from hotline.protocols.longpoll_requests import Action, body_of, finish, say

SUBPROTOCOL = "wamp.2."

WAITING_SECONDS = 25.0
"""Longest wait of one `receive`: proxies cut what takes longer than half a minute."""

REQUEST_COST = 1024
"""What a request counts for beside its body, in bytes: answering it costs more than reading it."""


class Opening(msgspec.Struct):
    """The body of `open`."""

    protocols: list[str]


class LongPollEncoding:
    """Makes the bodies of one subprotocol."""

    def __init__(self, serializer: Serializer, batch: Batch | None) -> None:
        self.serializer = serializer
        self.batch = batch
        kind = "application/octet-stream" if serializer.is_binary else "application/json"
        self.content_type = kind.encode()

    def encode(self, message: Any) -> bytes:
        payload = self.serializer.encode(message)
        return payload if self.batch is None else self.batch.wrap(payload)

    def split(self, body: bytes) -> list[bytes]:
        """The payloads of a body; raises `Undecodable`."""
        return [body] if self.batch is None else self.batch.split(body)


class LongPoll(Resource):
    """One connection that is none, and the link of the session on it."""

    def __init__(self, base: LongPollResource, encoding: LongPollEncoding, network: bytes | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted
        self.encoding = encoding
        self.network = network
        self.name = secrets.token_urlsafe(18)
        self._base = base
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._asking: Request | None = None
        limits = base.hub.limits
        self._inflow = Inflow(
            self, base.reactor, limits.incoming_bytes_per_second, limits.incoming_burst_seconds
        )
        # What was sent while nothing is read: its sender has no answer yet.
        self._held: deque[tuple[Request, bytes]] = deque()
        self._held_bytes = 0
        self._is_closing = False
        self._is_overflowed = False
        self._timer: IDelayedCall | None = None
        self._receiver: Receiver | None = None
        self._await_request()
        self._receiver = base.hub.accept(self)

    # The link (hotline.protocols.interfaces.Link)

    def write(self, frame: bytes) -> None:
        limit = self._base.hub.limits.outgoing_bytes
        if self._is_closing:
            return
        if limit and self._size + len(frame) > limit and not self._is_overflowed:
            # From here on only the last words of the receiver are kept, who closes the link.
            self._is_overflowed = True
            if self._receiver is not None:
                self._receiver.overflowed()
            return
        self._waiting.append(frame)
        self._size += len(frame)
        self._answer()

    def send(self, message: Any) -> None:
        self.write(self.encoding.encode(message))

    def close(self, reason: str) -> None:
        """The reason was said in WAMP; what is waiting may still be fetched."""
        if self._is_closing:
            return
        self._is_closing = True
        self._inflow.release()
        if self._waiting:
            self._put_off(self._base.hub.limits.closing_seconds or None, self.lose)
        else:
            # Not at once: whoever closes a link does not expect to hear from it meanwhile.
            self._put_off(0, self.lose)

    # What the peer asks

    def getChild(self, path: bytes, request: Request) -> IResource:
        return Action({b"send": self._send, b"receive": self._receive, b"close": self._close}.get(path))

    def _send(self, request: Request) -> Any:
        body = body_of(request, self._base.hub.limits.message_bytes)
        if body is None:
            receiver = self._receiver
            if receiver is None or self._is_closing:
                return say(request, HTTPStatus.GONE)
            receiver.violated("a message is too long")
            return say(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if self._is_closing or not self._inflow.is_waiting:
            return say(request, self._take(body))
        self._held_bytes += len(body) + REQUEST_COST
        if self._held and self._held_bytes > self._inflow.most_at_once:
            # Whoever waits for answers never gets here.
            self.lose()
            return say(request, HTTPStatus.GONE)
        self._held.append((request, body))
        request.notifyFinish().addErrback(lambda _: self._unheld(request, body))
        return NOT_DONE_YET

    def _take(self, body: bytes) -> HTTPStatus:
        receiver = self._receiver
        if receiver is None or self._is_closing:
            return HTTPStatus.GONE
        self._inflow.read(len(body) + REQUEST_COST)
        self._stays()
        try:
            for payload in self.encoding.split(body):
                message = self.encoding.serializer.decode(payload)
                if not self._is_closing:
                    receiver.message_received(message)
        except Undecodable as error:
            receiver.violated(str(error))
            return HTTPStatus.BAD_REQUEST
        return HTTPStatus.ACCEPTED

    def _receive(self, request: Request) -> Any:
        before, self._asking = self._asking, None
        if before is not None:
            # Its connection was lost, and nobody noticed.
            finish(before, HTTPStatus.NO_CONTENT)
            if self._inflow.is_waiting and not self._is_closing:
                # Asking again and again is no way around the rate.
                self.lose()
                return say(request, HTTPStatus.GONE)
        self._asking = request
        if not self._is_closing:
            self._inflow.read(REQUEST_COST)
        request.notifyFinish().addErrback(lambda _: self._unasked(request))
        if not self._is_closing:
            self._put_off(WAITING_SECONDS, self._nothing_to_say)
        self._answer()
        return NOT_DONE_YET

    def _close(self, request: Request) -> Any:
        self.lose()
        return say(request, HTTPStatus.ACCEPTED)

    # What the inflow asks: this is its transport

    def pauseProducing(self) -> None:
        """What is sent from now on is held."""

    def resumeProducing(self) -> None:
        """Take what was held, until there is too much again."""
        while self._held and not self._inflow.is_waiting:
            request, body = self._held.popleft()
            self._held_bytes -= len(body) + REQUEST_COST
            status = self._take(body)
            finish(request, status, say(request, status))
        self._answer()

    # How it is done

    def _unheld(self, request: Request, body: bytes) -> None:
        # Its connection was lost: it was not read, and its sender has no answer.
        if (request, body) in self._held:
            self._held.remove((request, body))
            self._held_bytes -= len(body) + REQUEST_COST

    def _absent(self) -> None:
        if self._held:
            # They wait for us.
            self._await_request()
        else:
            self.lose()

    def _answer(self) -> None:
        request = self._asking
        if request is None or not self._waiting or self._inflow.is_waiting:
            return
        self._asking = None
        count = len(self._waiting) if self.encoding.batch is not None else 1
        body = b"".join(self._waiting.popleft() for _ in range(count))
        self._size -= len(body)
        request.setHeader(b"content-type", self.encoding.content_type)
        finish(request, HTTPStatus.OK, body)
        if self._is_closing and not self._waiting:
            self._put_off(0, self.lose)
        else:
            self._stays()

    def _nothing_to_say(self) -> None:
        request, self._asking = self._asking, None
        if request is not None:
            finish(request, HTTPStatus.NO_CONTENT)
        self._stays()

    def _unasked(self, request: Request) -> None:
        if self._asking is request:
            self._asking = None
            self._stays()

    def _stays(self) -> None:
        # While a request waits, its own time counts; when the link is closing, that of the last words.
        if not self._is_closing and self._asking is None:
            self._await_request()

    def _await_request(self) -> None:
        self._put_off(self._base.hub.limits.poll_seconds or None, self._absent)

    def lose(self) -> None:
        """It is over; whoever still asks is told."""
        self._is_closing = True
        self._waiting.clear()
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._base.forget(self)
        self._inflow.release()
        request, self._asking = self._asking, None
        if request is not None:
            finish(request, HTTPStatus.GONE)
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.link_lost()

    def _put_off(self, delay: float | None, action: Any) -> None:
        # None: for ever.
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None if delay is None else self._base.reactor.callLater(delay, action)


class LongPollResource(Resource):
    """The base path: `open`, and below it what was opened."""

    def __init__(self, hub: Hub, reactor: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted
        self.hub = hub
        self.reactor = reactor
        self._encodings: dict[str, LongPollEncoding] = {}
        for name, serializer in hub.serializers.items():
            self._encodings[f"{SUBPROTOCOL}{name}"] = LongPollEncoding(serializer, None)
            self._encodings[f"{SUBPROTOCOL}{name}.batched"] = LongPollEncoding(
                serializer, batch_of(serializer)
            )
        self._opened: dict[bytes, LongPoll] = {}

    def getChild(self, path: bytes, request: Request) -> IResource:
        request.setHeader(b"cache-control", b"no-store")
        origin, host = request.getHeader("origin"), request.getHeader("host") or ""
        if not self.hub.allowed_origin(origin, host):
            return Action(lambda request: say(request, HTTPStatus.FORBIDDEN))
        if path == b"open":
            return Action(self._open)
        return self._opened.get(path) or Action(None)

    def forget(self, link: LongPoll) -> None:
        """This one is over."""
        self._opened.pop(link.name.encode(), None)

    def _open(self, request: Request) -> Any:
        body = body_of(request, self.hub.limits.message_bytes)
        try:
            offered = msgspec.json.decode(body or b"", type=Opening).protocols
        except (msgspec.DecodeError, ValueError):
            return say(request, HTTPStatus.BAD_REQUEST)
        protocol = next((each for each in offered if each in self._encodings), None)
        if protocol is None:
            return say(request, HTTPStatus.BAD_REQUEST)
        host = getattr(request.getClientAddress(), "host", None)
        network = self.hub.network_of(host, request.getHeader("x-forwarded-for"))
        link = LongPoll(self, self._encodings[protocol], network)
        self._opened[link.name.encode()] = link
        request.setHeader(b"content-type", b"application/json")
        return msgspec.json.encode({"protocol": protocol, "transport": link.name})
