"""Names and messages from a list of naughty strings are shown as what they are, and do nothing.

The watched windows fail the test on any dialog, error or violation of the content policy.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Consultant, House, expect_delivered
from tests.browser.watching import Visitors
from tests.helpers import NAUGHTY

MARKUP = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')


def expect_no_markup(page: Page) -> None:
    """Nothing of the texts has become an element."""
    assert page.locator("img[src=x], body script").count() == 0


def test_messages_arrive_unchanged(house: House, visitors: Visitors) -> None:
    """Each text, both ways, letter by letter, and again after a reload."""
    client, mara = house.arrive("Robin"), house.manager
    mara.claim("Robin")
    for text in NAUGHTY:
        client.say(text)
        mara.say("Robin", f"{text}\nsecond line")
    expect_delivered(client.page, mara.page)
    for page in (client.page, mara.page):
        for _ in range(2):
            texts = page.locator(".message-text")
            expect(texts).to_have_count(2 * len(NAUGHTY))
            shown = set(texts.evaluate_all("all => all.map(one => one.textContent)"))
            # White space at both ends goes, and for JavaScript the byte order mark is white space.
            expected = {text.removeprefix("\ufeff") for text in NAUGHTY}
            assert expected <= shown
            assert {f"{text}\nsecond line" for text in expected} <= shown
            expect_no_markup(page)
            page.reload()
    expect(mara.composer("Robin")).to_be_visible()


@pytest.mark.parametrize("name", MARKUP)
def test_names_are_only_text(name: str, house: House, visitors: Visitors) -> None:
    """Names of people and what the client answers, wherever they are shown."""
    kim = house.invite("Kim")
    kim.page.goto("/account")
    form = kim.page.get_by_role("main").locator("#profile")
    form.get_by_label("Your name").fill(name)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Your name")).to_have_value(name)
    kim.open_console()

    client = house.arrive(name, age=name, gender=name, issues=name)
    other: Consultant = house.manager
    expect(other.entry(name)).to_contain_text("Place 1")
    kim.claim(name)
    expect(kim.profile.get_by_text(name, exact=True)).to_have_count(4)
    kim.say(name, "Hello")
    expect(client.log).to_contain_text(f"{name} is here for you now.")
    client.composer.press_sequentially("x")
    expect(kim.page.get_by_text(f"{name} is typing")).to_be_visible()
    expect(other.entry(name)).to_contain_text("with")
    for page in (client.page, kim.page, other.page):
        expect_no_markup(page)
    for path in ("/organisation", "/invite"):
        other.page.goto(path)
        expect_no_markup(other.page)


@pytest.mark.parametrize("name", MARKUP)
def test_the_name_of_an_organisation_is_only_text(name: str, house: House, visitors: Visitors) -> None:
    """On the manager's pages, in the snippets, in the anteroom and in invitations."""
    page = house.manager.page
    page.goto("/organisation")
    page.locator("#settings").get_by_label("Name of the organisation").fill(name)
    page.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.goto("/anteroom.html")
    expect(page.get_by_role("main")).to_contain_text(name)
    assert "<script>alert" not in page.get_by_label("Snippet for a frame").input_value()
    client = house.arrive("Robin")
    expect(client.page.get_by_role("heading", level=1)).to_have_text(name)
    expect(client.page).to_have_title(f"{name} - hotline")
    house.manager.open_console()
    for window in (page, client.page):
        expect_no_markup(window)
