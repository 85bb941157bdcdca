"""Two consultants, one client: what colleagues do for each other, and what the client sees of it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.filling import Filler
from tests.browser.looking import look_at
from tests.browser.people import Consultant, House
from tests.browser.watching import Visitors


def notes_of(consultant: Consultant) -> Locator:
    return consultant.page.get_by_role("region", name="Private notes")


def hand(consultant: Consultant, button: str, to: str, note: str) -> None:
    """The dialog of handing over or asking in, filled in and sent."""
    consultant.page.get_by_role("button", name=button, exact=True).click()
    dialog = consultant.page.get_by_role("dialog")
    dialog.get_by_label(to).check()
    dialog.get_by_label("Note for your colleague").fill(note)
    dialog.locator("[type=submit]").click()


def test_a_client_goes_from_hand_to_hand(house: House, visitors: Visitors) -> None:
    """Drafts, corrections, notes, one asked in, back to the list, taken over, the record afterwards."""
    kim, mara = house.invite("Kim"), house.manager
    mara.call(
        "hotline.forms.set",
        form="record",
        questions=[
            {"name": "about", "label": "What was it about?", "kind": "choice", "required": True,
             "choices": ["School", "Home"]},
            {"name": "how", "label": "How did it go?", "kind": "long_text"},
        ],
        required=True,
    )  # fmt: skip
    kim.open_console()
    robin = house.arrive("Robin", issues="Trouble at school")
    expect(kim.entry("Robin")).to_contain_text("Trouble at school")
    mara.page.get_by_role("button", name="Profile of Robin").click()
    mara.page.get_by_role("button", name="Urgent: goes first").click()
    expect(kim.entry("Robin")).to_contain_text("Urgent")
    kim.claim("Robin")

    # A draft is on every device, and goes with the message.
    kim.composer("Robin").fill("Half a sentence")
    second = Consultant(page=kim.page.context.new_page(), name="Kim", email=kim.email)
    second.open_console()
    second.page.get_by_role("button", name="Open chat with Robin").click()
    expect(second.composer("Robin")).to_have_value("Half a sentence")
    second.composer("Robin").fill("Half a sentence more")
    expect(kim.composer("Robin")).to_have_value("Half a sentence more")
    kim.say("Robin", "Helo")
    expect(second.composer("Robin")).to_have_value("")
    second.page.close()

    # What was said is corrected, and everybody sees that it was.
    kim.page.get_by_role("button", name="Edit", exact=True).click()
    kim.page.get_by_label("Edit your last message").fill("Hello")
    look_at(kim.page, "console-edit")
    kim.page.get_by_role("button", name="Save", exact=True).click()
    for log in (kim.log, robin.log):
        expect(log.get_by_text("Hello", exact=True)).to_be_visible()
        expect(log).to_contain_text("edited")
        expect(log).not_to_contain_text("Helo\n")
    kim.say("Robin", "Wrong window")
    expect(robin.log).to_contain_text("Wrong window")
    kim.page.get_by_role("button", name="Withdraw", exact=True).click()
    kim.page.get_by_role("dialog").get_by_role("button", name="Withdraw", exact=True).click()
    for log in (kim.log, robin.log):
        expect(log).to_contain_text("This message was withdrawn.")
        expect(log).not_to_contain_text("Wrong window")

    # Notes are for colleagues; whoever is asked in finds them.
    notes_of(kim).get_by_label("A new private note").fill("Rings true")
    notes_of(kim).get_by_role("button", name="Keep the note").click()
    expect(notes_of(kim)).to_contain_text("Rings true")
    hand(kim, "Ask in", "Mara", "Please have a look")
    expect(kim.page.get_by_text("asked in: Mara")).to_be_visible()
    expect(mara.entry("Robin")).to_contain_text("You are asked in")
    look_at(mara.page, "console-asked")
    mara.page.get_by_role("button", name="Come in: chat with Robin").click()
    expect(notes_of(mara)).to_contain_text("Rings true")
    expect(notes_of(mara)).to_contain_text("Please have a look")
    expect(kim.page.locator(".front-top")).to_contain_text("with Mara")
    look_at(mara.page, "console-notes")

    # Back to the list, with a note for whoever goes on; the manager is still in the room.
    hand(kim, "Hand over", "Back to the list", "Needs an address")
    expect(kim.tabs).to_have_count(0)
    expect(kim.entry("Robin")).to_contain_text("Place 1")
    kim.claim("Robin")
    expect(kim.page.locator(".hand-over-note")).to_contain_text("Needs an address")
    mara.page.get_by_role("button", name="Take over").click()
    look_at(mara.page, "console-take-over")
    mara.page.get_by_role("dialog").get_by_role("button", name="Take over").click()
    expect(mara.entry("Robin")).to_contain_text("with you")
    expect(kim.page.get_by_text("You are not in this conversation any more.")).to_be_visible()
    look_at(kim.page, "console-gone")
    for secret in ("Rings true", "Please have a look", "Needs an address"):
        expect(robin.page.get_by_text(secret)).to_have_count(0)

    # The end, and what is to be written about it.
    mara.page.get_by_role("button", name="End chat").click()
    mara.page.get_by_role("dialog").get_by_role("button", name="End the chat").click()
    missing = mara.page.get_by_role("region", name="Records to write")
    expect(missing.get_by_role("button", name="Robin")).to_be_visible()
    record = mara.page.get_by_role("region", name="Record", exact=True)
    record.get_by_role("button", name="Save the record").click()
    expect(record.get_by_label("What was it about?")).to_have_attribute("aria-invalid", "true")
    look_at(mara.page, "console-record")
    record.get_by_label("What was it about?").select_option("School")
    record.get_by_role("button", name="Save the record").click()
    expect(record.get_by_role("status")).to_contain_text("Written by Mara")
    expect(missing).to_have_count(0)
    # What was written is there to be corrected.
    record.get_by_role("button", name="Change it").click()
    expect(record.get_by_label("What was it about?")).to_have_value("School")
    record.get_by_label("How did it go?").fill("Well")
    record.get_by_role("button", name="Save the record").click()
    expect(record.get_by_role("status")).to_contain_text("Written by Mara")
    expect(record).to_contain_text("Well")
    mara.page.get_by_role("button", name="Close this tab").click()
    mara.list.get_by_text("Ended chats").click()
    search = mara.list.get_by_label("Find ended chats by name or topic")
    search.fill("nobody")
    search.press("Enter")
    expect(mara.list.get_by_text("There are none, or they are deleted already.")).to_be_visible()
    search.fill("robin")
    search.press("Enter")
    mara.list.get_by_role("listitem").get_by_role("button", name="Robin").click()
    expect(mara.log).to_contain_text("Hello")
    expect(record).to_contain_text("School")
    mara.page.get_by_text("Who opened this conversation").click()
    openings = mara.page.locator(".openings").get_by_role("listitem")
    expect(openings.first).to_contain_text("Mara: read it after its end")
    expect(openings.last).to_contain_text("Mara: read the profile")
    for said in ("Kim: took the client off the list", "Mara: came in", "Mara: took over"):
        expect(openings.filter(has_text=said).first).to_be_visible()
    look_at(mara.page, "console-ended")


def test_taking_no_new_clients(house: House, visitors: Visitors) -> None:
    """Everybody may pause, for all to see; to close and to open again needs a manager."""
    kim, mara = house.invite("Kim"), house.manager
    menu = kim.page.locator(".intake")
    expect(menu).to_contain_text("Open")
    menu.locator("summary").click()
    expect(menu.get_by_role("button")).to_have_count(1)
    menu.get_by_role("button", name="Pause").click()
    expect(mara.page.locator(".intake")).to_contain_text("Paused")
    mara.page.locator(".intake summary").click()
    look_at(mara.page, "console-intake")
    mara.page.get_by_role("button", name="Close until further notice").focus()
    mara.page.keyboard.press("Escape")
    expect(mara.page.get_by_role("button", name="Close until further notice")).to_be_hidden()
    expect(mara.page.locator(".intake summary")).to_be_focused()
    mara.page.keyboard.press("Enter")
    mara.page.get_by_role("button", name="Close until further notice").click()
    expect(menu).to_contain_text("Closed")
    menu.locator("summary").click()
    expect(menu).to_contain_text("Only a manager can open again.")
    mara.page.locator(".intake summary").click()
    mara.page.get_by_role("button", name="Take new clients again").click()
    expect(menu).to_contain_text("Open")

    # A message left while it is closed stands apart, and is answered from there.
    mara.call("hotline.organisation.set", messages_when_closed=True)
    mara.call("hotline.organisation.set_intake", intake="closed")
    writer = visitors.open()
    writer.goto(f"/o/{house.slug}")
    writer.get_by_text("Leave a message", exact=True).click()
    writer.get_by_label("What may we call you?").fill("Sascha")
    writer.get_by_label("Your message").fill("Please write to me")
    writer.get_by_role("button", name="Send", exact=True).click()
    expect(kim.entry("Sascha")).to_contain_text("Message left")
    expect(kim.list.get_by_role("heading", name="Messages left")).to_be_visible()
    look_at(kim.page, "console-left")
    kim.page.keyboard.press("Control+k")
    commands = kim.page.get_by_role("dialog", name="Commands")
    commands.get_by_label("Find a command").fill("sascha")
    look_at(kim.page, "console-commands")
    kim.page.keyboard.press("Enter")
    expect(kim.log).to_contain_text("Please write to me")
    expect(kim.composer("Sascha")).to_be_visible()


def test_signals_keys_and_another_direction(house: House) -> None:
    """Keys are listed and switched off, the icon calls, and from right to left the desk is whole too."""
    mara = house.manager
    dialog = mara.page.get_by_role("dialog", name="Signals and keys")
    mara.page.keyboard.press("Control+k")
    mara.page.get_by_label("Find a command").fill("signals")
    mara.page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    mara.page.keyboard.press("Escape")
    # Keys do something again once it is gone: closed it is a moment earlier.
    expect(mara.page.locator("dialog")).to_have_count(0)
    mara.page.keyboard.press("?")
    look_at(mara.page, "console-settings")
    dialog.get_by_label("Keyboard shortcuts").uncheck()
    dialog.get_by_label("Sound").check()
    dialog.get_by_role("button", name="Done").click()
    mara.page.keyboard.press("?")
    expect(dialog).to_have_count(0)
    house.arrive("Robin", issues="Trouble at school")
    expect(mara.page.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("^data:image/svg"))
    mara.open_console()
    mara.page.get_by_role("button", name="Signals and keys").click()
    expect(dialog.get_by_label("Sound")).to_be_checked()
    expect(dialog.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    # Whatever the browser asks for: chosen it is spoken at once, and the next time.
    page = mara.page
    dialog.get_by_label("Language").select_option("العربية")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("dialog select")).to_be_focused()
    expect(page.get_by_role("button", name="تم")).to_be_visible()
    page.goto("/clientlist")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    page.locator(".entry .primary").click()
    expect(page.locator(".notes")).to_be_visible()
    look_at(page, "console-arabic")


def test_who_goes_first(house: House, visitors: Visitors, filler: Filler) -> None:
    """After a risk answer before whoever came earlier, which the client does not see; and before everybody
    who was being served when their consultant vanished."""
    kim, mara = house.invite("Kim"), house.manager
    mara.call(
        "hotline.forms.set",
        form="questions",
        questions=[
            {"name": "safe", "label": "Are you safe?", "kind": "choice", "choices": ["Yes", "No"],
             "risk_choices": ["No"]},
        ],
    )  # fmt: skip
    house.arrive("Toni")
    robin = house.arrive("Robin")
    page = visitors.open()
    page.goto(f"/o/{house.slug}")
    page.get_by_label("What may we call you?").fill("Sascha")
    page.get_by_label("Are you safe?").select_option("No")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("heading", name="You are next in line")).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text("isk")
    entries = mara.list.get_by_role("listitem")
    expect(entries.first).to_contain_text("Sascha")
    expect(mara.entry("Sascha")).to_contain_text("Risk")
    expect(entries.nth(1)).to_contain_text("Toni")

    kim.claim("Robin")
    expect(mara.entry("Robin")).to_contain_text("with Kim")
    kim.page.goto("about:blank")
    expect(mara.list.get_by_text("0 here")).to_be_visible()
    filler.pass_time(minutes=3)
    # A node that has just begun gives everybody a minute to come back to it first.
    expect(entries.first).to_contain_text("Robin", timeout=90_000)
    expect(entries.first).to_contain_text("Consultant lost")
    expect(entries.nth(1)).to_contain_text("Sascha")
    expect(robin.log).to_contain_text("The connection of Kim was lost. Somebody else will go on.")
    expect(robin.place).to_have_text("You are next in line")
    look_at(mara.page, "console-vanished")
    mara.claim("Robin")
    expect(mara.entry("Robin")).not_to_contain_text("Consultant lost")
