"""A device with passkeys, in software: a curve and CBOR, handed over as by a browser.

In come the server's options, out come a browser's answers as JSON; what goes wrong can be chosen.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _WITH_KEY = 0x01, 0x04, 0x40


def encoded(content: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """One pair of keys. :param verifies: whether it makes sure who holds it. :param counts: its uses."""

    def __init__(self, origin: str, *, verifies: bool = True, counts: bool = True) -> None:
        self.origin = origin
        self.credential_id = secrets.token_bytes(16)
        self.count = 0
        self.user = b""
        self._verifies, self._counts = verifies, counts
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: dict[str, Any], **instead: Any) -> str:
        """Its answer to options for making a passkey."""
        self.user = decoded(options["user"]["id"])
        host = options["rp"]["id"]
        public = self._key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        data = self._data(host, _WITH_KEY)
        data += bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(key)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"], instead)
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def show(self, options: dict[str, Any], *, host: str | None = None, **instead: Any) -> str:
        """Its answer to options for showing a passkey; other client data, or another host, instead."""
        self.count += self._counts
        data = self._data(host or options["rpId"], 0)
        client = self._client("webauthn.get", options["challenge"], instead)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=self.user
        )

    def _data(self, host: str, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self._verifies else 0)
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str, instead: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | instead).encode()

    def _answer(self, **response: bytes) -> str:
        return json.dumps(
            {
                "id": encoded(self.credential_id),
                "rawId": encoded(self.credential_id),
                "type": "public-key",
                "response": {name: encoded(value) for name, value in response.items()},
            }
        )
