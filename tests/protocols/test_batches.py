"""Batched subprotocols: how batches are made and taken apart, and that a WebSocket speaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.protocols.batches import AUTOBAHNS_SEPARATOR, Batch, Prefixed, Separated
from hotline.protocols.interfaces import Undecodable
from tests.protocols.collected import SERIALIZERS, Text
from tests.protocols.test_websocket import Line, frame, request

WAYS: tuple[Batch, ...] = (Prefixed(), Separated(), Separated(AUTOBAHNS_SEPARATOR))


@given(
    st.sampled_from(WAYS),
    st.lists(st.binary(min_size=1).filter(lambda each: b"\x1e" not in each), min_size=1),
)
def test_there_and_back(batch: Batch, payloads: list[bytes]) -> None:
    """What was put together comes apart again, in order."""
    payloads = [each.replace(AUTOBAHNS_SEPARATOR, b"x") for each in payloads]
    assert batch.split(b"".join(map(batch.wrap, payloads))) == payloads


def test_last_separator_may_be_missing() -> None:
    """A separator is one, not only an end."""
    assert Separated().split(b"[1]\x1e[2]") == [b"[1]", b"[2]"]


@pytest.mark.parametrize("broken", [b"", b"\x1e", b"[1]\x1e\x1e[2]", b"\x1e[1]"])
def test_empty_messages(broken: bytes) -> None:
    """Nothing is no message."""
    with pytest.raises(Undecodable):
        Separated().split(broken)


@given(st.binary(max_size=40))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, they come apart completely, or are refused."""
    for batch in WAYS:
        try:
            payloads = batch.split(data)
        except Undecodable:
            continue
        together = b"".join(map(batch.wrap, payloads))
        assert together in (data, data + together[-1:])


@pytest.mark.parametrize(
    "broken", [b"", b"\0\0\0", b"\0\0\0\2x", b"\0\0\0\1xy", b"\xff\xff\xff\xff", b"\0\0\0\1x\0\0\0\1"]
)
def test_wrong_lengths(broken: bytes) -> None:
    """A length that is cut off, or promises more or less than there is, is refused."""
    with pytest.raises(Undecodable):
        Prefixed().split(broken)


@pytest.mark.parametrize("name", ["json", "msgpack", "cbor"])
def test_websocket(name: str) -> None:
    """Several messages in a frame arrive one by one; ours come as batches of one; garbage is a violation."""
    line = Line()
    answer = line.say(request(Sec_WebSocket_Protocol=f"wamp.2.{name}.batched"))
    assert f"wamp.2.{name}.batched\r\n".encode() in answer
    serializer, batch = SERIALIZERS[name], Separated() if name == "json" else Prefixed()
    first = 0x81 if name == "json" else 0x82
    both = b"".join(batch.wrap(serializer.encode(Text(text))) for text in ("one", "two"))
    line.say(frame(both, first))
    assert line.receiver.messages == [Text("one"), Text("two")]
    line.heard()
    line.receiver.link.send(Text("hi"))
    assert line.heard()[2:] == batch.wrap(serializer.encode(Text("hi")))
    line.say(frame(both + b"\x01", first))
    assert line.receiver.messages[2:] == [Text("one"), Text("two")] or name != "json"
    assert len(line.receiver.violations) == 1


def test_autobahns_separator() -> None:
    """A peer that begins with Autobahn's separator is answered with it."""
    line = Line()
    line.say(request(Sec_WebSocket_Protocol="wamp.2.json.batched"))
    payload = SERIALIZERS["json"].encode(Text("hi"))
    line.say(frame(payload + b"\x18" + payload + b"\x18", 0x81))
    assert line.receiver.messages == [Text("hi")] * 2
    line.heard()
    line.receiver.link.send(Text("hi"))
    assert line.heard()[2:] == payload + b"\x18"


def test_autobahns_separator_comes_first_or_never() -> None:
    """Who began with the specification's separator does not change it."""
    line = Line()
    line.say(request(Sec_WebSocket_Protocol="wamp.2.json.batched"))
    payload = SERIALIZERS["json"].encode(Text("hi"))
    line.say(frame(payload + b"\x1e", 0x81))
    line.say(frame(payload + b"\x18", 0x81))
    assert (line.receiver.messages, len(line.receiver.violations)) == ([Text("hi")], 1)
