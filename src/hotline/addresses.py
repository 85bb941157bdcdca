"""Where hotline listens and what that is called in a browser.

In come Twisted endpoint strings and parts of URLs, out come their parts and origins. Opens nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def split_endpoint(text: str) -> tuple[str, list[str], dict[str, str]]:
    """Kind, arguments and named arguments of a Twisted endpoint string."""
    parts, current, characters = [], "", iter(text)
    for character in characters:
        if character == "\\":
            current += next(characters, "")
        elif character == ":":
            parts.append(current)
            current = ""
        else:
            current += character
    kind, *rest = [*parts, current]
    named = dict(part.split("=", 1) for part in rest if "=" in part)
    return kind, [part for part in rest if "=" not in part], named


def is_local(text: str) -> bool:
    """Whether only this machine reaches an endpoint; what it is not sure of, it is not."""
    kind, _, options = split_endpoint(text)
    if kind == "unix":
        return True
    host = options.get("interface", "")
    return kind in ("tcp", "ssl") and (host in ("localhost", "::1") or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(part.isdecimal() for part in parts)


def url_of_endpoint(text: str) -> str | None:
    """The address to open for an endpoint; None: it has none, as a Unix socket."""
    kind, arguments, options = split_endpoint(text)
    if kind not in ("tcp", "ssl"):
        return None
    host = options.get("interface", "")
    if host in ("", "0.0.0.0", "::"):  # every interface: the one that surely works from this machine
        host = "127.0.0.1"
    port = int(options.get("port", arguments[0] if arguments else ""))
    return origin_of("https" if kind == "ssl" else "http", host, port)


def origin_of(scheme: str, host: str, port: int | None) -> str:
    """As a browser writes it in the Origin header."""
    name = f"[{host}]" if ":" in host else host.lower()
    standard = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{name}" if port is None or port == standard else f"{scheme}://{name}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddresses:
    """Each organisation's own address beside the pages' address: `https://<slug>.example.org`."""

    public_url: str
    """Of the pages: the address without the organisation's part."""

    def origin_of(self, slug: str) -> str | None:
        """An organisation's own address; None: its slug cannot be part of a host's name."""
        if not _SLUG.fullmatch(slug):
            return None
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{slug}.{parts.netloc}"

    def slug_of(self, host: str) -> str | None:
        """The organisation at the host that a request names; None: it is not such an address."""
        parts = urlsplit(self.public_url)
        standard = {"http": ":80", "https": ":443"}[parts.scheme]
        slug, dot, rest = host.lower().removesuffix(standard).partition(".")
        return slug if dot and rest == parts.netloc and _SLUG.fullmatch(slug) else None

    def is_own(self, origin: str, host: str) -> bool:
        """Whether a browser that says it shows this origin is at the organisation whose host it asks."""
        slug = self.slug_of(host)
        return slug is not None and origin == self.origin_of(slug)
