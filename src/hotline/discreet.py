"""Requests that tell nothing and stumble over nothing, whichever site they are for.

In: a request of Twisted's. Out: its headers as text, whatever their bytes; answers without the server's name
and version, also those that Twisted itself gives; no more of a body than it may have. It looks into none.
"""

from __future__ import annotations

from typing import Any

from twisted.web.server import Request

_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class DiscreetRequest(Request):
    """Base of all requests that are answered here."""

    def getHeader(self, key: Any) -> Any:
        # Twisted decodes strictly: a byte that is no UTF-8, in a header anybody may send, would fail a page.
        if isinstance(key, bytes):
            return super().getHeader(key)
        value: Any = super().getHeader(key.encode("ascii"))
        return None if value is None else value.decode("utf-8", "replace")

    def write(self, data: bytes) -> None:
        if not self.startedWriting:
            self.responseHeaders.removeHeader(b"server")
            for name, value in _ALWAYS:
                if not self.responseHeaders.hasHeader(name):
                    self.responseHeaders.addRawHeader(name, value)
        super().write(data)  # type: ignore[no-untyped-call]  # Twisted


class BoundedRequest(DiscreetRequest):
    """A request that keeps no more of its body than it may have, whatever length it says and sends."""

    most_bytes = 0
    """That are kept; 0: all."""
    too_large = False
    _received = 0

    def gotLength(self, length: int | None) -> None:
        self._count(length or 0)
        super().gotLength(0 if self.too_large else length)  # type: ignore[no-untyped-call]  # Twisted

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        self._count(self._received)
        if not self.too_large:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]  # Twisted

    def _count(self, length: int) -> None:
        if 0 < self.most_bytes < length:
            self.too_large = True
