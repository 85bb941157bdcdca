"""Whether everybody can use a page: axe's rules and our own measures, in all the ways it is shown to people.

In comes a page in some state, out comes an AssertionError that names each violation: light and dark, large,
small and zoomed, English and Arabic, with forced colours, without motion. The page is as before afterwards.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

from tests.browser.daemon import ROOT
from tests.browser.watching import DESKTOP, PHONE, SMALL_PHONE

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
MEASURES = Path(__file__).with_name("looking.js")
ARABIC = ROOT / "web" / "locale" / "ar.po"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Each frame is looked at by itself.
BY_ITSELF = {"resultTypes": ["violations"], "iframes": False}
ALL = {**BY_ITSELF, "runOnly": TAGS}
# What depends on the colours only.
CONTRAST = {**BY_ITSELF, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Our own, of any size.
FITS = ("wide", "stuck", "small", "moving")
# A desktop window at 200 %: twice the size is half the room.
ZOOMED = {"width": DESKTOP["width"] // 2, "height": DESKTOP["height"] // 2}
# Where this names a directory, every state looked at is kept there as a picture.
PICTURES = os.environ.get("BROWSER_PICTURES")
# The elements the apps live in; all other pages are in English only.
APPS = "#anteroom, #console, #away, #group"


def look_at(page: Page, name: str) -> None:
    """All the ways this state is shown to people.

    Each language, each theme and each size meets all rules; the colours of each text are looked at in each
    theme, at whichever size it is there; and whether all fits, in each language with each size.
    """
    before = page.viewport_size or DESKTOP
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    look = Look(page, name)
    look.at("desktop-light", DESKTOP, *FITS)
    look.more_at("phone-light", PHONE, *FITS)
    page.emulate_media(color_scheme="dark")
    if in_english(page):
        with in_arabic(page):
            look.at("phone-dark-arabic", PHONE, *FITS)
            look.more_at("desktop-dark-arabic", DESKTOP, *FITS)
            look.small("320-arabic", SMALL_PHONE)
    else:
        look.at("phone-dark", PHONE)
        look.more_at("desktop-dark", DESKTOP)
    look.small("320", SMALL_PHONE)
    look.small("zoomed", ZOOMED)
    page.emulate_media(color_scheme="light", forced_colors="active")
    look.measure("forced-colours", "alike")
    page.emulate_media(forced_colors="none")
    page.set_viewport_size(before)
    assert not look.found, "\n".join(look.found)


def walk_through(page: Page, most: int = 200) -> None:
    """By the Tab key alone, once around: everything is come to, and where one is can be seen."""
    prepared(page)
    found: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        problems = page.evaluate("looking.stop()")
        if problems is None:
            break
        found += problems
    found += page.evaluate("looking.passed_over()")
    assert not found, "\n".join(found)


class Look:
    """What was found in one state."""

    def __init__(self, page: Page, name: str) -> None:
        self.found: list[str] = []
        self._page = page
        self._frames = prepared(page)
        self._name = name

    def at(self, way: str, size: Any, *measures: str) -> None:
        """One size, by all of axe's rules and some measures of our own."""
        self._page.set_viewport_size(size)
        self._ask(way, "rules => looking.all(rules)", ALL)
        self.measure(way, *measures)
        self._keep_picture(way)

    def more_at(self, way: str, size: Any, *measures: str) -> None:
        """Another size in the same theme: by all that is not the same there."""
        self._page.set_viewport_size(size)
        self._ask(way, "rules => looking.more(rules)", CONTRAST)
        self.measure(way, *measures)
        self._keep_picture(way)

    def small(self, way: str, size: Any) -> None:
        """So little room that only what matters fits: all of it is within reach."""
        self._page.set_viewport_size(size)
        self.measure(way, "wide", "stuck", "small", "covered")
        self._keep_picture(way)

    def measure(self, way: str, *measures: str) -> None:
        """Some of our own."""
        self._ask(way, "names => names.flatMap(name => looking[name]())", measures)

    def _ask(self, way: str, question: str, about: Any) -> None:
        for frame in self._frames:
            self.found += [f"{self._name}, {way}: {problem}" for problem in frame.evaluate(question, about)]

    def _keep_picture(self, way: str) -> None:
        if PICTURES:
            self._page.screenshot(path=Path(PICTURES) / f"{self._name}-{way}.png")


def prepared(page: Page) -> list[Frame]:
    """All frames, with axe and our measures in them.

    The browser's own console may evaluate what the page's policy forbids the page; so may we.
    """
    for frame in page.frames:
        if not frame.evaluate("'looking' in window"):
            frame.evaluate(instruments())
    return page.frames


@cache
def instruments() -> str:
    """Axe and our measures, as one script."""
    return f"{AXE.read_text()}\n{MEASURES.read_text()}\n;0"


def in_english(page: Page) -> bool:
    """Whether this is one of our apps, in English."""
    return any(frame.locator(f"html[lang=en] :is({APPS})").count() > 0 for frame in page.frames)


@contextmanager
def in_arabic(page: Page) -> Iterator[None]:
    """The same state from right to left: the app's words as the catalog has them, where they stand."""
    frames = [frame for frame in prepared(page) if frame.locator(APPS).count() > 0]
    translate = "pairs => looking.translate('ar', 'rtl', JSON.parse(pairs))"
    said = sum(frame.evaluate(translate, arabic()) for frame in frames)
    assert said > 0, "nothing of this page is in the catalog"
    try:
        yield
    finally:
        for frame in frames:
            frame.evaluate("looking.translate_back()")


@cache
def arabic() -> str:
    """The catalog: English and Arabic; of a plural the forms for one and for many. As JSON."""
    pairs = []
    for entry in ARABIC.read_text().split("\n\n")[1:]:
        said = {}
        for key, first, rest in re.findall(r'^(msg\S+) "(.*)"((?:\n".*")*)', entry, re.MULTILINE):
            said[key] = (first + "".join(re.findall(r'"(.*)"', rest))).replace(r"\"", '"')
        if "msgid_plural" in said:
            pairs += [(said["msgid"], said["msgstr[1]"]), (said["msgid_plural"], said["msgstr[4]"])]
        elif "msgid" in said:
            pairs.append((said["msgid"], said["msgstr"]))
    return json.dumps(pairs)
