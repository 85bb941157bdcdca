"""Web push as its standards have it: encrypted for one browser (RFC 8291), signed by this server (RFC 8292).

In come a subscription's keys and a payload, out come a request's headers and body. Sends nothing and keeps
nothing but the server's own key, which is made once.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hotline.errors import StartError
from hotline.secret_files import read_or_make

_KEY_FILE = "push-key"
_CURVE = ec.SECP256R1()
_POINT_BYTES = 65
_AUTH_BYTES = 16
_RECORD_BYTES = 4096
_TOKEN_LIFE = timedelta(hours=12)
_COORDINATE_BYTES = 32


class VapidKey:
    """By which push services know this server again.

    :param contact: how they reach whoever runs it, a mailto: or https: address.
    """

    def __init__(self, private: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._private = private
        self._contact = contact
        self.public = encoded(_point(private.public_key()))
        """As browsers want it."""

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header that lets this server speak to subscribers at this endpoint."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + _TOKEN_LIFE).timestamp()),
            "sub": self._contact,
        }
        header = {"typ": "JWT", "alg": "ES256"}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        r, s = utils.decode_dss_signature(self._private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = encoded(b"".join(number.to_bytes(_COORDINATE_BYTES) for number in (r, s)))
        return f"vapid t={signed}.{signature}, k={self.public}"


def read_key(directory: Path, contact: str) -> VapidKey:
    """This server's key; made if there is none. :raises StartError: it can be neither read nor made."""
    path = directory / _KEY_FILE
    pem = read_or_make(path, _new_key)
    try:
        private = serialization.load_pem_private_key(pem, None)
    except ValueError:
        private = None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != _CURVE.name:
        raise StartError(f"{path} is no key for web push: bring it back from a copy, or take it away")
    return VapidKey(private, contact)


def _new_key() -> bytes:
    return ec.generate_private_key(_CURVE).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def encrypt(
    payload: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    ephemeral: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push message, which only that browser can read: coding aes128gcm.

    :param ephemeral, salt: only for tests; else made anew for each message.
    """
    private = ephemeral or ec.generate_private_key(_CURVE)
    salt = salt or os.urandom(16)
    own = _point(private.public_key())
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, p256dh))
    secret = _derived(shared, auth, b"WebPush: info\0" + p256dh + own, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    # 2 marks the end of the last, and here only, record.
    record = AESGCM(key).encrypt(nonce, payload + b"\x02", None)
    return salt + _RECORD_BYTES.to_bytes(4) + bytes([len(own)]) + own + record


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def is_point(value: bytes) -> bool:
    """Whether this can be a browser's public key."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, value)
    except ValueError:
        return False
    return len(value) == _POINT_BYTES


def is_auth(value: bytes) -> bool:
    """Whether this can be a browser's secret."""
    return len(value) == _AUTH_BYTES


def encoded(value: bytes) -> str:
    """base64url without padding, as all of web push has it."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def decoded(text: str) -> bytes | None:
    """The way back; None: it is not of that kind."""
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return value
