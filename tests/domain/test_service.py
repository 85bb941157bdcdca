"""Whether new clients are taken and messages can be left, how long a wait will be, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import codes, languages, service, settings
from hotline.domain.estimate import ENOUGH, LONGER, Estimate, Wait, estimate
from hotline.domain.model import Organisation, Place
from hotline.errors import Invalid

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
ZONE = ZoneInfo("Europe/Berlin")


def organisation(**changes: Any) -> Organisation:
    return replace(
        Organisation(organisation_id="o", slug="haven", name="Haven", created_at=NOW),
        **settings.check(changes),
    )


MONDAY = {"monday": [["09:00", "17:00"]]}
TUESDAY = {"tuesday": [["09:00", "17:00"]]}


@pytest.mark.parametrize(
    ("changes", "waiting", "expected"),
    [
        ({}, 99, ("open", None, None)),
        ({"hours": MONDAY}, 0, ("open", None, "2026-11-23T16:00")),
        ({"hours": TUESDAY}, 0, ("closed", "2026-11-24T08:00", None)),
        ({"hours": {}}, 0, ("closed", None, None)),
        ({"special_days": [{"date": "2026-11-23"}]}, 0, ("closed", "2026-11-23T23:00", None)),
        ({"hours": MONDAY, "intake": "paused"}, 0, ("paused", None, "2026-11-23T16:00")),
        ({"hours": TUESDAY, "intake": "paused"}, 0, ("closed", "2026-11-24T08:00", None)),
        ({"hours": TUESDAY, "intake": "closed"}, 0, ("closed", None, None)),
        ({"intake": "closed"}, 0, ("closed", None, None)),
        ({"queue_limit": 3}, 2, ("open", None, None)),
        ({"queue_limit": 3}, 3, ("full", None, None)),
        ({"queue_limit": 3, "intake": "paused"}, 3, ("paused", None, None)),
        ({"queue_limit": 3, "hours": TUESDAY}, 3, ("closed", "2026-11-24T08:00", None)),
    ],
)
def test_service(changes: dict[str, Any], waiting: int, expected: tuple[str, str | None, str | None]) -> None:
    """What was clicked, the hours and the queue together."""
    found = service.standing(organisation(**changes), ZONE, waiting, NOW)
    moments = (found.opens_at, found.closes_at)
    assert (found.service, *(moment and f"{moment:%Y-%m-%dT%H:%M}" for moment in moments)) == expected


@pytest.mark.parametrize(
    ("when_closed", "when_full", "allowed"),
    [
        (True, False, {"open", "closed"}),
        (False, True, {"paused", "full"}),
        (False, False, set()),
    ],
)
def test_messages(when_closed: bool, when_full: bool, allowed: set[str]) -> None:
    """The organisation says when; who was still writing when it opened is not turned away."""
    own = organisation(messages_when_closed=when_closed, messages_when_full=when_full)
    assert {each.value for each in service.Service if service.may_leave_message(own, each)} == allowed


def waits(*seconds: int, position: int = 1) -> list[Wait]:
    return [Wait(position=position, seconds=each) for each in seconds]


def test_estimates() -> None:
    """Nothing of too few; a range of the middle half, scaled by the place, rounded as people speak."""
    assert estimate(waits(*[60] * (ENOUGH - 1)), 1) is None
    assert estimate(waits(*[60] * ENOUGH), 1) == Estimate(low_minutes=1, high_minutes=2)
    assert estimate(waits(*[0] * ENOUGH), 1) == Estimate(low_minutes=0, high_minutes=1)
    spread = waits(60, 120, 240, 300, 420, 600, 720, 900, 1000)
    assert estimate(spread, 1) == Estimate(low_minutes=3, high_minutes=15)
    assert estimate(spread, 4) == Estimate(low_minutes=10, high_minutes=55)
    # Those at a similar place count alone, when they are enough.
    both = waits(*[60] * 20) + waits(*[3600] * ENOUGH, position=10)
    assert estimate(both, 10) == Estimate(low_minutes=60, high_minutes=75)
    assert estimate(both, 1) == Estimate(low_minutes=1, high_minutes=2)


def test_estimates_after_some_time() -> None:
    """What one has waited at this place is not still to come; in the end it is said plainly."""

    def after(minutes: int, *, began: int = 1, position: int = 1) -> tuple[int, int]:
        found = estimate(spread, position, Wait(position=began, seconds=minutes * 60))
        assert found is not None
        return found.low_minutes, found.high_minutes

    spread = waits(60, 120, 240, 300, 420, 600, 720, 900, 1000)
    assert [after(minutes) for minutes in (0, 1, 3, 10, 13)] == [(3, 15), (2, 15), (0, 15), (0, 4), (0, 1)]
    assert after(14) == after(10**6) == (LONGER.low_minutes, LONGER.high_minutes)
    # Seven minutes are what a place before usually takes: they bring nobody nearer to the end of this one.
    assert after(7, began=2) == after(0)
    assert after(17, began=2) == after(10)
    # Others have come before: one waits at this place from the beginning.
    assert after(10, began=1, position=2) == after(10, began=2, position=2)
    # Where nobody waits a minute is not long.
    at_once = waits(*[0] * ENOUGH)
    assert estimate(at_once, 1, Wait(position=1, seconds=59)) == Estimate(low_minutes=0, high_minutes=1)
    assert estimate(at_once, 1, Wait(position=1, seconds=60)) == LONGER


some_wait = st.builds(Wait, position=st.integers(1, 200), seconds=st.integers(0, 10**6))


@given(
    st.lists(some_wait, min_size=ENOUGH),
    st.integers(1, 500),
    st.none() | some_wait,
)
def test_estimates_are_ranges(known: list[Wait], position: int, so_far: Wait | None) -> None:
    """Whatever is known, low is below high and neither is below nothing; waiting makes none of it more."""
    found = estimate(known, position, so_far)
    first = estimate(known, position)
    assert found is not None
    assert first is not None
    assert 0 <= first.low_minutes < first.high_minutes
    assert (found == LONGER and so_far is not None) or 0 <= found.low_minutes < found.high_minutes
    assert found.high_minutes <= first.high_minutes


def test_languages() -> None:
    """Key by key: the tag asked for, its base, the organisation's first; places from one language."""
    own = organisation(
        languages=["de", "fr", "pt-BR"],
        texts={
            "de": {"welcome": "Willkommen", "closed": "Zu"},
            "fr": {"welcome": "Bienvenue"},
            "fr-CA": {"welcome": "Allo"},
        },
        elsewhere={"de": [{"name": "Seelsorge", "contact": "0800 111 0 111"}]},
    )
    assert languages.texts(own, "fr") == {"welcome": "Bienvenue", "closed": "Zu"}
    assert languages.texts(own, "FR-ca-x")["welcome"] == "Allo"
    assert languages.texts(own, "ja") == languages.texts(own, None) == own.texts["de"]
    assert languages.elsewhere(own, "fr") == (Place(name="Seelsorge", contact="0800 111 0 111"),)
    assert languages.elsewhere(organisation(), "fr") == ()
    for asked, expected in (("fr-CH", "fr"), ("pt-br", "pt-BR"), ("pt", "de"), (None, "de")):
        assert languages.chosen(own, asked) == expected


@given(st.text(codes.ALPHABET, min_size=16, max_size=16))
def test_codes_however_they_are_spelt(characters: str) -> None:
    """Small letters, blanks, other hyphens, O for 0 and l for 1 are the same code."""
    code = codes.grouped(characters)
    assert codes.return_code(code) == code
    worse = code.lower().replace("-", " - ").replace("0", "o").replace("1", "l")
    assert codes.return_code(f"  {worse}\n") == code


@given(st.sampled_from([16, 24]).flatmap(lambda size: st.text(codes.ALPHABET, min_size=size, max_size=size)))
def test_recovery_codes_old_and_new(characters: str) -> None:
    """Those of 80 bits, made before, and those of 120, however they are spelt; nothing between."""
    code = codes.grouped(characters)
    assert codes.find_recovery_code(code.lower().replace("-", " ")) == code
    assert codes.find_recovery_code(characters[:-1]) is None


@pytest.mark.parametrize(
    "wrong", ["", "0123", "U" * 16, "0" * 17, "é" * 16, 16, None, ["0" * 16], "0" * 10**5]
)
def test_what_is_no_code(wrong: object) -> None:
    """It is said so."""
    with pytest.raises(Invalid):
        codes.return_code(wrong)
    assert codes.find_recovery_code(wrong) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hours", {"monday": [["09:00", "13:00"], ["14:00", "24:00"]], "sunday": [["22:00", "06:00"]]}),
        ("hours", {"friday": [["00:00", "00:00"]]}),
        ("hours", None),
        ("special_days", [{"date": "2026-12-24", "spans": [["10:00", "12:00"]], "name": "Christmas Eve"}]),
        ("time_zone", "America/Argentina/Buenos_Aires"),
        ("queue_limit", None),
        ("languages", ["de", "de-x-informal", "ar"]),
        ("texts", {"de": {"welcome": "Hallo\n\nSie!"}}),
        (
            "elsewhere",
            {"en": [{"name": "A", "contact": "https://a.example/x?y=1#z", "text": "day and night"}]},
        ),
        ("elsewhere", {"en": [{"name": "B", "contact": "112", "text": ""}]}),
        ("exit_url", "https://www.example.org"),
        ("exit_url", None),
    ],
)
def test_settings_come_back_as_they_were_given(name: str, value: Any) -> None:
    """What is taken is shown in the same form, but that all weekdays are named."""
    shown = settings.plain(organisation(**{name: value}), name)
    if name == "hours" and value is not None:
        shown = {day: own for day, own in shown.items() if own}
        assert value.get("friday") is None or shown == {"friday": [["00:00", "24:00"]]}
        value = shown if "friday" in value else value
    assert shown == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hours", {"Monday": []}),
        ("hours", {"monday": [["9:00", "10:00"]]}),
        ("hours", {"monday": [["24:00", "10:00"]]}),
        ("hours", {"monday": [["09:00"]]}),
        ("hours", {"monday": [["09:00", "25:00"]]}),
        ("hours", {"monday": [["09:00", "10:00"]] * 7}),
        ("special_days", [{"spans": []}]),
        ("special_days", [{"date": "2026-02-30"}]),
        ("special_days", [{"date": "2026-12-24"}, {"date": "2026-12-24"}]),
        ("special_days", [{"date": "2026-12-24", "name": "two\nlines"}]),
        ("time_zone", "../etc/passwd"),
        ("queue_limit", 0),
        ("queue_limit", True),
        ("grace_seconds", 29),
        ("languages", []),
        ("languages", ["deutsch!"]),
        ("texts", {"de": {"greeting": "x"}}),
        ("texts", {"de": {"closed": "x" * 2001}}),
        ("texts", {"x": {"closed": "x"}}),
        ("elsewhere", {"de": [{"name": "x", "contact": "javascript:alert(1)"}]}),
        ("elsewhere", {"de": [{"name": "x", "contact": "http://a.example"}]}),
        ("elsewhere", {"de": [{"name": "x", "contact": 'https://a.example/"onclick'}]}),
        ("elsewhere", {"de": [{"contact": "112"}]}),
        ("exit_url", "http://a.example"),
        ("exit_url", "https://user@a.example"),
        ("logo_text", ""),
        ("logo_text", "x" * 31),
        ("logo_text", "two\nlines"),
        ("colours", {"accent": "#ffff00"}),
        ("colours", {"paper": "#333333"}),
        ("intake", "open"),
        ("at_closing", ""),
        ("neutral_title", 1),
    ],
)
def test_settings_that_cannot_be(name: str, value: Any) -> None:
    """The problem is said under the setting's name."""
    with pytest.raises(Invalid) as caught:
        settings.check({name: value})
    assert set(caught.value.details) == {name}


def test_what_a_contact_leads_to() -> None:
    """Numbers to the telephone, links where they say."""
    assert settings.href("+49 (30) 12-34") == "tel:+49301234"
    assert settings.href("https://a.example/x") == "https://a.example/x"
