"""Passkeys as people use them, with Chromium's own device in software."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.daemon import Daemon
from tests.browser.looking import look_at
from tests.browser.people import PASSWORD, console_of, found, log_in
from tests.browser.watching import Visitors


@pytest.fixture(scope="module")
def daemon(daemon_at_localhost: Daemon) -> Daemon:
    """Browsers tie passkeys to a name."""
    return daemon_at_localhost


def with_device(page: Page) -> None:
    """The window has a device that asks its owner for a fingerprint, and gets the right one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_from_its_making_to_its_end(visitors: Visitors) -> None:
    """Added, then shown instead of a password, after one, and as a proof; then removed."""
    house = found(visitors)
    page, email = house.manager.page, house.manager.email
    with_device(page)
    page.goto("/account/factors")
    page.get_by_label("Name").fill("my laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_label("Recovery codes")).to_be_visible()
    expect(page.get_by_text("my laptop").first).to_be_visible()
    look_at(page, "factors-recovery-codes")
    page.get_by_label("Name").fill("the same again")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device has a passkey of yours already.")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in with a passkey").click()
    console_of(page, house.manager.name, email)

    house.manager.log_out()
    log_in(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    look_at(page, "login-factor")
    page.get_by_role("button", name="Use a passkey").click()
    console_of(page, house.manager.name, email)

    page.goto("/account/proof?for=factors")
    look_at(page, "proof-passkey")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove my laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status").first).to_contain_text("The passkey is removed")
    page.get_by_role("button", name="Log out").click()
    visitors.expect_complaint("status of 400")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("is not known here any more")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    console_of(page, house.manager.name, email)
