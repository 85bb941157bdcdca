"""An appointment from the console to the client's page and back: given, moved, come to."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.looking import look_at
from tests.browser.people import House
from tests.browser.watching import Visitors

# A moment so many minutes from now, as the field for it takes it.
LOCAL = """minutes => {
  const at = Date.now() + minutes * 60_000;
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}"""


def choose_time(page: Page, minutes: int, button: str, *, has_code: bool) -> None:
    dialog = page.get_by_role("dialog", name="Appointment of Robin")
    expect(dialog.get_by_text("has no return code")).to_have_count(0 if has_code else 1)
    dialog.get_by_label("Day and time").fill(page.evaluate(LOCAL, minutes))
    look_at(page, "console-appointment")
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_have_count(0)


def test_come_again(house: House, visitors: Visitors) -> None:
    """The client reads when to come, with a code nobody asked for; by it they are the first one in line."""
    mara, robin = house.manager, house.arrive("Robin")
    mara.claim("Robin")
    mara.more("Appointment")
    choose_time(mara.page, 2 * 24 * 60, "Give the appointment", has_code=False)
    expect(robin.page.get_by_text(re.compile("Your appointment: .* your place are kept"))).to_be_visible()
    code = robin.page.locator("#return-code").inner_text()
    mara.page.get_by_role("button", name="End chat").click()
    mara.page.get_by_role("button", name="End the chat").click()
    expect(robin.page.get_by_role("heading", name="This conversation has ended")).to_be_visible()
    expect(robin.page.locator("#return-code")).to_have_text(code)
    look_at(robin.page, "anteroom-appointment")
    robin.page.context.close()

    ahead = mara.page.get_by_role("region", name="Appointments")
    expect(ahead.get_by_role("listitem")).to_contain_text("with you")
    ahead.get_by_role("button", name="Move the appointment").click()
    choose_time(mara.page, 5, "Move the appointment", has_code=True)
    house.arrive("Somebody earlier")

    page = visitors.open()
    page.goto(f"/o/{house.slug}")
    page.get_by_text("Come back with a code").click()
    page.get_by_label("Your return code").fill(code)
    page.get_by_role("button", name="Come back", exact=True).click()
    expect(page.get_by_role("heading", name="You are next in line")).to_be_visible()
    expect(mara.page.get_by_text("has come to the appointment with you")).to_be_visible()
    expect(ahead).to_have_count(0)
    expect(mara.entry("Robin")).to_contain_text("Appointment with Mara")
    look_at(mara.page, "console-appointed")
