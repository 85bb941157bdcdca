"""Several messages in one payload: WAMP's batched subprotocols.

In: payloads of one message each. Out: a batch with one in it; and of a peer's batch, its payloads. It never
waits for more to put into a batch: a message waits for nobody.
"""

from __future__ import annotations

from typing import Protocol

from hotline.protocols.interfaces import Serializer, Undecodable

LENGTH_BYTES = 4

RECORD_SEPARATOR = b"\x1e"
AUTOBAHNS_SEPARATOR = b"\x18"
"""Autobahn for Python took the specification's `\\30` for octal; neither can occur in JSON."""


class Batch(Protocol):
    """How payloads are put together and taken apart."""

    def wrap(self, payload: bytes) -> bytes:
        """A batch of one."""

    def split(self, batch: bytes) -> list[bytes]:
        """The payloads of a batch, at least one; raises `Undecodable`."""


class Separated:
    """JSON: a separator behind each message; the last one may be missing."""

    def __init__(self, separator: bytes = RECORD_SEPARATOR) -> None:
        self.separator = separator

    def wrap(self, payload: bytes) -> bytes:
        return payload + self.separator

    def split(self, batch: bytes) -> list[bytes]:
        payloads = batch.removesuffix(self.separator).split(self.separator)
        if not all(payloads):
            raise Undecodable("a message of this batch is empty")
        return payloads


class Prefixed:
    """Binary serializers: the length before each message."""

    def wrap(self, payload: bytes) -> bytes:
        return len(payload).to_bytes(LENGTH_BYTES, "big") + payload

    def split(self, batch: bytes) -> list[bytes]:
        payloads, position, end = [], 0, len(batch)
        while position < end:
            start = position + LENGTH_BYTES
            position = start + int.from_bytes(batch[position:start], "big")
            payloads.append(batch[start:position])
            if start > end or position > end:
                break
        if position != end or not payloads:
            raise Undecodable("the lengths in this batch are wrong")
        return payloads


def batch_of(serializer: Serializer) -> Batch:
    """The way of batching that goes with a serializer."""
    return Prefixed() if serializer.is_binary else Separated()
