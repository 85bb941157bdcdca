"""What clients of one organisation meet, and its consultant with them, scene by scene.

In come a directory and the house, out come the pictures. No scene leaves anybody behind who would be seen in
the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.camera import shoot, shoot_two
from tests.browser.people import Client, Consultant, House, expect_delivered
from tests.browser.site import serving
from tests.browser.watching import COMES_BACK_MS, PHONE

DEVICE = "Object.keys(localStorage).some(name => name.endsWith('.device'))"
CRISIS = {"name": "Crisis line", "contact": "0800 1110111", "text": "day and night, free of charge"}
CRISIS_ARABIC = {"name": "خط الأزمات", "contact": "0800 1110111", "text": "ليلًا ونهارًا، مجانًا"}
TALK = (
    ("Robin", "I do not know how to begin."),
    ("Mara", "That is all right. Take your time, I am here."),
    ("Robin", "It is about school. I have not been there since Monday."),
    ("Mara", "Thank you for telling me. What happened on Monday?"),
)


TALK_ARABIC = (
    ("ليلى", "لا أعرف كيف أبدأ."),
    ("Mara", "لا بأس. خذي وقتك، أنا هنا."),
    ("ليلى", "منذ أسبوع لا أستطيع النوم."),
    ("Mara", "شكرًا لأنك أخبرتني. ماذا حدث قبل أسبوع؟"),
)
UNDELIVERED = ("My train is in a tunnel.", "I am still here, please wait for me.")
LEFT = "I cannot talk on the phone. Could you write to me this week? I do not know whom else to ask."
# A helpline's own site, with the button in its corner.
SITE = """
<style>
:root {{ color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif; }}
body {{ margin: 0; }}
main {{ max-width: 36rem; margin: 3rem 2rem; }}
</style>
<p>Whatever it is about, at home, at school or with yourself: you can talk with us.
You need not say who you are.</p>
<h2>Talk with us</h2>
<p>By phone on 0800 1110111, day and night, or by chat: press the button below.</p>
{snippet}
"""


def shoot_house(directory: Path, house: House) -> None:
    """All scenes; those with settings of their own come last."""
    shoot_a_talk(directory, house)
    shoot_a_way_back(directory, house)
    shoot_blocked(directory, house)
    shoot_embedded(directory, house)
    shoot_full_and_paused(directory, house)
    shoot_closed_and_arabic(directory, house)


def arrive(house: House, name: str, **answers: str) -> Client:
    """Somebody with a phone, who waits."""
    client = Client(scope=house.visitors.open(viewport=PHONE), name=name)
    client.page.goto(f"/o/{house.slug}")
    client.enter(**answers)
    expect_waiting(client)
    return client


def expect_waiting(client: Client) -> None:
    """All that is told to who waits is there."""
    expect(client.log).to_contain_text("You are here.")
    expect(client.page.get_by_text("1 consultant is here.")).to_be_visible()


def close_tab(mara: Consultant) -> None:
    """Of a conversation that has ended."""
    mara.page.get_by_role("button", name="Close this tab").click()


def talk(mara: Consultant, client: Client, texts: tuple[tuple[str, str], ...]) -> None:
    """One after the other, each read by both."""
    for name, text in texts:
        if name == mara.name:
            mara.say(client.name, text)
        else:
            client.say(text)
        for log in (client.log, mara.log):
            expect(log.get_by_text(text, exact=True)).to_be_visible()
    expect_delivered(mara.page, client.page)


def shoot_a_talk(directory: Path, house: House) -> None:
    """From the form to the end, with a tunnel on the way."""
    mara, robin = house.manager, Client(scope=house.visitors.open(viewport=PHONE), name="Robin")
    page = robin.page
    page.goto(f"/o/{house.slug}")
    robin.fill(age="16", gender="girl", issues="School, and that nobody listens")
    shoot(page, directory, "anteroom-form")
    robin.enter()
    expect_waiting(robin)
    shoot(page, directory, "anteroom-waiting")
    mara.claim("Robin")
    talk(mara, robin, TALK)
    mara.composer("Robin").press_sequentially("I")
    expect(page.get_by_text("Mara is typing")).to_be_visible()
    shoot(page, directory, "anteroom-talking")
    mara.composer("Robin").fill("")
    expect(page.get_by_text("Mara is typing")).to_have_count(0)
    page.context.set_offline(True)
    for text in UNDELIVERED:
        robin.say(text)
    expect(robin.link).to_contain_text("2 messages not yet delivered")
    expect(robin.link).to_contain_text("You are offline")
    shoot(page, directory, "anteroom-offline")
    page.context.set_offline(False)
    for text in UNDELIVERED:
        expect(mara.log.get_by_text(text)).to_be_visible(timeout=COMES_BACK_MS)
    shoot_the_end(directory, house, robin)


def shoot_a_way_back(directory: Path, house: House) -> None:
    """A return code while one waits, and an appointment."""
    mara, noor = house.manager, arrive(house, "Noor", age="19", issues="My exams")
    noor.page.get_by_role("button", name="Get a return code").click()
    expect(noor.page.locator("#return-code")).to_be_visible()
    shoot(noor.page, directory, "anteroom-code")
    mara.claim("Noor")
    mara.say("Noor", "Shall we go on after your exam? I keep the hour for you.")
    expect_delivered(mara.page)
    mara.more("Appointment")
    dialog = mara.page.get_by_role("dialog")
    after_tomorrow = datetime.now() + timedelta(days=2)
    dialog.get_by_label("Day and time").fill(f"{after_tomorrow:%Y-%m-%d}T16:30")
    shoot_two(mara.page, directory, "console-appointment")
    dialog.get_by_role("button", name="Give the appointment").click()
    expect(noor.page.get_by_text("your place are kept")).to_be_visible()
    shoot(noor.page, directory, "anteroom-appointment")
    noor.leave()
    noor.page.context.close()
    close_tab(mara)


def shoot_embedded(directory: Path, house: House) -> None:
    """The button on a site that is not ours, and what it opens."""
    mara, page = house.manager, house.visitors.open(viewport=PHONE)
    mara.page.goto("/anteroom.html")
    snippet = mara.page.get_by_label("Snippet for a button").input_value()
    mara.open_console()
    with serving() as site:
        site.snippet = SITE.format(snippet=snippet)
        page.goto(site.url)
        expect(page.get_by_role("button", name="Chat with us")).to_be_visible()
        shoot(page, directory, "embed-closed")
        page.get_by_role("button", name="Chat with us").click()
        frame = page.frame_locator("iframe")
        expect(frame.get_by_label("What may we call you?")).to_be_visible()
        shoot(page, directory, "embed-open")
        page.close()


def shoot_full_and_paused(directory: Path, house: House) -> None:
    """Nobody more is taken: the line is full, and a short break."""
    mara, waiting = house.manager, arrive(house, "Kim")
    mara.call("hotline.organisation.set", queue_limit=1, elsewhere={"en": [CRISIS]})
    page = house.visitors.open(viewport=PHONE)
    for name, heading, intake in (
        ("full", "Too many people are waiting just now", "scheduled"),
        ("paused", "We are taking a short break", "paused"),
    ):
        mara.call("hotline.organisation.set_intake", intake=intake)
        page.goto(f"/o/{house.slug}")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        shoot(page, directory, f"anteroom-{name}")
    waiting.leave()
    mara.call("hotline.organisation.set", queue_limit=None)


def shoot_left_message(directory: Path, house: House, address: str) -> None:
    """Written at a closed door, and found by whoever comes first the next day."""
    mara, page = house.manager, house.visitors.open(viewport=PHONE)
    page.goto(address)
    page.get_by_text("Leave a message", exact=True).click()
    page.get_by_label("What may we call you?").fill("Sascha")
    page.get_by_label("Your message").fill(LEFT)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="We have your message")).to_be_visible()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text(LEFT)
    shoot(page, directory, "anteroom-left")
    mara.page.get_by_role("button", name="Answer the message of Sascha").click()
    expect(mara.log).to_contain_text(LEFT)
    shoot_two(mara.page, directory, "console-left")
    page.context.close()


def shoot_arabic_talk(directory: Path, house: House) -> None:
    """A conversation from right to left."""
    mara, layla = house.manager, Client(scope=house.visitors.open(viewport=PHONE, locale="ar"), name="ليلى")
    page = layla.page
    page.goto(f"/o/{house.slug}")
    page.get_by_label("بماذا نناديك؟").fill(layla.name)
    page.get_by_role("button", name="ابدأ").click()
    expect(page.locator("#composer")).to_be_visible()
    mara.claim(layla.name)
    for name, text in TALK_ARABIC:
        if name == mara.name:
            mara.say(layla.name, text)
        else:
            page.locator("#composer").fill(text)
            page.get_by_role("button", name="إرسال").click()
        expect(page.get_by_text(text, exact=True)).to_be_visible()
        expect(mara.log.get_by_text(text, exact=True)).to_be_visible()
    expect_delivered(mara.page, page)
    shoot(page, directory, "anteroom-talking-arabic")


def shoot_the_end(directory: Path, house: House, robin: Client) -> None:
    """The conversation has ended, and a few questions follow."""
    mara = house.manager
    scale = {"kind": "scale", "low": 1, "high": 5, "low_label": "not at all", "high_label": "very much"}
    more = {"name": "more", "label": "What else should we know?", "kind": "long_text"}
    questions = [{"name": "helped", "label": "Did it help you?", **scale}, more]
    mara.call("hotline.forms.set", form="survey", questions=questions)
    mara.page.get_by_role("button", name="End chat").click()
    mara.page.get_by_role("button", name="End the chat").click()
    expect(robin.page.get_by_role("heading", name="A few last questions")).to_be_visible()
    shoot(robin.page, directory, "anteroom-ended")
    close_tab(mara)


def shoot_blocked(directory: Path, house: House) -> None:
    """What somebody reads whose last conversation was ended and blocked."""
    alex = Client(scope=house.visitors.open(viewport=PHONE), name="Alex")
    alex.page.goto(f"/o/{house.slug}")
    alex.enter(age="20")
    house.manager.claim("Alex")
    page = house.manager.page
    house.manager.more("End and block")
    page.get_by_role("dialog").get_by_label("Reason").fill("Insults")
    page.get_by_role("dialog").get_by_role("button", name="End and block").click()
    expect(alex.log).to_contain_text("A new conversation has to wait.")
    close_tab(house.manager)
    alex.page.evaluate(f"async () => {{ while (!{DEVICE}) await new Promise(requestAnimationFrame) }}")
    alex.page.get_by_role("button", name="Start again").click()
    expect(alex.page.get_by_role("heading", name="A new conversation has to wait.")).to_be_visible()
    shoot(alex.page, directory, "anteroom-blocked")


def shoot_closed_and_arabic(directory: Path, house: House) -> None:
    """Closed, with other places to turn to, and the same and the form from right to left."""
    house.manager.call(
        "hotline.organisation.set",
        intake="closed",
        hours={"monday": [["16:00", "20:00"]], "thursday": [["16:00", "20:00"]]},
        languages=["en", "ar"],
        texts={
            "en": {"closed": "You are not alone. On Mondays and Thursdays we are here again."},
            "ar": {"closed": "لست وحدك. نعود إليك يومي الاثنين والخميس."},
        },
        elsewhere={
            "en": [CRISIS],
            "ar": [CRISIS_ARABIC],
        },
    )
    page = house.visitors.open(viewport=PHONE)
    page.goto(f"/o/{house.slug}")
    expect(page.get_by_role("heading", name="We are closed at the moment")).to_be_visible()
    shoot(page, directory, "anteroom-closed")
    page.get_by_label("Language").select_option("ar")
    expect(page.get_by_text("لست وحدك")).to_be_visible()
    shoot(page, directory, "anteroom-closed-arabic")
    shoot_left_message(directory, house, page.url)
    house.manager.call("hotline.organisation.set", intake="scheduled", hours=None)
    page.reload()
    page.get_by_label("Language").select_option("ar")
    expect(page.get_by_role("button", name="ابدأ")).to_be_visible()
    shoot(page, directory, "anteroom-form-arabic")
    shoot_arabic_talk(directory, house)
