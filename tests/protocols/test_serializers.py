"""The three serializers: what they carry, and what no bytes can make them do."""

from __future__ import annotations

import json
import math
from typing import Any

import cbor2
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotline.protocols.interfaces import Serializer, Undecodable
from hotline.protocols.serializers import make_serializers


class Say(msgspec.Struct, array_like=True, tag=1, frozen=True):
    """A message of this test: anything in it."""

    words: list[Any]
    marks: dict[str, Any] = {}


class Hush(msgspec.Struct, array_like=True, tag=2, frozen=True):
    """Another one."""

    level: int


SERIALIZERS = make_serializers(Say | Hush)

each_serializer = pytest.mark.parametrize("serializer", SERIALIZERS.values(), ids=list(SERIALIZERS))

any_serializer = st.sampled_from(list(SERIALIZERS.values()))
"""Not a parameter of pytest: pytest-twisted and Hypothesis do not get along in a test with both."""

# A text that begins with NUL is how JSON writes bytes.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(lambda each: each[:1] != "\0")

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def test_names_and_numbers() -> None:
    """Names, order of preference and RawSocket numbers are WAMP's."""
    assert [(each.name, each.rawsocket_id, each.is_binary) for each in SERIALIZERS.values()] == [
        ("json", 1, False),
        ("msgpack", 2, True),
        ("cbor", 3, True),
    ]


@given(
    serializer=any_serializer,
    words=st.lists(plain, max_size=4),
    marks=st.dictionaries(words, plain, max_size=4),
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_said_is_heard(serializer: Serializer, words: list[Any], marks: dict[str, Any]) -> None:
    """All plain values come back as they went in."""
    assert serializer.decode(serializer.encode(Say(words, marks))) == Say(words, marks)


@given(payload=st.binary(max_size=200))
@example(payload=b"[" * 65536)
@example(payload=b'{"a":' * 13000)
@example(payload=b"[1,[" + b"[" * 60000 + b"]" * 60000 + b"]]")
@example(payload=b"\x91" * 65536)
@example(payload=b"\x92\x01" + b"\x91" * 65000)
@example(payload=b"\x81" * 65536)
@example(payload=b"\x82\x01" + b"\x81" * 65000)
@example(payload=b"\x9f" * 65536)
@example(payload=b"\xd8\x1c" * 30000)
@example(payload=b"\xdd\xff\xff\xff\xff")
@example(payload=b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff")
@example(payload=b"\x5b\x00\x00\x00\xff\xff\xff\xff\xff")
@example(payload=b"[1,[" + b"9" * 60000 + b"]]")
@settings(max_examples=300, deadline=None)
def test_no_bytes_do_harm(payload: bytes) -> None:
    """Whatever the bytes, there is a message or `Undecodable`, nothing else."""
    for serializer in SERIALIZERS.values():
        try:
            message = serializer.decode(payload)
        except Undecodable:
            continue
        assert isinstance(message, Say | Hush)


@given(serializer=any_serializer, data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_mutation_does_harm(serializer: Serializer, data: st.DataObject) -> None:
    """A good message with some octets changed is a message or `Undecodable` too."""
    payload = bytearray(serializer.encode(Say(["hello", 1.5, {"a": [None]}], {"nonce": "x" * 20})))
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = serializer.decode(bytes(payload))
    except Undecodable:
        return
    assert isinstance(message, Say | Hush)


@each_serializer
@pytest.mark.parametrize(
    "array", [[], [3, 1], ["1", []], [2, "x"], [2, 1.5], [2, True], [1, {}], [1], [None, []]]
)
def test_wrong_arrays(serializer: Serializer, array: list[Any]) -> None:
    """Arrays that are none of the messages are not decoded."""
    payload = {"json": lambda: json.dumps(array).encode(), "cbor": lambda: cbor2.dumps(array)}.get(
        serializer.name, lambda: msgspec.msgpack.encode(array)
    )()
    with pytest.raises(Undecodable):
        serializer.decode(payload)


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-Infinity", "1e999", "+1", "01", "'a'", "[1,]", '"\\x"', '"\n"', '"\\ud800", NaN'],
)
def test_json_is_strict(text: str) -> None:
    """What is no JSON, NaN and infinity above all, is refused."""
    with pytest.raises(Undecodable):
        SERIALIZERS["json"].decode(f"[1,[{text}]]".encode())


@pytest.mark.parametrize(
    "payload", [b'[1,["\xff"]]', b'[1,["\xed\xa0\x80"]]', b'[1,["\xc0\x80"]]', b"\xef\xbb\xbf[1,[]]"]
)
def test_json_is_utf8(payload: bytes) -> None:
    """Invalid UTF-8, surrogates written as UTF-8 and a byte order mark are refused."""
    with pytest.raises(Undecodable):
        SERIALIZERS["json"].decode(payload)


def test_lone_surrogates_arrive_as_text() -> None:
    """A browser's lone surrogate is an odd text, not the end of a session; it cannot go out again."""
    message = SERIALIZERS["json"].decode(b'[1,["a\\uD83Db", "\\ud83d\\ude00", 5],{"x":"\\udc00"}]')
    assert message == Say(["a\ud83db", "\U0001f600", 5], {"x": "\udc00"})
    for serializer in SERIALIZERS.values():
        with pytest.raises(ValueError, match="surrogates"):
            serializer.encode(message)


@pytest.mark.parametrize(
    "value",
    [
        cbor2.CBORTag(35, "(a+)+$"),
        cbor2.CBORTag(0, "2026-11-22T00:00:00Z"),
        cbor2.CBORTag(28, [cbor2.CBORTag(29, 0)]),
        cbor2.CBORTag(52, b"abcd"),
        cbor2.CBORTag(258, [1, 2]),
        cbor2.CBORTag(55799, 1),
        cbor2.CBORTag(12345, 1),
        cbor2.CBORSimpleValue(99),
        {1: 2},
        {b"a": 1},
        [{"a": {"b": [cbor2.CBORSimpleValue(99)]}}],
    ],
)
def test_cbor_is_plain(value: Any) -> None:
    """No tag is carried out: regular expressions, cycles; and keys are strings."""
    with pytest.raises(Undecodable):
        SERIALIZERS["cbor"].decode(cbor2.dumps([1, [value]]))


def test_messagepack_extensions_are_refused() -> None:
    """MessagePack's extension types are nobody's here."""
    with pytest.raises(Undecodable):
        SERIALIZERS["msgpack"].decode(msgspec.msgpack.encode([1, [msgspec.msgpack.Ext(5, b"x")]]))


def test_undefined_is_what_json_makes_of_it() -> None:
    """JavaScript's undefined leaves its key out of a dict and null in a list, wherever it is."""
    undefined = {"msgpack": msgspec.msgpack.Ext(0, b"\x00"), "cbor": cbor2.undefined}
    encode = {"msgpack": msgspec.msgpack.encode, "cbor": cbor2.dumps}
    for name, nothing in undefined.items():
        marks = {"match": nothing, "kept": {"deep": nothing, "other": 1}}
        data = encode[name]([1, [nothing, "a", [nothing]], marks])
        assert SERIALIZERS[name].decode(data) == Say([None, "a", [None]], {"kept": {"other": 1}})
        with pytest.raises(Undecodable):
            SERIALIZERS[name].decode(encode[name]([2, nothing]))
    with pytest.raises(Undecodable):
        SERIALIZERS["msgpack"].decode(msgspec.msgpack.encode([1, [msgspec.msgpack.Ext(0, b"\x01")]]))


@pytest.mark.parametrize("name", ["msgpack", "cbor"])
def test_bytes_and_nan_in_binary(name: str) -> None:
    """Binary serializers carry byte strings; a NaN they bring becomes null in JSON."""
    serializer = SERIALIZERS[name]
    assert serializer.decode(serializer.encode(Say([b"\x00\xff"]))) == Say([b"\x00\xff"])
    (value,) = serializer.decode(serializer.encode(Say([math.nan]))).words
    assert SERIALIZERS["json"].encode(Say([value])) == b"[1,[null],{}]"


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 2**70, -(2**100)])
def test_numbers_of_any_length(number: int) -> None:
    """They arrive, so that whoever wanted a number can refuse it; MessagePack has no word for them."""
    for name in ("json", "cbor"):
        serializer = SERIALIZERS[name]
        assert serializer.decode(serializer.encode(Say([number], {"a": [number]}))) == Say(
            [number], {"a": [number]}
        )
    with pytest.raises(OverflowError):
        SERIALIZERS["msgpack"].encode(Say([number]))


def test_a_number_that_is_too_long_for_json() -> None:
    """Half a million bits of CBOR are a number; JSON cannot say it, which is an error like any other."""
    said = SERIALIZERS["cbor"].decode(cbor2.dumps([1, [1 << 500_000]]))
    with pytest.raises(ValueError, match="limit"):
        SERIALIZERS["json"].encode(said)


def test_byte_strings_in_json() -> None:
    """As WAMP writes them: NUL and base64, wherever they are; there and back, and between serializers."""
    said = Say([b"\x00\xff", "text", [b""]], {"deep": {"a": b"x"}, "plain": "\u00e4"})
    written = SERIALIZERS["json"].encode(said)
    assert json.loads(written) == [
        1,
        ["\0AP8=", "text", ["\0"]],
        {"deep": {"a": "\0eA=="}, "plain": "\u00e4"},
    ]
    assert SERIALIZERS["json"].decode(written) == said
    for name in ("msgpack", "cbor"):
        heard = SERIALIZERS[name].decode(SERIALIZERS[name].encode(said))
        assert SERIALIZERS["json"].encode(heard) == written


@pytest.mark.parametrize("text", ["\0no base64!", "a\0AP8=", "\0AP8", "\\u0000"])
def test_what_is_no_byte_string_in_json(text: str) -> None:
    """NUL elsewhere, or before something else, is a text with NUL in it, for whoever validates texts."""
    said = Say([text], {text: text})
    assert SERIALIZERS["json"].decode(SERIALIZERS["json"].encode(said)) == said


@given(words=st.lists(plain | st.binary(max_size=9), max_size=4))
@settings(max_examples=100, deadline=None)
def test_byte_strings_among_others(words: list[Any]) -> None:
    """A message with byte strings anywhere is in JSON what it was, but for texts that look like one."""
    looks_alike = "\\x00" in repr(words)
    said = Say([{"deep": words}], {"words": words})
    heard = SERIALIZERS["json"].decode(SERIALIZERS["json"].encode(said))
    assert heard == said or looks_alike
