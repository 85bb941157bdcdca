"""Everybody can use every page: axe finds nothing in any state, the keyboard is enough, small windows too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.looking import look_at, walk_through
from tests.browser.people import PASSWORD, Client, Consultant, House, ask_in, come_in, expect_delivered, join
from tests.browser.watching import PHONE, SMALL_PHONE, Visitors

PAGES = (
    *("/account", "/account/proof", "/anteroom.html", "/organisation", "/organisation/hours"),
    *("/organisation/texts", "/organisation/safety", "/organisation/audit", "/organisation/export"),
)
# Those with every kind of field and button.
BY_KEYBOARD = ("/account", "/organisation/hours", "/organisation/texts")
CRISIS = {"name": "Crisis line", "contact": "0800 1110111", "text": "day and night"}
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwe" * 3


def test_pages_for_everybody(visitors: Visitors) -> None:
    """What one sees without a login, mistakes included."""
    visitors.expect_complaint("status of 40[0-9]", "status of 410")
    page = visitors.open()
    for name, path in {
        "front": "/",
        "register": "/register/org",
        "login": "/login",
        "forgot": "/forgotpw",
        "gone-reset": "/changepw/nothing",
        "gone-invitation": "/register/user/nothing",
        "not-found": "/nothing",
        "no-anteroom": "/o/nothing",
        "snippet-which": "/anteroom.html",
        "snippet-unknown": "/anteroom.html?organisation=nothing",
    }.items():
        page.goto(path)
        look_at(page, name)
    for path, button in (("/register/org", "Register"), ("/login", "Log in"), ("/forgotpw", "Send the link")):
        page.goto(path)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_visible()
        look_at(page, f"{path.split('/')[1]}-mistakes")
    page.get_by_label("Email").fill("nobody@nowhere.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    look_at(page, "forgot-sent")


def test_pages_of_a_manager(house: House, visitors: Visitors) -> None:
    """Account, organisation, invitations, snippets, and what an invited person and a stranger see of them."""
    visitors.expect_complaint("status of 400", "status of 403")
    page = house.manager.page
    link = ask_in(house.manager, f"{'long' * 15}@haven.example")
    look_at(page, "invite-made")
    for path in PAGES:
        page.goto(path)
        look_at(page, path.strip("/").replace("/", "-"))
        if path in BY_KEYBOARD:
            walk_through(page)
    page.goto("/account/factors")
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_label("Code").fill("12345")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "account-factors")
    page.goto("/account")
    page.get_by_label("Name of the token").fill("statistics")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_label("Secret of the token")).to_be_visible()
    look_at(page, "account-token")
    form = page.locator("#profile")
    form.get_by_label("Your name").fill(LONG)
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "account-mistakes")
    page.locator("#delete").get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at(page, "account-delete")
    page.goto("/organisation")
    page.get_by_label("Email").or_(page.locator("#settings-retention_hours")).fill("many")
    page.locator("#settings").get_by_label("Name of the organisation").fill("")
    page.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "organisation-mistakes")
    page.goto("/organisation/hours")
    page.get_by_label("Monday").fill("nine to five")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "hours-mistakes")

    invited = visitors.open()
    invited.goto(link)
    look_at(invited, "join")
    invited.get_by_label("Password").fill("password1234")
    invited.get_by_role("button", name="Join").click()
    expect(invited.get_by_role("alert")).to_be_visible()
    look_at(invited, "join-mistakes")
    join(invited, "Kim")
    expect(invited.get_by_text("Nobody is waiting.")).to_be_visible()
    invited.goto("/invite")
    look_at(invited, "not-allowed")


def test_the_anteroom(house: House, visitors: Visitors) -> None:
    """Every screen a client comes to."""
    visitors.expect_interruption()
    mara = house.manager
    mark = "Nachtlicht <b>"
    mara.call("hotline.organisation.set", logo_text=mark, colours={"accent": "#7a3b00", "paper": "#fff6e8"})
    client = Client(scope=visitors.open(), name="Robin")
    page = client.page
    page.goto(f"/o/{house.slug}")
    expect(page.get_by_label("What may we call you?")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(mark)
    look_at(page, "anteroom-form")
    # Nobody can type so much.
    page.get_by_label("What may we call you?").evaluate("field => field.removeAttribute('maxlength')")
    page.get_by_label("What may we call you?").fill("x" * 81)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_label("What may we call you?")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("At most 80 characters.")).to_be_visible()
    look_at(page, "anteroom-mistakes")
    client.enter(age="17", issues="Trouble at school")
    client.say("Are you there?")
    expect(client.log).to_contain_text("Are you there?")
    expect(client.place).to_be_visible()
    look_at(page, "anteroom-waiting")
    mara.claim("Robin")
    mara.say("Robin", f"Hello Robin, {LONG}")
    client.say("Hello\nwith a second line")
    client.composer.fill("x" * 5001)
    expect(page.get_by_role("alert")).to_contain_text("Too long by 1 characters")
    mara.composer("Robin").press_sequentially("Well")
    expect(page.get_by_text("Mara is typing")).to_be_visible()
    look_at(page, "anteroom-chat")
    expect(client.log.get_by_text("with a second line")).to_be_in_viewport()
    page.get_by_role("button", name="End conversation").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at(page, "anteroom-ask")
    page.get_by_role("button", name="Stay").click()
    client.composer.fill("One more thing")
    mara.page.get_by_role("button", name="End chat").click()
    mara.page.get_by_role("button", name="End the chat").click()
    expect(page.get_by_role("heading", name="This conversation has ended")).to_be_visible()
    expect(page.get_by_label("Written and not sent")).to_have_value("One more thing")
    look_at(page, "anteroom-ended")
    page.get_by_role("button", name="Start again").click()
    client.enter()
    key = page.evaluate("sessionStorage[Object.keys(sessionStorage)[0]]")
    client.leave()
    look_at(page, "anteroom-left")
    page.get_by_role("button", name="Delete this conversation").click()
    look_at(page, "anteroom-delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete this conversation").click()
    expect(page.get_by_label("What may we call you?")).to_be_visible()
    # As in a window that does not know yet what became of the conversation.
    page.evaluate("([name, key]) => { sessionStorage[name] = key; }", [f"hotline.{house.slug}", key])
    page.reload()
    expect(page.get_by_text("Your earlier conversation could not be found any more.")).to_be_visible()
    look_at(page, "anteroom-lost")
    page.route("**/readyz", lambda route: route.abort())
    page.route_web_socket("**/ws", lambda socket: socket.close())
    page.reload()
    expect(page.get_by_text("We cannot be reached just now.")).to_be_visible()
    look_at(page, "anteroom-unreachable")


def test_a_group(house: House, visitors: Visitors) -> None:
    """Every screen of a group's page, and the page that lists groups."""
    visitors.expect_complaint("status of 404")
    mara = house.manager
    mara.call("hotline.organisation.set", elsewhere={"en": [CRISIS]}, languages=["en", "ar"])

    def in_hours(hours: int) -> str:
        return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()

    group = mara.call(
        "hotline.group.open",
        name="Evening round",
        text="Be kind.\nNames are made up.",
        opens_at=in_hours(1),
        ends_at=in_hours(3),
        most_clients=2,
        listed=True,
    )
    page = visitors.open()
    page.goto(f"/o/{house.slug}")
    page.get_by_role("link", name="Group conversations").click()
    page.get_by_role("link", name="العربية").click()
    expect(page.get_by_role("heading", name="محادثات جماعية")).to_be_visible()
    walk_through(page)
    look_at(page, "groups-arabic")
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Evening round").click()
    expect(page.get_by_text("It begins on")).to_be_visible()
    look_at(page, "group-early")
    mara.call("hotline.group.set", room=group["room"], opens_at=in_hours(0))
    page.reload()
    page.get_by_label("What may we call you here?").fill("Mara")
    page.get_by_role("button", name="Come in", exact=True).click()
    expect(page.get_by_text("This name is taken")).to_be_visible()
    look_at(page, "group-mistakes")

    robin, kim = come_in(page, "Robin"), come_in(visitors.open(), "Kim", page.url)
    full = visitors.open()
    full.goto(page.url)
    expect(full.get_by_role("heading", name="The group is full just now")).to_be_visible()
    look_at(full, "group-full")
    robin.say("Hello\nKim")
    kim.say(LONG)
    expect(robin.log).to_contain_text(LONG)
    expect_delivered(page)
    walk_through(page)
    page.get_by_text("3 people are in the group.").click()
    look_at(page, "group-chat")
    mara.call("hotline.group.mute", room=group["room"], muted=True)
    expect(robin.composer).to_have_count(0)
    look_at(page, "group-muted")

    (member,) = (one["id"] for one in members(mara, group["room"]) if one["name"] == "Kim")
    mara.call("hotline.group.remove", room=group["room"], member=member)
    expect(kim.page.get_by_role("heading", name="You are in this group no more")).to_be_focused()
    look_at(kim.page, "group-removed")
    page.get_by_role("button", name="Leave the group").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Leave", exact=True).click()
    expect(page.get_by_role("heading", name="You have left the group")).to_be_focused()
    look_at(page, "group-left")
    page.get_by_role("button", name="Come back").click()
    expect(robin.log).to_contain_text("Hello")
    mara.call("hotline.room.close", room=group["room"])
    expect(page.get_by_role("heading", name="This group has ended")).to_be_visible()
    look_at(page, "group-ended")
    full.goto(f"/o/{house.slug}/g/nothing")
    expect(full.get_by_role("heading", name="This group is not here")).to_be_visible()
    look_at(full, "group-unknown")


def members(mara: Consultant, room: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = mara.call("hotline.room.join", room=room)["members"]
    return found


def test_the_console(house: House, visitors: Visitors) -> None:
    """Empty, with people waiting, in a chat, in its dialogs, on each column of a phone."""
    mara = house.manager
    page = mara.page
    look_at(page, "console-empty")
    kim = house.invite("Kim")
    clients = [house.arrive(name, age="17", issues=LONG) for name in ("Robin", "Sascha", "Toni", LONG[:80])]
    kim.claim("Toni")
    expect(mara.entry("Toni")).to_contain_text("with Kim")
    look_at(page, "console-waiting")
    house.arrive("Noor")
    page.get_by_role("searchbox").fill("nobody")
    expect(page.get_by_text("None of them passes the filter.")).to_have_count(2)
    look_at(page, "console-filtered")
    page.get_by_role("searchbox").fill("")
    mara.claim("Sascha")
    mara.claim("Robin")
    clients[1].say("Hello?")
    clients[0].say(LONG * 12)
    mara.say("Robin", "Hello\nRobin")
    expect(mara.tab("Sascha")).to_contain_text("unread")
    expect(mara.log).to_contain_text(LONG)
    look_at(page, "console-chat")
    # However often the window changed: whoever was at the end still is.
    expect(mara.log.get_by_text("Hello\nRobin")).to_be_in_viewport()
    expect(page.get_by_role("button", name="To the newest")).to_have_count(0)
    for button, name in (
        ("Hand over", "console-hand-over"),
        ("End chat", "console-ask"),
        ("End and block", "console-block"),
    ):
        if button == "End and block":
            mara.more(button)
        else:
            page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        look_at(page, name)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.set_viewport_size(PHONE)
    columns = page.get_by_role("navigation", name="Columns")
    for column in ("Clients", "Chats", "Profile"):
        columns.get_by_role("button", name=column).click()
        expect(columns.get_by_role("button", name=column)).to_have_attribute("aria-current", "true")
        look_at(page, f"console-phone-{column.lower()}")


def tab_to(page: Page, label: str, key: str = "Tab", most: int = 60) -> None:
    """Presses Tab until the focus is on what has this name."""
    for _ in range(most):
        page.keyboard.press(key)
        name = page.evaluate(
            """() => {
                const one = document.activeElement;
                return one.ariaLabel ?? (one.labels?.[0] ?? one).textContent.trim();
            }"""
        )
        if name.startswith(label):
            return
    raise AssertionError(f"{key} never comes to {label}")


CLOSED_AND_ASKED_AGAIN = """async () => {
    const dialog = document.querySelector("dialog[open]");
    dialog.close();
    dialog.parentElement.querySelector("button").click();
    await new Promise(done => setTimeout(done, 50));
    return document.querySelectorAll("dialog[open]").length === 1;
}"""


def test_a_client_with_the_keyboard_only(house: House, visitors: Visitors) -> None:
    """Enter, wait, talk and leave without a mouse; new messages never move the focus."""
    page = visitors.open()
    page.goto(f"/o/{house.slug}")
    client = Client(scope=page, name="Robin")
    expect(page.get_by_label("What may we call you?")).to_be_visible()
    tab_to(page, "What may we call you?")
    page.keyboard.type("Robin")
    tab_to(page, "Age")
    page.keyboard.type("17")
    tab_to(page, "Start")
    page.keyboard.press("Enter")
    expect(client.place).to_be_focused()
    tab_to(page, "Your message")
    page.keyboard.type("One")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(client.composer).to_have_value("One\ntwo")
    page.keyboard.press("Enter")
    expect(client.composer).to_have_value("")
    expect(client.composer).to_be_focused()
    expect(client.log.get_by_text("One\ntwo")).to_have_count(1)

    house.manager.claim("Robin")
    page.keyboard.type("half a wo")
    house.manager.say("Robin", "Hello")
    expect(client.log).to_contain_text("Hello")
    expect(client.composer).to_be_focused()
    page.keyboard.type("rd")
    page.keyboard.press("Enter")
    expect(house.manager.log.get_by_text("half a word", exact=True)).to_be_visible()

    expect_delivered(page)
    tab_to(page, "Withdraw", "Shift+Tab")
    page.keyboard.press("Enter")
    tab_to(page, "Withdraw")
    page.keyboard.press("Enter")
    expect(client.log).to_contain_text("This message was withdrawn.")
    expect(client.composer).to_be_focused()
    tab_to(page, "Get a return code", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your return code")).to_be_visible()
    expect(client.composer).to_be_focused()
    walk_through(page)

    tab_to(page, "End conversation", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("dialog").locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="End conversation")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    # However soon after the last time one asks again: the browser tells later that a dialog was closed.
    assert page.evaluate(CLOSED_AND_ASKED_AGAIN)
    tab_to(page, "End it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You have left the conversation")).to_be_focused()
    tab_to(page, "Start again")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Talk with somebody")).to_be_focused()


LATE_FRAMES = """() => {
    const frame = window.requestAnimationFrame;
    window.requestAnimationFrame = draw => setTimeout(() => frame(draw), 200);
}"""


def test_a_consultant_with_the_keyboard_only(house: House, visitors: Visitors) -> None:
    """Skip to the clients, claim, talk; what others do never moves the focus."""
    client, mara = house.arrive("Robin"), house.manager
    page = mara.page
    expect(mara.entry("Robin")).to_be_visible()
    page.reload()
    expect(mara.entry("Robin")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the clients")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "Chat now with Robin")
    page.keyboard.press("Enter")
    # What was pressed is gone: one goes on where there is something to do.
    expect(mara.composer("Robin")).to_be_focused()
    page.keyboard.type("Hello")
    house.arrive("Sascha")
    client.say("Hi")
    expect(mara.log).to_contain_text("Hi")
    expect(mara.entry("Sascha")).to_be_visible()
    expect(mara.composer("Robin")).to_be_focused()
    page.keyboard.press("Enter")
    expect(client.log).to_contain_text("Hello")
    expect_delivered(page)
    walk_through(page)

    # However long a frame takes: what opens has the next key.
    page.evaluate(LATE_FRAMES)
    page.keyboard.press("Control+k")
    page.keyboard.type("chat now sascha")
    page.keyboard.press("Enter")
    expect(mara.composer("Sascha")).to_be_focused()
    tab_to(page, "Hand over", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Hand over")).to_be_focused()
    tab_to(page, "End chat")
    page.keyboard.press("Enter")
    tab_to(page, "End the chat", most=2)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Kind of contact")).to_be_focused()
    tab_to(page, "Close this tab", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(mara.composer("Robin")).to_be_focused()
    page.keyboard.type("Whenever you")
    client.leave()
    # Whoever is writing goes on for a moment: no key of that may answer or close anything.
    expect(page.locator(".end-notice")).to_be_focused()
    page.keyboard.type(" like")
    expect(page.get_by_label("Kind of contact")).to_have_value("")
    expect(page.get_by_label("Written and not sent")).to_have_value("Whenever you")
    tab_to(page, "Close the tab of Robin", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_whole_conversation_on_phones(house: House, visitors: Visitors) -> None:
    """Both on a phone: columns one after the other, nothing to scroll sideways, the composer in sight."""
    phone = {"has_touch": True, "is_mobile": True}
    client = Client(scope=visitors.open(viewport=SMALL_PHONE, **phone), name="Robin")
    client.page.goto(f"/o/{house.slug}")
    client.enter(age="17")
    mara = house.manager
    mara.page.set_viewport_size(PHONE)
    columns = mara.page.get_by_role("navigation", name="Columns")
    mara.claim("Robin")
    expect(mara.list).to_be_hidden()
    mara.say("Robin", "Hello Robin")
    for _ in range(12):
        client.say("A line so that there is something to scroll")
    expect(client.log.get_by_text("something to scroll")).to_have_count(12)
    expect(client.composer).to_be_in_viewport()
    expect(mara.composer("Robin")).to_be_in_viewport()
    expect(mara.log.get_by_text("something to scroll")).to_have_count(12)
    expect(mara.log.get_by_text("something to scroll").last).to_be_in_viewport()
    columns.get_by_role("button", name="Profile").click()
    expect(mara.profile).to_contain_text("17")
    expect(mara.composer("Robin")).to_be_hidden()
    columns.get_by_role("button", name="Clients").click()
    expect(mara.entry("Robin")).to_be_visible()
    columns.get_by_role("button", name="Chats").click()
    expect(mara.composer("Robin")).to_be_visible()
