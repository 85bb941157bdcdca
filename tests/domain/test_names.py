"""What the names in mails may not hold: addresses that become links, and what cannot be seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import checks
from hotline.domain.names import has_address, has_hidden, look
from hotline.errors import Invalid

NAMES = (
    "Seelefon e.V.",
    "Mara B.",
    "J. R. R. Tolkien",
    "Anna Weber, M. Sc.",
    "Dipl.-Psych. Jo O’Neill (Ph.D)",
    "Nummer gegen Kummer e.V.-Stiftung",
    "116 111 / 24.12.",
    "Seit 1.1.2026",
    "Help... now, please!",
    "こころの相談。電話",
    "葛󠄀城 花子",
    "می‌خواهم حرف بزنم",
    "क्‍ष महिला मंच",
    "👩🏽‍🚒 Feuerwehr ❤️‍🔥 1️⃣",
    "\U0001fae9 new",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 Samaritans",
)
ADDRESSES = (
    "example.com/win",
    "Win at EXAMPLE.com now",
    "https://example.org",
    "www.seelefon.example",
    "mara@seelefon.example",
    "example．com",
    "ｅｘａｍｐｌｅ․ｃｏｍ",
    "example。com",
    "t.co/abc",
    "пример.рф",
    "xn--e1afmkfd.xn--p1ai",
    "भारत.भारत",
    "go to 93.184.215.14 or",
    "Dr.Win",
)
HIDDEN = (
    "exa\u200bmple",
    "Mara\u200d",
    "\u200cMara",
    "Ma\u200dra",
    "Мария\u200c\u200cМария",
    "Mara\u00ad",
    "a\u202eevil\u202c",
    "\u2066Mara\u2069",
    "Mara\u2060B",
    "M\ufe0fara",
    "M\U000e0100ara",
    "Mara\u3164",
    "Mara\u2800B",
    "Mara\U000e0041",
    "Ma\U000e0041\U000e0042ra",
    "Mara\ue000",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_as_people_have_them(name: str) -> None:
    """Titles, initials, dates, and the alphabets and emoji that are written with joiners."""
    assert not has_address(name)
    assert not has_hidden(name)
    assert checks.mailed_name(name) == name


@pytest.mark.parametrize("name", ADDRESSES)
def test_addresses_are_found(name: str) -> None:
    """Whatever mail programs make a link of, also in letters that only look like a dot or a Latin letter."""
    assert has_address(name)
    with pytest.raises(Invalid) as caught:
        checks.mailed_name(name, "organisation")
    assert caught.value.details == {
        "organisation": "must not contain a web address; a dot needs a space behind it"
    }


@pytest.mark.parametrize("name", HIDDEN)
def test_what_cannot_be_seen_is_found(name: str) -> None:
    """Blanks, joiners where nothing is joined, marks of direction, and letters of nobody's alphabet."""
    assert has_hidden(name)
    with pytest.raises(Invalid) as caught:
        checks.mailed_name(name)
    assert caught.value.details == {"name": "must not contain invisible characters"}


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.sampled_from(ADDRESSES))
def test_an_address_is_found_among_any_words(words: str, address: str) -> None:
    """What stands before and behind an address hides none, if it can be seen."""
    assert has_address(f"{words} {address} {words}")


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.sampled_from(HIDDEN))
def test_hidden_characters_are_found_among_any_words(words: str, hidden: str) -> None:
    """However many can be seen beside them."""
    assert has_hidden(f"{words} {hidden} {words}")


@given(st.text(st.characters(categories=["L", "Nd", "Zs"]), min_size=1, max_size=40))
def test_letters_and_spaces_are_no_address(words: str) -> None:
    """In whatever alphabet: without a dot there is nothing to link."""
    assert not has_address(words)


def test_names_that_look_different() -> None:
    """Accents, other letters and emoji are seen."""
    different = ["Anna", "Änna", "Hanna", "Анна", "Άννα", "安娜", "آنا", "👩🏽‍🚒", "🏴", "\U0001fae9", *NAMES]
    assert len({look(name) for name in different}) == len(different)


@given(st.text(max_size=20))
def test_what_cannot_be_seen_changes_no_look(name: str) -> None:
    """Around a name, either."""
    assert look(f" {name}\u2800") == look(name)
