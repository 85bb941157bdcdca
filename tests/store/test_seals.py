"""Seals: only the key, the place and the unchanged ciphertext together give the text again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import LogEvent, globalLogPublisher

from hotline.logs import LINES
from hotline.store.sealed import LOST, open_
from hotline.store.seals import FIRST, NUMBERED, Broken, Cipher, about, key_id, new_key, version_of

KEY = bytes(range(32))
PLACES = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VERSIONS = st.sampled_from([FIRST, NUMBERED])


@given(TEXTS, PLACES, VERSIONS)
def test_a_text_comes_back(text: str, place: list[str], version: bytes) -> None:
    """With the key and the place it was sealed for; and never looks the same twice."""
    cipher = Cipher(KEY)
    sealed = cipher.seal_text(text, about(*place), version)
    assert version_of(sealed) == version
    assert Cipher(KEY).open_text(sealed, about(*place)) == text
    assert cipher.seal_text(text, about(*place), version) != sealed
    assert len(text) < 8 or text not in sealed


@given(st.binary(), st.integers(min_value=0), PLACES, VERSIONS)
def test_any_changed_bit_is_refused(content: bytes, bit: int, place: list[str], version: bytes) -> None:
    """Version, key's id, nonce, ciphertext or tag: it is all the same."""
    sealed = bytearray(Cipher(KEY).seal(content, about(*place), version))
    bit %= len(sealed) * 8
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Broken):
        Cipher(KEY).open(bytes(sealed), about(*place))


@given(st.binary(), st.data())
def test_what_is_cut_short_or_longer_is_refused(content: bytes, data: st.DataObject) -> None:
    """At any length but its own."""
    sealed = Cipher(KEY).seal(content, b"here")
    for other in (sealed[: data.draw(st.integers(0, len(sealed) - 1))], sealed + b"\0"):
        with pytest.raises(Broken):
            Cipher(KEY).open(other, b"here")


@given(PLACES, PLACES)
def test_another_place_is_refused(here: list[str], there: list[str]) -> None:
    """However its parts are put together: no two places are one."""
    sealed = Cipher(KEY).seal(b"text", about(*here))
    if here == there:
        assert Cipher(KEY).open(sealed, about(*there)) == b"text"
    else:
        with pytest.raises(Broken):
            Cipher(KEY).open(sealed, about(*there))


@given(st.binary(), PLACES, VERSIONS, st.binary(min_size=1, max_size=1))
def test_another_version_is_refused(content: bytes, place: list[str], version: bytes, other: bytes) -> None:
    """A text is what it was sealed as: nobody makes an old one of it, which is bound to less."""
    sealed = other + Cipher(KEY).seal(content, about(*place), version)[1:]
    if other == version:
        assert Cipher(KEY).open(sealed, about(*place)) == content
    else:
        with pytest.raises(Broken):
            Cipher(KEY).open(sealed, about(*place))


@given(st.binary(min_size=32, max_size=32).filter(lambda key: key != KEY))
def test_another_key_is_refused(key: bytes) -> None:
    """And the sealed text says which key it wants."""
    sealed = Cipher(KEY).seal(b"text", b"here")
    assert key_id(sealed) == Cipher(KEY).id
    with pytest.raises(Broken):
        Cipher(key).open(sealed, b"here")


@given(st.text())
def test_what_is_no_sealed_text_is_refused(text: str) -> None:
    """Whatever stands in the column."""
    version_of(text)
    with pytest.raises(Broken):
        Cipher(KEY).open_text(text, b"here")


def test_keys_are_wrapped() -> None:
    """A key under another comes back, for its owner only."""
    inner = new_key()
    wrapped = Cipher(KEY).wrap(inner, b"owner")
    assert inner not in wrapped
    assert Cipher(KEY).unwrap(wrapped, b"owner") == inner
    with pytest.raises(Broken):
        Cipher(KEY).unwrap(wrapped, b"somebody else")


def test_what_cannot_be_opened_is_told_a_few_times_and_by_ids_alone() -> None:
    """What else a text is bound to, as the sender's nonce, is somebody's own choice."""
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    try:
        for number in range(100):
            row = ("organisation", "room", str(number), "message", "canary")
            assert open_(Cipher(KEY), "messages", *row, stored="broken") == LOST
    finally:
        globalLogPublisher.removeObserver(events.append)
    told = [event for event in events if event["log_namespace"] == "hotline.store.sealed"]
    assert [event["row"] for event in told] == ["organisation room"] * LINES
    assert "canary" not in repr(told)
