"""Ready answers and referrals: made on the pages, found by keyboard, put into the box and never sent."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.looking import look_at
from tests.browser.people import House
from tests.browser.watching import Visitors


def make(page: Page, path: str, **typed: str) -> None:
    page.goto(path)
    for label, value in typed.items():
        page.locator(f"[name={label}]:not([type=hidden])").first.fill(value)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("is saved")


def test_help_with_writing(house: House, visitors: Visitors) -> None:
    """By a shortcut, by searching, by pointer and keyboard; what a manager changes is there at once."""
    visitors.expect_complaint("status of 400")
    kim, mara = house.invite("Kim"), house.manager
    make(mara.page, "/organisation/answers", shortcut="hello", text="Hello {client}, I am {consultant}.")
    make(mara.page, "/organisation/answers", shortcut="bye", text="Take care.\n{organisation}")
    look_at(mara.page, "organisation-answers")
    mara.page.get_by_label("Shortcut").fill("two words")
    mara.page.get_by_role("button", name="Save", exact=True).click()
    expect(mara.page.get_by_role("alert")).to_be_visible()
    look_at(mara.page, "organisation-answers-mistakes")
    make(
        mara.page,
        "/organisation/referrals",
        name="Night line",
        contact="0800 111",
        text="Until 6",
        topics="Sleep",
    )
    make(mara.page, "/organisation/referrals", name="Café Mut", contact="https://mut.example")
    look_at(mara.page, "organisation-referrals")
    make(kim.page, "/account/answers", shortcut="hmm", text="Take your time.")
    look_at(kim.page, "account-answers")

    kim.open_console()
    house.arrive("Robin")
    kim.claim("Robin")
    composer = kim.composer("Robin")
    listed = kim.page.get_by_role("listbox", name="Ready answers").get_by_role("option")

    composer.press_sequentially("/h")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text("Hello Robin, I am Kim.")
    active = composer.get_attribute("aria-activedescendant")
    expect(kim.page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    look_at(kim.page, "console-answers")
    composer.press("ArrowDown")
    expect(listed.nth(1)).to_have_attribute("aria-selected", "true")
    composer.press("Escape")
    expect(listed).to_have_count(0)
    composer.press("Control+a")
    composer.press("Delete")
    composer.press_sequentially("Well, /hel")
    expect(listed).to_have_count(1)
    composer.press("Enter")
    expect(composer).to_have_value("Well, Hello Robin, I am Kim.")
    expect(composer).to_be_focused()
    composer.press("Control+z")
    expect(composer).to_have_value("Well, /hel")
    composer.press("Control+a")
    composer.press_sequentially("/hmm")
    listed.first.click()
    expect(composer).to_have_value("Take your time.")

    # What changes elsewhere is here at once.
    mara.call("hotline.answers.set", shortcut="new", text="New: {client}", scope="organisation")
    composer.press("Control+/")
    dialog = kim.page.get_by_role("dialog", name="Ready answers")
    field = dialog.get_by_role("combobox")
    expect(field).to_be_focused()
    found = dialog.get_by_role("option")
    expect(found).to_have_count(4)
    look_at(kim.page, "console-find-answers")
    field.fill("robin new")
    expect(found).to_have_count(0)
    field.fill("new")
    expect(found).to_have_count(1)
    field.press("Enter")
    expect(composer).to_have_value("Take your time. New: Robin")
    expect(composer).to_be_focused()

    kim.page.get_by_role("button", name="Referrals", exact=True).click()
    dialog = kim.page.get_by_role("dialog", name="Referrals")
    found = dialog.get_by_role("option")
    expect(found).to_have_count(2)
    look_at(kim.page, "console-referrals")
    dialog.get_by_role("combobox").press("ArrowDown")
    expect(found.nth(1)).to_have_attribute("aria-selected", "true")
    dialog.get_by_role("combobox").fill("sleep")
    expect(found).to_have_count(1)
    found.first.click()
    expect(composer).to_have_value("Take your time. New: Robin\nNight line\n0800 111\nUntil 6")
    expect(kim.log).not_to_contain_text("Night line")
    composer.press("Enter")
    expect(kim.log).to_contain_text("Night line")
