"""The anteroom inside a page of the organisation, which is on another site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.looking import look_at
from tests.browser.people import Client, House
from tests.browser.site import Site, serving
from tests.browser.watching import PHONE, Visitors


@pytest.fixture
def site() -> Iterator[Site]:
    """The organisation's own site."""
    with serving() as site:
        yield site


def take_snippet(house: House, label: str) -> str:
    """The manager copies a snippet from hotline's page."""
    page = house.manager.page
    page.goto("/anteroom.html")
    snippet = page.get_by_label(label).input_value()
    house.manager.open_console()
    return snippet


def framed(page: Page, name: str) -> Client:
    """Somebody before the frame in this page."""
    return Client(scope=page.frame_locator("iframe"), name=name)


def test_a_plain_frame(house: House, visitors: Visitors, site: Site) -> None:
    """A client enters in the frame, sees its place, writes first words; a consultant reads all of it."""
    site.snippet = take_snippet(house, "Snippet for a frame")
    page = visitors.open()
    page.goto(site.url)
    client = framed(page, "Robin")
    client.enter(age="17", gender="non-binary", issues="Trouble at school")
    expect(client.place).to_have_text("You are next in line")
    client.say("Are you there?")
    expect(client.log).to_contain_text("Are you there?")

    second = visitors.open()
    second.goto(site.url)
    later = framed(second, "Sascha")
    expect(later.scope.get_by_text("1 person is waiting before you.")).to_be_visible()
    later.enter()
    expect(later.place).to_have_text("You are number 2 in line")

    mara = house.manager
    mara.claim("Robin")
    expect(mara.log).to_contain_text("Are you there?")
    for fact in ("17", "non-binary", "Trouble at school"):
        expect(mara.profile).to_contain_text(fact)
    expect(later.place).to_have_text("You are next in line")
    mara.say("Robin", "Yes, I am.")
    expect(client.log).to_contain_text("Yes, I am.")


def test_a_button_in_the_corner(house: House, visitors: Visitors, site: Site) -> None:
    """One line of script: a button opens the anteroom; hidden and shown again, the conversation goes on."""
    site.snippet = take_snippet(house, "Snippet for a button")
    page = visitors.open()
    page.goto(site.url)
    opener = page.get_by_role("button", name="Chat with us")
    expect(page.locator("iframe")).to_have_count(0)
    opener.click()
    client = framed(page, "Robin")
    client.enter(issues="Trouble at home")
    client.say("First words")
    expect(client.log).to_contain_text("First words")
    look_at(page, "embedded")

    page.get_by_role("button", name="Close").click()
    expect(page.locator("iframe")).to_be_hidden()
    expect(opener).to_be_focused()
    mara = house.manager
    mara.claim("Robin")
    expect(opener).to_have_text("(1) Chat with us")
    mara.say("Robin", "Hello Robin")
    # Nobody has it before their eyes.
    expect(mara.log.locator(".log-mark")).to_contain_text("Delivered")
    opener.click()
    expect(client.log).to_contain_text("Hello Robin")
    expect(mara.log.locator(".log-mark")).to_contain_text("Seen")
    page.get_by_role("button", name="Close").press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(opener).to_have_text("Chat with us")

    # Who is in the frame cannot send the site elsewhere: not our page with a script, not another page at all.
    page.evaluate("addEventListener('message', () => { window.heard = (window.heard ?? 0) + 1 })")
    said = "what => new Promise(done => { parent.postMessage(what, '*'); setTimeout(done) })"
    page.frames[1].evaluate(said, "javascript:document.title='taken over'")
    page.locator("iframe").evaluate("(frame, url) => { frame.src = url; }", site.url)
    expect(page.frame_locator("iframe").locator("h1", has_text="Our helpline")).to_have_count(1)
    page.frames[1].evaluate(said, f"{site.url}taken-over")
    page.wait_for_function("window.heard === 2")
    assert (page.title(), page.url) == ("Our helpline", site.url)


def test_a_button_as_the_site_wants_it(house: House, visitors: Visitors, site: Site) -> None:
    """Its words and colour are the site's, its side that of the writing; and who opens it can go at once."""
    more = 'data-label="Hilfe" data-close="Zu" data-colour="#123456" data-organisation'
    site.snippet = take_snippet(house, "Snippet for a button").replace("data-organisation", more)
    page = visitors.open()
    page.goto(site.url)
    page.locator("html").evaluate("html => { html.dir = 'rtl'; }")
    opener = page.get_by_role("button", name="Hilfe")
    expect(opener).to_have_css("background-color", "rgb(18, 52, 86)")
    expect(opener).to_have_css("left", "16px")
    opener.click()
    expect(page.get_by_role("button", name="Zu")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("button", name="Exit now")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("**/exit")


def test_a_button_on_a_phone(house: House, visitors: Visitors, site: Site) -> None:
    """On a small screen the anteroom fills the window, and closes again."""
    site.snippet = take_snippet(house, "Snippet for a button")
    page = visitors.open(viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto(site.url)
    page.get_by_role("button", name="Chat with us").tap()
    dialog = page.get_by_role("dialog", name="Chat with us")
    expect(dialog).to_be_visible()
    box = dialog.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    framed(page, "Robin").enter()
    page.get_by_role("button", name="Close").tap()
    expect(page.get_by_role("heading", name="Our helpline")).to_be_visible()
    expect(dialog).to_be_hidden()


def test_only_the_allowed_sites_may_embed(house: House, visitors: Visitors, site: Site) -> None:
    """With another site in the list the frame stays empty; with this one it works."""
    site.snippet = take_snippet(house, "Snippet for a frame")
    settings = house.manager.page
    visitor = visitors.open()
    visitors.expect_complaint("frame-ancestors")
    for allowed, works in (("https://www.elsewhere.example", False), (site.origin, True)):
        settings.goto("/organisation")
        sites = settings.get_by_role("group", name="Sites that may embed the anteroom")
        if not sites.get_by_role("textbox").count():
            sites.get_by_role("button", name="Add a site").click()
        sites.get_by_role("textbox").fill(allowed)
        settings.get_by_role("button", name="Save the settings").click()
        expect(settings.locator(".notice.success")).to_contain_text("saved")
        visitor.goto(site.url)
        question = visitor.frame_locator("iframe").get_by_label("What may we call you?")
        expect(question).to_have_count(1 if works else 0)


@pytest.mark.parametrize("blocked", ["cookies of other sites", "all cookies and storage"])
def test_without_cookies_and_storage(
    blocked: str, house: House, visitors: Visitors, site: Site, playwright: Playwright, tmp_path: Path
) -> None:
    """Where the browser blocks all that, the client's side works; a reload starts anew and breaks nothing."""
    site.snippet = take_snippet(house, "Snippet for a frame")
    # As a person sets it in the settings of the whole browser; light Chromium knows none of cookies.
    settings = {
        "cookies of other sites": {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}},
        "all cookies and storage": {"profile": {"default_content_setting_values": {"cookies": 2}}},
    }[blocked]
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium_path(), args=FLAGS, locale="en-GB"
    )
    page = visitors.watch(context).pages[0]
    page.goto(site.url)
    frame = page.frames[1]
    frame.wait_for_load_state()
    assert frame.evaluate("() => { try { return typeof sessionStorage } catch { return 0 } }") == 0

    client = framed(page, "Robin")
    client.enter(issues="Something private")
    client.say("First words")
    house.manager.claim("Robin")
    house.manager.say("Robin", "Hello")
    expect(client.log).to_contain_text("Hello")
    client.say("Answer")
    expect(house.manager.log).to_contain_text("Answer")

    page.reload()
    again = framed(page, "Robin again")
    again.enter()
    expect(again.place).to_have_text("You are next in line")
    expect(again.log).not_to_contain_text("First words")
    expect(house.manager.log).to_contain_text("First words")
    house.manager.claim("Robin again")
