"""JSON, MessagePack and CBOR: the payload of one frame into a message and back.

In: bytes, and the union of message types the caller understands. Out: one of these, validated, or
`Undecodable`. They never raise anything else, execute a tag or make a cycle out of what they read.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, NoReturn, get_origin

import cbor2
import msgspec

from hotline.protocols.interfaces import Serializer, Undecodable


class JsonSerializer:
    """Text; NaN and infinity are refused, lone surrogates pass through to whoever validates the text.

    Byte strings are written as WAMP has it: NUL, and base64. They are looked for in lists and dicts only, so
    that no URI becomes one.
    """

    name = "json"
    is_binary = False
    rawsocket_id = 1

    def __init__(self, types: Any) -> None:
        self._types = types
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(types).decode
        self._encode = msgspec.json.Encoder().encode

    def encode(self, message: Any) -> bytes:
        for field in _fields_to_look_at(type(message)):  # type: ignore[arg-type]  # it is hashable
            if _holds_bytes(getattr(message, field)):
                return self._encode(
                    [_written(each) for each in msgspec.to_builtins(message, builtin_types=(bytes,))]
                )
        return self._encode(message)

    def decode(self, payload: bytes) -> Any:
        try:
            if _ESCAPED_NUL in payload:
                plain = [
                    _read(each) if type(each) in _NESTED else each for each in msgspec.json.decode(payload)
                ]
                return msgspec.convert(plain, self._types)
            return self._decode(payload)
        except msgspec.ValidationError as error:
            raise Undecodable(str(error)) from None
        except Exception:  # whatever the bytes, they are the peer's fault
            return self._decode_slowly(payload)

    def _decode_slowly(self, payload: bytes) -> Any:
        # A browser writes a lone surrogate as "\\ud800". That is JSON, but msgspec does not take it; it has
        # to arrive, so that the text can be refused as a text instead of ending the session.
        if b"\\ud" in payload.lower():
            with suppress(Exception):  # as above
                return msgspec.convert(json.loads(payload, parse_constant=_refuse), self._types)
        raise Undecodable("this is not JSON")


class MessagePackSerializer:
    """Binary; no extension types but MessagePack's own timestamp, and that of JavaScript for undefined."""

    name = "msgpack"
    is_binary = True
    rawsocket_id = 2

    def __init__(self, types: Any) -> None:
        self._types = types
        self._decode: Callable[[bytes], Any] = msgspec.msgpack.Decoder(types, ext_hook=_refuse).decode
        self._encode = msgspec.msgpack.Encoder().encode

    def encode(self, message: Any) -> bytes:
        return self._encode(message)

    def decode(self, payload: bytes) -> Any:
        try:
            try:
                return self._decode(payload)
            except Exception:
                if _MESSAGE_PACK_UNDEFINED not in payload:
                    raise
                plain = msgspec.msgpack.decode(payload, ext_hook=_undefined_or_refuse)
                return msgspec.convert(_without_undefined(plain), self._types)
        except msgspec.ValidationError as error:
            raise Undecodable(str(error)) from None
        except Exception:  # whatever the bytes, they are the peer's fault
            raise Undecodable("this is not MessagePack") from None


class CborSerializer:
    """Binary: what JSON has, whole numbers of any length too, and byte strings.

    No other tags, no simple values. Undefined becomes what JSON has.
    """

    name = "cbor"
    is_binary = True
    rawsocket_id = 3

    def __init__(self, types: Any) -> None:
        self._types = types

    def encode(self, message: Any) -> bytes:
        return cbor2.dumps(msgspec.to_builtins(message, builtin_types=(bytes, datetime)))

    def decode(self, payload: bytes) -> Any:
        try:
            plain = cbor2.loads(payload, semantic_decoders=_NO_TAGS, tag_hook=_refuse)
            if _CBOR_UNDEFINED in payload:
                plain = _without_undefined(plain)
            _check_plain(plain)
            return msgspec.convert(plain, self._types)
        except msgspec.ValidationError as error:
            raise Undecodable(str(error)) from None
        except Exception:  # whatever the bytes, they are the peer's fault
            raise Undecodable("this is not CBOR") from None


def make_serializers(types: Any) -> Mapping[str, Serializer]:
    """All serializers for a union of message types, by name, the preferred one first."""
    every: tuple[Serializer, ...] = (
        JsonSerializer(types),
        MessagePackSerializer(types),
        CborSerializer(types),
    )
    return MappingProxyType({each.name: each for each in every})


def _refuse(*_: Any) -> NoReturn:
    raise ValueError("not allowed here")


# Libraries in JavaScript send options nobody has set as undefined: in JSON these are not there, in
# MessagePack and CBOR they are. msgpackr says it by an extension, CBOR has a word for it.
_MESSAGE_PACK_UNDEFINED = b"\xd4\x00\x00"
_CBOR_UNDEFINED = b"\xf7"


def _undefined_or_refuse(code: int, data: memoryview) -> Any:
    return cbor2.undefined if code == 0 and bytes(data) == b"\x00" else _refuse()


def _without_undefined(value: Any) -> Any:
    """The same as if it had come as JSON: a dict without the key, a list with null."""
    if type(value) is dict:
        return {key: _without_undefined(each) for key, each in value.items() if each is not cbor2.undefined}
    if type(value) is list:
        return [_without_undefined(each) for each in value]
    return None if value is cbor2.undefined else value


@cache
def _fields_to_look_at(kind: type[Any]) -> tuple[str, ...]:
    """Those of a kind of message that can hold byte strings: lists and dicts."""
    return tuple(each.name for each in msgspec.structs.fields(kind) if get_origin(each.type) in _NESTED)


_ESCAPED_NUL = b"\\u0000"
_NESTED = frozenset({list, dict})


def _holds_bytes(value: Any) -> bool:
    """Whether there is a byte string somewhere in a list or dict."""
    kind = type(value)
    for each in value if kind is list else value.values() if kind is dict else ():
        if type(each) is bytes or (type(each) in _NESTED and _holds_bytes(each)):
            return True
    return False


def _written(value: Any) -> Any:
    """Byte strings as JSON has them in WAMP."""
    if type(value) is bytes:
        return "\0" + b64encode(value).decode()
    if type(value) is list:
        return [_written(each) for each in value]
    return {key: _written(each) for key, each in value.items()} if type(value) is dict else value


def _read(value: Any) -> Any:
    """The byte strings that `_written` wrote; what only looks like one stays a text."""
    if type(value) is str and value[:1] == "\0":
        with suppress(ValueError):
            return b64decode(value[1:], validate=True)
    if type(value) is list:
        return [_read(each) for each in value]
    return {key: _read(each) for key, each in value.items()} if type(value) is dict else value


# Built-in tags of cbor2 compile regular expressions, make shared references (and so cycles) and much else.
# 2 and 3 are whole numbers of any length, as JSON has them.
# What else is not in this list ends in `tag_hook` or is found by `_check_plain`.
_NO_TAGS = dict.fromkeys((0, 1, *range(4, 262), 1004, 43000, 55799), _refuse)

_SCALARS = frozenset({str, int, bool, float, bytes, type(None)})


def _check_plain(value: Any) -> None:
    kind = type(value)
    if kind in _SCALARS:
        return
    if kind is list:
        for each in value:
            _check_plain(each)
    elif kind is dict:
        for key, each in value.items():
            if type(key) is not str:
                _refuse()
            _check_plain(each)
    else:
        _refuse()
