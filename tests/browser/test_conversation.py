"""A consultant and a client talk."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.looking import look_at
from tests.browser.people import Consultant, House, expect_delivered, home_of
from tests.browser.watching import Visitors

LOOKING = """state => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_profile_chat_and_end(house: House, visitors: Visitors) -> None:
    """The profile is there before claiming and stays beside the chat; both talk; the consultant ends it."""
    client = house.arrive("Robin", age="17", gender="girl", issues="Line one\nline two")
    mara = house.manager
    mara.page.get_by_role("button", name="Profile of Robin").click()
    expect(mara.profile).to_contain_text("17")
    expect(mara.composer("Robin")).to_have_count(0)

    mara.claim("Robin")
    for fact in ("Robin", "17", "girl", "Line one"):
        expect(mara.profile).to_contain_text(fact)
    expect(client.log).to_contain_text("Mara")
    mara.say("Robin", "Hello Robin")
    expect(client.log.get_by_text("Hello Robin", exact=True)).to_be_visible()
    client.say("Hello Mara")
    expect(mara.log.get_by_text("Hello Mara", exact=True)).to_be_visible()
    expect(mara.profile).to_contain_text("17")

    mara.page.get_by_role("button", name="End chat").click()
    mara.page.get_by_role("dialog").get_by_role("button", name="Go on").click()
    expect(mara.composer("Robin")).to_be_visible()
    mara.page.get_by_role("button", name="End chat").click()
    mara.page.get_by_role("dialog").get_by_role("button", name="End the chat").click()
    expect(mara.page.get_by_text("This conversation has ended.")).to_be_visible()
    expect(client.scope.get_by_role("heading", name="This conversation has ended")).to_be_visible()
    expect(client.composer).to_have_count(0)
    expect(client.log).to_contain_text("Hello Robin")
    mara.page.get_by_role("button", name="Close this tab").click()
    expect(mara.page.get_by_text("No chat is open.")).to_be_visible()
    expect(mara.list.get_by_role("listitem")).to_have_count(0)


def claim_together(one: Consultant, other: Consultant, client: str) -> tuple[Consultant, Consultant]:
    """Both press "Chat now" in the same moment; the winner and the loser."""
    at = time.time() * 1000 + 700
    for consultant in (one, other):
        button = consultant.page.get_by_role("button", name=f"Chat now with {client}", exact=True)
        button.evaluate("(button, at) => void setTimeout(() => button.click(), at - Date.now())", at)
    for consultant in (one, other):
        button = consultant.page.get_by_role("button", name=f"Chat now with {client}", exact=True)
        expect(button).to_have_count(0)
    served = [one.entry(client).inner_text(), other.entry(client).inner_text()]
    assert sum("with you" in text for text in served) == 1, served
    return (one, other) if "with you" in served[0] else (other, one)


def test_two_claim_at_the_same_moment(house: House, visitors: Visitors) -> None:
    """Exactly one gets the client; the other is told who has it."""
    kim, mara = house.invite("Kim"), house.manager
    told = 0
    for name in ("Robin", "Sascha", "Toni"):
        client = house.arrive(name)
        winner, loser = claim_together(mara, kim, name)
        expect(winner.composer(name)).to_be_visible()
        expect(loser.composer(name)).to_have_count(0)
        expect(client.log).to_contain_text(winner.name)
        expect(client.log).not_to_contain_text(loser.name)
        told += loser.page.get_by_text(f"{winner.name} is already talking with this client.").count()
        put_away = loser.page.get_by_role("button", name="Dismiss")
        if put_away.count():
            put_away.click()
    # News may overtake a click, and the button is gone before it is pressed: but not three times.
    assert told


def test_several_chats_in_tabs(house: House, visitors: Visitors) -> None:
    """Each tab counts what was not read; closing a tab is not ending the chat; the list opens it again."""
    mara = house.manager
    clients = {name: house.arrive(name) for name in ("Robin", "Sascha", "Toni")}
    for name in clients:
        mara.claim(name)
    expect(mara.tabs.get_by_role("listitem")).to_have_count(3)
    clients["Robin"].say("One")
    clients["Robin"].say("Two")
    expect(mara.tab("Robin")).to_contain_text("2 unread")
    expect(mara.tab("Sascha")).not_to_contain_text("unread")
    expect(mara.entry("Robin")).to_contain_text("2 unread")
    expect(mara.page).to_have_title(re.compile(r"^\(2\)"))
    expect(mara.composer("Toni")).to_be_visible()

    mara.tab("Robin").get_by_role("button").first.click()
    expect(mara.log).to_contain_text("Two")
    expect(mara.profile).to_contain_text("Robin")
    expect(mara.tab("Robin")).not_to_contain_text("unread")
    mara.say("Robin", "A long list\n" * 60)
    expect_delivered(mara.page)
    mara.log.evaluate("log => { log.scrollTop = 50; }")
    expect(mara.page.get_by_role("button", name="To the newest")).to_be_visible()
    mara.composer("Robin").fill("half a sentence")
    mara.tab("Sascha").get_by_role("button").first.click()
    mara.tab("Robin").get_by_role("button").first.click()
    expect(mara.composer("Robin")).to_have_value("half a sentence")
    assert mara.log.evaluate("log => log.scrollTop") == 50

    mara.page.get_by_role("button", name="Close the tab of Robin").click()
    expect(mara.tabs.get_by_role("listitem")).to_have_count(2)
    clients["Robin"].say("Still there?")
    expect(mara.entry("Robin")).to_contain_text("1 unread")
    mara.page.get_by_role("button", name="Open chat with Robin").click()
    expect(mara.log).to_contain_text("Still there?")
    mara.say("Robin", "Yes")
    expect(clients["Robin"].log).to_contain_text("Yes")
    clients["Toni"].leave()
    expect(mara.tab("Toni")).to_contain_text("ended")


def test_typing_and_seen_both_ways(house: House, visitors: Visitors) -> None:
    """Each sees that the other is typing, and that the last message was seen."""
    client, mara = house.arrive("Robin"), house.manager
    mara.claim("Robin")
    client.composer.press_sequentially("Hm")
    expect(mara.page.get_by_text("Robin is typing")).to_be_visible()
    client.composer.fill("")
    expect(mara.page.get_by_text("Robin is typing")).to_have_count(0)
    mara.composer("Robin").press_sequentially("Well")
    expect(client.page.get_by_text("Mara is typing")).to_be_visible()

    mara.say("Robin", "Hello")
    expect(mara.page.get_by_text("Your message: Seen")).to_be_attached()
    expect(client.page.get_by_text("Mara is typing")).to_have_count(0)
    client.say("Hi")
    expect(client.page.get_by_text("Your message: Seen")).to_be_attached()

    client.page.evaluate(LOOKING, "hidden")
    mara.say("Robin", "Are you still there?")
    expect(client.log).to_contain_text("Are you still there?")
    expect(mara.page.get_by_text("Your message: Delivered")).to_be_visible()
    client.page.evaluate(LOOKING, "visible")
    expect(mara.page.get_by_text("Your message: Seen")).to_be_visible()


def consultants_are_asked_before_it_opens(mara: Consultant) -> None:
    page, link = mara.page, mara.log.get_by_role("link")
    link.press("Enter")
    question = page.get_by_role("dialog", name="Open this address?")
    expect(question).to_contain_text("https://help.example/a_(b)")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    look_at(page, "leaving")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(link).to_be_focused()
    link.click(button="middle")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    link.click()
    assert len(page.context.pages) == 1
    with page.context.expect_page() as opened:
        question.get_by_role("link", name="Open it").click()
    expect(opened.value).to_have_url("https://help.example/a_(b)")
    assert opened.value.evaluate("opener") is None
    opened.value.close()
    expect(question).to_have_count(0)


def clients_are_asked_before_it_opens(page: Page) -> None:
    link = page.get_by_role("link", name="https://help.example/a_(b)")
    with page.context.expect_page() as opened:
        link.click()
    with opened.value.expect_event("close"):
        # Later, so that the page is still there to say that it was pressed.
        closing = opened.value.get_by_role("button", name="Close this page")
        closing.evaluate("button => setTimeout(() => button.click())")
    with page.context.expect_page() as opened:
        link.press("Enter")
    asking = opened.value
    expect(asking.get_by_role("heading", name="Open this address?")).to_be_visible()
    expect(asking.get_by_text("help.example", exact=True)).to_be_visible()
    expect(asking.get_by_text("https://help.example/a_(b)", exact=True)).to_be_visible()
    assert asking.evaluate("opener") is None
    look_at(asking, "away")
    asking.get_by_role("link", name="Open it").click()
    expect(asking).to_have_url("https://help.example/a_(b)")
    assert asking.evaluate("document.referrer") == ""
    assert asking.evaluate("history.length") == 1
    asking.close()


def test_what_leads_elsewhere(house: House, visitors: Visitors) -> None:
    """In the reader's language and direction; letters that look like others are warned of, what is no site is
    no link, and the page can be closed without going there."""
    page = visitors.open(locale="ar")
    page.goto("/away#https://xn--80ak6aa92e.com/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("h1")).to_have_text("هل تريد فتح هذا العنوان؟")
    expect(page.get_by_text("аррӏе.com", exact=True)).to_be_visible()
    expect(page.locator(".notice")).to_be_visible()
    look_at(page, "away-mixed")
    page = visitors.open()
    for fragment in (
        "",
        "#",
        "#javascript:alert(1)",
        "#data:text/html,x",
        "#/clientlist",
        "#https://a@b.example/",
    ):
        page.goto("about:blank")
        page.goto(f"/away{fragment}")
        expect(page.get_by_role("heading", name="There is no such link.")).to_be_visible()
        expect(page.get_by_role("link")).to_have_count(0)
    page.evaluate("location.hash = 'https://help.example/'")
    expect(page.get_by_role("heading", name="Open this address?")).to_be_visible()
    page.evaluate("window.close = () => {}")
    page.get_by_role("button", name="Close this page").click()
    expect(page.get_by_role("heading", name="This page can be closed now.")).to_be_focused()
    expect(page).to_have_url("/away")
    look_at(page, "away-closed")


def test_what_a_client_said_last(house: House, visitors: Visitors) -> None:
    """It is edited and withdrawn, for everybody to see; addresses in it lead where they say."""
    client, mara = house.arrive("Robin"), house.manager
    page = client.page
    mara.claim("Robin")
    client.say("Look: https://help.example/a_(b). javascript:alert(1)")
    for log in (client.log, mara.log):
        link = log.get_by_role("link")
        expect(link).to_have_text("https://help.example/a_(b)")
        expect(link).to_have_attribute("href", "/away#https://help.example/a_(b)")
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", "noopener noreferrer")
    visitors.expect_complaint("^request to another host: https://help.example/")
    for context in (page.context, mara.page.context):
        context.route("https://help.example/**", lambda route: route.fulfill(body="Help"))
    consultants_are_asked_before_it_opens(mara)
    clients_are_asked_before_it_opens(page)
    look_at(page, "anteroom-link")
    page.get_by_role("button", name="Edit", exact=True).click()
    field = page.get_by_label("Edit your last message")
    expect(field).to_have_value("Look: https://help.example/a_(b). javascript:alert(1)")
    field.fill("Look elsewhere")
    look_at(page, "anteroom-edit")
    page.get_by_role("button", name="Save", exact=True).click()
    for log in (client.log, mara.log):
        expect(log.get_by_text("Look elsewhere", exact=True)).to_be_visible()
        expect(log).to_contain_text("edited")
        expect(log.get_by_role("link")).to_have_count(0)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save on this device").click()
    assert saved.value.suggested_filename == "chat.txt"
    assert saved.value.path().read_text().endswith(" Robin: Look elsewhere")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
    for log in (client.log, mara.log):
        expect(log).to_contain_text("This message was withdrawn.")
        expect(log).not_to_contain_text("Look elsewhere")
    expect(page.get_by_role("button", name="Withdraw", exact=True)).to_have_count(0)
    expect(page.locator("#composer")).to_be_focused()


def test_handing_over(house: House, visitors: Visitors) -> None:
    """A colleague gets the chat with a note that the client does not see; both ends see who is there."""
    kim, mara = house.invite("Kim"), house.manager
    client = house.arrive("Robin")
    kim.claim("Robin")
    kim.say("Robin", "I fetch Mara")
    expect(client.log).to_contain_text("I fetch Mara")
    kim.page.get_by_role("button", name="Hand over").click()
    dialog = kim.page.get_by_role("dialog", name="Hand over")
    dialog.get_by_label("Mara").check()
    dialog.get_by_label("Note for your colleague").fill("Needs an address")
    dialog.get_by_role("button", name="Hand over").click()
    expect(kim.page.get_by_text("Handed over to Mara.")).to_be_visible()
    expect(kim.tabs).to_have_count(0)

    expect(mara.entry("Robin")).to_contain_text("with you")
    expect(mara.page.get_by_role("alert")).to_contain_text("Robin was handed over to you.")
    mara.page.get_by_role("button", name="Open chat with Robin").click()
    expect(mara.page.locator(".hand-over-note")).to_contain_text("Needs an address")
    expect(mara.log).to_contain_text("I fetch Mara")
    mara.say("Robin", "Here I am")
    expect(client.log).to_contain_text("Here I am")
    expect(client.page.get_by_text("Needs an address")).to_have_count(0)


def test_a_manager_looks_in(house: House, visitors: Visitors) -> None:
    """A manager may join a chat, and everybody in it sees that."""
    kim, mara = house.invite("Kim"), house.manager
    client = house.arrive("Robin")
    kim.claim("Robin")
    client.say("Between us")
    mara.page.get_by_role("button", name="Join the chat of Robin").click()
    expect(mara.log).to_contain_text("Between us")
    for log in (kim.log, client.log):
        expect(log).to_contain_text("Mara")
    mara.say("Robin", "Mara here too")
    for log in (kim.log, client.log):
        expect(log).to_contain_text("Mara here too")


def test_from_the_console_to_every_page_and_back(house: House, visitors: Visitors) -> None:
    """Each page a manager may open is one click away, and the chat is still there afterwards."""
    client, mara = house.arrive("Robin"), house.manager
    mara.claim("Robin")
    headings = {
        "Invite": "Invite a colleague",
        "Organisation": house.organisation,
        "Account": "Your account",
    }
    pages = mara.page.get_by_role("navigation", name="Pages")
    for link, heading in headings.items():
        pages.get_by_role("link", name=link).click()
        expect(mara.page.get_by_role("heading", level=1)).to_have_text(heading)
        pages.get_by_role("link", name="Clients").click()
        expect(mara.page).to_have_url(f"{home_of(mara.page)}/clientlist")
    expect(mara.composer("Robin")).to_be_visible()
    client.say("Back again?")
    expect(mara.log).to_contain_text("Back again?")


def test_presence(house: House, visitors: Visitors) -> None:
    """What one says of oneself is shown to colleagues, and is still so after a reload."""
    kim, mara = house.invite("Kim"), house.manager
    house.arrive("Robin")
    mara.claim("Robin")
    kim.page.get_by_role("radio", name="Busy").check(force=True)
    mara.page.get_by_role("button", name="Hand over").click()
    dialog = mara.page.get_by_role("dialog", name="Hand over")
    expect(dialog).to_contain_text("Busy")
    dialog.get_by_role("button", name="Cancel").click()
    kim.page.reload()
    expect(kim.page.get_by_role("radio", name="Busy")).to_be_checked()
