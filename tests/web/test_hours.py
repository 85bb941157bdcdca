"""The pages of managers about hours, queue and texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import pytest_twisted

from hotline.domain.model import Intake, Place
from tests.web.browser import Browser, Response
from tests.web.conftest import House, stored

async_test = pytest_twisted.ensureDeferred

HOURS, TEXTS = "/organisation/hours", "/organisation/texts"

DAYS = (
    {"date": "2026-12-25", "hours": "", "name": "A <Day>"},
    {"date": "", "hours": " ", "name": ""},
    {"date": "2026-12-24", "hours": "10:00-12:00, 13:00-14:00", "name": "Eve"},
)
PLACES = (
    {"name": "Seelsorge", "contact": "0800 1110111", "text": "Tag und Nacht"},
    {"name": "Hilfe", "contact": "https://hilfe.example/x", "text": ""},
    {"name": "", "contact": "", "text": ""},
)


def rows(word: str, typed: Sequence[dict[str, str]]) -> dict[str, str]:
    """The fields of these rows, as the page would have them."""
    cells = {f"{word}__{n}__{part}": value for n, row in enumerate(typed) for part, value in row.items()}
    return {f"{word}s": str(len(typed)), **cells}


async def save(browser: Browser, path: str, action: str = "save", **typed: str | None) -> Response:
    """Change fields of one of the page's forms (None: a check box emptied) and send it."""
    fields: dict[str, str] = (await browser.get(path)).fields(action)
    for name, value in typed.items():
        name = name.replace("__", "-")
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = value
    return await browser.post(path.partition("?")[0], fields)


@async_test
async def test_saving_without_a_change_changes_nothing(house: House) -> None:
    """What the pages show is what is stored, first and after everything was set."""
    manager = await house.manager()
    for _ in range(2):
        before = await stored(house, manager)
        for path, action in (
            (HOURS, "save"),
            (TEXTS, "save"),
            (f"{TEXTS}?language=de", "save"),
            (TEXTS, "look"),
        ):
            assert (await save(manager, path, action)).status == 303
        assert await stored(house, manager) == before
        await _set_everything(manager)


async def _set_everything(manager: Browser) -> None:
    for done in (
        await save(
            manager,
            HOURS,
            always=None,
            monday="9:00-13:00, 18:00 – 02:00",
            sunday="00:00-24:00",
            **rows("day", DAYS),
            time_zone=" Europe/Berlin ",
            at_closing="dismiss",
            queue_limit="25",
            grace_seconds="300",
            messages_when_closed=None,
            messages_when_full="yes",
            message_days="14",
        ),
        await save(
            manager,
            TEXTS,
            "look",
            languages="de, en",
            neutral_title="yes",
            exit_url="https://www.example.org",
        ),
        await save(
            manager,
            f"{TEXTS}?language=de",
            text__welcome="Hallo <b>\r\n\r\nSie!",
            text__closed="Zu",
            **rows("place", PLACES),
        ),
        await save(manager, f"{TEXTS}?language=en", text__welcome="Hello"),
    ):
        assert done.status == 303, done.text


@async_test
async def test_saving_everything(house: House) -> None:
    """Each setting is stored and shown again; one language leaves the other alone."""
    manager = await house.manager()
    await _set_everything(manager)
    now = await stored(house, manager)
    assert now.hours is not None
    assert [(span.begin, span.end) for span in now.hours[0]] == [(540, 780), (1080, 1560)]
    assert [(span.begin, span.end) for span in now.hours[6]] == [(0, 1440)]
    assert [(str(day.date), len(day.spans), day.name) for day in now.special_days] == [
        ("2026-12-24", 2, "Eve"),
        ("2026-12-25", 0, "A <Day>"),
    ]
    assert (now.time_zone, now.at_closing, now.queue_limit) == ("Europe/Berlin", "dismiss", 25)
    assert (now.grace_seconds, now.message_days) == (300, 14)
    assert (now.messages_when_closed, now.messages_when_full) == (False, True)
    assert (now.languages, now.neutral_title) == (("de", "en"), True)
    assert now.exit_url == "https://www.example.org"
    assert now.texts == {"de": {"welcome": "Hallo <b>\n\nSie!", "closed": "Zu"}, "en": {"welcome": "Hello"}}
    assert now.elsewhere == {
        "de": (
            Place(name="Seelsorge", contact="0800 1110111", text="Tag und Nacht"),
            Place(name="Hilfe", contact="https://hilfe.example/x"),
        )
    }
    page = await manager.get(f"{TEXTS}?language=en")
    assert page.get("a", aria_current="true").attributes["lang"] == "en"
    assert page.fields("save")["text-welcome"] == "Hello"
    page = await manager.get(f"{HOURS}?done=saved")
    assert "The hours are saved." in page.visible
    assert page.get("a", aria_current="page").text == "Hours and queue"


@pytest.mark.parametrize(
    ("path", "action", "field", "value"),
    [
        (HOURS, "save", "monday", "nine to five"),
        (HOURS, "save", "monday", "09:00-25:00"),
        (HOURS, "save", "monday", ", ".join(["09:00-10:00"] * 7)),
        (HOURS, "save", "day-0-date", "24.12."),
        (HOURS, "save", "day-0-date", "2026-02-30"),
        (HOURS, "save", "day-1-date", "2026-12-24"),
        (HOURS, "save", "day-0-hours", "morning"),
        (HOURS, "save", "day-0-name", "x" * 81),
        (HOURS, "save", "day-1-name", "a\x00b"),
        (HOURS, "save", "time_zone", "Europe/Atlantis"),
        (HOURS, "save", "time_zone", "../../etc/passwd"),
        (HOURS, "save", "time_zone", "a\x00b"),
        (HOURS, "save", "at_closing", "shout"),
        (HOURS, "save", "queue_limit", "0"),
        (HOURS, "save", "queue_limit", "many"),
        (HOURS, "save", "grace_seconds", ""),
        (HOURS, "save", "grace_seconds", "1e3"),
        (HOURS, "save", "grace_seconds", "9" * 30),
        (HOURS, "save", "message_days", "366"),
        (TEXTS, "save", "text-welcome", "x" * 2001),
        (TEXTS, "save", "text-closed", "a\x00b"),
        (TEXTS, "save", "place-1-name", ""),
        (TEXTS, "save", "place-1-contact", ""),
        (TEXTS, "save", "place-0-contact", "javascript:alert(1)"),
        (TEXTS, "save", "place-0-text", "x" * 501),
        (TEXTS, "look", "languages", ""),
        (TEXTS, "look", "languages", "de, <b>"),
        (TEXTS, "look", "exit_url", "http://www.example.org"),
    ],
)
@async_test
async def test_each_wrong_setting(house: House, path: str, action: str, field: str, value: str) -> None:
    """400, the problem beside it, what was typed kept, nothing stored."""
    manager = await house.manager()
    before = await stored(house, manager)
    other = {HOURS: {"message_days": "7"}, TEXTS: {}}[path] if field != "message_days" else {}
    two = {
        HOURS: rows(
            "day", [{"date": "2026-12-24", "hours": "", "name": ""}, {**DAYS[0], "hours": "9:00-10:00"}]
        ),
        TEXTS: rows("place", PLACES[:2]),
    }
    typed = other | (two[path] if action == "save" else {}) | {field.replace("-", "__"): value}
    page = await save(manager, path, action, **typed)
    assert page.status == 400
    assert page.problem(field)
    assert page.title.startswith("Problem: ")
    kept = page.fields(action)
    if field != "at_closing":  # a list shows what it has
        assert kept[field].replace("\r\n", "\n") == value.replace("\x00", "")
    assert other.items() <= kept.items()
    assert await stored(house, manager) == before


@pytest.mark.parametrize(
    ("path", "word", "typed", "part", "add"),
    [(HOURS, "day", DAYS, "name", "add-day"), (TEXTS, "place", PLACES, "name", "add-place")],
)
@async_test
async def test_buttons_of_rows(
    house: House, path: str, word: str, typed: Sequence[dict[str, str]], part: str, add: str
) -> None:
    """Rows are added, moved and removed without a script; what was typed stays, and nothing is stored."""
    manager = await house.manager()
    before = await stored(house, manager)

    async def press(button: str, **more: str) -> list[str]:
        page = await save(manager, path, **more, rows=button)
        assert page.status == 200
        kept = page.fields("save")
        assert await stored(house, manager) == before
        return [kept[f"{word}-{n}-{part}"] for n in range(int(kept[f"{word}s"]))]

    first, second = typed[0][part], typed[1][part]
    assert await press(add) == [""]
    two = rows(word, typed[:2])
    assert await press(add, **two) == [first, second, ""]
    assert await press(f"remove-{word}-0", **two) == [second]
    assert await press(f"remove-{word}-9", **two) == [first, second]
    assert await press(f"lower-{word}-0", **two) == [second, first]
    page = await save(manager, path, rows="shout")
    assert page.status == 303


@pytest.mark.parametrize(
    ("path", "word", "most"), [(HOURS, "day", 200), (TEXTS, "place", 20)], ids=["days", "places"]
)
@async_test
async def test_no_more_rows_than_there_may_be(house: House, path: str, word: str, most: int) -> None:
    """Only so many can be added or sent, and their number is a number."""
    manager = await house.manager()
    before = await stored(house, manager)
    full = await save(manager, path, **{f"{word}s": str(most)}, rows=f"add-{word}")
    assert full.status == 200
    assert full.fields("save")[f"{word}s"] == str(most)
    assert full.find("button", value=f"add-{word}") is None
    for wrong in (str(most + 1), "-1", "many", "", "9" * 400, "²"):
        assert (await save(manager, path, **{f"{word}s": wrong})).status == 400
    assert await stored(house, manager) == before


@async_test
async def test_places_keep_the_order_they_were_dragged_into(house: House) -> None:
    """The order that the browser says counts; what is no order of these rows does not."""
    manager = await house.manager()
    for fields, order in ((rows("place", PLACES[:2]), "1,0"), ({}, "0,0"), ({}, "1")):
        assert (await save(manager, TEXTS, **fields, order=order)).status == 303
        places = (await stored(house, manager)).elsewhere["en"]
        assert [place.name for place in places] == ["Hilfe", "Seelsorge"]


@async_test
async def test_one_click(house: House) -> None:
    """Pause, close and open again, with what clients find now in words."""
    manager = await house.manager()
    csrf = (await manager.get(HOURS)).fields("save")["csrf"]
    for action, intake, sentence in (
        ("paused", Intake.PAUSED, "Paused"),
        ("closed", Intake.CLOSED, "You have closed."),
        ("scheduled", Intake.SCHEDULED, "Open: clients can enter."),
    ):
        done = await manager.post(HOURS, {"csrf": csrf, "action": action})
        assert (done.status, done.location) == (303, f"{HOURS}?done=intake")
        assert (await stored(house, manager)).intake is intake
        assert sentence in (await manager.get(HOURS)).visible
    assert (await manager.post(HOURS, {"csrf": csrf, "action": "shout"})).status == 400
    assert (await manager.post(HOURS, {"csrf": "wrong", "action": "paused"})).status == 403
    assert (await stored(house, manager)).intake is Intake.SCHEDULED
    await save(manager, HOURS, always=None, monday="10:00-12:00", time_zone="Europe/Berlin")
    # The tests' clock stands at Sunday, 12:00 UTC.
    assert "Closed by your hours. You open tomorrow at 10:00." in (await manager.get(HOURS)).visible


@async_test
async def test_only_managers_and_only_their_own(house: House) -> None:
    """Staff are refused, and what one organisation saves is none of another's business."""
    manager = await house.manager()
    other = await house.manager("Harbour", "kim@example.org")
    staff = await house.colleague(manager)
    before: Any = await stored(house, manager)
    for path in (HOURS, TEXTS):
        assert (await staff.get(path)).status == 403
        assert (await staff.post(path, {"action": "save"})).status == 403
    await _set_everything(other)
    assert await stored(house, manager) == before
