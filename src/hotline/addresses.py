"""Where hotline listens and what that is called in a browser.

In come Twisted endpoint strings and parts of URLs, out come their parts and origins. Opens nothing.
"""

from __future__ import annotations


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
