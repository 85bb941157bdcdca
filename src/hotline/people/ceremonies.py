"""What is asked of a browser about passkeys (WebAuthn), and whether what it answers is right.

In come the public address, a key and the time, out come options for the browser and checked answers. Stores
nothing: a challenge proves itself by a MAC over its age and what it was made for.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AuthenticationCredential, RegistrationCredential

from hotline.errors import Invalid
from hotline.logs import SampledLogger
from hotline.store.passkeys import Passkey

LIFE = timedelta(minutes=5)
WRONG = "was not right, or took too long. Please try again"

_ALGORITHMS = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
_LONGEST_ANSWER = 16 * 1024
_LONGEST_ID = 1023
_NONCE_BYTES, _TIME_BYTES = 24, 8
_PORTS = {"http": 80, "https": 443}

_log = SampledLogger()

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What was signed; `hashed` is how it is remembered until it would be too old anyway."""

    hashed: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new pair of keys in somebody's device."""

    challenge: Challenge
    credential_id: bytes
    public_key: bytes
    sign_count: int


class Ceremonies:
    """One public address's questions and answers. :param key: 32 bytes, the same on all nodes."""

    def __init__(self, public_url: str, key: bytes, now: Callable[[], datetime]) -> None:
        parts = urlsplit(public_url)
        host, standard = (parts.hostname or "").lower(), _PORTS.get(parts.scheme)
        port = "" if parts.port in (None, standard) else f":{parts.port}"
        self._origin = f"{parts.scheme}://{host}{port}"
        is_safe = parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
        self.host = host if is_safe and not _is_address(host) else None
        """To whom passkeys are bound; None: browsers make none for this public address."""
        self._key = key
        self._now = now

    def to_make(
        self, bound: Iterable[str], *, who: str, email: str, name: str, known: Iterable[bytes]
    ) -> dict[str, Any]:
        """Options to make a passkey, in a device that has none of `known`."""
        return {
            "challenge": self._challenge(bound),
            "rp": {"id": self._needed_host(), "name": "hotline"},
            "user": {"id": _encoded(who.encode()), "name": email, "displayName": name},
            "pubKeyCredParams": [{"type": "public-key", "alg": each.value} for each in _ALGORITHMS],
            "excludeCredentials": [_described(each) for each in known],
            "authenticatorSelection": {"residentKey": "preferred", "userVerification": "preferred"},
            "attestation": "none",
            "timeout": int(LIFE.total_seconds() * 1000),
        }

    def to_show(self, bound: Iterable[str], *, allowed: Iterable[bytes], is_alone: bool) -> dict[str, Any]:
        """Options to show a passkey. :param allowed: which; none: any that the device itself remembers.

        :param is_alone: nothing else shows who it is, so the device has to make sure.
        """
        return {
            "challenge": self._challenge(bound),
            "rpId": self._needed_host(),
            "allowCredentials": [_described(each) for each in allowed],
            "userVerification": "required" if is_alone else "preferred",
            "timeout": int(LIFE.total_seconds() * 1000),
        }

    def check_made(self, answer: object, bound: Iterable[str]) -> Made:
        """:raises Invalid: it is no new passkey, or not of this challenge or this address."""

        def check() -> Made:
            given: RegistrationCredential = parse_registration_credential_json(_text(answer))
            asked, challenge = self._own(given.response.client_data_json, bound)
            made = verify_registration_response(
                credential=given,
                expected_challenge=asked,
                expected_rp_id=self._needed_host(),
                expected_origin=self._origin,
                supported_pub_key_algs=list(_ALGORITHMS),
            )
            if len(made.credential_id) > _LONGEST_ID:
                raise ValueError("the id is too long")
            return Made(
                challenge=challenge,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
            )

        return _checked(check)

    def id_in(self, answer: object) -> bytes:
        """Which passkey is shown, nothing else being checked. :raises Invalid: none."""

        def read() -> bytes:
            shown = parse_authentication_credential_json(_text(answer)).raw_id
            if not shown:
                raise Invalid(passkey=WRONG)
            return shown

        return _checked(read)

    def check_shown(
        self, answer: object, bound: Iterable[str], passkey: Passkey, *, is_alone: bool
    ) -> tuple[Challenge, int]:
        """The challenge that was answered, and how often the device says it was used.

        :raises Invalid: not signed by this passkey, for this challenge, at this address.
        """

        def check() -> tuple[Challenge, int]:
            given: AuthenticationCredential = parse_authentication_credential_json(_text(answer))
            asked, challenge = self._own(given.response.client_data_json, bound)
            whose = given.response.user_handle
            if whose and whose != passkey.consultant_id.encode():
                raise ValueError("it says that it is somebody else's")
            shown = verify_authentication_response(
                credential=given,
                expected_challenge=asked,
                expected_rp_id=self._needed_host(),
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=is_alone,
            )
            return challenge, shown.new_sign_count

        return _checked(check)

    def _needed_host(self) -> str:
        if self.host is None:
            raise Invalid(passkey="cannot be used here: the public address has to be a name, with https")
        return self.host

    def _challenge(self, bound: Iterable[str]) -> str:
        made_at = int(self._now().timestamp()).to_bytes(_TIME_BYTES, "big")
        free = made_at + secrets.token_bytes(_NONCE_BYTES)
        return _encoded(free + self._mac(free, bound))

    def _own(self, client_data: bytes, bound: Iterable[str]) -> tuple[bytes, Challenge]:
        """The challenge in the browser's answer, if it is one of ours, for this, and not too old."""
        given = parse_client_data_json(client_data).challenge
        free, mac = given[: _TIME_BYTES + _NONCE_BYTES], given[_TIME_BYTES + _NONCE_BYTES :]
        if not hmac.compare_digest(mac, self._mac(free, bound)):
            raise ValueError("the challenge is not ours, or was made for something else")
        expires_at = datetime.fromtimestamp(int.from_bytes(free[:_TIME_BYTES], "big"), UTC) + LIFE
        if self._now() >= expires_at:
            raise ValueError("the challenge is too old")
        return given, Challenge(hashed=hashlib.sha256(given).digest(), expires_at=expires_at)

    def _mac(self, free: bytes, bound: Iterable[str]) -> bytes:
        # None of what it is bound to has a NUL.
        about = "\x00".join(bound).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, free + about, hashlib.sha256).digest()


def _checked(check: Callable[[], T]) -> T:
    try:
        return check()
    except Invalid:
        raise
    except Exception as error:
        # Bytes from anywhere, in three formats: whatever the library stumbles over, it is no answer.
        _log.info("a passkey was refused: {kind}", kind=type(error).__name__)
        raise Invalid(passkey=WRONG) from None


def _text(answer: object) -> str:
    if not isinstance(answer, str) or len(answer) > _LONGEST_ANSWER:
        raise ValueError("no answer of a browser")
    return answer


def _described(credential_id: bytes) -> dict[str, str]:
    return {"type": "public-key", "id": _encoded(credential_id)}


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
