"""What a page answers, as a value.

Pages return an Answer; the one place that writes it to the wire is here. Redirects name paths of our own
and never a host, so that a forged Host header leads nowhere.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any

from hotline.web.headers import NO_STORE, Headers, everywhere

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers, cookies and body of one answer; a later header replaces an earlier one."""

    status: int = 200
    content_type: str = HTML
    body: bytes = b""
    headers: Headers = ()
    cookies: tuple[str, ...] = field(default=(), repr=False)
    parts: AsyncGenerator[bytes, None] | None = field(default=None, repr=False)
    """The body, if it is made while it is read."""

    def with_headers(self, *more: tuple[str, str]) -> Answer:
        """The same answer with more headers."""
        return replace(self, headers=self.headers + more)

    def with_cookies(self, *more: str) -> Answer:
        """The same answer with more cookies set."""
        return replace(self, cookies=self.cookies + more)


def text(body: str, status: int = 200, headers: Headers = NO_STORE) -> Answer:
    """Plain text for machines."""
    return Answer(status=status, content_type=TEXT, body=body.encode(), headers=headers)


def structured(value: Any, status: int = 200) -> Answer:
    """JSON, never kept."""
    return Answer(status=status, content_type=JSON, body=json.dumps(value).encode(), headers=NO_STORE)


def redirect(path: str, origin: str = "") -> Answer:
    """303 to a path of our own, here or at another address of ours."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("only paths of our own")
    return Answer(status=303, content_type=TEXT, headers=(("Location", origin + path), *NO_STORE))


def write(request: Any, answer: Answer, *, secure: bool) -> bytes:
    """Put status, headers and cookies into the request; what remains is the body to write."""
    request.setResponseCode(answer.status)
    request.responseHeaders.removeHeader(b"server")
    if answer.status != 304:
        request.setHeader(b"content-type", answer.content_type.encode())
        if answer.parts is None:
            request.setHeader(b"content-length", b"%d" % len(answer.body))
    for name, value in everywhere(secure=secure) + answer.headers:
        request.setHeader(name.encode(), value.encode())
    for cookie in answer.cookies:
        request.responseHeaders.addRawHeader(b"set-cookie", cookie.encode())
    return answer.body
