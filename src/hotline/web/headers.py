"""The headers every answer carries.

In comes what kind of page it is, out go header names and values. Never takes anything from the request:
nobody can inject into a header what is not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]

NO_STORE: Headers = (("Cache-Control", "no-store"),)
NO_CACHE: Headers = (("Cache-Control", "no-cache"),)
FOR_EVER: Headers = (("Cache-Control", "public, max-age=31536000, immutable"),)
FIVE_MINUTES: Headers = (("Cache-Control", "public, max-age=300"),)
CROSS_ORIGIN: Headers = (("Cross-Origin-Resource-Policy", "cross-origin"),)
ONLY_US: Headers = (("Content-Security-Policy", "default-src 'none'; connect-src 'self'"),)
"""For a service worker, which may ask this server and nobody else."""
CLEAR_SITE_DATA: Headers = (("Clear-Site-Data", '"cache", "storage"'),)

_EVERYWHERE: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "microphone=(), midi=(), payment=(), usb=(), browsing-topics=()",
    ),
)
_STRICT_TRANSPORT: Headers = (("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),)


def policy(public_url: str, ancestors: Sequence[str] = ("'none'",), workers: str = "'none'") -> str:
    """The Content-Security-Policy: nothing from anywhere else, no inline script or style.

    The WebSocket's own address is named beside 'self' for browsers that do not count it as that.
    """
    parts = urlsplit(public_url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self' {scheme}://{parts.netloc}",
            "img-src 'self' data:",
            "font-src 'self'",
            f"worker-src {workers}",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(ancestors)}",
            "require-trusted-types-for 'script'",
        )
    )


def embedders(allowed_sites: Sequence[str]) -> tuple[str, ...]:
    """Who may put the anteroom into a frame: the sites the organisation names, or any if it names none."""
    return ("'self'", *allowed_sites) if allowed_sites else ("*",)


def everywhere(*, secure: bool) -> Headers:
    """What every answer carries, before the headers of its own."""
    return _EVERYWHERE + (_STRICT_TRANSPORT if secure else ())
