"""The inputs that are kept: one file for each target, one input a line, as Python writes bytes.

In: the name of a target. Out: its function, its inputs. It never makes any up.
"""

from __future__ import annotations

import ast
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

from tests.fuzz import reading, talk

TARGETS: dict[str, Callable[[bytes], None]] = {
    "json": talk.session("json"),
    "msgpack": talk.session("msgpack"),
    "cbor": talk.session("cbor"),
    "rawsocket": talk.rawsocket,
    "websocket": talk.websocket,
    "upgrade": talk.upgrade,
    "longpoll": talk.longpoll,
    "http": reading.http,
    "arguments": reading.arguments,
    "passkey": reading.passkey,
    "sealed": reading.sealed_text,
    "backup": reading.backup,
}
DIRECTORY = Path(__file__).parent.parent / "corpus"
LONGEST_LINE = 1200
PACKED = "zlib "


def inputs_of(target: str) -> list[bytes]:
    """All that is kept for it; lines that begin with # are about the next one."""
    lines = (DIRECTORY / f"{target}.txt").read_text("ascii").splitlines()
    return [_read(line) for line in lines if line and not line.startswith("#")]


def line_of(data: bytes) -> str:
    """How an input is written down: as Python does, or packed, if nobody would read it anyway."""
    plain = repr(data)
    return plain if len(plain) < LONGEST_LINE else PACKED + b64encode(zlib.compress(data, 9)).decode()


def _read(line: str) -> bytes:
    if line.startswith(PACKED):
        return zlib.decompress(b64decode(line.removeprefix(PACKED)))
    data: bytes = ast.literal_eval(line)
    return data
