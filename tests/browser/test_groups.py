"""A group from the desk to its clients' pages: opened, come into by the link, led, and ended."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.looking import look_at
from tests.browser.people import Client, Consultant, House
from tests.browser.watching import COMES_BACK_MS, Visitors

GROUP = "Evening round"


def opened(mara: Consultant) -> str:
    """Mara opens a group; the link to it."""
    mara.page.get_by_role("button", name="Open a group").click()
    dialog = mara.page.get_by_role("dialog", name="Open a group")
    dialog.get_by_label("Name of the group").fill(GROUP)
    dialog.get_by_label("What clients read first").fill("Be kind.")
    look_at(mara.page, "console-group-dialog")
    dialog.get_by_role("button", name="Open the group").click()
    expect(dialog).to_have_count(0)
    expect(mara.composer(GROUP)).to_be_visible()
    return mara.page.get_by_label("Link for clients").input_value()


def come_in(visitors: Visitors, link: str, name: str) -> Client:
    client = Client(scope=visitors.open(), name=name)
    client.page.goto(link)
    client.page.get_by_label("What may we call you here?").fill(name)
    client.page.get_by_role("button", name="Come in", exact=True).click()
    expect(client.composer).to_be_visible()
    return client


def test_an_evening_in_a_group(house: House, visitors: Visitors) -> None:
    """Everybody reads who says what; while it is muted only Mara writes, and what somebody wrote without a
    connection is not lost; who is taken out stays out."""
    visitors.expect_interruption()
    mara = house.manager
    link = opened(mara)
    robin, kim = come_in(visitors, link, "Robin"), come_in(visitors, link, "Kim")
    robin.say("Is anybody here?")
    for log in (mara.log, kim.log):
        expect(log.get_by_text("Is anybody here?")).to_be_visible()
        expect(log.get_by_text("Robin", exact=True)).to_be_visible()
    mara.say(GROUP, "Welcome, both of you.")
    expect(kim.log.get_by_text("Welcome, both of you.")).to_be_visible()
    members = mara.page.get_by_role("region", name="Members")
    expect(members.get_by_role("listitem")).to_have_count(3)
    look_at(mara.page, "console-group")

    kim.page.context.set_offline(True)
    kim.say("One more thing")
    kim.say("Never mind")
    expect(kim.link).to_contain_text("2 messages not yet delivered")
    mara.page.get_by_role("button", name="Mute", exact=True).click()
    expect(robin.composer).to_have_count(0)
    kim.page.context.set_offline(False)
    expect(kim.composer).to_have_count(0, timeout=COMES_BACK_MS)
    refused = kim.log.get_by_role("alert")
    expect(refused).to_have_count(2)
    expect(refused.first).to_contain_text("Not sent. For a while only those who lead the group can write.")
    look_at(kim.page, "group-refused")
    mara.page.get_by_role("button", name="Let everybody write").click()
    expect(kim.composer).to_be_visible()
    refused.first.get_by_role("button", name="Try again").click()
    expect(mara.log.get_by_text("One more thing")).to_be_visible()
    refused.get_by_role("button", name="Discard").click()
    expect(refused).to_have_count(0)
    expect(kim.log).not_to_contain_text("Never mind")
    expect(kim.log.get_by_text("One more thing")).to_have_count(1)
    expect(mara.log).not_to_contain_text("Never mind")

    mara.page.get_by_role("button", name="Change", exact=True).click()
    dialog = mara.page.get_by_role("dialog", name="Change the group")
    dialog.get_by_label("Name of the group").fill("Night round")
    dialog.get_by_role("button", name="Save").click()
    expect(mara.tab("Night round")).to_be_visible()
    expect(kim.page.get_by_role("heading", name="Night round")).to_be_visible()

    robins = members.get_by_role("listitem").filter(has_text="Robin")
    robins.get_by_role("button", name="Take out").click()
    mara.page.get_by_role("dialog").get_by_role("button", name="Take out").click()
    gone = robin.page.get_by_role("heading", name="You are in this group no more")
    expect(gone).to_be_visible()
    robin.page.goto(link)
    expect(gone).to_be_visible()
    expect(kim.log.get_by_text("Robin was taken out of the group.")).to_be_visible()
    expect(members.get_by_role("listitem")).to_have_count(2)

    mara.page.get_by_role("button", name="End the group").click()
    mara.page.get_by_role("button", name="End it for everybody").click()
    expect(kim.page.get_by_role("heading", name="This group has ended")).to_be_visible()
    expect(mara.page.get_by_text("This conversation has ended.")).to_be_visible()
    look_at(mara.page, "console-group-ended")
