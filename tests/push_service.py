"""A push service and a browser for tests: HTTPS on this machine, and the other end of the encryption.

In come requests, out come what they said once decrypted. It answers what it is told to.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from twisted.internet.ssl import DefaultOpenSSLContextFactory
from twisted.web.resource import Resource
from twisted.web.server import Site

CURVE = ec.SECP256R1()


class Browser:
    """A browser's keys, and what it reads with them (RFC 8291)."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(CURVE)
        self.auth = os.urandom(16)
        self.p256dh = self._private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def decrypt(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        server, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared = self._private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, server)
        )

        def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
            return HKDF(hashes.SHA256(), length, salt, info).derive(secret)

        secret = derived(shared, self.auth, b"WebPush: info\0" + self.p256dh + server, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        return AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0").removesuffix(b"\x02")


class PushService(Resource):
    """Listens on loopback with a certificate; keeps what was posted as (path, headers, body)."""

    isLeaf = True

    def __init__(self, reactor: Any, certificate: Path) -> None:
        super().__init__()
        self.posted: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: dict[str, int] = {}
        context = DefaultOpenSSLContextFactory(str(certificate), str(certificate))
        self._port = reactor.listenSSL(0, Site(self), context, interface="127.0.0.1")
        self.address = f"https://localhost:{self._port.getHost().port}"

    def render_POST(self, request: Any) -> bytes:
        path = request.path.decode()
        headers = {
            name.decode().lower(): values[0].decode()
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        self.posted.append((path, headers, request.content.read()))
        request.setResponseCode(self.answers.get(path, 201))
        return b"whatever else there is to say"

    async def stop(self) -> None:
        await self._port.stopListening()
