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

from hotline.discreet import BoundedRequest
from hotline.domain.limits import DEFAULTS, DomainLimits
from hotline.errors import HotlineError

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


class FormRequest(BoundedRequest):
    """A request that may have a form, or a message of long polls.

    What is larger is read for a while and thrown away, so that its sender sees the page that refuses it.
    """

    limits = DEFAULTS
    most_bytes = DEFAULTS.form_bytes
    _cut_off = False

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if not self._cut_off:
            super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]  # Twisted

    def _count(self, length: int) -> None:
        super()._count(length)
        if self.too_large and 0 < self.limits.refused_bytes < length:
            self._refuse()

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


def site(
    resource: IResource,
    reactor: Any,
    channel: Callable[[], Any] | None = None,
    limits: DomainLimits = DEFAULTS,
    message_bytes: int = DEFAULTS.form_bytes,
) -> QuietSite:
    """What listens: the pages behind bounded requests, on channels of this kind.

    :param message_bytes: that what is no form may have (0: what is read of any body).
    """
    # A body is kept before it is known what it is for: messages without a limit must not lift that of forms.
    most = max(limits.form_bytes, message_bytes or limits.refused_bytes) if limits.form_bytes else 0
    pages: Any = QuietSite(  # type: ignore[no-untyped-call]  # Twisted
        resource,
        requestFactory=type("Bounded", (FormRequest,), {"limits": limits, "most_bytes": most}),
        parsePOSTFormSubmission=False,
        timeout=limits.idle_seconds or None,
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
    limits: DomainLimits = getattr(request, "limits", DEFAULTS)
    body = request.content.read(limits.form_bytes + 1 if limits.form_bytes else -1)
    if 0 < limits.form_bytes < len(body):
        raise TooLarge()
    kind = (request.getHeader("content-type") or "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise WrongType()
    return _fields(body, limits)


def query_fields(request: Any) -> dict[str, str]:
    """The fields of the address, each once. :raises Malformed: see form_fields."""
    return _fields(request.uri.partition(b"?")[2], getattr(request, "limits", DEFAULTS))


def _fields(raw: bytes, limits: DomainLimits) -> dict[str, str]:
    if not raw:
        return {}
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=limits.form_fields or None,
        )
    except ValueError:
        raise Malformed() from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Malformed()
    return fields
