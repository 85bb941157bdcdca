"""Codes of authenticator apps (RFC 6238: six digits of HMAC-SHA-1, a new one every 30 seconds).

In come a secret, the time and what was typed, out comes which step of time the code is of. Stores nothing:
that a step is used once is the caller's business.
"""

from __future__ import annotations

import base64
import hmac
import re
from urllib.parse import quote

STEP_SECONDS = 30
SECRET_BYTES = 20
# One step before and after: clocks differ, and people need time to type.
_AROUND = (0, -1, 1)
_CODE = re.compile(r"[0-9]{6}")


def code_of(secret: bytes, step: int) -> str:
    """The code of this step of time."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


def step_of(secret: bytes, typed: str, now: float) -> int | None:
    """The step of time that this code is of; None: of none that counts now. Blanks do not matter."""
    plain = re.sub(r"\s", "", typed)
    if not _CODE.fullmatch(plain):
        return None
    current = int(now // STEP_SECONDS)
    steps = [
        current + around
        for around in _AROUND
        if hmac.compare_digest(code_of(secret, current + around), plain)
    ]
    return steps[0] if steps else None


def shown(secret: bytes) -> str:
    """The secret as people type it into an app: groups of four letters and digits."""
    plain = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def address(secret: bytes, organisation: str, email: str) -> str:
    """What the QR code holds: an app learns everything from it."""
    issuer = quote(f"hotline {organisation}".replace(":", " "), safe="")
    plain = shown(secret).replace(" ", "")
    return f"otpauth://totp/{issuer}:{quote(email, safe='@')}?secret={plain}&issuer={issuer}"
