"""An organisation comes to hotline, and its people after it."""

from __future__ import annotations

import re
import urllib.request

from playwright.sync_api import expect

from tests.browser.daemon import Daemon
from tests.browser.people import PASSWORD, House, ask_in, console_of, home_of, join, log_in
from tests.browser.watching import Visitors


def test_somebody_registers_an_organisation(visitors: Visitors) -> None:
    """From the front page over the form, with a mistake on the way, to the empty clientlist."""
    visitors.expect_complaint("status of 400")
    page = visitors.open()
    page.goto("/")
    page.get_by_role("link", name="Register an organisation").click()
    page.get_by_label("Name of the organisation").fill("Harbour")
    page.get_by_label("Your name").fill("Noor")
    page.get_by_label("Email").fill("noor@harbour.example")
    page.get_by_label("Password").fill("password1234")
    page.get_by_role("button", name="Register").click()

    password = page.get_by_label("Password")
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_value("")
    expect(page.get_by_label("Your name")).to_have_value("Noor")
    password.fill(PASSWORD)
    page.get_by_role("button", name="Register").click()

    noor = console_of(page, "Noor", "noor@harbour.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("Clients of Harbour")
    expect(noor.list).to_contain_text("Nobody is waiting.")


def test_an_invitation_brings_a_colleague(house: House, visitors: Visitors, daemon: Daemon) -> None:
    """The mail has the link the page shows; scanners may look; one person may use it, then it is gone."""
    email = "kim@haven.example"
    shown = ask_in(house.manager, email)
    link = daemon.link_in_mail(email, "/register/user/")
    assert link == shown
    for _ in range(2):
        with urllib.request.urlopen(link) as scanned:
            assert scanned.status == 200

    page = visitors.open()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Join {house.organisation}")
    expect(page.get_by_text(email)).to_be_visible()
    join(page, "Kim")
    kim = console_of(page, "Kim", email)
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link", name="Invite")).to_have_count(0)
    expect(pages.get_by_role("link", name="Organisation")).to_have_count(0)

    visitors.expect_complaint("status of 410")
    second = visitors.open()
    answer = second.goto(link)
    assert answer is not None
    assert answer.status == 410
    expect(second.get_by_role("heading", level=1)).to_have_text("This invitation no longer works")
    second.get_by_role("main").get_by_role("link", name="Log in").click()
    log_in(second, email)
    console_of(second, "Kim", email)
    assert kim.name == "Kim"


def test_an_invitation_taken_back_is_gone(house: House, visitors: Visitors) -> None:
    """The manager sees open invitations and can take one back, after being asked."""
    link = ask_in(house.manager, "late@haven.example")
    page = house.manager.page
    page.get_by_role("button", name="Take back the invitation of late@haven.example").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Take back")).click()
    expect(page.get_by_role("status")).to_contain_text("taken back")

    visitors.expect_complaint("status of 410")
    stranger = visitors.open()
    answer = stranger.goto(link)
    assert answer is not None
    assert answer.status == 410


def test_staff_may_not_invite(house: House, visitors: Visitors) -> None:
    """Whoever types the address of a managers' page is told that it is not for them."""
    kim = house.invite("Kim")
    visitors.expect_complaint("status of 403")
    for path in ("/invite", "/organisation"):
        answer = kim.page.goto(path)
        assert answer is not None
        assert answer.status == 403
        expect(kim.page.get_by_role("heading", level=1)).to_have_text("This is not for you")
    kim.page.get_by_role("main").get_by_role("link", name="To the clients").click()
    expect(kim.page).to_have_url(f"{home_of(kim.page)}/clientlist")
