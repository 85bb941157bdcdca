"""Web push by its standards: the example of RFC 8291, the signature of RFC 8292, the key made once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given
from hypothesis import strategies as st

from hotline import webpush
from hotline.errors import StartError
from tests.push_service import Browser

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def bytes_of(text: str) -> bytes:
    found = webpush.decoded(text)
    assert found is not None
    return found


def test_the_example_of_the_standard() -> None:
    """RFC 8291, appendix A: the same keys, salt and text give the same body."""
    private = int.from_bytes(bytes_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    body = webpush.encrypt(
        b"When I grow up, I want to be a watermelon",
        bytes_of("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        bytes_of("BTBZMqHH6r4Tts7J_aSIgg"),
        ephemeral=ec.derive_private_key(private, ec.SECP256R1()),
        salt=bytes_of("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert webpush.encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(payload=st.binary(max_size=500))
def test_only_that_browser_can_read_it(payload: bytes) -> None:
    """Whatever is sent comes back, of the right length, and never in the same bytes twice."""
    browser = Browser()
    first, second = (webpush.encrypt(payload, browser.p256dh, browser.auth) for _ in range(2))
    assert browser.decrypt(first) == browser.decrypt(second) == payload
    assert first != second
    with pytest.raises(InvalidTag):
        Browser().decrypt(first)


def test_the_signature(tmp_path: Path) -> None:
    """Good for this push service alone and half a day, by the key that browsers were told."""
    key = webpush.read_key(tmp_path, "mailto:hotline@talk.example")
    header = key.authorization("https://push.example:8443/send/abc?x=1", NOW)
    scheme, _, rest = header.partition(" ")
    values = dict(part.split("=", 1) for part in rest.split(", "))
    assert (scheme, values["k"]) == ("vapid", key.public)
    signed, _, signature = values["t"].rpartition(".")
    head, claims = (json.loads(bytes_of(part)) for part in signed.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"}
    assert claims == {
        "aud": "https://push.example:8443",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "mailto:hotline@talk.example",
    }
    raw = bytes_of(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(key.public))
    numbers = (int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(utils.encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_the_key_is_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    """The same after a restart; not readable for others; what is no key is said."""
    first = webpush.read_key(tmp_path, "mailto:a@b.example")
    path = tmp_path / "push-key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert webpush.read_key(tmp_path, "mailto:a@b.example").public == first.public
    path.chmod(0o644)
    with pytest.raises(StartError, match="others can read"):
        webpush.read_key(tmp_path, "mailto:a@b.example")
    path.chmod(0o600)
    path.write_text("nothing of the kind")
    with pytest.raises(StartError, match="no key for web push"):
        webpush.read_key(tmp_path, "mailto:a@b.example")


@given(text=st.text(max_size=120))
def test_any_text_is_bytes_or_nothing(text: str) -> None:
    """Of what is typed, only base64url is taken, and comes back the same."""
    found = webpush.decoded(text)
    if found is not None and "=" not in text:
        assert webpush.decoded(webpush.encoded(found)) == found
    assert not webpush.is_point(text.encode("utf-8", "replace"))
