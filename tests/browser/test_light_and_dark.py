"""Light or dark: what belongs to a consultant's device and holds on all pages."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.people import House

DARK, LIGHT = "rgb(20, 25, 26)", "rgb(246, 243, 238)"
BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"
# The colour of each frame from the first one on.
FRAMES = f"""
window.frames = [];
const look = () => {{ frames.push({BACKGROUND}); requestAnimationFrame(look); }};
requestAnimationFrame(look);
"""


def test_light_and_dark(house: House) -> None:
    """Chosen on one page it holds on all, from the first frame on, in other tabs at once."""
    page = house.manager.page
    page.context.add_init_script(FRAMES)
    page.goto("/account")
    page.get_by_label("Dark").check()
    assert page.evaluate(BACKGROUND) == DARK
    other = page.context.new_page()
    for path in ("/account", "/clientlist", "/invite"):
        other.goto(path)
        assert set(other.evaluate("frames")) == {DARK}
    other.goto("/clientlist")
    # Until then more comes beside the button.
    expect(other.locator(".desk-top").get_by_role("status")).to_have_text("Connected")
    other.get_by_role("button", name="Signals and keys").click()
    expect(other.get_by_label("Dark")).to_be_checked()
    other.get_by_label("Light").check()
    expect(page.get_by_label("Light")).to_be_checked()
    for tab in (page, other):
        tab.emulate_media(color_scheme="dark")
        assert tab.evaluate(BACKGROUND) == LIGHT
    other.get_by_label("Like the system").check()
    expect(page.get_by_label("Like the system")).to_be_checked()
    for tab in (page, other):
        assert tab.evaluate(BACKGROUND) == DARK
        tab.emulate_media(color_scheme="light")
        assert tab.evaluate(BACKGROUND) == LIGHT
