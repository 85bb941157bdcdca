"""Where a request comes from, as far as anybody needs to know: a network, never a single address.

A request comes in, the prefix of its address goes out. A proxy on this machine or in a private network is
believed about whom it speaks for; anybody else is not.
"""

from __future__ import annotations

import ipaddress
from typing import Any

_V4_BITS, _V6_BITS = 24, 56


def network_of(request: Any) -> str | None:
    """The /24 or /56; None: it comes from here, or through a proxy that does not say for whom."""
    address = _parsed(getattr(request.getClientAddress(), "host", None))
    if address is None or address.is_private:
        said = (request.getHeader("x-forwarded-for") or "").rpartition(",")[2].strip()
        address = _parsed(said) or address
    if address is None or address.is_loopback:
        return None
    bits = _V4_BITS if address.version == 4 else _V6_BITS
    return str(ipaddress.ip_network((address, bits), strict=False))


def _parsed(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
