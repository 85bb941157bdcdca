"""Where somebody comes from, as far as anybody needs to know: a network, never a single address.

In come the address of a connection and what a proxy said, out comes a network's prefix, or a mark of it that
says nothing to anybody else and ends with the process. A proxy on this machine or in a private network is
believed about whom it speaks for; anybody else is not.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets

_V4_BITS, _V6_BITS = 24, 56


def prefix_of(host: str | None, said: str | None) -> str | None:
    """The /24 or /56; None: it comes from here, or through a proxy that does not say for whom.

    :param said: the header X-Forwarded-For; only its last address counts.
    """
    address = _parsed(host)
    if address is None or address.is_private:
        address = _parsed((said or "").rpartition(",")[2].strip()) or address
    if address is None or address.is_loopback:
        return None
    bits = _V4_BITS if address.version == 4 else _V6_BITS
    return str(ipaddress.ip_network((address, bits), strict=False))


class Networks:
    """Makes marks: the same for the same network, as long as this process lives."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def mark_of(self, host: str | None, said: str | None) -> bytes | None:
        """The mark of the network; None: nowhere in particular."""
        prefix = prefix_of(host, said)
        if prefix is None:
            return None
        return hashlib.blake2b(prefix.encode(), key=self._key, digest_size=16).digest()


def _parsed(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
