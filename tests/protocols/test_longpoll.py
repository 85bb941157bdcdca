"""Long polls, request by request: opened, asked, sent to, given up, refused."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.test.requesthelper import DummyRequest

from hotline.protocols.batches import Prefixed, Separated
from hotline.protocols.inflow import LOOK_BYTES
from hotline.protocols.limits import SessionLimits
from hotline.protocols.longpoll import (
    REQUEST_COST,
    WAITING_SECONDS,
    LongPollResource,
)
from tests.protocols.collected import SERIALIZERS, Collected, Text, make_hub

ABSENCE_SECONDS = SessionLimits().poll_seconds
CLOSING_SECONDS = SessionLimits().closing_seconds
BURST_SECONDS = SessionLimits().incoming_burst_seconds


class Poller:
    """A client of long polls without a network."""

    def __init__(self, limits: SessionLimits | None = None, **hub: Any) -> None:
        self.clock = Clock()
        self.hub, self.collected = make_hub(limits, **hub)
        self.resource = LongPollResource(self.hub, self.clock)
        self.name = ""

    def post(
        self, path: str, body: bytes = b"", method: bytes = b"POST", origin: bytes | None = None
    ) -> DummyRequest:
        """One request; its answer may come later."""
        request = DummyRequest([part.encode() for part in path.split("/")])
        request.method = method
        request.content = BytesIO(body)
        if origin is not None:
            request.requestHeaders.addRawHeader(b"origin", origin)
        resource: Any = self.resource
        while request.postpath and not resource.isLeaf:
            resource = resource.getChildWithDefault(request.postpath.pop(0), request)
        answer = resource.render(request)
        if isinstance(answer, bytes):
            request.write(answer)
            request.finish()
        return request

    def open(self, protocol: str = "wamp.2.json") -> Poller:
        """OPEN, until there is a transport."""
        request = self.post("open", json.dumps({"protocols": ["wamp.2.nonsense", protocol]}).encode())
        answer = json.loads(b"".join(request.written))
        assert answer["protocol"] == protocol
        self.name = answer["transport"]
        return self

    def ask(self) -> DummyRequest:
        """RECEIVE."""
        return self.post(f"{self.name}/receive")

    def say(self, body: bytes) -> int:
        """SEND; the status."""
        return status_of(self.post(f"{self.name}/send", body))

    @property
    def receiver(self) -> Collected:
        """Of the one link."""
        (receiver,) = self.collected
        return receiver


def status_of(request: DummyRequest) -> int:
    """The status, of an answer that is complete."""
    assert request.finished == 1
    return request.responseCode or 200


def body_of(request: DummyRequest) -> bytes:
    """The body, of an answer that is complete."""
    assert request.finished == 1
    return b"".join(request.written)


def encoded(text: str, name: str = "json") -> bytes:
    """The payload of a message."""
    return SERIALIZERS[name].encode(Text(text))


@pytest.mark.parametrize("name", list(SERIALIZERS))
def test_one_message_each(name: str) -> None:
    """Unbatched, each request carries one message, in order."""
    poller = Poller().open(f"wamp.2.{name}")
    assert poller.say(encoded("a", name)) == 202
    assert poller.say(encoded("b", name)) == 202
    assert poller.receiver.messages == [Text("a"), Text("b")]
    for text in ("c", "d"):
        poller.receiver.link.send(Text(text))
    assert [body_of(poller.ask()) for _ in range(2)] == [encoded("c", name), encoded("d", name)]
    waiting = poller.ask()
    assert waiting.finished == 0
    poller.receiver.link.send(Text("e"))
    assert body_of(waiting) == encoded("e", name)
    kind = b"application/json" if name == "json" else b"application/octet-stream"
    assert waiting.responseHeaders.getRawHeaders(b"content-type") == [kind]
    assert waiting.responseHeaders.getRawHeaders(b"cache-control") == [b"no-store"]


@pytest.mark.parametrize("name", list(SERIALIZERS))
def test_batches(name: str) -> None:
    """Batched, a request carries all there is."""
    batch = Separated() if name == "json" else Prefixed()
    poller = Poller().open(f"wamp.2.{name}.batched")
    assert poller.say(batch.wrap(encoded("a", name)) + batch.wrap(encoded("b", name))) == 202
    assert poller.receiver.messages == [Text("a"), Text("b")]
    for text in ("c", "d"):
        poller.receiver.link.send(Text(text))
    assert batch.split(body_of(poller.ask())) == [encoded("c", name), encoded("d", name)]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"nonsense", b'{"protocols":"wamp.2.json"}', b'{"protocols":["chat"]}']
)
def test_open_for_nothing(body: bytes) -> None:
    """Without a protocol that both know there is no transport."""
    poller = Poller()
    assert status_of(poller.post("open", body)) == 400
    assert not poller.collected
    assert not poller.clock.getDelayedCalls()


def test_addresses_that_are_none() -> None:
    """Unknown transports and words are not found, other methods not allowed."""
    poller = Poller().open()
    for path in ("", "nobody", "nobody/receive", f"{poller.name}/fetch", "nobody/close"):
        assert status_of(poller.post(path)) == 404
    for path in ("open", f"{poller.name}/send", f"{poller.name}/receive"):
        for method in (b"GET", b"PUT", b"OPTIONS"):
            assert status_of(poller.post(path, method=method)) == 405


def test_foreign_pages() -> None:
    """Every request of a foreign origin is refused."""
    poller = Poller(allowed=lambda origin, host: origin != "https://evil.example").open()
    for path in ("open", f"{poller.name}/send", f"{poller.name}/receive"):
        assert status_of(poller.post(path, encoded("a"), origin=b"https://evil.example")) == 403
    assert poller.receiver.messages == []


def test_what_is_no_message() -> None:
    """It is a violation, answered with 400; the last words can still be fetched, then it is over."""
    poller = Poller().open()
    assert poller.say(b"nonsense") == 400
    assert len(poller.receiver.violations) == 1
    assert poller.say(encoded("a")) == 410
    assert body_of(poller.ask()) == encoded("violated")
    poller.clock.advance(0)
    assert poller.receiver.losses == 1
    assert status_of(poller.ask()) == 404
    assert not poller.clock.getDelayedCalls()


def test_last_words_nobody_fetches() -> None:
    """They are kept for a while, and no longer."""
    poller = Poller().open()
    poller.receiver.link.send(Text("bye"))
    poller.receiver.link.close("over")
    poller.receiver.link.send(Text("too late"))
    poller.clock.advance(CLOSING_SECONDS - 1)
    assert poller.receiver.losses == 0
    poller.clock.advance(1)
    assert poller.receiver.losses == 1
    assert not poller.clock.getDelayedCalls()


def test_closed_while_somebody_asks() -> None:
    """Whoever waits gets the last words, or hears that it is over."""
    for words in ([], ["bye"]):
        poller = Poller().open()
        waiting = poller.ask()
        for text in words:
            poller.receiver.link.send(Text(text))
        poller.receiver.link.close("over")
        poller.clock.advance(0)
        assert status_of(waiting) == (200 if words else 410)
        assert poller.receiver.losses == 1


def test_nothing_to_say() -> None:
    """A request that waits long enough is answered with nothing, and the next one waits again."""
    poller = Poller().open()
    for _ in range(3):
        waiting = poller.ask()
        poller.clock.advance(WAITING_SECONDS)
        assert status_of(waiting) == 204
    assert poller.receiver.losses == 0


def test_who_does_not_come_back_is_gone() -> None:
    """Neither asking nor sending for a while ends it; a lost connection counts as not asking."""
    poller = Poller().open()
    poller.clock.advance(ABSENCE_SECONDS - 1)
    poller.say(encoded("a"))
    waiting = poller.ask()
    poller.clock.advance(WAITING_SECONDS - 1)
    waiting.processingFailed(Failure(ConnectionLost()))
    poller.clock.advance(ABSENCE_SECONDS - 1)
    assert poller.receiver.losses == 0
    poller.clock.advance(1)
    assert poller.receiver.losses == 1
    assert not poller.clock.getDelayedCalls()


def test_asking_twice() -> None:
    """The second request takes the place of the first, whose connection may be lost."""
    poller = Poller().open()
    first, second = poller.ask(), poller.ask()
    assert status_of(first) == 204
    poller.receiver.link.send(Text("a"))
    assert body_of(second) == encoded("a")


def test_peer_closes() -> None:
    """CLOSE ends it at once, for whoever asks too."""
    poller = Poller().open()
    waiting = poller.ask()
    assert status_of(poller.post(f"{poller.name}/close")) == 202
    assert status_of(waiting) == 410
    assert poller.receiver.losses == 1
    assert status_of(poller.post(f"{poller.name}/close")) == 404
    assert not poller.clock.getDelayedCalls()


def test_too_much_to_send() -> None:
    """A body longer than a message may be is not read as one, and ends it as over every other transport."""
    poller = Poller(SessionLimits(message_bytes=50)).open()
    assert poller.say(encoded("x" * 50)) == 413
    assert poller.receiver.messages == []
    assert len(poller.receiver.violations) == 1
    assert poller.say(encoded("x")) == 410
    assert body_of(poller.ask()) == encoded("violated")


def test_who_does_not_fetch() -> None:
    """What waits is bounded; beyond that the receiver says so, and what was there can be fetched."""
    poller = Poller(SessionLimits(outgoing_bytes=100)).open()
    for _ in range(20):
        poller.receiver.link.send(Text("x" * 20))
    assert poller.receiver.overflows == 1
    heard = []
    while (request := poller.ask()).responseCode != 404 and request.finished:
        heard.append(body_of(request))
    assert len(b"".join(heard[:-1])) <= 100
    assert heard[-1] == encoded("overflowed")


RATE = 100_000
SLOW = SessionLimits(incoming_bytes_per_second=RATE)


@pytest.mark.parametrize("length", [1, 200, 60_000])
def test_a_burst_then_the_rate(length: int) -> None:
    """Who sends as soon as the last one is answered is read as slowly as on any other transport, however much
    there is in each; and is neither refused nor ended."""
    poller = Poller(SLOW).open()
    body = encoded("x" * length)
    cost, sent, request = len(body) + REQUEST_COST, 0, None
    for _ in range(1000):
        while request is None or request.finished:
            assert request is None or status_of(request) == 202
            request = poller.post(f"{poller.name}/send", body)
            sent += 1
        poller.clock.advance(0.1)
    read = len(poller.receiver.messages) * cost
    assert RATE * 100 <= read <= RATE * (100 + BURST_SECONDS) + LOOK_BYTES + cost
    assert len(poller.receiver.messages) in (sent - 1, sent)
    assert poller.receiver.losses == 0


def test_nobody_below_the_rate_waits() -> None:
    """For ever."""
    poller = Poller(SLOW).open()
    body = encoded("x" * 1000)
    for _ in range(1000):
        for _ in range(RATE // (len(body) + 2 * REQUEST_COST)):
            assert poller.say(body) == 202
            poller.receiver.link.send(Text("a"))
            assert status_of(poller.ask()) == 200
        poller.clock.advance(1.0)


def held(poller: Poller) -> tuple[DummyRequest, int]:
    """The first request that has to wait for its answer, after so many that had not."""
    for number in range(10_000):
        request = poller.post(f"{poller.name}/send", encoded(str(number)))
        if not request.finished:
            return request, number
    raise AssertionError("nothing was ever too much")


def test_what_has_to_wait_is_read_in_order() -> None:
    """What was sent while nothing is read; but of a connection that was lost meanwhile nothing."""
    poller = Poller(SLOW).open()
    first, before = held(poller)
    lost, last = (poller.post(f"{poller.name}/send", encoded(text)) for text in ("lost", "last"))
    lost.processingFailed(Failure(ConnectionLost()))
    poller.receiver.link.send(Text("answer"))
    asking = poller.ask()
    assert len(poller.receiver.messages) == before
    assert asking.finished == 0
    poller.clock.advance(LOOK_BYTES / RATE + 0.1)
    assert poller.receiver.messages[before:] == [Text(str(before)), Text("last")]
    assert [status_of(each) for each in (first, last, asking)] == [202, 202, 200]


def test_who_waits_long_is_not_absent() -> None:
    """However slowly it is read."""
    poller = Poller(SessionLimits(incoming_bytes_per_second=REQUEST_COST // 16)).open()
    first, before = held(poller)
    poller.clock.advance(2 * ABSENCE_SECONDS)
    assert (first.finished, poller.receiver.losses) == (0, 0)
    poller.clock.advance(LOOK_BYTES * 16 / REQUEST_COST)
    assert len(poller.receiver.messages) == before + 1
    assert status_of(first) == 202
    poller.clock.advance(ABSENCE_SECONDS)
    assert poller.receiver.losses == 1
    assert not poller.clock.getDelayedCalls()


def test_who_does_not_wait_is_ended() -> None:
    """Who sends on and on without an answer is held for as much as may come at once, and no more."""
    poller = Poller(SLOW).open()
    waiting, before = [held(poller)[0]], len(poller.receiver.messages)
    while not (request := poller.post(f"{poller.name}/send", encoded("x" * 1000))).finished:
        waiting.append(request)
    assert len(waiting) <= RATE * BURST_SECONDS / 1000
    assert {status_of(each) for each in (*waiting, request)} == {410}
    assert len(poller.receiver.messages) == before
    assert poller.receiver.losses == 1
    assert not poller.clock.getDelayedCalls()


def test_asking_on_and_on_is_no_way_around() -> None:
    """Questions count, too: who asks while nothing is read, and asks again, is ended."""
    poller = Poller(SLOW).open()
    asked = 0
    while (request := poller.ask()).responseCode != 410:
        asked += 1
    assert status_of(request) == 410
    assert asked <= (RATE * BURST_SECONDS + LOOK_BYTES) / REQUEST_COST + 2
    assert poller.receiver.losses == 1
    assert not poller.clock.getDelayedCalls()


def test_last_words_while_nothing_is_read() -> None:
    """Who is closed while it has to wait is told so at once, and may fetch the last words."""
    poller = Poller(SLOW).open()
    first, _ = held(poller)
    poller.receiver.link.send(Text("bye"))
    poller.receiver.link.close("over")
    assert status_of(first) == 410
    assert body_of(poller.ask()) == encoded("bye")
    poller.clock.advance(0)
    assert poller.receiver.losses == 1
    assert not poller.clock.getDelayedCalls()


def test_how_long_nobody_needs_to_ask() -> None:
    """As an operator says, also for the last words; with 0 for ever."""
    brief = Poller(SessionLimits(poll_seconds=3, closing_seconds=2)).open()
    brief.clock.advance(2.5)
    brief.say(encoded("a"))
    brief.clock.advance(2.5)
    assert brief.receiver.losses == 0
    brief.clock.advance(0.5)
    assert brief.receiver.losses == 1
    patient = Poller(SessionLimits(poll_seconds=0, closing_seconds=0)).open()
    patient.clock.advance(10**6)
    patient.receiver.link.send(Text("bye"))
    patient.receiver.link.close("over")
    patient.clock.advance(10**6)
    assert body_of(patient.ask()) == encoded("bye")
    closing = Poller(SessionLimits(closing_seconds=2)).open()
    closing.receiver.link.send(Text("bye"))
    closing.receiver.link.close("over")
    closing.clock.advance(2)
    assert closing.receiver.losses == 1


@pytest.mark.parametrize(("burst", "most"), [(1, RATE + 65536), (0, 10**9)])
def test_how_much_at_once(burst: float, most: int) -> None:
    """As many seconds' worth as an operator says; with 0 any number."""
    limits = SessionLimits(incoming_bytes_per_second=RATE, incoming_burst_seconds=burst)
    poller = Poller(limits).open()
    sent, body = 0, encoded("x" * 9000)
    while sent < 3_000_000 and poller.post(f"{poller.name}/send", body).finished:
        sent += len(body)
    assert min(RATE, most) <= sent <= most
    assert (sent >= 3_000_000) is (burst == 0)
