"""Ids and secrets: random, from the operating system."""

from __future__ import annotations

import base64
import hashlib
import secrets

from hotline.domain import codes

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 16


def new_id() -> str:
    """An opaque id, `[0-9a-z]{16}`: 82 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def new_secret() -> str:
    """A secret for a cookie, a link, a ticket or a key: 256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def new_return_code() -> str:
    """What brings a client back: 80 random bits, to be copied by hand."""
    return _code(codes.LENGTH)


def new_recovery_code() -> str:
    """What stands in for a lost second factor, once: 120 random bits, to be kept on paper."""
    return _code(codes.RECOVERY_LENGTH)


def _code(length: int) -> str:
    return codes.grouped("".join(secrets.choice(codes.ALPHABET) for _ in range(length)))


def key_of(return_code: str) -> str:
    """The key of a client who has this code; stored is only its hash, as of any secret."""
    digest = hashlib.sha256(b"hotline return code " + return_code.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret. Secrets are random and long, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
