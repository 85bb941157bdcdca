"""From where browsers may connect.

In come the settings, out comes the decision on an Origin. It looks at nothing of what is then said.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from hotline.addresses import OwnAddresses, origin_of
from hotline.config import Settings
from hotline.logs import SampledLogger

_sampled = SampledLogger()


def own_addresses(settings: Settings) -> OwnAddresses | None:
    """Of the organisations, when the public URL has a wildcard."""
    return OwnAddresses(public_url=settings.public_url) if settings.own_addresses else None


def origin_policy(settings: Settings) -> Callable[[str | None, str], bool]:
    """Browsers may connect from the pages' own origin, or from an organisation's own to that same host; a
    loopback address by each of its names."""
    parts, own = urlsplit(settings.public_url), own_addresses(settings)
    loopback = ("localhost", "127.0.0.1", "::1")
    hosts = loopback if parts.hostname in loopback else (parts.hostname or "",)
    origins = frozenset(origin_of(parts.scheme, host, parts.port) for host in hosts)

    def allowed(origin: str | None, host: str) -> bool:
        if origin is None or origin in origins:
            return True
        if own is not None and own.is_own(origin, host):
            return True
        _sampled.warn(
            "a WebSocket from {origin} was refused; does public-url name the address in use?", origin=origin
        )
        return False

    return allowed
