"""An organisation ends."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.looking import look_at
from tests.browser.people import PASSWORD, House, found, log_in
from tests.browser.watching import Visitors


def test_deleting_the_organisation(house: House, visitors: Visitors) -> None:
    """Asked for name and password; then consultants and clients are thrown out at once, nobody else."""
    visitors.expect_complaint("status of 40[0134]")
    others = found(visitors, "Elsewhere", "Olga")
    guest = others.arrive("Toni")
    others.manager.claim("Toni")
    kim = house.invite("Kim")
    served, waiting = house.arrive("Robin"), house.arrive("Sascha")
    kim.claim("Robin")

    page = house.manager.page
    page.goto("/organisation")
    form = page.get_by_role("main").locator("#delete")
    for name, refused in (("Something else", True), (house.organisation, False)):
        form.get_by_role("textbox").first.fill(name)
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Delete the organisation").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete the organisation").click()
        if refused:
            expect(page.get_by_role("alert")).to_be_visible()
    expect(page).not_to_have_url(re.compile("/organisation"))
    expect(kim.page).to_have_url(re.compile("/login"))
    for client in (served, waiting):
        expect(client.scope.get_by_role("heading", name="There is nobody here")).to_be_visible()
        look_at(client.page, "anteroom-unknown")
        client.page.reload()
        expect(client.scope.get_by_role("heading", name="Nobody can be reached here")).to_be_visible()
    log_in(kim.page, kim.email)
    expect(kim.page.get_by_role("alert")).to_be_visible()

    guest.say("Still here")
    expect(others.manager.log).to_contain_text("Still here")
