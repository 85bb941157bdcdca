"""Makes the pictures of the README: `python -m tests.browser.screenshots [DIRECTORY]`.

Starts a daemon of its own, lets a few people talk, and takes small pictures into docs/screenshots.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS, chromium_path
from tests.browser.daemon import ROOT, Daemon
from tests.browser.people import Client, found
from tests.browser.watching import PHONE, Visitors

WIDE = {"width": 1120, "height": 640}
TALK = (
    ("Robin", "I do not know how to begin."),
    ("Mara", "That is all right. Take your time, I am here."),
    ("Robin", "It is about school. I have not been there since Monday."),
    ("Mara", "Thank you for telling me. What happened on Monday?"),
)


def take(directory: Path, daemon: Daemon) -> None:
    """The pictures, each in light; the console in dark too."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        visitors = Visitors(browser, daemon.url)
        house = found(visitors, "Lighthouse", "Mara")
        mara = house.manager
        mara.page.goto("/organisation")
        mara.page.locator("#settings").get_by_label("Name of the organisation").fill("Lighthouse")
        mara.page.get_by_role("button", name="Save the settings").click()
        expect(mara.page.get_by_role("heading", level=1)).to_have_text("Lighthouse")
        mara.open_console()

        robin = Client(scope=visitors.open(viewport=PHONE), name="Robin")
        robin.page.goto(f"/o/{house.slug}")
        robin.fill(age="16", gender="girl", issues="School, and that nobody listens")
        robin.page.screenshot(path=directory / "anteroom-form.png")
        robin.enter()
        sascha = house.arrive("Sascha", age="19")
        mara.claim("Robin")
        for name, text in TALK:
            if name == "Robin":
                robin.say(text)
            else:
                mara.say("Robin", text)
            expect(robin.log.get_by_text(text, exact=True)).to_be_visible()
            expect(mara.log.get_by_text(text, exact=True)).to_be_visible()
        house.arrive("Toni")
        expect(mara.entry("Toni")).to_be_visible()
        expect(sascha.place).to_have_text("You are next in line")
        mara.composer("Robin").press_sequentially("I")
        expect(robin.page.get_by_text("Mara is typing")).to_be_visible()
        robin.page.screenshot(path=directory / "anteroom.png")
        mara.composer("Robin").fill("")
        mara.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        for scheme, name in (("light", "console.png"), ("dark", "console-dark.png")):
            mara.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            mara.page.screenshot(path=directory / name)
        visitors.close()
        browser.close()


def main() -> None:
    """Takes the pictures into the directory named."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hotline-screenshots-") as directory:
        os.chmod(directory, 0o755)
        daemon = Daemon(Path(directory))
        daemon.start()
        try:
            take(pictures, daemon)
        finally:
            daemon.stop()


if __name__ == "__main__":
    main()
