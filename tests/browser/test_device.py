"""What belongs to a consultant's device: being called while one looks elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import whole_browser
from tests.browser.looking import look_at
from tests.browser.people import Client, House
from tests.browser.watching import Visitors

# Light Chromium shows no notifications.
browser = whole_browser()

# The browser's own, and what they were told, so that it can be asked about.
TOLD = """
window.told = [];
window.Notification = class extends Notification {
    constructor(title, options) { super(title, options); told.push({ title, ...options }); }
};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...args) { told.push("tone"); return start.apply(this, args); };
"""

# What a client's device is told to do besides.
SHAKEN = """
const vibrate = navigator.vibrate;
navigator.vibrate = pattern => { told.push(pattern); return vibrate.call(navigator, pattern); };
0;
"""
VIBRATION = [200, 100, 200]


def focused(page: Page, enabled: bool) -> None:
    """Whether this window takes itself for the one in front, whatever others do."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setFocusEmulationEnabled", {"enabled": enabled})


def look_away(page: Page) -> None:
    """Another window comes before this one."""
    focused(page, False)
    page.context.new_page().bring_to_front()
    page.wait_for_function("!document.hasFocus()")


def told(page: Page) -> list[Any]:
    """What was sounded and shown since it was last asked about."""
    return list(page.evaluate("told.splice(0)"))


@pytest.fixture
def listening(house: House, visitors: Visitors) -> House:
    """The manager's browser may show notifications, and what it is told is kept."""
    context = house.manager.page.context
    context.grant_permissions(["notifications"])
    context.add_init_script(TOLD)
    return house


def test_being_called(listening: House) -> None:
    """Set and tried on the account page; then a tone and a notification that say nothing of anybody, a count
    in title and icon; nothing is heard while one looks."""
    mara = listening.manager
    page = mara.page
    page.goto("/account")
    card = page.locator("#device")
    card.get_by_role("checkbox", name="A tone").check()
    card.get_by_role("checkbox", name="A notification").check()
    card.get_by_role("button", name="Try it: A tone").click()
    expect(card.get_by_role("status")).to_contain_text("tone")
    assert told(page) == ["tone"]
    card.get_by_role("button", name="Try it: A notification").click()
    expect(card.get_by_role("status")).to_contain_text("notification")
    (shown,) = told(page)
    look_at(page, "account-device")

    mara.open_console()
    page.keyboard.press("Shift")
    icon = page.locator("link[rel=icon]")
    plain = icon.evaluate("one => one.href")
    listening.arrive("Robin", issues="A secret")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    assert told(page) == []
    look_away(page)
    listening.arrive("Sascha")
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    assert icon.evaluate("one => one.href").startswith("data:image/svg+xml")
    tone, called = told(page)
    assert (tone, called["body"]) == ("tone", shown["body"])
    assert not re.search("Robin|Sascha|secret", str(called))
    mara.claim("Robin")
    mara.claim("Sascha")
    expect(page).to_have_title(re.compile(r"^Clients of "))
    expect(icon).to_have_js_property("href", plain)


def test_a_client_is_called(listening: House, visitors: Visitors) -> None:
    """Who asked for it hears and feels once that somebody is here, the title says it until one looks; who did
    not is told by the title alone."""
    mara, title = listening.manager, f"{listening.organisation} - hotline"
    robin = Client(scope=visitors.open(has_touch=True, is_mobile=True), name="Robin")
    robin.page.goto(f"/o/{listening.slug}")
    robin.enter()
    sascha = listening.arrive("Sascha")
    for client in (robin, sascha):
        client.page.evaluate(TOLD + SHAKEN)
    for kind, is_told in (("sound", ["tone"]), ("vibration", [VIBRATION])):
        robin.page.get_by_label(f"Call me with a {kind}").check()
        assert told(robin.page) == is_told, "it is heard and felt as it will be"
    for client in (robin, sascha):
        look_away(client.page)
        mara.claim(client.name)
        expect(client.page).to_have_title("● Somebody is here for you")
        expect(client.log).to_contain_text("Mara is here for you now.")
    assert told(robin.page) == [VIBRATION, "tone"]
    assert told(sascha.page) == []
    robin.page.bring_to_front()
    focused(robin.page, True)
    expect(robin.page).to_have_title(title)


def test_a_dead_connection_is_said_loudly(listening: House, visitors: Visitors) -> None:
    """After twenty seconds without a connection: in page, title and by a signal, until it is back."""
    visitors.expect_interruption()
    mara = listening.manager
    page = mara.page
    page.clock.install()
    mara.open_console()
    page.get_by_role("button", name="Signals and keys").click()
    page.get_by_label("Sound").check()
    page.get_by_label("Notifications of the browser").check()
    page.keyboard.press("Escape")
    assert told(page) == ["tone"]
    page.context.set_offline(True)
    expect(mara.link).to_contain_text("offline")
    assert told(page) == []
    page.clock.fast_forward(20_000)
    alarm = page.get_by_role("alert")
    expect(alarm).to_contain_text("nobody reaches you just now")
    expect(page).to_have_title(re.compile("^⚠ "))
    tone, called = told(page)
    assert (tone, called["body"]) == ("tone", "The connection is lost: nobody reaches you just now.")
    look_at(page, "console-lost")
    page.context.set_offline(False)
    expect(mara.link).to_have_text("Connected", timeout=40_000)
    expect(alarm).to_have_count(0)
    expect(page).to_have_title(re.compile("^Clients of "))
