"""Was this sent by a form of ours?

In come the request's headers and the token of its form, out comes yes or a refusal. Two independent
walls: where the browser says the request started, and a token only our own page could show.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from hotline.errors import NotAllowed

FIELD = "csrf"

_PURPOSE = b"hotline form"
_OWN = ("same-origin", "none")


class ForeignForm(NotAllowed):
    """The request was started by another site."""

    sentence: ClassVar[str] = "This was sent from another site, so it was not carried out."


class StaleForm(NotAllowed):
    """The form's token is missing or belongs to another login."""

    sentence: ClassVar[str] = (
        "This form was open for too long, or you logged in or out meanwhile. Nothing was changed. "
        "Please send it again."
    )


def token_for(secret: str) -> str:
    """The token of all forms that are tied to this secret, which cannot be found from it."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def check_token(given: str, secret: str | None) -> None:
    """:raises StaleForm: this is not the token of what the form has to be tied to."""
    expected = token_for(secret) if secret else ""
    if not expected or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
        raise StaleForm()


def check_origin(request: Any, public_url: str) -> None:
    """:raises ForeignForm: the browser says that another site started this.

    Our own pages send no referrer, and browsers then write `Origin: null` for their forms too: null says
    nothing, Sec-Fetch-Site or else the token decides.
    """
    started = request.getHeader("sec-fetch-site")
    if started is not None and started not in _OWN:
        raise ForeignForm()
    origin = request.getHeader("origin")
    if origin not in (None, "null") and not _is_own(origin, request, public_url):
        raise ForeignForm()


def check_same_origin(request: Any, public_url: str) -> None:
    """As check_origin for what a script of ours fetches: silence is refused too.

    :raises ForeignForm: neither header says that a page of ours asks.
    """
    check_origin(request, public_url)
    started, origin = request.getHeader("sec-fetch-site"), request.getHeader("origin")
    if started not in (None, "same-origin") or origin == "null" or started is origin is None:
        raise ForeignForm()


def _is_own(origin: str, request: Any, public_url: str) -> bool:
    if origin == _origin_of(public_url):
        return True
    host = request.getHeader("host") or ""
    scheme, separator, authority = origin.partition("://")
    if (
        not separator
        or scheme not in ("http", "https")
        or not re.fullmatch(r"[A-Za-z0-9.:\[\]_-]+", authority)
    ):
        return False
    return _without_default_port(authority, scheme) == _without_default_port(host, scheme)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{_without_default_port(parts.netloc, parts.scheme)}"


def _without_default_port(authority: str, scheme: str) -> str:
    return authority.lower().removesuffix(":443" if scheme == "https" else ":80")
