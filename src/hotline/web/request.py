"""The HTTP side of a request: how large a body may be, what is read out of it, what is never logged.

Bytes of a body or a query come in, strictly decoded fields go out; anything doubtful is refused before
a page sees it. Never writes an access log: paths hold one-time links.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from twisted.web import http
from twisted.web.resource import IResource
from twisted.web.server import Site

from hotline.discreet import DiscreetRequest
from hotline.errors import HotlineError
from hotline.limits import Limit, Per, fixed

BODY_LIMIT = fixed(64 * 1024, __name__, Limit(Per.REQUEST, "bytes of a form", "413"))
"""The largest body that is read."""
PATIENCE = fixed(
    1024 * 1024,
    __name__,
    Limit(Per.REQUEST, "bytes of a larger body that are read to say so", "the connection ends"),
)
"""A larger body up to this size is read and thrown away, so that its sender sees the page that refuses it."""
FIELD_LIMIT = fixed(2500, __name__, Limit(Per.REQUEST, "fields of a form", "400"))
IDLE_SECONDS = fixed(
    60, __name__, Limit(Per.CONNECTION, "seconds between two requests of a page", "the connection ends")
)

_FORM = "application/x-www-form-urlencoded"
_CUT_OFF = (
    b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
    b"Content-Length: 24\r\n\r\nThis is too much to send"
)


class Malformed(HotlineError):
    """The request itself is not in order, whatever the page."""

    status: ClassVar[int] = 400
    sentence: ClassVar[str] = "Your browser sent something that cannot be read."


class TooLarge(HotlineError):
    """The body is larger than any form of ours."""

    status: ClassVar[int] = 413
    sentence: ClassVar[str] = "That is too much to send at once. Please shorten what you wrote."


class WrongType(HotlineError):
    """The body is not a form."""

    status: ClassVar[int] = 415
    sentence: ClassVar[str] = "This page only takes what its own form sends."


class BoundedRequest(DiscreetRequest):
    """A request that keeps no more of its body than a form may have."""

    too_large = False
    _received = 0
    _cut_off = False

    def gotLength(self, length: int | None) -> None:
        self.too_large = length is not None and length > BODY_LIMIT
        if length is not None and length > PATIENCE:
            self._refuse()
        super().gotLength(0 if self.too_large else length)  # type: ignore[no-untyped-call]  # Twisted

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > BODY_LIMIT:
            self.too_large = True
        if self._received > PATIENCE:
            self._refuse()
        if not self.too_large:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]  # Twisted

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if not self._cut_off:
            super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]  # Twisted

    def _refuse(self) -> None:
        if not self._cut_off:
            self._cut_off = True
            channel: Any = self.channel
            channel.transport.write(_CUT_OFF)
            channel.loseConnection()


class QuietSite(Site):
    """A site that writes no access log: neither addresses of people nor links with secrets are kept."""

    def log(self, request: http.Request) -> None:
        """Says nothing."""

    def acceptableProtocols(self) -> list[bytes]:
        """Nothing but HTTP/1.1, which WebSockets need."""
        return [b"http/1.1"]


def site(resource: IResource, reactor: Any, channel: Callable[[], Any] | None = None) -> QuietSite:
    """What listens: the pages behind bounded requests, on channels of this kind."""
    pages: Any = QuietSite(  # type: ignore[no-untyped-call]  # Twisted
        resource,
        requestFactory=BoundedRequest,
        parsePOSTFormSubmission=False,
        timeout=IDLE_SECONDS,
        reactor=reactor,
    )
    if channel is not None:
        pages.protocol = channel
    listening: QuietSite = pages
    return listening


def form_fields(request: Any) -> dict[str, str]:
    """The fields of a posted form, each once.

    :raises TooLarge: the body is over the limit.
    :raises WrongType: it is not a form.
    :raises Malformed: it is not well-formed UTF-8, or a field comes twice.
    """
    if getattr(request, "too_large", False):
        raise TooLarge()
    body = request.content.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise TooLarge()
    kind = (request.getHeader("content-type") or "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise WrongType()
    return _fields(body)


def query_fields(request: Any) -> dict[str, str]:
    """The fields of the address, each once. :raises Malformed: see form_fields."""
    return _fields(request.uri.partition(b"?")[2])


def _fields(raw: bytes) -> dict[str, str]:
    if not raw:
        return {}
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=FIELD_LIMIT,
        )
    except ValueError:
        raise Malformed() from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Malformed()
    return fields
