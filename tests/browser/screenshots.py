"""Makes the pictures of the manual: `python -m tests.browser.screenshots [DIRECTORY]`.

Starts the demonstration on a port of its own, lets a few people more talk, and takes small pictures into
docs/screenshots: of what clients see on phone and desktop, light and dark, and in Arabic; of groups, desk and
pages.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from hotline.demo.guests import LAYLA, ROSA
from hotline.demo.lines import GROUP
from hotline.demo.stories import PASSWORD, STORIES
from tests.browser.camera import WIDE, shoot_two
from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.daemon import ROOT, START_SECONDS, STOP_SECONDS, free_port
from tests.browser.people import Consultant, come_in, console_of, expect_delivered, found, log_in
from tests.browser.scenes import shoot_house
from tests.browser.watching import Visitors

# What managers and consultants set up, by the names of the pictures.
PAGES = {
    "account": "/account",
    "factors": "/account/factors",
    "invite": "/invite",
    "organisation": "/organisation",
    "hours": "/organisation/hours",
    "texts": "/organisation/texts",
    "questions": "/organisation/questions",
    "record": "/organisation/record",
    "answers": "/organisation/answers",
    "referrals": "/organisation/referrals",
    "statistics": "/organisation/statistics",
    "safety": "/organisation/safety",
    "export": "/organisation/export",
}
# Parts of them further down.
PARTS = {
    "special-days": ("/organisation/hours", "[data-rows=day]"),
    "places": ("/organisation/texts", "[data-rows=place]"),
    "audit-entries": ("/organisation/audit", "#entries"),
    "statistics-answers": ("/organisation/statistics", "main > section:nth-of-type(3)"),
}
DOORS = {"front": "/", "login": "/login", "register": "/register/org"}
REPLIES = (
    "Hello Rosa, I am Maria. Dana told me what you have talked about, so you need not begin again.",
    "Let us write down together what you want your teacher to know, and you decide what is sent.",
)
NOTE = "She would like to know whom to call in the evenings."
LATER_GROUP = {
    "name": "Parents' evening",
    "text": "For parents of somebody who is not well. One of us is there all the time.",
    "most_clients": 12,
}
WILLOW_SAYS = "With us it was a neighbour. I was ashamed to ask, and she was glad that I did."
WILLOW_IS_TOLD = "Welcome, Willow. Thank you for telling us."


def take(directory: Path, home: str) -> None:
    """The pictures: of clients with an organisation of their own, of consultants in the demonstration."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        visitors = Visitors(browser, home)
        visitors.expect_interruption()
        shoot_consultants(directory, visitors)
        house = found(visitors, "Lighthouse", "Mara")
        mara = house.manager
        mara.page.goto("/organisation")
        mara.page.locator("#settings").get_by_label("Name of the organisation").fill("Lighthouse")
        mara.page.get_by_role("button", name="Save the settings").click()
        expect(mara.page.get_by_role("heading", level=1)).to_have_text("Lighthouse")
        mara.open_console()

        expect(mara.page.locator(".intake")).to_be_visible()
        expect(mara.list).to_contain_text("Nobody is waiting.")
        shoot_two(mara.page, directory, "console-empty")
        shoot_house(directory, house)
        stranger = visitors.open()
        for name, path in DOORS.items():
            stranger.goto(path)
            shoot_two(stranger, directory, f"page-{name}")
        visitors.close()
        browser.close()


def shoot_consultants(directory: Path, visitors: Visitors) -> None:
    """The desk of the demonstration's first manager, and every page she has."""
    name, email = STORIES[0].manager
    page = visitors.open()
    log_in(page, email, PASSWORD)
    maria = console_of(page, name, email)
    shoot_console(directory, visitors, maria)
    shoot_groups(directory, visitors, maria)
    for picture, path in PAGES.items():
        page.goto(path)
        shoot_two(page, directory, f"page-{picture}")
    for picture, (path, part) in PARTS.items():
        page.goto(path)
        shoot_two(page, directory, f"page-{picture}", part)


def shoot_console(directory: Path, visitors: Visitors, maria: Consultant) -> None:
    """A conversation that was handed over, what opens over the desk, and the desk from right to left."""
    page, rosa = maria.page, ROSA.name
    page.set_viewport_size(WIDE)
    maria.entry(rosa).get_by_role("button", name="Open chat").click()
    expect(maria.composer(rosa)).to_be_visible()
    for said, answered in zip(REPLIES, ROSA.says[len(ROSA.says) // 2 + 1 :], strict=True):
        maria.say(rosa, said)
        expect(maria.log.get_by_text(answered, exact=True)).to_be_visible(timeout=30_000)
    maria.entry(LAYLA.name).scroll_into_view_if_needed()
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.screenshot(path=directory / "console.png")
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=directory / "console-dark.png")
    shoot_two(page, directory, "console-conversation", only="phone")
    maria.composer(rosa).fill("/he")
    expect(page.get_by_role("listbox")).to_be_visible()
    shoot_two(page, directory, "console-answers")
    maria.composer(rosa).fill("")
    for name, button in (("referrals", "Referrals"), ("settings", "Signals and keys"), ("blocks", "Blocks")):
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        shoot_two(page, directory, f"console-{name}")
        page.keyboard.press("Escape")
    colleague, (sam, email) = visitors.open(), STORIES[0].staff
    log_in(colleague, email, PASSWORD)
    console_of(colleague, sam, email)
    for name, button in (("ask-in", "Ask in"), ("hand-over", "Hand over")):
        page.get_by_role("button", name=button, exact=True).click()
        page.get_by_role("dialog").get_by_label(sam).check()
        page.get_by_role("dialog").get_by_label("Note for your colleague").fill(NOTE)
        expect(page.get_by_role("dialog")).to_contain_text("Here")
        shoot_two(page, directory, f"console-{name}")
        page.keyboard.press("Escape")
    colleague.close()
    maria.more("End and block")
    page.get_by_role("dialog").get_by_label("Reason").fill("Insults")
    shoot_two(page, directory, "console-block")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    shoot_two(page, directory, "console-commands")
    page.keyboard.press("Escape")
    for name, language, only in (("list", "en-GB", "phone"), ("arabic", "ar", "")):
        other = visitors.open(locale=language, storage_state=page.context.storage_state())
        other.goto("/clientlist")
        expect(other.get_by_text(rosa).first).to_be_visible()
        for last in (".log .message", ".desk-nav .badge"):
            expect(other.locator(last).first).to_be_attached()
        shoot_two(other, directory, f"console-{name}", only=only)
        other.close()


def shoot_groups(directory: Path, visitors: Visitors, maria: Consultant) -> None:
    """The groups there are, and one of them as its clients see it and as whoever leads it does."""
    name = GROUP["name"]
    begins = datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0) + timedelta(days=2)
    times = {"opens_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=2)).isoformat()}
    maria.call("hotline.group.open", **LATER_GROUP, **times, listed=True)
    page = visitors.open()
    page.goto(f"/o/{STORIES[0].slug}/groups")
    shoot_two(page, directory, "group-list")
    page.get_by_role("link", name=name).click()
    willow = come_in(page, "Willow")
    groups = maria.page.get_by_role("region", name="Groups")
    groups.get_by_role("listitem").filter(has_text=name).get_by_role("button", name="Open chat").click()
    willow.say(WILLOW_SAYS)
    expect(maria.log.get_by_text(WILLOW_SAYS)).to_be_visible()
    maria.say(name, WILLOW_IS_TOLD)
    expect(willow.log.get_by_text(WILLOW_IS_TOLD)).to_be_visible()
    expect_delivered(page, maria.page)
    shoot_two(page, directory, "group-talking")
    groups.get_by_role("button", name="Open a group").scroll_into_view_if_needed()
    shoot_two(maria.page, directory, "console-group")
    page.close()


def main() -> None:
    """Takes the pictures into the directory named."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    with demonstration() as home:
        take(pictures, home)


@contextmanager
def demonstration() -> Iterator[str]:
    """`make demo` on a port of its own; its address once all of it is there."""
    with tempfile.TemporaryDirectory(prefix="hotline-screenshots-") as directory:
        os.chmod(directory, 0o755)
        port, log = free_port(), Path(directory) / "log"
        command = [sys.executable, "-m", "hotline.demo", "--data", f"{directory}/data"]
        with log.open("ab") as said:
            demo = subprocess.Popen(
                [*command, "--http", f"tcp:{port}:interface=127.0.0.1"],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
                stdout=said,
                stderr=said,
            )
        try:
            deadline = time.monotonic() + START_SECONDS
            while "Ctrl-C stops everything" not in log.read_text(errors="replace"):
                assert demo.poll() is None, f"the demonstration ended:\n{log.read_text()}"
                assert time.monotonic() < deadline, f"the demonstration is not ready:\n{log.read_text()}"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(STOP_SECONDS)


if __name__ == "__main__":
    main()
