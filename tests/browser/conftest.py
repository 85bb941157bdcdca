"""What every story needs: one browser, one daemon, watched windows for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.browser.daemon import Daemon
from tests.browser.filling import Filler
from tests.browser.people import House, found
from tests.browser.watching import Visitors

FLAGS = [
    # As root and in containers Chromium cannot use it; all pages here are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Several windows talk at once, and none of them is the one in front.
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
]
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the daemon said and the windows showed belongs to the report of a test that failed."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    if report.failed and isinstance(daemon := fixtures.get("daemon"), Daemon):
        report.sections.append(("the daemon's log", "\n".join(daemon.said().splitlines()[-40:])))
    if report.failed and call.when == "call" and isinstance(visitors := fixtures.get("visitors"), Visitors):
        report.sections.append(("the windows", visitors.shown()))
    return report


def chromium_path() -> str:
    """The browser of the machine."""
    found_path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert found_path, "the browser tests need Chromium: install it, or set CHROMIUM=/path/to/it"
    return found_path


def light_path() -> str:
    """Chromium without windows and everything around them, where it is there: it takes half the time.

    It asks nobody for permission, and knows no settings of a profile: tests of those want the whole one.
    """
    return os.environ.get("HEADLESS_SHELL") or shutil.which("chromium-headless-shell") or chromium_path()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright itself."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser; each visitor gets a context of it."""
    browser = playwright.chromium.launch(executable_path=light_path(), args=FLAGS)
    yield browser
    browser.close()


def whole_browser() -> Any:
    """The fixture `browser` of a module that needs the whole of Chromium."""

    @pytest.fixture(scope="module")
    def browser(playwright: Playwright) -> Iterator[Browser]:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()

    return browser


@contextmanager
def running(bring_postgres: Callable[[Path], None], wildcard: str = "") -> Iterator[Daemon]:
    """A daemon that is ready, on a PostgreSQL that has run before.

    It may run as another user, who has to reach its data.
    """
    with tempfile.TemporaryDirectory(prefix="hotline-browser-") as directory:
        os.chmod(directory, 0o755)
        daemon = Daemon(Path(directory), wildcard)
        bring_postgres(daemon.data)
        daemon.start()
        yield daemon
        daemon.stop()


@pytest.fixture(scope="package")
def daemon(bring_postgres: Callable[[Path], None]) -> Iterator[Daemon]:
    """For all stories: every test has organisations of its own."""
    with running(bring_postgres) as daemon:
        yield daemon


@pytest.fixture(scope="package")
def daemon_at_localhost(bring_postgres: Callable[[Path], None]) -> Iterator[Daemon]:
    """Another, whose public address is a name: each organisation has one below it, and there are passkeys."""
    with running(bring_postgres, wildcard="localhost") as daemon:
        yield daemon


@pytest.fixture
def visitors(browser: Browser, daemon: Daemon) -> Iterator[Visitors]:
    """Windows of people; a page that complains, or a daemon that does, fails the test."""
    visitors = Visitors(browser, daemon.url)
    before = len(daemon.troubles())
    yield visitors
    visitors.close()
    assert not daemon.troubles()[before:]


@pytest.fixture
def house(visitors: Visitors) -> House:
    """A new organisation with its manager before the console."""
    return found(visitors)


@pytest.fixture
def filler(house: House, daemon: Daemon) -> Iterator[Filler]:
    """The house's rows in the database."""
    filler = Filler(daemon, house.slug)
    yield filler
    filler.close()
