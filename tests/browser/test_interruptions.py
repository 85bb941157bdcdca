"""What goes wrong between people, and how everything comes back by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.daemon import Daemon
from tests.browser.line import Line, laid_line
from tests.browser.looking import look_at
from tests.browser.people import Client, House, expect_delivered
from tests.browser.watching import COMES_BACK_MS, Visitors

AWAY = re.compile("Reconnecting|offline")


@pytest.fixture
def line() -> Iterator[Line]:
    """A line for one visitor."""
    with laid_line() as line:
        yield line


def expect_once(log: Locator, *texts: str) -> None:
    """The log shows each of these once, and in this order."""
    for text in texts:
        expect(log.get_by_text(text, exact=True)).to_have_count(1, timeout=COMES_BACK_MS)
    shown = log.inner_text()
    assert sorted(texts, key=shown.index) == list(texts), shown


def test_reload(house: House, visitors: Visitors) -> None:
    """A client that waits keeps its place; in a chat both keep everything, the consultant all tabs."""
    mara = house.manager
    robin, sascha = house.arrive("Robin", age="17"), house.arrive("Sascha")
    sascha.say("First words")
    expect(sascha.log).to_contain_text("First words")
    expect_delivered(sascha.page)
    sascha.page.reload()
    expect(sascha.place).to_have_text("You are number 2 in line")
    expect_once(sascha.log, "First words")

    mara.claim("Robin")
    mara.claim("Sascha")
    mara.say("Sascha", "Hello Sascha")
    robin.say("Hello?")
    expect(mara.tab("Robin")).to_contain_text("1 unread")
    pages = (mara.page, robin.page, sascha.page)
    expect_delivered(*pages)
    for page in pages:
        page.reload()
    expect(mara.composer("Sascha")).to_be_visible()
    expect_once(mara.log, "First words", "Hello Sascha")
    expect(mara.tab("Robin")).to_contain_text("1 unread")
    expect_once(sascha.log, "First words", "Hello Sascha")
    mara.tab("Robin").get_by_role("button").first.click()
    expect(mara.profile).to_contain_text("17")
    mara.say("Robin", "Hello Robin")
    expect_once(robin.log, "Hello?", "Hello Robin")
    expect(mara.entry("Robin")).to_contain_text("connected")


def test_the_network_is_lost(house: House, visitors: Visitors, line: Line) -> None:
    """Words typed meanwhile are marked, counted, and go out once in order; those of the other end arrive."""
    visitors.expect_interruption()
    client = Client(scope=visitors.open(proxy=line.proxy), name="Robin")
    client.page.goto(f"/o/{house.slug}")
    client.enter()
    mara = house.manager
    mara.claim("Robin")
    client.say("Before")
    expect_once(mara.log, "Before")
    expect(client.link).to_have_text("Connected")

    line.cut()
    client.page.context.set_offline(True)
    expect(client.link).to_have_text(AWAY)
    expect(mara.entry("Robin")).to_contain_text("connection lost")
    client.say("Meanwhile one")
    client.say("Meanwhile two")
    mara.say("Robin", "Are you still there?")
    expect(client.link).to_contain_text("2 messages not yet delivered")
    expect(client.log.get_by_text("not yet delivered")).to_have_count(2)
    expect(client.link).to_contain_text("You are offline")
    look_at(client.page, "anteroom-offline")
    expect(mara.log).not_to_contain_text("Meanwhile")

    line.mend()
    client.page.context.set_offline(False)
    expect(client.link).to_have_text("Connected", timeout=COMES_BACK_MS)
    expect_once(mara.log, "Before", "Are you still there?", "Meanwhile one", "Meanwhile two")
    expect_once(client.log, "Before", "Are you still there?", "Meanwhile one", "Meanwhile two")
    expect(client.log.get_by_text("not yet delivered")).to_have_count(0)
    expect(mara.entry("Robin")).not_to_contain_text("connection lost")


def test_the_browser_says_it_is_offline(house: House, visitors: Visitors) -> None:
    """The browser's own switch, on the consultant's side: typed meanwhile, sent afterwards, once."""
    visitors.expect_interruption()
    client, mara = house.arrive("Robin"), house.manager
    mara.claim("Robin")
    mara.page.context.set_offline(True)
    mara.say("Robin", "Meanwhile")
    client.say("Hello?")
    # Whoever closes the window now is asked first: what was typed is nowhere else.
    visitors.expect_complaint("dialog: ")
    with mara.page.expect_event("dialog") as asked:
        mara.page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    mara.page.context.set_offline(False)
    expect_once(client.log, "Meanwhile")
    expect_once(mara.log, "Hello?", "Meanwhile")
    expect(mara.link).to_have_text("Connected", timeout=COMES_BACK_MS)


def test_an_answer_is_lost(house: House, visitors: Visitors, line: Line) -> None:
    """Stored, but the sender could not hear of it: sent again after the reconnect, and still there once."""
    visitors.expect_interruption()
    client = Client(scope=visitors.open(proxy=line.proxy), name="Robin")
    client.page.goto(f"/o/{house.slug}")
    client.enter()
    mara = house.manager
    mara.claim("Robin")
    expect(client.log).to_contain_text("Mara")
    line.silence()
    client.say("Did it arrive?")
    expect_once(mara.log, "Did it arrive?")
    expect(client.log.get_by_text("sending")).to_be_visible()
    line.mend()
    expect(client.log.get_by_text("sending")).to_have_count(0, timeout=COMES_BACK_MS)
    expect(client.link).to_have_text("Connected", timeout=COMES_BACK_MS)
    client.say("And this?")
    expect_once(client.log, "Did it arrive?", "And this?")
    expect_once(mara.log, "Did it arrive?", "And this?")


def test_the_daemon_is_killed(house: House, visitors: Visitors, daemon: Daemon) -> None:
    """kill -9 and a new start: rooms, tabs, places in line and words of both ends are all there, once."""
    visitors.expect_interruption()
    mara = house.manager
    robin, waiting = house.arrive("Robin"), house.arrive("Waiting")
    mara.claim("Robin")
    robin.say("Before")
    expect_once(mara.log, "Before")
    daemon.kill()
    for link in (mara.link, robin.link, waiting.link):
        expect(link).to_contain_text("Reconnecting")
    robin.say("From the client")
    mara.say("Robin", "From the consultant")
    waiting.say("From the line")
    for link in (mara.link, robin.link, waiting.link):
        expect(link).to_contain_text("1 message not yet delivered")

    daemon.start()
    for link in (mara.link, robin.link, waiting.link):
        expect(link).to_have_text("Connected", timeout=COMES_BACK_MS)
    for log in (mara.log, robin.log):
        for text in ("Before", "From the client", "From the consultant"):
            expect_once(log, text)
    expect(waiting.place).to_have_text("You are next in line")
    mara.claim("Waiting")
    expect_once(mara.log, "From the line")
    expect(mara.tabs.get_by_role("listitem")).to_have_count(2)


def test_postgresql_is_restarted(house: House, visitors: Visitors, daemon: Daemon) -> None:
    """The database goes and comes back below a running daemon: words said meanwhile arrive, once."""
    visitors.expect_interruption()
    client, mara = house.arrive("Robin"), house.manager
    mara.claim("Robin")
    client.say("Before")
    expect_once(mara.log, "Before")
    daemon.kill_postgres()
    client.say("Meanwhile")
    mara.say("Robin", "Meanwhile too")
    for log in (mara.log, client.log):
        for text in ("Before", "Meanwhile", "Meanwhile too"):
            expect_once(log, text)
    for link in (mara.link, client.link):
        expect(link).to_have_text("Connected", timeout=COMES_BACK_MS)
    newcomer = house.arrive("Sascha")
    expect(mara.entry("Sascha")).to_be_visible(timeout=COMES_BACK_MS)
    expect(newcomer.place).to_have_text("You are next in line")
