"""An organisation at an address of its own: browsers look for every name below localhost on this machine."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.daemon import Daemon
from tests.browser.people import Client, found
from tests.browser.watching import Visitors


@pytest.fixture(scope="module")
def daemon(daemon_at_localhost: Daemon) -> Daemon:
    """One with a wildcard as public address."""
    return daemon_at_localhost


def test_a_conversation_at_its_own_address(visitors: Visitors, daemon: Daemon) -> None:
    """The anteroom works there as it does below the pages' address; people log in at the pages' alone."""
    house = found(visitors, "Lighthouse", "Mara")
    own = daemon.url.replace("://", f"://{house.slug}.")
    page = house.manager.page
    page.goto("/organisation")
    expect(page.get_by_label("Address of the anteroom")).to_have_value(own)
    house.manager.open_console()
    robin = Client(scope=visitors.open(base_url=own), name="Robin")
    robin.page.goto("/")
    robin.enter()
    house.manager.claim("Robin")
    house.manager.say("Robin", "Hello Robin")
    expect(robin.log).to_contain_text("Hello Robin")
    robin.page.reload()
    robin.say("Still here")
    expect(house.manager.log).to_contain_text("Still here")
    robin.page.goto("/login")
    expect(robin.page).to_have_url(re.compile(f"^{re.escape(daemon.url)}/login"))
    visitors.expect_complaint("status of 404")
    robin.page.goto(daemon.url.replace("://", "://nobody."))
    expect(robin.page.get_by_role("heading", level=1)).to_be_visible()
