"""What may be typed in: bounds of each check, and that nothing that PostgreSQL cannot hold gets through."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import checks
from hotline.errors import Invalid
from tests.helpers import NAUGHTY

UNSTORABLE = ("a\x00b", "\ud800", "a\udfff")


@pytest.mark.parametrize("check", [checks.text, checks.name, checks.nonce, checks.email, checks.password])
@pytest.mark.parametrize("value", [None, 5, 1.5, True, b"bytes", [], {}, "", "   ", *UNSTORABLE])
def test_no_check_lets_through_what_is_no_text(check: Any, value: Any) -> None:
    """Wrong kinds, emptiness, NUL and lone surrogates are Invalid with the field's name, everywhere."""
    with pytest.raises(Invalid) as caught:
        check(value)
    assert len(caught.value.details) == 1


@given(st.text())
def test_text_is_kept_but_for_white_space_at_its_ends(value: str) -> None:
    """What is accepted is the trimmed text of 1..5000 storable characters; all else is refused."""
    try:
        kept = checks.text(value)
    except Invalid:
        trimmed = value.strip()
        assert not trimmed or len(trimmed) > 5000 or "\x00" in value or _has_surrogate(value)
    else:
        assert kept == value.strip()
        kept.encode()


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def test_bounds() -> None:
    """The longest and one more."""
    assert checks.text("x" * 5000)
    assert checks.name("x" * 80)
    assert checks.nonce("n" * 80)
    assert checks.text("  " + "👩🏽‍🚒" * 1250 + "\n") == "👩🏽‍🚒" * 1250
    for check, longest in ((checks.text, 5000), (checks.name, 80), (checks.nonce, 80)):
        with pytest.raises(Invalid):
            check("x" * (longest + 1))


@given(st.text())
def test_a_nonce_is_kept_as_it_is(value: str) -> None:
    """Its sender knows its own message by it: it is stored as it came, or not at all."""
    with suppress(Invalid):
        assert checks.nonce(value) == value


@pytest.mark.parametrize("value", [" n", "n ", "n\n", "\u3000n"])
def test_a_nonce_is_not_trimmed(value: str) -> None:
    """Two that differ at their ends are not the same."""
    with pytest.raises(Invalid) as caught:
        checks.nonce(value)
    assert caught.value.details == {"nonce": "must not begin or end with white space"}


@pytest.mark.parametrize("character", ["a", " ", "é", "م", "😀", "\t", "<"])
def test_passwords_of_any_characters(character: str) -> None:
    """15 to 256 of them, or from 12 on beside a second factor, whatever they are; nothing is trimmed or cut
    off."""
    for shortest, is_alone in ((15, True), (12, False)):
        for length in (shortest, 256):
            assert checks.password(character * length, is_alone=is_alone) == character * length
        for length in (0, shortest - 1, 257):
            with pytest.raises(Invalid):
                checks.password(character * length, is_alone=is_alone)


def test_naughty_strings_are_ordinary_text() -> None:
    """Nothing is refused or changed for looking dangerous."""
    for value in NAUGHTY:
        assert checks.text(value) == value.strip()


@pytest.mark.parametrize("value", ["two\nlines", "a\tb", "bell\x07", "line\u2028separator", "esc\x1b[31m"])
def test_names_are_one_line(value: str) -> None:
    """Line breaks and control characters in names would forge logs, mails and headers."""
    with pytest.raises(Invalid):
        checks.name(value)


@pytest.mark.parametrize(
    "value",
    [
        "a@b",
        "anna.b+c@example.org",
        "A@EXAMPLE.ORG",
        "x" * 64 + "@example.org",
    ],
)
def test_good_addresses(value: str) -> None:
    """Addresses are kept in lower case."""
    assert checks.email(value) == value.lower()


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "@b",
        "a@",
        "a b@c.de",
        "a@b\r\nBcc: c@d",
        "=?utf-8?q?x=40y.de=3e=20?=@b.de",
        "a@b,c@d",
        "<a@b>",
        "a@b..de",
        "a@-b.de",
        "x" * 65 + "@b.de",
    ],
)
def test_bad_addresses(value: str) -> None:
    """What is no single plain address is refused, header injection first of all."""
    with pytest.raises(Invalid):
        checks.email(value)


@pytest.mark.parametrize("value", [-1, 2**53 + 1, 1.0, float("nan"), float("inf"), "1", None, True, 10**30])
def test_bad_seqs(value: Any) -> None:
    """Only whole numbers that PostgreSQL and JavaScript can hold."""
    with pytest.raises(Invalid):
        checks.seq(value)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("HTTPS://Example.org:443/", "https://example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_good_sites(given_: str, kept: str) -> None:
    """An origin as browsers write it."""
    assert checks.site(given_) == kept


@pytest.mark.parametrize(
    "value",
    [
        "example.org", "https://", "https://*.example.org", "https://a.b/c", "https://u@a.b",
        "javascript:alert(1)",
        "https://a.b; script-src *", "https://a.b\r\nX: y", "https://a.b:99999", "ftp://a.b",
        "https://a.b?x", "*", "",
    ],
)  # fmt: skip
def test_bad_sites(value: str) -> None:
    """Nothing that could widen a Content-Security-Policy or break out of its header."""
    with pytest.raises(Invalid):
        checks.site(value)


@given(st.text(max_size=200))
def test_every_name_makes_a_slug(name: str) -> None:
    """A slug is never empty and has only what an address may have."""
    slug = checks.slug_of(name)
    assert 1 <= len(slug) <= 40
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_gathered_collects_problems() -> None:
    """A form learns everything that is wrong with it at once."""
    with pytest.raises(Invalid) as caught:
        checks.gathered(
            name=lambda: checks.name(""), email=lambda: checks.email("x"), ok=lambda: checks.name("a")
        )
    assert set(caught.value.details) == {"name", "email"}


@pytest.mark.parametrize("value", ["de", "pt-BR", "zh-Hant-TW", "en-US-u-hc-h12", "ca-ES-valencia", None])
def test_good_languages(value: str | None) -> None:
    """Every tag that a browser may have set is kept as it is."""
    assert checks.language(value) == value


@pytest.mark.parametrize("value", ["", "d", "de_DE", "de-", "<b>", "x" * 36, "de\n", 5, ["de"]])
def test_bad_languages(value: Any) -> None:
    """What cannot be a tag is refused."""
    with pytest.raises(Invalid):
        checks.language(value)


@pytest.mark.parametrize("value", ["\u200b", "\u202e\u202c", "\ufeff \u200d"])
def test_names_can_be_seen(value: str) -> None:
    """A name of nothing but invisible characters would be no name on any page."""
    with pytest.raises(Invalid):
        checks.name(value)
    assert checks.name(value + "Robin") == value.strip() + "Robin"
