"""Seals: what people said, readable only with a key, and only in the place it was sealed for.

In come texts and what they are about, out come versioned ciphertexts, and the texts again. AES-256-GCM with a
random nonce; whatever was changed, or stands in another place, is refused. Knows no database and no file.
"""

from __future__ import annotations

import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
FIRST, NUMBERED = b"\x01", b"\x02"
"""Versions: both are bound to what a text is about. The second is of what stands in a row with numbers, and
bound to its number and to its version, too."""
_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD_BYTES = len(FIRST) + _ID_BYTES
_OVERHEAD = _HEAD_BYTES + _NONCE_BYTES + 16


class Broken(Exception):
    """It was not sealed with this key, for this place, or has changed since."""


class Cipher:
    """One key. What it seals is: version, the key's id, nonce, ciphertext with its tag."""

    __slots__ = ("_aead", "_digest", "id")

    def __init__(self, key: bytes) -> None:
        self._digest = hashlib.sha256(b"hotline key id " + key).digest()[:_ID_BYTES]
        self.id = self._digest.hex()
        self._aead = AESGCM(key)

    def seal(self, content: bytes, about: bytes, version: bytes = FIRST) -> bytes:
        """Opens again with this key, the same `about` and as this version only."""
        nonce = os.urandom(_NONCE_BYTES)
        return version + self._digest + nonce + self._aead.encrypt(nonce, content, _bound(about, version))

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """:raises Broken: not by this key, not about this, or changed."""
        version, digest = sealed[:1], sealed[1:_HEAD_BYTES]
        if len(sealed) < _OVERHEAD or version not in (FIRST, NUMBERED) or digest != self._digest:
            raise Broken
        nonce = sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
        try:
            return self._aead.decrypt(nonce, sealed[_HEAD_BYTES + _NONCE_BYTES :], _bound(about, version))
        except InvalidTag:
            raise Broken from None

    def seal_text(self, text: str, about: bytes, version: bytes = FIRST) -> str:
        """The same for texts, as base64."""
        return binascii.b2a_base64(self.seal(text.encode(), about, version), newline=False).decode("ascii")

    def open_text(self, sealed: str, about: bytes) -> str:
        """:raises Broken: as open; also for what is no sealed text at all."""
        try:
            return self.open(binascii.a2b_base64(sealed, strict_mode=True), about).decode()
        except ValueError:
            raise Broken from None

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """Another key, sealed."""
        return self.seal(key, about)

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        """:raises Broken: as open."""
        return self.open(wrapped, about)


def key_id(sealed: bytes) -> str:
    """Which key sealed it, as it says itself."""
    return sealed[len(FIRST) : _HEAD_BYTES].hex()


def version_of(sealed: str) -> bytes:
    """How a text was sealed, as it says itself; something, or nothing, of what is no sealed text."""
    try:
        return binascii.a2b_base64(sealed[:4])[:1]
    except ValueError:
        return b""


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def about(*parts: str) -> bytes:
    """What a text is about: its table, and what says which row it is. No part has a NUL in it."""
    return "\0".join(parts).encode()


def _bound(about: bytes, version: bytes) -> bytes:
    """What nothing of another version can have: what a text is about begins with a table's name."""
    return about if version == FIRST else version + about
