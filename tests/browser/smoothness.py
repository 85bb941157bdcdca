"""How smoothly the console works with much in it: `make smoothness`.

A daemon and a Chromium are started, hundreds of clients and ten thousand messages put into the database; out
come the longest tasks of the page and its frame times, for `docs/performance.md`. It judges nothing
of time; that no more is drawn than has changed is for `test_smoothness.py`.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.daemon import Daemon
from tests.browser.filling import Filler
from tests.browser.people import found
from tests.browser.watching import Visitors

MESSAGES, WAITING, ARRIVING, PER_SECOND = 10_000, 500, 200, 20
WATCH = """
window.tasks = [];
new PerformanceObserver(list => { for (const { duration } of list.getEntries()) tasks.push(duration); })
    .observe({ type: "longtask" });
window.frames = [];
let last = performance.now();
const tick = now => { frames.push(now - last); last = now; requestAnimationFrame(tick); };
requestAnimationFrame(tick);
"""
# Within the page: a locator of Playwright walks the whole document, and would be what is measured.
UP = """async () => {
    const log = document.querySelector(".log");
    while (log.querySelector(".log-more")) {
        log.scrollTop = 0;
        await new Promise(requestAnimationFrame);
    }
}"""


def measured(page: Page, what: str) -> None:
    """Says what was measured since the last time, and begins anew."""
    tasks = sorted(page.evaluate("tasks.splice(0)"))
    frames = sorted(page.evaluate("frames.splice(0)"))
    print(
        f"{what}: longest task {max(tasks, default=0):.0f} ms, above 50 ms: {len(tasks)}; "
        f"frames p50 {frames[len(frames) // 2]:.0f}, p99 {frames[len(frames) * 99 // 100]:.0f}, "
        f"longest {frames[-1]:.0f} ms",
        flush=True,
    )


def measure(daemon: Daemon) -> None:
    """A long room first, then a long list."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        visitors = Visitors(browser, daemon.url)
        house = found(visitors)
        mara, page = house.manager, house.manager.page
        page.context.add_init_script(WATCH)
        robin = house.arrive("Robin")
        mara.claim("Robin")
        room = page.locator(".tabs li").get_attribute("data-room")
        address = robin.page.url
        robin.page.goto("about:blank")
        filler = Filler(daemon, house.slug)
        filler.talk(room, MESSAGES)
        mara.open_console()
        expect(mara.composer("Robin")).to_be_visible()
        page.wait_for_function("document.querySelector('.log-more')")
        page.evaluate("tasks.splice(0), frames.splice(0)")
        began = time.monotonic()
        page.evaluate(UP)
        assert page.evaluate("document.querySelectorAll('.log .message').length") == MESSAGES
        print(f"{MESSAGES} messages fetched in {time.monotonic() - began:.0f} s")
        measured(page, "fetching earlier ones up to the first")
        page.evaluate("document.querySelector('.log-end').click()")
        page.wait_for_timeout(200)
        page.evaluate("tasks.splice(0), frames.splice(0)")
        page.evaluate("document.querySelector('.composer textarea').focus()")
        page.keyboard.type("It is good that you wrote to us. " * 6, delay=15)
        measured(page, "typing")
        robin.page.goto(address)
        for number in range(10):
            robin.say(f"And one more {number}")
            page.wait_for_timeout(200)
        measured(page, "receiving")
        mara.page.get_by_role("button", name="Close the tab of Robin").click()
        filler.arrive(range(WAITING))
        mara.open_console()
        expect(mara.list.locator(".entry")).to_have_count(WAITING + 1)
        page.wait_for_timeout(500)
        page.evaluate("tasks.splice(0), frames.splice(0)")
        for number in range(WAITING, WAITING + ARRIVING):
            filler.arrive([number])
            page.wait_for_timeout(1000 / PER_SECOND)
        page.wait_for_timeout(500)
        measured(page, f"{PER_SECOND} a second come to {WAITING} who wait")
        expect(mara.list.locator(".entry")).to_have_count(WAITING + ARRIVING + 1)
        filler.close()
        visitors.close()
        browser.close()


def main() -> None:
    """Starts what is needed, and stops it."""
    with tempfile.TemporaryDirectory(prefix="hotline-smoothness-") as directory:
        os.chmod(directory, 0o755)
        daemon = Daemon(Path(directory))
        daemon.start()
        try:
            measure(daemon)
        finally:
            daemon.stop()


if __name__ == "__main__":
    main()
