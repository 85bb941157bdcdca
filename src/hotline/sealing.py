"""Small secrets that hotline itself has to read again, sealed before they are stored.

In come a secret and where it belongs, out comes AES-256-GCM with a version and a nonce, bound to that place.
Never stores anything; the key comes from outside the database.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12


class Broken(Exception):
    """It was sealed with another key or for another place, or is damaged."""


class Sealing:
    """Seals with one key. :param key: 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, secret: bytes, *place: str) -> bytes:
        """What may be stored at this place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, secret, _bound(place))

    def open(self, sealed: bytes, *place: str) -> bytes:
        """The secret again. :raises Broken: not sealed here for this place."""
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) < _NONCE_BYTES:
            raise Broken()
        try:
            return self._aead.decrypt(nonce, rest, _bound(place))
        except InvalidTag as error:
            raise Broken() from error


def _bound(place: tuple[str, ...]) -> bytes:
    # Ids and names of ours have no NUL.
    return _VERSION + "\x00".join(place).encode()
