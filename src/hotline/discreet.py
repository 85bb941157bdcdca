"""Requests that tell nothing and stumble over nothing, whichever site they are for.

In: a request of Twisted's. Out: its headers as text, whatever their bytes; answers without the server's name
and version, also those that Twisted itself gives. It never looks into a body.
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
