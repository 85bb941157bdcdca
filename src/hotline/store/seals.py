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
_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD_BYTES = len(_VERSION) + _ID_BYTES
_OVERHEAD = _HEAD_BYTES + _NONCE_BYTES + 16


class Broken(Exception):
    """It was not sealed with this key, for this place, or has changed since."""


class Cipher:
    """One key. What it seals is: version, the key's id, nonce, ciphertext with its tag."""

    __slots__ = ("_aead", "_head", "id")

    def __init__(self, key: bytes) -> None:
        digest = hashlib.sha256(b"hotline key id " + key).digest()[:_ID_BYTES]
        self.id = digest.hex()
        self._head = _VERSION + digest
        self._aead = AESGCM(key)

    def seal(self, content: bytes, about: bytes) -> bytes:
        """Opens again with this key and the same `about` only."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._head + nonce + self._aead.encrypt(nonce, content, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """:raises Broken: not by this key, not about this, or changed."""
        if len(sealed) < _OVERHEAD or not sealed.startswith(self._head):
            raise Broken
        nonce = sealed[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
        try:
            return self._aead.decrypt(nonce, sealed[_HEAD_BYTES + _NONCE_BYTES :], about)
        except InvalidTag:
            raise Broken from None

    def seal_text(self, text: str, about: bytes) -> str:
        """The same for texts, as base64."""
        return binascii.b2a_base64(self.seal(text.encode(), about), newline=False).decode("ascii")

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
    return sealed[len(_VERSION) : _HEAD_BYTES].hex()


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def about(*parts: str) -> bytes:
    """What a text is about: its table, and what says which row it is. No part has a NUL in it."""
    return "\0".join(parts).encode()
