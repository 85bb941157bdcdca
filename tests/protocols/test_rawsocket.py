"""RawSocket on a transport in memory: handshake, frames in any pieces, pings, limits."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from hotline.protocols.interfaces import TooLong
from hotline.protocols.limits import SessionLimits
from hotline.protocols.rawsocket import RawSocket, RawSocketFactory
from tests.protocols.collected import SERIALIZERS, MemoryLine, Text, make_hub

HELLO = b"\x7f\xf1\x00\x00"
"""JSON, and frames up to 16 MiB are fine."""


class Line(MemoryLine):
    """A RawSocket server in memory."""

    def __init__(self, limits: SessionLimits | None = None) -> None:
        self.clock = Clock()
        self.hub, self.collected = make_hub(limits)
        self.transport = StringTransport()
        self.protocol: RawSocket = RawSocketFactory(self.hub, self.clock).buildProtocol(None)
        self.protocol.makeConnection(self.transport)


def frame(text: str, kind: int = 0) -> bytes:
    """A frame as a JSON client sends it."""
    payload = SERIALIZERS["json"].encode(Text(text))
    return bytes((kind,)) + len(payload).to_bytes(3, "big") + payload


@pytest.mark.parametrize(("number", "name"), [(1, "json"), (2, "msgpack"), (3, "cbor")])
def test_handshake(number: int, name: str) -> None:
    """The handshake repeats the serializer and announces 64 KiB; messages go both ways then."""
    line = Line()
    assert line.say(bytes((0x7F, 0xF0 | number, 0, 0))) == bytes((0x7F, 0x70 | number, 0, 0))
    payload = SERIALIZERS[name].encode(Text("hi"))
    line.say(len(payload).to_bytes(4, "big") + payload)
    assert line.receiver.messages == [Text("hi")]
    line.receiver.link.send(Text("ho"))
    answer = line.heard()
    assert int.from_bytes(answer[:4], "big") == len(answer) - 4
    assert SERIALIZERS[name].decode(answer[4:]) == Text("ho")


@pytest.mark.parametrize(
    ("limit", "exponent"), [(65536, 7), (100000, 7), (512, 0), (100, 0), (2**24, 15), (0, 15)]
)
def test_announced_length(limit: int, exponent: int) -> None:
    """What is announced is the largest power of two within the limit."""
    assert Line(SessionLimits(message_bytes=limit)).say(HELLO) == bytes((0x7F, exponent << 4 | 1, 0, 0))


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        (b"\x7f\xf0\x00\x00", b"\x7f\x10\x00\x00"),
        (b"\x7f\xf4\x00\x00", b"\x7f\x10\x00\x00"),
        (b"\x7f\xff\x00\x00", b"\x7f\x10\x00\x00"),
        (b"\x7f\xf1\x00\x01", b"\x7f\x30\x00\x00"),
        (b"\x7f\xf1\x80\x00", b"\x7f\x30\x00\x00"),
        (b"\x7e\xf1\x00\x00", b""),
        (b"GET / HTTP/1.1\r\n\r\n", b""),
        (b"\x00", b""),
    ],
)
def test_refused_handshakes(octets: bytes, answer: bytes) -> None:
    """Unknown serializers and reserved bits get their error octet, what is no RawSocket gets nothing."""
    line = Line()
    assert line.say(octets) == answer
    assert line.is_over
    assert not line.collected
    assert line.say(HELLO + frame("x")) == b""


@given(
    texts=st.lists(st.text("aä€😀", max_size=300), max_size=6),
    cuts=st.lists(st.integers(0, 4000), max_size=12),
    pings=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_any_pieces(texts: list[str], cuts: list[int], pings: bool) -> None:
    """However the bytes are cut into reads, the same messages and pongs come of them."""
    line = Line()
    data = HELLO + b"".join(frame(each) + (b"\x01\x00\x00\x02ab" if pings else b"") for each in texts)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    heard = b"".join(line.say(data[i:j]) for i, j in itertools.pairwise(places))
    assert heard == b"\x7f\x71\x00\x00" + b"\x02\x00\x00\x02ab" * (len(texts) * pings)
    assert line.receiver.messages == [Text(each) for each in texts]


@pytest.mark.parametrize(
    "data",
    [b"\x03\x00\x00\x00", b"\x08\x00\x00\x01a", b"\xff" * 10, b"\x00\x01\x00\x01", b"\x00\x00\x00\x01x"],
)
def test_violations(data: bytes) -> None:
    """Unknown kinds, reserved bits, frames too long and no messages: the receiver speaks last."""
    line = Line()
    line.say(HELLO)
    assert line.say(data + frame("later")) == frame("violated")
    assert line.is_over
    assert (len(line.receiver.violations), line.receiver.messages) == (1, [])


def test_longest_message() -> None:
    """A message as long as the limit passes; nothing is kept of a longer one."""
    line = Line()
    line.say(HELLO)
    fits = "x" * (65536 - len(SERIALIZERS["json"].encode(Text(""))))
    line.say(frame(fits))
    assert line.receiver.messages == [Text(fits)]
    line.say(frame(fits + "x")[:4])
    assert line.is_over


def test_the_longest_frame_there_is() -> None:
    """Where no limit is set, 16 MiB were announced: also a frame of exactly so many bytes comes through."""
    line = Line(SessionLimits(message_bytes=0, incoming_bytes_per_second=0))
    assert line.say(HELLO)[1] >> 4 == 15
    text = "x" * (2**24 - len(SERIALIZERS["json"].encode(Text(""))))
    line.say(b"\x08\x00\x00\x00" + SERIALIZERS["json"].encode(Text(text)))
    assert [len(each.text) for each in line.receiver.messages] == [len(text)]
    line.say(b"\x08\x00\x00\x01")
    assert line.is_over


def test_peers_limit_is_kept() -> None:
    """Nothing longer than the peer announced is ever sent: whoever tries is told, and only a PONG ends it."""
    line = Line()
    line.say(b"\x7f\x01\x00\x00")
    line.receiver.link.send(Text("x" * 500))
    assert len(line.heard()) == 4 + 506
    with pytest.raises(TooLong):
        line.receiver.link.send(Text("x" * 507))
    assert line.heard() == b""
    assert not line.is_over
    line.say(b"\x01\x00\x02\x01" + b"x" * 513)
    assert (line.heard(), line.is_over) == (b"", True)


def test_pings() -> None:
    """A ping every 30 s; whoever answers stays, whoever does not for 15 s is gone after 45."""
    line = Line()
    line.say(HELLO)
    line.clock.advance(29)
    assert line.heard() == b""
    line.clock.advance(1)
    assert line.heard() == b"\x01\x00\x00\x00"
    line.say(b"\x02\x00\x00\x00")
    line.clock.pump([15, 15, 15])
    assert line.heard() == b"\x01\x00\x00\x00"
    assert not line.is_over
    line.clock.advance(15)
    assert line.is_over


def test_handshake_has_a_deadline() -> None:
    """Who does not shake hands in time is disconnected."""
    line = Line()
    line.say(b"\x7f")
    line.clock.advance(10)
    assert line.is_over


def test_peer_that_never_reads_is_cut_off_in_the_end() -> None:
    """After a close there are five seconds for the rest, then the connection is cut."""
    line = Line()
    line.say(HELLO)
    line.receiver.link.close("why")
    assert line.transport.disconnecting
    line.clock.advance(5)
    assert line.transport.disconnected


def test_loss_is_told_once_and_leaves_nothing() -> None:
    """The receiver hears once that the link is gone, writes afterwards are dropped, no timer is left."""
    line = Line()
    line.say(HELLO)
    link = line.receiver.link
    line.protocol.connectionLost()
    link.send(Text("x"))
    link.close("x")
    assert line.heard() == b""
    assert line.receiver.losses == 1
    assert not line.clock.getDelayedCalls()


def test_outgoing_bytes_are_limited() -> None:
    """What waits in the transport is bounded: over it the receiver gets its last words, then it is closed."""
    line = Line(SessionLimits(outgoing_bytes=100_000))
    line.say(HELLO)
    link = line.receiver.link
    line.transport.producer.pauseProducing()
    for _ in range(20):
        link.send(Text("x" * 5000))
    assert line.receiver.overflows == 1
    heard = line.heard()
    assert heard.endswith(frame("overflowed"))
    assert len(heard) < 45_000
    assert line.is_over


def test_reader_that_catches_up_is_not_closed() -> None:
    """Once the transport has written everything the count begins anew."""
    line = Line(SessionLimits(outgoing_bytes=100_000))
    line.say(HELLO)
    for _ in range(20):
        line.transport.producer.pauseProducing()
        line.receiver.link.send(Text("x" * 20_000))
        line.transport.producer.resumeProducing()
    assert line.receiver.overflows == 0


def test_a_flood_of_pings() -> None:
    """Some are answered, many at once end the connection, whether their sender reads or not."""
    line = Line()
    line.say(HELLO)
    assert line.say(b"\x01\x00\x00\x02hi") == b"\x02\x00\x00\x02hi"
    assert len(line.say(b"\x01\x00\x00\x00" * 10_000)) < 4000
    assert line.is_over
