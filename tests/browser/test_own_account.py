"""What people do with their own account."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.daemon import Daemon
from tests.browser.looking import look_at
from tests.browser.people import PASSWORD, House, console_of, home_of, log_in
from tests.browser.watching import Visitors

NEW_PASSWORD = "nineteen quiet ferries at dawn"


def test_a_forgotten_password(house: House, visitors: Visitors, daemon: Daemon) -> None:
    """The mailed link lets one choose a new password, once; the old one is no longer good."""
    email = house.manager.email
    visitors.expect_complaint("status of 400", "status of 410", "status of 401")
    page = visitors.open()
    page.goto("/login")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")

    link = daemon.link_in_mail(email, "/changepw/")
    page.goto(link)
    look_at(page, "reset")
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    expect(page).not_to_have_url(link)

    other = visitors.open()
    log_in(other, email)
    expect(other.get_by_role("alert")).to_be_visible()
    log_in(other, email, NEW_PASSWORD)
    console_of(other, house.manager.name, email)

    answer = page.goto(link)
    assert answer is not None
    assert answer.status == 410
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")


def test_an_unknown_address_gets_the_same_answer(visitors: Visitors) -> None:
    """Nobody can find out who has an account here."""
    page = visitors.open()
    page.goto("/forgotpw")
    page.get_by_label("Email").fill("nobody@nowhere.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")


def test_a_new_password_ends_the_other_logins(house: House, visitors: Visitors) -> None:
    """The console in the other browser is thrown out by itself; the page that changed it stays logged in."""
    visitors.expect_complaint("status of 401", "status of 403")
    elsewhere = visitors.open()
    log_in(elsewhere, house.manager.email)
    console_of(elsewhere, house.manager.name, house.manager.email)

    page = house.manager.page
    page.goto("/account")
    form = page.get_by_role("main").locator("#password")
    form.get_by_label("Current password").fill(PASSWORD)
    form.get_by_label("New password").fill(NEW_PASSWORD)
    form.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status").filter(has_text="Your password is changed")).to_be_visible()
    expect(elsewhere).to_have_url(re.compile("/login"))
    house.manager.open_console()


def test_a_new_name_and_address(house: House, visitors: Visitors, daemon: Daemon) -> None:
    """Clients see the new name at once; one logs in with the new address when its mailed link was used."""
    page = house.manager.page
    page.get_by_role("link", name="Account of").click()
    form = page.get_by_role("main").locator("#profile")
    form.get_by_label("Your name").fill("Mara Ní Bhriain")
    form.get_by_label("Email").fill(f"new.{house.manager.email}")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="A link is on its way")).to_be_visible()
    page.goto(daemon.link_in_mail(f"new.{house.manager.email}", "/account/email/"))
    look_at(page, "confirm-email")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()

    house.manager.open_console()
    client = house.arrive("Robin")
    house.manager.claim("Robin")
    house.manager.say("Robin", "Hello")
    expect(client.log).to_contain_text("Mara Ní Bhriain")

    other = visitors.open()
    log_in(other, f"new.{house.manager.email}")
    console_of(other, "Mara Ní Bhriain", "")


def test_logging_out_and_coming_back(house: House, visitors: Visitors) -> None:
    """After logging out, the console asks to log in; afterwards one stands before it."""
    page = house.manager.page
    house.manager.log_out()
    page.goto("/clientlist")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Email").fill(house.manager.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    console_of(page, house.manager.name, house.manager.email)


def test_another_login_is_ended(house: House, visitors: Visitors) -> None:
    """One sees where one is logged in, and can end it from afar."""
    visitors.expect_complaint("status of 401", "status of 403")
    elsewhere = visitors.open()
    log_in(elsewhere, house.manager.email)
    console_of(elsewhere, house.manager.name, house.manager.email)
    page = house.manager.page
    page.goto("/account")
    page.get_by_role("button", name="End the login of").click()
    expect(page.get_by_role("status").filter(has_text="ended")).to_be_visible()
    expect(elsewhere).to_have_url(re.compile("/login"))


def test_deleting_the_own_account(house: House, visitors: Visitors) -> None:
    """Asked for the password and once more; then it is gone, and the client waits in line again."""
    visitors.expect_complaint("status of 400")
    kim = house.invite("Kim")
    client = house.arrive("Robin")
    kim.claim("Robin")
    kim.page.goto("/account")
    form = kim.page.get_by_role("main").locator("#delete")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Delete my account").click()
    kim.page.get_by_role("dialog").get_by_role("button", name="Delete my account").click()
    expect(kim.page).to_have_url(f"{home_of(kim.page)}/login?done=deleted")
    expect(house.manager.page.get_by_role("button", name="Chat now with Robin")).to_be_visible()
    expect(client.place).to_have_text("You are next in line")
    log_in(kim.page, kim.email)
    expect(kim.page.get_by_role("alert")).to_be_visible()
