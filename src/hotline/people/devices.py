"""Devices from which somebody has logged in before: in comes an address, out comes a mark for a cookie.

A mark says that this person came in from here once, and lets nobody in; nothing of it is stored. Whoever
tries passwords elsewhere cannot make its holder wait.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

_NONCE_CHARACTERS = 22


class Devices:
    """Makes marks and knows its own again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, email: str) -> str:
        """A new one."""
        nonce = secrets.token_urlsafe(16)
        return nonce + self._tag(nonce, email)

    def known(self, mark: str | None, email: str) -> str | None:
        """What tells this device from others; None: nobody with this address logged in from it."""
        if mark is None:
            return None
        nonce, tag = mark[:_NONCE_CHARACTERS], mark[_NONCE_CHARACTERS:]
        return nonce if hmac.compare_digest(tag.encode(), self._tag(nonce, email).encode()) else None

    def _tag(self, nonce: str, email: str) -> str:
        return hmac.new(self._key, f"{nonce} {email}".encode(), hashlib.sha256).hexdigest()
