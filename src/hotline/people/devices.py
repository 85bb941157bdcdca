"""Devices from which somebody has logged in before: in comes an address, out comes a mark for a cookie.

A mark says that this person came in from here once, with this password, and lets nobody in; nothing of it is
stored. Whoever tries passwords elsewhere cannot make its holder wait.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

_NONCE_CHARACTERS = 22
_TAG_CHARACTERS = 32


class Devices:
    """Makes marks and knows its own again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, email: str, stored: str) -> str:
        """A new one. :param stored: the hash of the password that was right."""
        nonce = secrets.token_urlsafe(16)
        return nonce + self._tag(nonce, email) + self._tag(nonce, email, stored)

    def known(self, mark: str | None, email: str, stored: str | None = None) -> str | None:
        """What tells this device from others; None: nobody with this address logged in from it.

        :param stored: and with the password of this hash, since others may have accounts of the address.
        """
        if mark is None:
            return None
        nonce, tags = mark[:_NONCE_CHARACTERS], mark[_NONCE_CHARACTERS:]
        wanted, shown = self._tag(nonce, email), tags[:-_TAG_CHARACTERS]
        if stored is not None:
            wanted, shown = wanted + self._tag(nonce, email, stored), tags
        return nonce if hmac.compare_digest(shown.encode(), wanted.encode()) else None

    def _tag(self, *about: str) -> str:
        # None of it has a space.
        plain = " ".join(about).encode()
        return hmac.new(self._key, plain, hashlib.sha256).hexdigest()[:_TAG_CHARACTERS]
