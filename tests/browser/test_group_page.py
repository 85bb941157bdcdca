"""A group's page where clients are: in a frame on another site, on a phone, and out without a trace; and the
list of groups, which leads there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.people import House, come_in, expect_delivered
from tests.browser.site import Site, serving
from tests.browser.watching import PHONE, Visitors


@pytest.fixture
def site() -> Iterator[Site]:
    """The organisation's own site."""
    with serving() as site:
        yield site


def test_in_a_frame_and_on_a_phone(house: House, visitors: Visitors, site: Site) -> None:
    """Two clients talk, one of whom came by the list of groups in the anteroom's frame; the other reloads,
    deletes, and leaves quickly: nothing of it is kept."""
    mara = house.manager
    mara.call("hotline.organisation.set", neutral_title=True)
    ends_at = datetime.now(UTC) + timedelta(hours=2)
    group = mara.call("hotline.group.open", name="Evening round", ends_at=ends_at.isoformat(), listed=True)
    address = f"{visitors.home}/o/{house.slug}/g/{group['code']}"
    anteroom = f"{visitors.home}/anteroom?token={house.slug}"
    site.snippet = f'<iframe src="{anteroom}" title="Chat" width="400" height="640"></iframe>'
    outside = visitors.open(timezone_id="Asia/Kathmandu")
    outside.goto(site.url)
    frame = outside.frame_locator("iframe")
    expect(frame.get_by_role("link", name="Group conversations")).to_be_visible()
    pages = outside.evaluate("history.length")
    frame.get_by_role("link", name="Group conversations").click()
    local = ends_at.astimezone(ZoneInfo("Asia/Kathmandu"))
    expect(frame.get_by_role("time")).to_contain_text(f"{local:%H:%M}")
    frame.get_by_role("link", name="Evening round").click()
    expect(frame.get_by_text("Names and messages are deleted")).to_be_visible()
    robin = come_in(frame, "Robin")
    # Behind the quick way out there is no other page of ours.
    assert outside.evaluate("history.length") == pages
    phone = visitors.open(viewport=PHONE, has_touch=True, is_mobile=True)
    kim = come_in(phone, "Kim", address)
    assert phone.title().strip("\u200b") == ""
    assert phone.context.cookies() == []
    robin.say("Is anybody here?")
    kim.say("I am")
    for client, other, text in ((robin, "Kim", "I am"), (kim, "Robin", "Is anybody here?")):
        expect(client.log.get_by_text(text)).to_be_visible()
        expect(client.log.get_by_text(other, exact=True)).to_be_visible()
        expect(client.scope.get_by_text("3 people are in the group.")).to_be_visible()
    kim.composer.press_sequentially("Let me")
    expect(robin.scope.get_by_text("Kim is typing")).to_be_visible()

    expect_delivered(phone)
    phone.reload()
    expect(kim.log.get_by_text("I am")).to_be_visible()
    expect(kim.composer).to_be_visible()
    phone.get_by_role("button", name="Delete what I said").tap()
    phone.get_by_role("dialog").get_by_role("button", name="Delete what I said").tap()
    expect(phone.get_by_text("What you said in this group is deleted")).to_be_visible()
    expect(robin.log).to_contain_text("Somebody who was here deleted what they had written.")
    expect(robin.log).not_to_contain_text("I am")
    expect(robin.log).not_to_contain_text("Kim")
    expect(robin.scope.get_by_text("2 people are in the group.")).to_be_visible()

    sam = come_in(phone, "Sam")
    expect(sam.log).to_contain_text("Is anybody here?")
    phone.get_by_role("button", name="Exit now").tap()
    expect(phone).to_have_url(f"{visitors.home}/exit")
    assert phone.evaluate("sessionStorage.length + localStorage.length") == 0
    expect(robin.log).to_contain_text("Sam left.")
    phone.goto(f"{visitors.home}/o/{house.slug}/groups")
    for _ in range(3):
        phone.keyboard.press("Escape")
    expect(phone).to_have_url(f"{visitors.home}/exit")
