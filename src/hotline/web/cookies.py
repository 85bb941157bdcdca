"""The cookies: the login, before that a random value a form's token is made from, a mark of the device, and
one of its web push.

Names and attributes come from whether the public address is https; values go out as Set-Cookie lines.
None is ever readable by a script or set in the anteroom.
"""

from __future__ import annotations

import re
from typing import Any

_LONG_SECONDS = 180 * 24 * 3600
_SECRET = re.compile(rb"[A-Za-z0-9_-]{20,128}")


class Cookies:
    """How this house names and sets its cookies.

    Under https the `__Host-` prefix makes browsers refuse the cookie from any other host, even
    a subdomain.
    """

    def __init__(self, *, secure: bool) -> None:
        prefix = "__Host-" if secure else ""
        self._login = f"{prefix}hotline"
        self._visit = f"{prefix}hotline-visit"
        self._device = f"{prefix}hotline-device"
        self._called = f"{prefix}hotline-called"
        self._attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    def login_of(self, request: Any) -> str | None:
        """The login's secret, if the request brings one that can be one."""
        return _value(request, self._login)

    def visit_of(self, request: Any) -> str | None:
        """The random value of a visitor without a login."""
        return _value(request, self._visit)

    def device_of(self, request: Any) -> str | None:
        """The mark of a device from which somebody has logged in before."""
        return _value(request, self._device)

    def device(self, mark: str) -> str:
        """Keeps the mark; it says that somebody came in from here once, and lets nobody in."""
        return f"{self._device}={mark}; Max-Age={_LONG_SECONDS}; {self._attributes}"

    def called_of(self, request: Any) -> str | None:
        """Which of the browsers called by web push this one is, as its mark."""
        return _value(request, self._called)

    def called(self, mark: str) -> str:
        """Keeps which one it is."""
        return f"{self._called}={mark}; Max-Age={_LONG_SECONDS}; {self._attributes}"

    def not_called(self) -> str:
        """It is none of them any more."""
        return f"{self._called}=; Max-Age=0; {self._attributes}"

    def login(self, secret: str) -> str:
        """Keeps a login until the browser is closed; the server ends it earlier."""
        return f"{self._login}={secret}; {self._attributes}"

    def no_login(self) -> str:
        """Forgets the login."""
        return f"{self._login}=; Max-Age=0; {self._attributes}"

    def visit(self, secret: str) -> str:
        """Keeps the value the forms of a visitor without a login are tied to."""
        return f"{self._visit}={secret}; {self._attributes}"


def _value(request: Any, name: str) -> str | None:
    value: bytes | None = request.getCookie(name.encode())
    return value.decode() if value is not None and _SECRET.fullmatch(value) else None
