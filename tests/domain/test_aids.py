"""Ready answers and referrals: what may be typed in, and what is found by which words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import aids
from hotline.errors import Invalid
from tests.helpers import NAUGHTY

REFERRAL = aids.check_referral(
    "r1", "Crisis line Île-de-France", "0800 111 0 111", "Day and NIGHT", ["fr", "de-AT"], ["Straße", "Sleep"]
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("hello", "hello"), (" /Hello ", "hello"), ("Über-2_x", "über-2_x"), ("مرحبا", "مرحبا"), ("1", "1")],
)
def test_shortcuts(typed: str, kept: str) -> None:
    """One word of any script, in lower case, with or without what it is typed after."""
    assert aids.check_shortcut(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "/", "two words", "-a", "a/b", "a.b", "x" * 31, "\x00", "a\n", 5, None]
)
def test_what_is_no_shortcut(typed: Any) -> None:
    """It would not be found in what is typed."""
    if typed == "a\n":
        assert aids.check_shortcut(typed) == "a"  # what is around it does not count
        return
    with pytest.raises(Invalid) as caught:
        aids.check_shortcut(typed)
    assert list(caught.value.details) == ["shortcut"]


@pytest.mark.parametrize(
    ("typed", "kept", "href"),
    [
        ("0800 111 0 111", "0800 111 0 111", "tel:08001110111"),
        ("tel:+49 (30) 12-34", "+49 (30) 12-34", "tel:+49301234"),
        ("112", "112", "tel:112"),
        (" https://example.org/a@b?c ", "https://example.org/a@b?c", "https://example.org/a@b?c"),
        ("HTTPS://EXAMPLE.org", "HTTPS://EXAMPLE.org", "HTTPS://EXAMPLE.org"),
        ("mailto:Help@Example.org", "help@example.org", "mailto:help@example.org"),
    ],
)
def test_contacts(typed: str, kept: str, href: str) -> None:
    """A number, a link, an address, as people write them; and where they lead."""
    assert aids.check_contact(typed) == kept
    assert aids.href(kept) == href


@pytest.mark.parametrize(
    "typed",
    [
        "", "call us", "http://example.org", "javascript:alert(1)", "https://a b", "data:text/html,x",
        "mailto:tel:112 x", "sms:112", "a@b\n", "https://x/\x00", "x" * 600, None, 112, ["112"],
        *NAUGHTY,
    ],
)  # fmt: skip
def test_what_is_no_contact(typed: Any) -> None:
    """Above all nothing that could run in somebody's browser."""
    if typed == "a@b\n":
        assert aids.check_contact(typed) == "a@b"
        return
    with pytest.raises(Invalid) as caught:
        aids.check_contact(typed)
    assert list(caught.value.details) == ["contact"]


def test_every_problem_at_once() -> None:
    """By field."""
    with pytest.raises(Invalid) as caught:
        aids.check_answer("a", "theirs", "two words", "x" * 2001, "!")
    assert set(caught.value.details) == {"scope", "shortcut", "text", "language"}
    with pytest.raises(Invalid) as caught:
        aids.check_referral("r", "", "nowhere", "x" * 1001, ["!"], ["x" * 41])
    assert set(caught.value.details) == {"name", "contact", "text", "languages", "topics"}
    for some in ("de", 5, None, ["de"] * 21):
        with pytest.raises(Invalid) as caught:
            aids.check_referral("r", "Name", "112", "", some, some)
        assert {"languages", "topics"} >= set(caught.value.details) > set()


def test_the_longest_that_pass() -> None:
    """And each language and topic counts once."""
    aids.check_answer("a", "own", "x" * 30, "x" * 2000, None)
    longest = aids.check_referral(
        "r", "n" * 80, "112", "x" * 1000, ["de"] * 20, [f"{n:040}" for n in range(20)]
    )
    assert longest.languages == ("de",)
    assert len(longest.topics) == 20


@pytest.mark.parametrize(
    "search",
    [
        "",
        "  ",
        "crisis",
        "LINE crisis",
        "ile de",
        "île",
        "strasse",
        "night sleep",
        "08001110111",
        "0800 111",
        "fr",
    ],
)
def test_found(search: str) -> None:
    """By any of its words, in any order, whatever the case and the accents."""
    assert all(word in aids.searched_in(REFERRAL) for word in aids.searched_words(search))


@pytest.mark.parametrize("search", ["crisis nothing", "0900", "%", "_"])
def test_not_found(search: str) -> None:
    """When one word is nowhere."""
    assert not all(word in aids.searched_in(REFERRAL) for word in aids.searched_words(search))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_every_name_is_found_by_itself(name: str) -> None:
    """Whatever letters it is written in."""
    try:
        referral = aids.check_referral("r", name, "112", "", [], [])
    except Invalid:
        return
    words = aids.searched_words(name)
    assert all(word in aids.searched_in(referral) for word in words)
