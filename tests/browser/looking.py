"""Whether everybody can use a page: axe's rules and the window's width, light and dark, large and small.

In comes a page in some state, out comes an AssertionError that names each violation.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

from tests.browser.daemon import ROOT
from tests.browser.watching import DESKTOP, PHONE, SMALL_PHONE

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# Where this names a directory, every state looked at is kept there as a picture.
PICTURES = os.environ.get("BROWSER_PICTURES")


def look_at(page: Page, name: str) -> None:
    """All the ways this state is shown to people."""
    before = page.viewport_size or DESKTOP
    found: list[str] = []
    for size, device in ((DESKTOP, "desktop"), (PHONE, "phone")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            found += [f"{name}, {device}, {scheme}: {violation}" for violation in _violations(page)]
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{device}-{scheme}.png")
    page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
    found += [f"{name}, 320 px: {element} is too wide" for element in _too_wide(page)]
    page.set_viewport_size(before)
    page.emulate_media(color_scheme="light")
    assert not found, "\n".join(found)


def _violations(page: Page) -> list[str]:
    found = [f"{element} is too wide" for element in _too_wide(page)]
    for frame in page.frames:
        found += [
            f"{violation['id']}: {violation['help']}: {node['html']} {node['failureSummary']}"
            for violation in _axe(frame)
            for node in violation["nodes"]
        ]
    return found


def _axe(frame: Frame) -> list[dict[str, Any]]:
    """The browser's own console may evaluate what the page's policy forbids the page; so may we."""
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(AXE.read_text() + "\n;0")
    result: list[dict[str, Any]] = frame.evaluate(
        "async rules => (await axe.run(document, rules)).violations", RULES
    )
    return result


def _too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    wide: list[str] = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.scrollingElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll("body *")]
                .filter(one => one.getBoundingClientRect().right > width + 1)
                .map(one => `${one.tagName} ${one.className}`).slice(0, 5);
        }"""
    )
    return wide
