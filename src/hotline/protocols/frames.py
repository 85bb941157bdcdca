"""The frames a WebSocket server sends: whole, final, unmasked.

In: messages. Out: frames with the payload of one serializer, batched or not. It never splits a message.
"""

from __future__ import annotations

from typing import Any

from hotline.protocols.batches import Batch
from hotline.protocols.interfaces import Serializer

TEXT_FRAME = 0x81
BINARY_FRAME = 0x82
"""First octet of a whole, final, uncompressed frame."""


class WebSocketEncoding:
    """Makes the unmasked frames of one serializer."""

    def __init__(self, serializer: Serializer, batch: Batch | None = None) -> None:
        self.serializer = serializer
        self.batch = batch
        self.first_octet = BINARY_FRAME if serializer.is_binary else TEXT_FRAME

    def encode(self, message: Any) -> bytes:
        payload = self.serializer.encode(message)
        if self.batch is not None:
            payload = self.batch.wrap(payload)
        length = len(payload)
        if length < 126:
            return bytes((self.first_octet, length)) + payload
        if length < 65536:
            return bytes((self.first_octet, 126, length >> 8, length & 255)) + payload
        return bytes((self.first_octet, 127)) + length.to_bytes(8, "big") + payload
