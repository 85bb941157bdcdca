"""No more is drawn than has changed, with five hundred who wait and ten thousand messages.

Counts only: how fast that is on one machine, `make smoothness` tells.
"""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.browser.filling import Filler
from tests.browser.people import House
from tests.browser.watching import Visitors

WAITING, MESSAGES = 500, 10_000
# So many messages are fetched when a conversation is opened, and with each step up.
FIRST, STEP = 100, 25
ELEMENTS_PER_CLIENT = 20
# Whose line of the list or message of the log something in it was changed, since this was asked last.
WATCH = """
const LINES = ".entry, [data-seq]";
const lines = new Set();
let records = 0;
const is_element = node => node.nodeType === Node.ELEMENT_NODE;
const around = node => (is_element(node) ? node : node.parentElement)?.closest(LINES);
const within = node => is_element(node) ? [...node.querySelectorAll(LINES)] : [];
new MutationObserver(all => {
    records += all.length;
    const found = all.flatMap(({ target, addedNodes, removedNodes }) => [
        around(target), ...[...addedNodes, ...removedNodes].flatMap(node => [around(node), ...within(node)]),
    ]);
    for (const line of found)
        if (line) lines.add(line.dataset.seq ?? line.querySelector("bdi").textContent);
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
window.changed = () => {
    const found = [[...lines].sort(), records];
    lines.clear();
    records = 0;
    return found;
};
0;
"""
UP = """async steps => {
    const log = document.querySelector(".log"), seen = () => log.querySelectorAll(".message").length;
    for (; steps > 0; steps -= 1) {
        const before = seen();
        log.scrollTop = 0;
        while (seen() === before) await new Promise(requestAnimationFrame);
    }
    return seen();
}"""
SPEAKS_FRENCH = """
UPDATE clients SET language = 'fr' WHERE organisation_id = %(organisation)s AND client_id = %(client)s
"""
# Everything beside the lines: counts, titles, what is announced.
FEW = 60


def changed(page: Page) -> list[str]:
    """Whose lines were drawn anew since the last time; and little else was.

    Robin's connection may have been found lost or back at any moment since his page was loaded anew.
    """
    lines, records = page.evaluate("changed()")
    assert records <= FEW, records
    return [line for line in lines if line != "Robin"]


def test_much_at_once(house: House, visitors: Visitors, filler: Filler) -> None:
    """Of ten thousand messages those are there that one has been to, and a new one draws itself; of five
    hundred clients one that changes draws its line, and typing none."""
    mara, page, robin = house.manager, house.manager.page, house.arrive("Robin")
    mara.claim("Robin")
    room = page.locator(".tabs li").get_attribute("data-room")
    assert room
    filler.talk(room, MESSAGES)
    # However long this takes: nobody waits for another minute meanwhile.
    page.clock.set_fixed_time(datetime.now(UTC))
    robin.page.reload()
    mara.open_console()
    for log in (mara.log, robin.log):
        expect(log.get_by_text(f"said. {MESSAGES}")).to_be_visible()
        assert log.locator(".message").count() <= FIRST
    assert page.evaluate(UP, 8) <= FIRST + 8 * STEP
    expect(page.locator(".log-part:not(.at-rest)")).to_have_count(0)
    page.evaluate(WATCH)
    changed(page)
    robin.say("And one more")
    expect(mara.log.get_by_text("And one more")).to_be_attached()
    (drawn,) = changed(page)
    assert int(drawn) > MESSAGES

    # By their places in the page from here on: names and roles of so many take longer than all the rest.
    filler.arrive(range(WAITING))
    page.reload()
    entries = page.locator(".entry")
    expect(entries).to_have_count(WAITING + 1)
    expect(page.locator(".message").last).to_contain_text("And one more")
    assert page.evaluate("document.querySelectorAll('.clients *').length") < ELEMENTS_PER_CLIENT * WAITING
    page.evaluate(WATCH)
    changed(page)
    filler.arrive([WAITING])
    expect(entries).to_have_count(WAITING + 2)
    assert changed(page) == [f"Client {WAITING:05}"]
    filler.run(SPEAKS_FRENCH, client="client00250")
    expect(page.locator(".entry", has_text="French")).to_have_count(1)
    assert changed(page) == ["Client 00250"]
    page.locator(".composer textarea").press_sequentially("It is good that you write")
    expect(robin.page.get_by_text("Mara is typing")).to_be_visible()
    assert changed(page) == []
