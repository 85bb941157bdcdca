"""Who sees whom, and when."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.filling import Filler
from tests.browser.people import House, found
from tests.browser.watching import Visitors


def test_a_client_appears_for_all_its_consultants_and_nobody_else(
    house: House, visitors: Visitors, filler: Filler
) -> None:
    """At once, in the right order, with what happens to it; the other organisation sees nothing of it.

    Who waits reads how many consultants are here, and how long others waited once enough is known of that.
    """
    kim = house.invite("Kim")
    others = found(visitors, "Elsewhere", "Olga")
    mara = house.manager
    robin, sascha = house.arrive("Robin"), house.arrive("Sascha")
    for consultant in (mara, kim):
        expect(consultant.list.get_by_role("listitem")).to_have_count(2)
        expect(consultant.list.get_by_role("listitem").first).to_contain_text("Robin")
        expect(consultant.entry("Sascha")).to_contain_text("Place 2")
        expect(consultant.page).to_have_title(f"(2) Clients of {house.organisation} - hotline")

    elsewhere = others.arrive("Toni")
    expect(others.manager.entry("Toni")).to_be_visible()
    expect(others.manager.list.get_by_role("listitem")).to_have_count(1)
    expect(elsewhere.place).to_have_text("You are next in line")
    for consultant in (mara, kim):
        expect(consultant.entry("Toni")).to_have_count(0)

    robin.say("First words")
    robin.say("Second words")
    for consultant in (mara, kim):
        expect(consultant.entry("Robin")).to_contain_text("2 unread")
        expect(consultant.entry("Sascha")).not_to_contain_text("unread")

    # One wait less than it takes: that of Robin is the last one.
    filler.have_waited(300, 300, 360, 420, 480, 540, 600)
    expect(sascha.page.get_by_text("2 consultants are here.")).to_be_visible()
    kim.page.get_by_role("radio", name="Away").check(force=True)
    expect(sascha.page.get_by_text("1 consultant is here.")).to_be_visible()
    expect(sascha.page.get_by_text("It may take")).to_have_count(0)
    mara.claim("Robin")
    for page, counted in ((sascha.page, True), (elsewhere.page, False)):
        waited = page.get_by_text("1 consultant is here. It may take about 5 to 9 min more.")
        expect(waited).to_have_count(int(counted))
    expect(kim.entry("Robin")).to_contain_text("with Mara")
    expect(mara.entry("Robin")).to_contain_text("with you")
    expect(kim.entry("Sascha")).to_contain_text("Place 1")
    expect(sascha.place).to_have_text("You are next in line")
    expect(robin.place).to_have_count(0)


def test_a_client_that_leaves_is_gone_from_the_lists(house: House, visitors: Visitors) -> None:
    """Waiting or being served: whoever ends the conversation is on nobody's list any more."""
    kim = house.invite("Kim")
    mara = house.manager
    robin, sascha = house.arrive("Robin"), house.arrive("Sascha")
    mara.claim("Robin")
    sascha.leave()
    robin.leave()
    for consultant in (mara, kim):
        expect(consultant.list.get_by_role("listitem")).to_have_count(0)
        expect(consultant.list).to_contain_text("Nobody is waiting.")
    expect(mara.page.get_by_text("This conversation has ended.")).to_be_visible()
    expect(mara.composer("Robin")).to_have_count(0)

    robin.page.get_by_role("button", name="Start again").click()
    robin.enter()
    expect(mara.entry("Robin")).to_be_visible()
    expect(mara.list.get_by_role("listitem")).to_have_count(1)


def test_a_client_whose_window_closed_is_shown_as_lost(
    house: House, visitors: Visitors, filler: Filler
) -> None:
    """It keeps its place for a while, and the consultants see that it is not there just now; not for ever."""
    robin = house.arrive("Robin")
    expect(house.manager.entry("Robin")).to_contain_text("connected")
    address = robin.page.url
    robin.page.goto("about:blank")
    expect(house.manager.entry("Robin")).to_contain_text("connection lost")
    robin.page.goto(address)
    expect(robin.place).to_have_text("You are next in line")
    expect(robin.page.get_by_text("Without connection your place is kept for 10 min.")).to_be_visible()
    expect(house.manager.entry("Robin")).not_to_contain_text("connection lost")

    robin.page.goto("about:blank")
    expect(house.manager.entry("Robin")).to_contain_text("connection lost")
    filler.pass_time(minutes=11)
    expect(house.manager.entry("Robin")).to_have_count(0)
    robin.page.goto(address)
    expect(robin.page.get_by_role("heading", name="This conversation has ended")).to_be_visible()
    expect(robin.composer).to_have_count(0)


def test_an_address_of_nobody(visitors: Visitors) -> None:
    """A wrong link leads to a page that says what to do, embedded or not."""
    visitors.expect_complaint("status of 404")
    page = visitors.open()
    for address in ("/o/nobody-here", "/anteroom?token=nobody-here"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text("Nobody can be reached here")


def test_clients_come_to_who_is_here(house: House, visitors: Visitors) -> None:
    """Without anybody choosing, where the organisation wants it so: the chat opens, the console says so."""
    mara = house.manager
    robin = house.arrive("Robin")
    expect(mara.entry("Robin")).to_contain_text("Place 1")
    mara.call("hotline.organisation.set", automatic_assignment=True)
    expect(mara.page.get_by_text("Robin is with you from now on.")).to_be_visible()
    expect(mara.entry("Robin")).to_contain_text("with you")
    expect(robin.log).to_contain_text("Mara is here for you now.")
    mara.say("Robin", "Hello")
    expect(robin.log).to_contain_text("Hello")
