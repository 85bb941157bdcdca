"""The camera of the manual's pictures: the sizes and colours in which a state is shown.

In come a page and a name, out come small pictures. It changes nothing of what the page says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser.watching import PHONE

WIDE: ViewportSize = {"width": 1120, "height": 640}

Look = tuple[ViewportSize, str, Literal["light", "dark"]]
"""A size of the window, what it is called, and the colours."""

CLIENTS_SIDE: list[Look] = [(PHONE, "phone", "light"), (PHONE, "phone", "dark"), (WIDE, "desktop", "light")]
CONSULTANTS_SIDE: list[Look] = [(WIDE, "desktop", "light"), (PHONE, "phone", "dark")]


def shoot(page: Page, directory: Path, name: str) -> None:
    """One state of the client's page: phone and desktop in light, phone in dark."""
    for size, device, scheme in CLIENTS_SIDE:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.screenshot(path=directory / f"{name}-{device}-{scheme}.png")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")


def shoot_two(page: Page, directory: Path, name: str, part: str = "", only: str = "") -> None:
    """One state of what consultants or groups see: desktop light, phone dark; this part of it on top."""
    for size, device, scheme in CONSULTANTS_SIDE:
        if only not in ("", device):
            continue
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if part:
            page.locator(part).evaluate("element => element.scrollIntoView()")
        page.screenshot(path=directory / f"{name}-{device}-{scheme}.png")
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
