"""Ids and secrets: random, from the operating system."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 16


def new_id() -> str:
    """An opaque id, `[0-9a-z]{16}`: 82 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def new_secret() -> str:
    """A secret for a cookie, a link, a ticket or a key: 256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret. Secrets are random and long, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
