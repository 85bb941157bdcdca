"""WebSocket on a transport in memory: handshake, frames in any pieces and kinds, pings, limits."""

from __future__ import annotations

import itertools
import logging
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import globalLogPublisher

from hotline.protocols.limits import SessionLimits
from hotline.protocols.websocket import WampWebSocket, WampWebSocketFactory
from tests.protocols.collected import SERIALIZERS, MemoryLine, Text, make_hub

HEADERS = {
    "Host": "hotline.example:8080",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "wamp.2.json",
}


def request(**changed: str | None) -> bytes:
    """A client's opening handshake; underscores stand for dashes, None leaves a header out."""
    headers: dict[str, str | None] = {
        **HEADERS,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join(["GET /ws HTTP/1.1", *lines, "", ""]).encode()


def frame(
    payload: bytes, first: int = 0x81, mask: bytes = b"\x01\xfe\x80\x7f", *, masked: bool = True
) -> bytes:
    """A client's frame."""
    length = len(payload)
    bit = 128 if masked else 0
    head = bytes((first,))
    if length < 126:
        head += bytes((bit | length,))
    elif length < 65536:
        head += bytes((bit | 126,)) + length.to_bytes(2, "big")
    else:
        head += bytes((bit | 127,)) + length.to_bytes(8, "big")
    if not masked:
        return head + payload
    return head + mask + bytes(octet ^ mask[place % 4] for place, octet in enumerate(payload))


def said(text: str) -> bytes:
    """The payload of a message in JSON."""
    return SERIALIZERS["json"].encode(Text(text))


def answered(text: str) -> bytes:
    """The frame of the server's message, if it is short."""
    return bytes((0x81, len(said(text)))) + said(text)


def closing(code: int) -> bytes:
    """How a closing frame with this code begins, its length left out."""
    return code.to_bytes(2, "big")


class Line(MemoryLine):
    """A WebSocket server in memory."""

    def __init__(self, limits: SessionLimits | None = None, **hub: Any) -> None:
        self.clock = Clock()
        self.hub, self.collected = make_hub(limits, **hub)
        self.transport = StringTransport()
        self.protocol: WampWebSocket = WampWebSocketFactory(self.hub, self.clock).buildProtocol(None)
        self.protocol.makeConnection(self.transport)

    def open(self, **changed: str | None) -> Line:
        """Shake hands."""
        answer = self.say(request(**changed))
        assert answer.startswith(b"HTTP/1.1 101 ")
        return self


# The opening handshake


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ("wamp.2.json", "json"),
        ("wamp.2.flatbuffers.batched, wamp.2.cbor, wamp.2.json", "cbor"),
        ("wamp.2.ubjson,wamp.2.msgpack", "msgpack"),
    ],
)
def test_subprotocol(offered: str, chosen: str) -> None:
    """The first subprotocol the client names that we speak is taken."""
    line = Line()
    answer = line.say(request(Sec_WebSocket_Protocol=offered))
    assert f"Sec-WebSocket-Protocol: wamp.2.{chosen}\r\n".encode() in answer
    payload = SERIALIZERS[chosen].encode(Text("hi"))
    line.say(frame(payload, 0x81 if chosen == "json" else 0x82))
    assert line.receiver.messages == [Text("hi")]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec_WebSocket_Protocol": None}, 400),
        ({"Sec_WebSocket_Protocol": "chat"}, 400),
        ({"Sec_WebSocket_Protocol": "wamp.2.ubjson.batched"}, 400),
        ({"Sec_WebSocket_Protocol": "json"}, 400),
        ({"Upgrade": None}, 426),
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": "close"}, 400),
        ({"Sec_WebSocket_Key": "<script>"}, 400),
        ({"Sec_WebSocket_Version": "8"}, 400),
        ({"Sec_WebSocket_Version": "99"}, 400),
        ({"Host": None}, 400),
        ({"Host": "a:b:c"}, 400),
        ({"Origin": "<script>alert(1)</script>"}, 400),
    ],
)
def test_refused_handshakes(changed: dict[str, str | None], status: int) -> None:
    """A handshake that is not for us is refused with a fixed page that repeats nothing of the request."""
    line = Line()
    answer = line.say(request(**changed))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"script" not in answer
    assert b"Location" not in answer
    assert line.is_over
    assert not line.collected


@pytest.mark.parametrize("query", ["?redirect=http%3A%2F%2Fevil", "?redirect=%0d%0aX:1&after=1", "?after=x"])
def test_no_redirects(query: str) -> None:
    """Autobahn's status page and its redirects are off."""
    line = Line()
    answer = line.say(f"GET /ws{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 426 ")
    assert b"evil" not in answer


def test_origin_is_asked_about() -> None:
    """The hub decides about origins, "null" included; a refused one gets 403, none at all is None."""
    asked: list[tuple[str | None, str]] = []

    def allowed(origin: str | None, host: str) -> bool:
        asked.append((origin, host))
        return origin in (None, "https://hotline.example")

    for origin, status in (
        (None, 101),
        ("https://hotline.example", 101),
        ("https://evil.example", 403),
        ("https://hotline.example.evil", 403),
        ("null", 403),
    ):
        line = Line(allowed=allowed)
        assert line.say(request(Origin=origin)).startswith(f"HTTP/1.1 {status} ".encode())
        assert asked[-1] == (origin, "hotline.example:8080")


def test_origin_policy_that_fails(no_logged_failures: list[str]) -> None:
    """A mistake in the policy lets nobody in, tells nobody why, and is logged."""

    def fail(origin: str | None, host: str) -> bool:
        raise ZeroDivisionError("secret")

    answer = Line(allowed=fail).say(request())
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in answer
    assert len(no_logged_failures) == 1
    no_logged_failures.clear()


def test_endless_handshake() -> None:
    """A handshake that never ends is cut off by its length, one that is never sent by its time."""
    for limits, is_over in ((None, True), (SessionLimits(handshake_bytes=20_000), False)):
        line = Line(limits)
        line.say(b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 16384)
        assert line.is_over is is_over
    line = Line(SessionLimits(handshake_bytes=0, hello_seconds=0))
    line.say(b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 500_000)
    assert not line.is_over
    line = Line()
    line.say(b"GET ")
    line.clock.advance(10)
    assert line.is_over


def test_no_compression() -> None:
    """Compression is not agreed on, whatever the client offers."""
    answer = Line().say(request(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits"))
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"Extensions" not in answer


# Frames


@given(
    texts=st.lists(st.text("aä€😀", max_size=400) | st.just("x" * 65500), max_size=5),
    kinds=st.lists(st.sampled_from(["whole", "fragments", "ping"]), min_size=5, max_size=5),
    cuts=st.lists(st.integers(0, 3000) | st.integers(0, 200_000), max_size=12),
    seed=st.integers(0, 255),
)
@settings(max_examples=100, deadline=None)
def test_any_pieces(texts: list[str], kinds: list[str], cuts: list[int], seed: int) -> None:
    """However messages are framed, masked and cut into reads, the same messages come of them, in order."""
    line = Line().open()
    mask = bytes((seed, 255 - seed, 7, 0))
    data = b""
    pongs = 0
    for text, kind in zip(texts, kinds, strict=False):
        payload = said(text)
        if kind == "fragments":
            half = len(payload) // 2
            data += frame(payload[:half], 0x01, mask) + frame(b"in between", 0x89, mask)
            data += frame(payload[half:], 0x80, mask)
            pongs += 1
        else:
            data += frame(payload, 0x81, mask)
            if kind == "ping":
                data += frame(b"in between", 0x89, mask)
                pongs += 1
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    heard = b"".join(line.say(data[i:j]) for i, j in itertools.pairwise(places))
    assert line.receiver.messages == [Text(each) for each in texts]
    assert heard == (b"\x8a\x0ain between") * pongs
    assert not line.receiver.violations


def test_new_message_within_a_fragmented_one() -> None:
    """A whole message between two fragments is a violation, also if it comes in a read of its own."""
    line = Line().open()
    assert line.say(frame(said("first")[:4], 0x01)) == b""
    assert line.say(frame(said("second")))[2:4] == closing(1002)
    assert line.receiver.messages == []


@pytest.mark.parametrize("first", [0x81, 0x01, 0x89], ids=["message", "fragment", "ping"])
def test_rest_of_a_frame_that_looks_like_one(first: int) -> None:
    """The rest of a frame is never taken for a frame, whatever it looks like."""
    no_mask = b"\0\0\0\0"
    inner = frame(said("inner"), mask=no_mask)
    whole = frame(inner * 2, first, no_mask)
    line = Line().open()
    line.say(whole[:6])
    heard = line.say(whole[6:])
    assert line.receiver.messages == []
    assert (heard[:1] == b"\x8a") == (first == 0x89)


@pytest.mark.parametrize("length", [0, 1, 118, 119, 120, 65528, 65529, 70000])
def test_lengths_of_outgoing_frames(length: int) -> None:
    """Each of the three ways to write a length is used where it belongs."""
    line = Line().open()
    line.receiver.link.send(Text("x" * length))
    heard = line.heard()
    payload = said("x" * length)
    head = heard[: -len(payload)]
    assert heard[-len(payload) :] == payload
    if len(payload) < 126:
        assert head == bytes((0x81, len(payload)))
    elif len(payload) < 65536:
        assert head == b"\x81\x7e" + len(payload).to_bytes(2, "big")
    else:
        assert head == b"\x81\x7f" + len(payload).to_bytes(8, "big")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(said("x"), 0x82), 1000),
        (frame(said("x")[:3], 0x02) + frame(said("x")[3:], 0x80), 1000),
        (frame(b"{}"), 1000),
        (frame(b""), 1000),
        (frame(b'[7,"\xff"]'), 1007),
        (frame(b"[" * 60000), 1000),
    ],
    ids=["binary", "binary in fragments", "no message", "empty", "no UTF-8", "nested"],
)
def test_what_is_no_message(data: bytes, code: int) -> None:
    """The wrong kind of frame and undecodable payloads: the receiver has the last word, then it is closed."""
    line = Line().open()
    heard = line.say(data + frame(said("later")))
    assert heard.startswith(answered("violated"))
    assert heard[len(answered("violated")) + 2 :].startswith(closing(code))
    assert (len(line.receiver.violations), line.receiver.messages) == (1, [])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(said("x"), masked=False), 1002),
        (frame(said("x"), 0xC1), 1002),
        (frame(said("x"), 0x83), 1002),
        (frame(said("x"), 0x80), 1002),
        (frame(b"x" * 126, 0x89), 1002),
        (frame(b"x", 0x09), 1002),
        (b"\x81\xfe\x00\x05" + b"\0\0\0\0" + b"[7,1]", 1002),
        (frame(b"x" * 65537), 1009),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
        (frame(b"x" * 40000, 0x01) + frame(b"x" * 40000, 0x80), 1009),
    ],
)
def test_what_is_no_websocket(data: bytes, code: int) -> None:
    """Violations of WebSocket itself are closed with its code, and the session is over at once."""
    line = Line().open()
    heard = line.say(data + frame(said("later")))
    assert heard[0] == 0x88
    assert heard[2:4] == closing(code)
    assert line.receiver.messages == []
    assert line.receiver.losses == 1
    line.receiver.link.send(Text("x"))
    assert line.heard() == b""
    line.clock.advance(6)
    line.protocol.connectionLost()
    assert line.receiver.losses == 1
    assert line.is_over


def test_longest_message() -> None:
    """A message exactly as long as the limit passes."""
    line = Line().open()
    text = "x" * (65536 - len(said("")))
    line.say(frame(said(text)))
    assert line.receiver.messages == [Text(text)]


def test_limits_of_0_are_none() -> None:
    """0 lifts the limits of length, ping and buffer."""
    line = Line(SessionLimits(message_bytes=0, outgoing_bytes=0, ping_seconds=0, hello_seconds=0)).open()
    line.say(frame(said("x" * 300_000)))
    assert len(line.receiver.messages) == 1
    line.transport.producer.pauseProducing()
    for _ in range(20):
        line.receiver.link.send(Text("x" * 100_000))
    assert line.receiver.overflows == 0
    assert not line.clock.getDelayedCalls()


def test_nothing_after_the_close() -> None:
    """What arrives after the link was closed is ignored, what is written is dropped; the answer ends it."""
    line = Line().open()
    line.receiver.link.close("wamp.close.killed")
    heard = line.heard()
    assert heard[2:] == closing(1000) + b"wamp.close.killed"
    line.say(frame(said("later")))
    line.receiver.link.send(Text("x"))
    line.receiver.link.close("again")
    assert line.heard() == b""
    assert line.receiver.messages == []
    line.say(frame(closing(1000), 0x88))
    assert line.is_over


def test_a_restart_has_a_code_of_its_own() -> None:
    """1012 says: come back in a moment; the words before it are still written."""
    line = Line().open()
    line.receiver.link.send(Text("goodbye"))
    line.receiver.link.close("wamp.close.system_shutdown")
    assert line.heard().endswith(closing(1012) + b"wamp.close.system_shutdown")
    line.say(frame(closing(1012), 0x88))
    assert line.is_over


def test_long_reasons_are_cut_between_characters() -> None:
    """The reason in a close frame has 123 bytes at most, and is UTF-8 to its end."""
    line = Line().open()
    line.receiver.link.close("x" + "\u00e9" * 61 + "yz")
    assert line.heard()[4:].decode() == "x" + "\u00e9" * 61
    line = Line().open()
    line.receiver.link.close("\u00e9" * 62)
    assert line.heard()[4:].decode() == "\u00e9" * 61


def test_peer_that_closes() -> None:
    """A peer's close frame is answered, and the connection dropped, also if it never reads."""
    line = Line().open()
    assert line.say(frame(closing(1001), 0x88))[:2] == b"\x88\x02"
    assert line.transport.disconnecting
    line.clock.advance(5)
    assert line.transport.disconnected


def test_pings() -> None:
    """A ping every 30 s; whoever answers or talks stays, whoever is silent is gone after 45 s."""
    line = Line().open()
    line.clock.advance(30)
    ping = line.heard()
    assert ping[0] == 0x89
    line.say(frame(ping[2:], 0x8A))
    line.clock.advance(30)
    assert line.heard()[0] == 0x89
    line.clock.advance(14)
    line.say(frame(said("I am here")))
    line.clock.advance(29)
    assert not line.is_over
    line.clock.advance(1)
    assert line.heard()[0] == 0x89
    line.clock.advance(15)
    assert line.is_over
    line.protocol.connectionLost()
    assert line.receiver.losses == 1
    assert not line.clock.getDelayedCalls()


def test_outgoing_bytes_are_limited() -> None:
    """What waits in the transport is bounded: over it the receiver gets its last words, then it is closed."""
    line = Line(SessionLimits(outgoing_bytes=100_000)).open()
    line.transport.producer.pauseProducing()
    for _ in range(20):
        line.receiver.link.send(Text("x" * 5000))
    assert line.receiver.overflows == 1
    heard = line.heard()
    assert answered("overflowed") in heard
    assert heard.endswith(closing(1000) + b"overflowed")
    assert len(heard) < 45_000
    line.clock.advance(5)
    assert line.is_over


def test_nothing_of_the_peer_is_logged() -> None:
    """No header, payload or address of a peer gets into the log, at any level."""
    events: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        events.append(repr(event))

    logging.getLogger().setLevel(logging.DEBUG)
    globalLogPublisher.addObserver(observe)
    try:
        Line().say(request(Host=None, X="canary"))
        line = Line().open(X="canary")
        line.say(frame(said("canary")) + frame(b"canary", 0x89) + frame(b"canary", 0x83))
        line.clock.advance(10)
        line.protocol.connectionLost()
    finally:
        globalLogPublisher.removeObserver(observe)
    assert not [each for each in events if "canary" in each or "192.168" in each]


@given(data=st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_do_harm(data: bytes) -> None:
    """Whatever comes after the handshake, nothing is raised, and a loss is told exactly once."""
    line = Line().open()
    line.say(data)
    line.clock.advance(20)
    line.protocol.connectionLost()
    assert line.receiver.losses == 1
    assert not line.clock.getDelayedCalls()


@given(data=st.binary(max_size=300), place=st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_no_handshake_does_harm(data: bytes, place: int) -> None:
    """Whatever is sent instead of a handshake, or in the middle of one, nothing is raised."""
    whole = request()
    line = Line()
    line.say(whole[:place] + data + whole[place:])
    line.clock.advance(20)
    line.protocol.connectionLost()
    assert not line.clock.getDelayedCalls()


def test_masks_are_taken_off_in_all_lengths() -> None:
    """The short path takes the mask off any number of octets."""
    line = Line().open()
    texts = ["x" * length for length in range(140)]
    line.say(b"".join(frame(said(each), mask=os.urandom(4)) for each in texts))
    assert line.receiver.messages == [Text(each) for each in texts]


def test_a_flood_of_pings() -> None:
    """Some are answered, many at once end the connection, whether their sender reads or not."""
    line = Line()
    line.open()
    assert line.say(frame(b"hi", 0x89)) == b"\x8a\x02hi"
    assert len(line.say(frame(b"", 0x89) * 10_000)) < 2000
    assert line.protocol.state == line.protocol.STATE_CLOSED


def test_too_much_at_once_has_to_wait() -> None:
    """Who brings more than its rate is not read for a while, and nothing is lost."""
    line = Line(SessionLimits(incoming_bytes_per_second=1000))
    line.open()
    line.say(frame(said("x" * 60_000)))
    assert line.transport.producerState == "paused"
    assert line.receiver.messages == [Text("x" * 60_000)]
    line.clock.advance(55.0)
    assert line.transport.producerState == "producing"


def test_who_is_told_the_end_and_goes_on() -> None:
    """Only the answer to the closing handshake is awaited: a flood instead of it is cut off."""
    line = Line()
    line.open()
    line.receiver.link.close("enough")
    for _ in range(10):
        line.say(frame(b"x" * 10_000))
    assert line.protocol.state == line.protocol.STATE_CLOSED
