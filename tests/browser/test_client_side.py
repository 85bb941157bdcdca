"""What clients meet beside the conversation: languages, closed doors, a way back and out, a slow phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from tests.browser.looking import look_at
from tests.browser.people import Client, House, expect_delivered
from tests.browser.site import Site, serving
from tests.browser.watching import PHONE, Visitors

FIRST_PAINT_MS = 1000
SLOWER, LATENCY_MS, BYTES_PER_MS = 4, 150, 200
"""The phone: so many times slower than this machine, and its network."""
# A request that begins after another one's end may have had to wait for it: one more way there and back.
WAYS_AND_BYTES = """() => {
    const painted = performance.getEntriesByName("first-contentful-paint")[0].startTime;
    const kinds = ["navigation", "resource"];
    const needed = kinds.flatMap(kind => performance.getEntriesByType(kind))
        .filter(one => one.startTime < painted).sort((one, other) => one.startTime - other.startTime);
    let ways = 0, ended = -1;
    for (const one of needed) {
        if (one.startTime < ended) ended = Math.min(ended, one.responseEnd);
        else [ways, ended] = [ways + 1, one.responseEnd];
    }
    return [ways, needed.reduce((sum, one) => sum + one.transferSize, 0)];
}"""
PRESSES = """() => new Promise(resolve => {
    for (let time = 0; time < 3; time++) {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    }
    resolve(getComputedStyle(document.body).display);
})"""


@pytest.fixture
def site() -> Iterator[Site]:
    """The organisation's own site."""
    with serving() as site:
        yield site


def settle(house: House, address: str, button: str, **fields: str) -> None:
    """The manager fills in a page of settings and comes back to the console."""
    page = house.manager.page
    page.goto(address)
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name=button).click()
    expect(page.locator(".notice.success")).to_be_visible()
    house.manager.open_console()


def test_languages(house: House, visitors: Visitors) -> None:
    """The browser's language first, then another by the menu, right to left; what was typed stays."""
    settle(
        house,
        "/organisation/texts",
        "Save languages and look",
        Languages="en, de-x-informal, de, ar",
    )
    page = visitors.open(locale="de-DE")
    page.goto(f"/o/{house.slug}")
    expect(page.get_by_role("heading", name="Mit jemandem sprechen")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de-x-informal")
    page.get_by_label("Wie dürfen wir dich nennen?").fill("Robin")
    menu = page.get_by_label("Sprache")
    expect(menu.get_by_role("option")).to_have_text(["Deutsch (du)", "English", "Deutsch (Sie)", "العربية"])
    menu.select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_label("بماذا نناديك؟")).to_have_value("Robin")
    look_at(page, "arabic-form")
    page.get_by_role("button", name="ابدأ").click()
    expect(page.get_by_role("heading", name="دورك هو التالي")).to_be_visible()
    look_at(page, "arabic-waiting")
    mara = house.manager
    mara.claim("Robin")
    mara.say("Robin", "مرحبا")
    expect(page.get_by_text("مرحبا")).to_be_visible()
    expect(page.get_by_role("heading", name="دورك هو التالي")).to_have_count(0)
    mara.page.get_by_role("button", name="Profile of Robin").click()
    expect(mara.profile).to_contain_text("Arabic")
    page.get_by_label("رسالتك").fill("شكرا")
    page.get_by_role("button", name="إرسال").click()
    expect(mara.log).to_contain_text("شكرا")
    look_at(page, "arabic-talking")
    page.get_by_role("combobox").select_option("en")
    expect(mara.page.locator(".front-top")).to_contain_text("English")
    expect(mara.page.locator("li.entry")).to_contain_text("English")
    expect(mara.profile).to_contain_text("English")


def test_a_part_of_the_page_is_not_there(house: House, visitors: Visitors) -> None:
    """It says so, and is asked for again by a button; what is being written stays, and is called for by sound
    and vibration, each as its client likes, also after a reload."""
    visitors.expect_complaint("net::ERR_FAILED")
    page = visitors.open(viewport=PHONE, has_touch=True, is_mobile=True)
    late = "**/assets/rare-*"
    page.route(late, lambda route: route.abort())
    page.goto(f"/o/{house.slug}")
    client = Client(scope=page, name="Robin")
    client.enter()
    expect(page.get_by_role("main").get_by_role("status")).to_have_text(
        "Something went wrong on our side. Please try again."
    )
    client.composer.fill("I would like")
    look_at(page, "part-not-there")
    page.unroute(late)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="You are next in line")).to_be_visible()
    expect(client.composer).to_have_value("I would like")
    sound, vibration = (page.get_by_label(f"Call me with a {kind}") for kind in ("sound", "vibration"))
    vibration.check()
    page.reload()
    expect(vibration).to_be_checked()
    expect(sound).not_to_be_checked()
    expect(client.composer).to_have_value("I would like")


def test_closed_doors(house: House, visitors: Visitors) -> None:
    """When it opens, who helps now, a message left; its answer is read on another device with the code."""
    crisis = {"name": "Crisis line", "contact": "0800 1110111", "text": "day and night"}
    advice = {"name": "Advice", "contact": "https://advice.example"}
    house.manager.call("hotline.organisation.set", elsewhere={"en": [crisis, advice]})
    settle(house, "/organisation/hours", "Close now")
    page = visitors.open(timezone_id="Asia/Tokyo")
    page.goto(f"/o/{house.slug}")
    expect(page.get_by_role("heading", name="We are closed at the moment")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_have_count(0)
    expect(page.get_by_role("link", name="0800 1110111")).to_have_attribute("href", "tel:08001110111")
    elsewhere = page.get_by_role("link", name="https://advice.example")
    expect(elsewhere).to_have_attribute("href", "/away#https://advice.example")
    look_at(page, "closed")
    page.get_by_text("Leave a message", exact=True).click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Please check this.").first).to_be_visible()
    page.get_by_label("Your message").fill("Please write to me")
    look_at(page, "closed-message")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()
    code = page.locator("#return-code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", code)
    look_at(page, "message-left")
    page.context.close()

    mara = house.manager
    # Who gives no name gets one by which consultants know them.
    (name,) = (line["name"] for line in mara.call("hotline.clientlist.get"))
    assert re.fullmatch(r"Visitor [0-9]{1,3}", name)
    mara.page.get_by_role("button", name=f"Answer the message of {name}").click()
    expect(mara.log).to_contain_text("Please write to me")
    mara.say(name, "Come by on Monday")

    other = visitors.open(viewport=PHONE, has_touch=True, is_mobile=True)
    other.goto(f"/o/{house.slug}")
    other.get_by_text("Come back with a code").tap()
    other.get_by_label("Your return code").fill("0000-0000-0000-0000")
    other.get_by_role("button", name="Come back", exact=True).tap()
    expect(other.get_by_text("There is nothing for this code any more.")).to_be_visible()
    look_at(other, "anteroom-wrong-code")
    other.get_by_label("Your return code").fill(code.lower().replace("-", " "))
    other.get_by_role("button", name="Come back", exact=True).tap()
    client = Client(scope=other, name=name)
    expect(client.log).to_contain_text("Come by on Monday")
    client.say("Thank you")
    expect(mara.log).to_contain_text("Thank you")


def test_doors_that_close_and_open(house: House, visitors: Visitors) -> None:
    """Full, paused, and closed while somebody waits, in two languages; a code still opens what has ended."""
    mara = house.manager
    place = {"name": "Crisis line", "contact": "0800 1110111", "text": "day and night"}
    mara.call(
        "hotline.organisation.set",
        at_closing="dismiss", queue_limit=1, languages=["en", "ar"], elsewhere={"en": [place]},
    )  # fmt: skip
    robin = house.arrive("Robin")
    robin.page.get_by_role("button", name="Get a return code").click()
    code = robin.page.locator("#return-code").inner_text()
    look_at(robin.page, "anteroom-code")
    robin.say("Before it closed")
    expect(robin.log).to_contain_text("Before it closed")

    page = visitors.open()
    page.clock.install()
    page.goto(f"/o/{house.slug}")
    for name, heading, arabic, next_intake in (
        ("full", "Too many people are waiting just now", "عدد كبير", "paused"),
        ("paused", "We are taking a short break", "استراحة", "closed"),
        ("closed", "We are closed at the moment", "مغلق", None),
    ):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        look_at(page, f"anteroom-{name}")
        page.get_by_label("Language").select_option("ar")
        expect(page.get_by_role("heading", name=arabic)).to_be_visible()
        look_at(page, f"anteroom-{name}-arabic")
        page.get_by_role("combobox").last.select_option("en")
        if next_intake:
            mara.call("hotline.organisation.set_intake", intake=next_intake)
            page.clock.run_for(31_000)

    expect(robin.page.get_by_role("heading", name="This conversation has ended")).to_be_visible(
        timeout=40_000
    )
    expect(robin.page.get_by_role("link", name="0800 1110111")).to_be_visible()
    look_at(robin.page, "anteroom-dismissed")
    page.get_by_text("Come back with a code").click()
    page.get_by_label("Your return code").fill(code)
    page.get_by_role("button", name="Come back", exact=True).click()
    expect(page.get_by_role("heading", name="This conversation has ended")).to_be_visible()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("Before it closed")

    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("heading", name="We are closed at the moment")).to_be_visible()
    mara.call("hotline.organisation.set_intake", intake="scheduled")
    page.clock.run_for(31_000)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()


def test_nothing_stays(house: House, visitors: Visitors) -> None:
    """No name in the title, no history of our own, and of a conversation one key in the tab until it ends."""
    house.manager.call("hotline.organisation.set", neutral_title=True)
    page = visitors.open()
    page.goto(f"/o/{house.slug}")
    client = Client(scope=page, name="Robin")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    length = page.evaluate("history.length")
    assert kept_by(page) == {}
    client.enter()
    client.say("Hello")
    expect_delivered(page)
    house.manager.claim("Robin")
    assert list(kept_by(page)) == [f"hotline.{house.slug}"]
    assert "Hello" not in str(kept_by(page))
    assert house.organisation not in page.title()
    client.leave()
    assert kept_by(page) == {}
    assert page.context.cookies() == []
    assert page.evaluate("history.length") == length
    assert house.organisation not in page.title()


def kept_by(page: Page) -> dict[str, str]:
    """All that the page has stored in the browser."""
    assert page.evaluate("indexedDB.databases().then(all => all.length)") == 0
    assert page.evaluate("caches.keys().then(all => all.length)") == 0
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
    kept: dict[str, str] = page.evaluate("({ ...localStorage, ...sessionStorage })")
    return kept


def test_questions_of_every_kind(house: House, visitors: Visitors) -> None:
    """All kinds, a consent that has to be given, and a survey afterwards, by keyboard and mouse."""
    mara = house.manager
    scale: dict[str, object] = {"kind": "scale", "low": 1, "high": 5}
    topics, bands = ["Home", "School", "Other"], ["0-13", "14-17", "65+"]
    mara.call(
        "hotline.forms.set",
        form="questions",
        questions=[
            {"name": "topic", "label": "What is it about?", "kind": "choices", "choices": topics},
            {"name": "mood", "label": "How are you?", "required": True, "low_label": "Bad", **scale},
            {"name": "age", "label": "How old are you?", "kind": "age_band", "choices": bands},
            {
                **{"name": "safe", "label": "Can you talk safely?", "kind": "choice"},
                **{"choices": ["Yes", "No"], "risk_choices": ["No"]},
            },
        ],
        consent={"": "I know that this is no emergency service."},
        consent_required=True,
    )
    helped = {"name": "helped", "label": "Did it help?", **scale}
    mara.call("hotline.forms.set", form="survey", questions=[helped])
    page = visitors.open()
    page.goto(f"/o/{house.slug}")
    page.get_by_label("What may we call you?").fill("Robin")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Please check this.")).to_have_count(2)
    expect(page.get_by_role("group", name="How are you?").get_by_label("1")).to_be_focused()
    look_at(page, "questions")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.get_by_label("Home").check()
    page.get_by_label("Other").check()
    expect(page.get_by_label("Can you talk safely?")).to_have_value("")
    expect(page.get_by_label("How old are you?").get_by_role("option")).to_have_text(
        ["No answer", "0 to 13", "14 to 17", "65 and over"]
    )
    page.get_by_label("How old are you?").select_option("14-17")
    page.get_by_label("Can you talk safely?").select_option("No")
    page.get_by_label("I know that this is no emergency service.").check()
    page.get_by_role("button", name="Start", exact=True).click()
    client = Client(scope=page, name="Robin")
    expect(client.place).to_be_visible()
    mara.claim("Robin")
    for fact in ("Home", "Other", "2", "14"):
        expect(mara.profile).to_contain_text(fact)
    # Where one talks, too: of three chats one has to know which.
    for where in (mara.entry("Robin"), mara.page.locator(".front-top")):
        expect(where.get_by_text("Risk", exact=True)).to_be_visible()
    client.say("Hello")
    expect(mara.log).to_contain_text("Hello")
    mara.page.get_by_role("button", name="End chat").click()
    mara.page.get_by_role("button", name="End the chat").click()
    expect(page.get_by_role("heading", name="A few last questions")).to_be_visible()
    expect(client.log.get_by_text("Hello")).to_be_visible()
    look_at(page, "survey")
    page.get_by_role("group", name="Did it help?").get_by_label("4").check()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="A few last questions")).to_have_count(0)
    assert [one["answers"] for one in mara.call("hotline.survey.list")["surveys"]] == [{"helped": 4}]


def test_the_quick_way_out(house: House, visitors: Visitors, site: Site) -> None:
    """Covered at once, gone for good, told to the consultant; in a frame the site's own page goes too."""
    client = house.arrive("Robin")
    page = client.page
    house.manager.claim("Robin")
    client.say("Somebody comes")
    expect(house.manager.log).to_contain_text("Somebody comes")
    length = page.evaluate("history.length")
    assert page.evaluate(PRESSES) == "none", "the page is covered before anything else happens"
    expect(page).to_have_url(re.compile("/exit$"))
    expect(page).to_have_title("New tab")
    assert page.locator("body").inner_text() == ""
    assert page.evaluate("history.length") == length
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    expect(house.manager.log).to_contain_text("Robin left quickly.")

    house.manager.page.goto("/anteroom.html")
    site.snippet = house.manager.page.get_by_label("Snippet for a button").input_value()
    framed = visitors.open()
    framed.goto(site.url)
    framed.get_by_role("button", name="Chat with us").click()
    framed.frame_locator("iframe").get_by_role("button", name="Exit now").click()
    expect(framed).to_have_url(f"{visitors.home}/exit")


def test_the_quick_way_out_is_there_early(house: House, visitors: Visitors) -> None:
    """Without the words it does all it does later; who has the focus on it keeps it when the page stands."""
    visitors.expect_complaint("net::ERR_FAILED")
    client = house.arrive("Robin")
    page = client.page
    words = re.compile("/assets/anteroom-en-.*[.]js")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    def begin() -> None:
        page.route(words, refuse)
        asked.clear()
        page.reload(wait_until="commit")
        # The browser itself once, the script each second.
        while len(asked) < 3:
            page.wait_for_timeout(100)

    early = page.get_by_role("link", name="Exit now")
    begin()
    early.focus()
    page.unroute(words)
    expect(page.get_by_role("button", name="Exit now")).to_be_focused()
    expect(page.get_by_role("heading", name="You are next in line")).to_be_visible()
    expect(page.get_by_role("button", name="Exit now")).to_be_focused()

    begin()
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/exit$"))
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    expect(house.manager.page.get_by_text("Robin")).to_have_count(0)

    page.unroute(words)
    page.goto(f"/o/{house.slug}")
    client.enter()
    begin()
    early.click()
    expect(page).to_have_url(re.compile("/exit$"))
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_slow_phone(house: House, visitors: Visitors) -> None:
    """On a phone's processor and network, from a server next door, the form is there within a second.

    The app that was loaded for it, words and looks included, is 20 kB at most. Whoever else wants the
    processor meanwhile takes no part in it: the time is put together of ways there and back, of bytes, and
    of the processor's own time.
    """
    page = visitors.open(viewport=PHONE, has_touch=True, is_mobile=True)
    session = throttle(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(f"/o/{house.slug}")
    expect(page.get_by_label("What may we call you?")).to_be_visible()
    ways, sent = page.evaluate(WAYS_AND_BYTES)
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    # The thread's own time, slowed down already; also of what comes after the first paint.
    worked = 1000 * sum(metrics[f"{work}Duration"] for work in ("Script", "Layout", "RecalcStyle"))
    assert ways >= 2
    assert worked > 0
    first_paint = ways * LATENCY_MS + sent / BYTES_PER_MS + worked
    assert first_paint < FIRST_PAINT_MS, (ways, sent, worked)
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').filter(one => one.name.includes('/static/assets/'))"
        ".reduce((sum, one) => sum + one.encodedBodySize, 0)"
    )
    assert 10_000 < loaded <= 20_000, loaded


def throttle(page: Page) -> CDPSession:
    """Four times slower, and the network of a phone in a train: 150 ms there and back, 1.6 Mbit/s."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    speeds = {"latency": LATENCY_MS, "downloadThroughput": BYTES_PER_MS * 1000, "uploadThroughput": 94_000}
    session.send("Network.emulateNetworkConditions", {"offline": False, **speeds})
    return session
