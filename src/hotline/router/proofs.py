"""How a peer proves who it is without showing a secret: WAMP-CRA, WAMP-SCRAM and cryptosign.

In: what is stored about an authid, what the peer sends. Out: a challenge that is good once, for one session,
and whether the answer fits it, compared in constant time. It never learns whom it proves.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hotline.router.options import Details
from hotline.router.ports import Credentials, Denied

KEY_BYTES = 32
ITERATIONS = 4096
"""Of those nobody has ever heard of; as many as a real one has."""

# So that an authid nobody has shows the same salt each time, as one that exists does.
_decoy_key = secrets.token_bytes(32)


class Proof(Protocol):
    """One challenge and what answers it."""

    @property
    def extra(self) -> Details:
        """For CHALLENGE."""

    def check(self, signature: str, extra: Details) -> Details | None:
        """What to add to WELCOME if the answer fits, else None."""


def decoy(tenant: Any, authid: str, authroles: Sequence[str]) -> Credentials:
    """What nobody can prove anything against, for an authid that does not exist."""
    name = f"{tenant}\0{authid}".encode("utf-8", "surrogatepass")
    digest = hmac.digest(_decoy_key, name, "sha256")
    return Credentials(
        salt=digest.hex()[:32],
        iterations=ITERATIONS,
        salted_key=secrets.token_bytes(KEY_BYTES),
        public_key=None,
        authrole=authroles[digest[-1] % len(authroles)],
        reference=None,
    )


class Cra:
    """WAMP-CRA: the challenge signed with the salted key."""

    def __init__(self, credentials: Credentials, *, authid: str, session: int, now: float) -> None:
        self._key = base64.b64encode(credentials.salted_key or secrets.token_bytes(KEY_BYTES))
        challenge = {
            "authid": authid,
            "authmethod": "wampcra",
            "authprovider": "hotline",
            "authrole": credentials.authrole,
            "nonce": secrets.token_hex(32),
            "session": session,
            "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
        }
        self._challenge = json.dumps(challenge)
        self.extra: Details = {
            "challenge": self._challenge,
            "salt": credentials.salt,
            "iterations": credentials.iterations,
            "keylen": KEY_BYTES,
        }

    def check(self, signature: str, extra: Details) -> Details | None:
        expected = base64.b64encode(hmac.digest(self._key, self._challenge.encode(), "sha256"))
        return {} if _are_equal(expected, signature) else None


class Scram:
    """WAMP-SCRAM: the peer proves that it has the secret, and the router that it has its salted key."""

    def __init__(self, credentials: Credentials, *, authid: str, client: Details) -> None:
        """:raises Denied: the peer's part of the challenge is missing, or it wants channel binding."""
        nonce = client.get("nonce")
        if not isinstance(nonce, str) or not _is_base64(nonce) or client.get("channel_binding") is not None:
            raise Denied("wamp-scram needs a nonce, and no channel binding.")
        salted_key = credentials.salted_key or secrets.token_bytes(KEY_BYTES)
        self._stored_key = hashlib.sha256(hmac.digest(salted_key, b"Client Key", "sha256")).digest()
        self._server_key = hmac.digest(salted_key, b"Server Key", "sha256")
        self._nonce = nonce + base64.b64encode(secrets.token_bytes(18)).decode()
        salt = base64.b64encode(credentials.salt.encode()).decode()
        name = authid.replace("=", "=3D").replace(",", "=2C")
        without_binding = base64.b64encode(b"n,,").decode()
        self._message = (
            f"n={name},r={nonce},r={self._nonce},s={salt},i={credentials.iterations},"
            f"c={without_binding},r={self._nonce}"
        ).encode("utf-8", "surrogatepass")
        self.extra: Details = {
            "nonce": self._nonce,
            "salt": salt,
            "kdf": "pbkdf2",
            "iterations": credentials.iterations,
            "memory": None,
        }

    def check(self, signature: str, extra: Details) -> Details | None:
        proof = _bytes_of(signature, base64.b64decode)
        answered = extra.get("nonce")
        expected = hmac.digest(self._stored_key, self._message, "sha256")
        client_key = bytes(a ^ b for a, b in zip(expected, proof.ljust(KEY_BYTES, b"\0"), strict=False))
        fits = hmac.compare_digest(hashlib.sha256(client_key).digest(), self._stored_key)
        if not (fits and len(proof) == KEY_BYTES and answered == self._nonce):
            return None
        if extra.get("channel_binding") is not None or extra.get("cbind_data") is not None:
            return None
        verifier = base64.b64encode(hmac.digest(self._server_key, self._message, "sha256")).decode()
        return {"authextra": {"verifier": f"v={verifier}"}}


class Cryptosign:
    """WAMP-cryptosign: our random challenge signed with an Ed25519 key."""

    def __init__(self, credentials: Credentials, *, client: Details) -> None:
        """:raises Denied: the peer wants channel binding."""
        if client.get("channel_binding") is not None:
            raise Denied("cryptosign is without channel binding here.")
        self._challenge = secrets.token_bytes(32)
        self._public_key = credentials.public_key or secrets.token_bytes(KEY_BYTES)
        # A key that is not the one we know could not sign for it anyway; said wrongly, it is still wrong.
        named = client.get("pubkey")
        self._is_other_key = named is not None and not _are_equal(self._public_key.hex().encode(), named)
        self.extra: Details = {"challenge": self._challenge.hex(), "channel_binding": None}

    def check(self, signature: str, extra: Details) -> Details | None:
        signed = _bytes_of(signature, binascii.unhexlify)
        # Without our challenge behind it, it is a signature of something else.
        if len(signed) != 96 or not hmac.compare_digest(signed[64:], self._challenge):
            return None
        try:
            Ed25519PublicKey.from_public_bytes(self._public_key).verify(signed[:64], self._challenge)
        except (InvalidSignature, ValueError):
            return None
        return None if self._is_other_key else {}


def _are_equal(expected: bytes, given: object) -> bool:
    return isinstance(given, str) and hmac.compare_digest(expected, given.encode("utf-8", "surrogatepass"))


def _bytes_of(text: str, decode: Any) -> bytes:
    try:
        decoded: bytes = decode(text.encode("ascii"))
    except ValueError:
        return b""
    return decoded


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True)) and len(text) <= 256
    except ValueError:
        return False
