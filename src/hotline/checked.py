"""Each value that an operator gave, checked.

In come values with the place they came from, out come the same as hotline uses them, or a StartError that
names the place. They look whether a directory is one, and at nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

from hotline.addresses import is_local, origin_of, split_endpoint, url_of_endpoint
from hotline.errors import StartError


@dataclass(frozen=True, slots=True)
class Given:
    """A value and the place it came from, for messages."""

    source: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSetting:
    """One `--transport`: which one, and where it listens."""

    name: str
    endpoint: str


def check_data(given: Given) -> Path:
    if not given.value:
        raise StartError(f"{given.source} has to be a directory, not empty")
    path = Path(given.value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise StartError(f"{given.source}: {path} is not a directory")
    return path


def check_database(given: Given) -> str:
    url = str(given.value)
    if url == "embedded:" or urlsplit(url).scheme in ("postgresql", "postgres"):
        return url
    # The value is left out: it may hold a password.
    raise StartError(f"{given.source} has to be embedded: or postgresql://...")


def check_log_format(given: Given) -> Literal["text", "json"]:
    if given.value == "text" or given.value == "json":
        return "json" if given.value == "json" else "text"
    raise StartError(f"{given.source} has to be text or json, not {given.value}")


def check_registration(given: Given, *, default: bool) -> bool:
    """Whether it is by mail."""
    if not given.value:
        return default
    if given.value not in ("at-once", "by-mail"):
        raise StartError(f"{given.source} has to be at-once or by-mail, not {given.value}")
    return bool(given.value == "by-mail")


def check_open_realm(given: Given, endpoints: Iterable[str]) -> str | None:
    if not given.value:
        return None
    name = str(given.value)
    if not name.isascii() or not name.isprintable() or " " in name:
        raise StartError(f"{given.source} has to be a name of plain letters and digits, not {name}")
    for endpoint in endpoints:
        if not is_local(endpoint):
            raise StartError(
                f"{given.source} is for development: everything has to listen on loopback, not on {endpoint}"
            )
    return name


def check_transport(source: str, text: str) -> TransportSetting:
    name, colon, endpoint = text.partition(":")
    if not name or not colon or not endpoint:
        raise StartError(
            f"{source}: {text} has to be NAME:ENDPOINT, as rawsocket:tcp:8081:interface=127.0.0.1"
        )
    return TransportSetting(name=name, endpoint=check_endpoint(source, endpoint))


def check_endpoint(source: str, text: str) -> str:
    kind, arguments, options = split_endpoint(text)
    if not kind or not (arguments or options):
        raise StartError(f"{source}: {text} is not an endpoint, as tcp:8080:interface=127.0.0.1")
    if kind in ("tcp", "ssl"):
        port = options.get("port", arguments[0] if arguments else "")
        if not port.isdecimal() or int(port) > 65535:
            raise StartError(f"{source}: {text} has no port from 0 to 65535")
    return text


# Before the host: each organisation has an address of its own.
WILDCARD = "://*."


def check_public_url(given: Given, first_http: str) -> str:
    if not given.value:
        url = url_of_endpoint(first_http)
        if url is None:
            raise StartError(f"the address of the pages cannot be told from {first_http}: give --public-url")
        return url
    try:
        parts: SplitResult = urlsplit(given.value.replace(WILDCARD, "://", 1))
        port = parts.port
    except ValueError as error:
        raise StartError(f"{given.source}: {given.value} is not a URL: {error}") from error
    extra = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc
    extra = extra or "*" in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or extra:
        raise StartError(
            f"{given.source}: {given.value} has to be http:// or https:// and a host, nothing more"
        )
    return origin_of(parts.scheme, parts.hostname, port)


def check_mail(given: Given, data: Path) -> str:
    scheme, _, rest = str(given.value).partition(":")
    if scheme == "maildir":
        return f"maildir:{Path(rest).expanduser().absolute() if rest else data / 'mail'}"
    if scheme in ("smtp", "smtps") and urlsplit(given.value).hostname:
        return str(given.value)
    raise StartError(f"{given.source} has to be maildir:, smtp://host or smtps://host")
