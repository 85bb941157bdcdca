"""Codes of authenticator apps, by the test vectors of RFC 6238 and by what people type."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_vectors_of_the_rfc(moment: int, code: str) -> None:
    """Appendix B of RFC 6238, the last six of its eight digits."""
    assert totp.code_of(SECRET, moment // totp.STEP_SECONDS) == code
    assert totp.step_of(SECRET, code, moment) == moment // totp.STEP_SECONDS


def test_clocks_may_differ_by_one_step() -> None:
    """The codes just before and just after count, with their own step; others do not."""
    now, step = 1_800_000_000.0, 60_000_000
    found = [totp.step_of(SECRET, totp.code_of(SECRET, step + each), now) for each in range(-3, 4)]
    assert found == [None, None, step - 1, step, step + 1, None, None]


def test_blanks_do_not_matter() -> None:
    """Apps show codes in two groups, and people type them so."""
    assert totp.step_of(SECRET, " 287 082 ", 59) == 1


@given(st.one_of(st.text(max_size=20), st.from_regex(r"[0-9]{0,12}", fullmatch=True)))
def test_nothing_else_is_a_code(typed: str) -> None:
    """Whatever is typed, only the code itself counts."""
    plain = "".join(typed.split())
    codes = {totp.code_of(SECRET, 1000 + each): 1000 + each for each in (-1, 0, 1)}
    assert totp.step_of(SECRET, typed, 30_000.0) == codes.get(plain)


@given(st.text(min_size=1, max_size=80).filter(str.isprintable))
def test_address_for_the_app(name: str) -> None:
    """Whatever the organisation is called, the address of the QR code says what it should."""
    parts = urlsplit(totp.address(SECRET, name, "mara@example.org"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path).endswith(":mara@example.org")
    query = parse_qs(parts.query, keep_blank_values=True)
    assert query["secret"] == ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]
    assert query["issuer"] == [f"hotline {name}".replace(":", " ")]


def test_secret_to_be_typed() -> None:
    """In groups of four."""
    assert totp.shown(SECRET).split(" ")[:3] == ["GEZD", "GNBV", "GY3T"]
