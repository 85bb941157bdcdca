"""How fast a connection is read and how slowly it may come: on transports in memory."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.resource import Resource
from twisted.web.server import Site

from hotline.protocols.channel import _is_opening, punctual
from hotline.protocols.inflow import LOOK_BYTES, Inflow
from hotline.protocols.limits import SessionLimits

RATE = 100_000
BURST_SECONDS = SessionLimits().incoming_burst_seconds
CLOSING_SECONDS = SessionLimits().closing_seconds


class Source(StringTransport):
    """A transport that says whether it is read."""

    @property
    def is_read(self) -> bool:
        return bool(self.producerState == "producing")


def inflow(rate: float = RATE) -> tuple[Clock, Source, Inflow]:
    clock, source = Clock(), Source()
    return clock, source, Inflow(source, clock, rate, BURST_SECONDS)


def test_a_burst_then_the_rate() -> None:
    """Whatever somebody sends, over any time no more is read than the rate, the burst and one look."""
    clock, source, flow = inflow()
    read = 0
    for _ in range(1000):
        if source.is_read:
            flow.read(65536)
            read += 65536
        clock.advance(0.1)
    most = RATE * (100 + BURST_SECONDS) + LOOK_BYTES + 65536
    assert RATE * 100 <= read <= most


def test_who_is_below_the_rate_is_never_stopped() -> None:
    """For ever."""
    clock, source, flow = inflow()
    for _ in range(1000):
        flow.read(RATE)
        assert source.is_read
        clock.advance(1.0)
    assert not clock.getDelayedCalls()


def test_what_was_not_brought_is_not_saved_up() -> None:
    """After a long silence there is one burst, no more."""
    clock, source, flow = inflow()
    flow.read(2 * LOOK_BYTES)
    clock.advance(10_000)
    flow.read(int(RATE * BURST_SECONDS))
    assert source.is_read
    flow.read(2 * LOOK_BYTES)
    assert not source.is_read


@pytest.mark.parametrize(("rate", "burst"), [(0, BURST_SECONDS), (RATE, 0)])
def test_no_limit(rate: float, burst: float) -> None:
    """A rate of 0, or a burst of 0."""
    clock, source = Clock(), Source()
    flow = Inflow(source, clock, rate, burst)
    flow.read(10**9)
    assert source.is_read


def test_how_much_at_once() -> None:
    """So many seconds' worth as were said."""
    clock, source = Clock(), Source()
    flow = Inflow(source, clock, RATE, 1)
    flow.read(RATE)
    assert source.is_read
    flow.read(2 * LOOK_BYTES)
    assert not source.is_read


def test_released_while_it_waits() -> None:
    """It is read again at once, and no timer is left."""
    clock, source, flow = inflow()
    flow.read(10**7)
    assert not source.is_read
    flow.release()
    assert source.is_read
    assert not clock.getDelayedCalls()


class Page(Resource):
    """Says what it was sent."""

    isLeaf = True

    def render(self, request: Any) -> bytes:
        body: bytes = request.content.read()
        return b"got " + body


@pytest.fixture
def clock() -> Clock:
    return Clock()


def connect(clock: Clock, request_seconds: float = 10.0) -> tuple[Any, StringTransport]:
    site: Any = Site(Page(), timeout=60, reactor=clock)
    site.protocol = punctual(SessionLimits(hello_seconds=request_seconds))
    site.log = lambda request: None
    channel, transport = site.buildProtocol(None), StringTransport()
    channel.makeConnection(transport)
    return channel, transport


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n"


@pytest.mark.parametrize(
    "trickle", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 60, b"X-A: b\r\n" * 12]
)
def test_a_head_that_does_not_end(clock: Clock, trickle: bytes) -> None:
    """Nothing at all, one byte a second, a whole header every so often: it is over after ten seconds."""
    channel, transport = connect(clock)
    if trickle.startswith(b"X"):
        channel.dataReceived(b"GET / HTTP/1.1\r\n")
    for place in range(9):
        channel.dataReceived(trickle[place : place + 1])
        clock.advance(1.0)
    assert not transport.disconnecting
    clock.advance(1.1)
    assert transport.disconnecting


def test_a_body_that_does_not_end(clock: Clock) -> None:
    """Ten seconds for the head, then ten for the body."""
    channel, transport = connect(clock)
    clock.advance(9.0)
    channel.dataReceived(POST)
    for _ in range(9):
        channel.dataReceived(b"a")
        clock.advance(1.0)
    assert not transport.disconnecting
    clock.advance(1.1)
    assert transport.disconnecting


def test_idle_between_requests(clock: Clock) -> None:
    """A connection may be idle for a minute; from its first byte on the next request has ten seconds."""
    channel, transport = connect(clock)
    channel.dataReceived(GET)
    for _ in range(3):
        clock.advance(55.0)
        channel.dataReceived(GET[:5])
        clock.advance(9.0)
        channel.dataReceived(GET[5:])
    assert transport.value().count(b"got ") == 4
    channel.dataReceived(GET)
    channel.dataReceived(GET[:5])
    clock.advance(9.0)
    assert not transport.disconnecting
    clock.advance(1.1)
    assert transport.disconnecting


def test_it_ends_even_if_nobody_reads(clock: Clock) -> None:
    """What is still to be written holds the connection for some seconds only."""
    _, transport = connect(clock)
    clock.advance(10.1)
    assert transport.disconnecting
    assert not transport.disconnected
    clock.advance(CLOSING_SECONDS + 0.1)
    assert transport.disconnected


def test_no_time_of_its_own(clock: Clock) -> None:
    """Without a limit what counts is how long nothing came."""
    channel, transport = connect(clock, 0.0)
    for octet in GET:
        clock.advance(50.0)
        channel.dataReceived(bytes((octet,)))
    assert b"got " in transport.value()
    clock.advance(61.0)
    assert transport.disconnecting


OPENED = b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n\r\n"


def test_what_is_plainly_an_opening() -> None:
    """All of it and no more, for the one place, without a body; anything else is for Twisted to read."""
    assert _is_opening(OPENED)
    for other in (
        b"",
        OPENED[:-1],
        OPENED + b"\x81\x80",
        OPENED + OPENED,
        OPENED.replace(b"GET", b"POST"),
        OPENED.replace(b"/ws ", b"/ws/ "),
        OPENED.replace(b"/ws ", b"/ws?a=b "),
        OPENED.replace(b"1.1", b"1.0"),
        OPENED.replace(b"WebSocket", b"h2c"),
        OPENED.replace(b"Upgrade:", b"X-Upgrade:"),
        OPENED.replace(b"Host", b"Content-Length: 3\r\nHost"),
        OPENED.replace(b"Host", b"transfer-encoding: chunked\r\nHost"),
    ):
        assert not _is_opening(other), other
