"""Browser windows under observation: whatever a page complains about fails the test.

In come contexts, out come complaints: errors and warnings of the console (violations of the content policy
among them), uncaught exceptions, dialogs, and requests to any other host.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    ViewportSize,
    expect,
)

PATIENCE_MS = 15_000
# After a cut: a page tries again at most every half minute.
COMES_BACK_MS = 40_000
DESKTOP = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL_PHONE: ViewportSize = {"width": 320, "height": 568}

# What a browser says by itself while the other end is away.
INTERRUPTION = (
    r"WebSocket connection to .* failed",
    r"Failed to load resource: net::ERR_",
    r"Failed to load resource: the server responded with a status of 503",
)

expect.set_options(timeout=PATIENCE_MS)


class Visitors:
    """The windows of one test; each visitor has cookies and storage of their own."""

    def __init__(self, browser: Browser, home: str) -> None:
        self.home = home
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._hosts = {"127.0.0.1", "localhost"}
        self._expected: list[str] = []
        self.complaints: list[str] = []

    def open(self, **options: Any) -> Page:
        """A new visitor's first window."""
        options = {"base_url": self.home, "viewport": DESKTOP, "locale": "en-GB", **options}
        return self.watch(self._browser.new_context(**options)).new_page()

    def watch(self, context: BrowserContext) -> BrowserContext:
        """Watches a context and closes it with the others."""
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("dialog", self._dialog)
        context.on("request", self._request)
        return context

    def expect_complaint(self, *patterns: str) -> None:
        """From now on these are part of the story."""
        self._expected.extend(patterns)

    def expect_interruption(self) -> None:
        """The network or the server will be away for a while."""
        self.expect_complaint(*INTERRUPTION)

    def shown(self) -> str:
        """What the windows show just now."""
        texts = []
        for page in (page for context in self._contexts for page in context.pages):
            try:
                texts.append(f"{page.url}\n{page.locator('body').inner_text(timeout=2000)}")
            except Error as error:
                texts.append(f"{page.url}\n{error}")
        return "\n\n".join(texts + self.complaints)

    def close(self) -> None:
        """Closes all windows; anything nobody expected is an error."""
        for context in self._contexts:
            context.close()
        unexpected = [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self._expected)
        ]
        assert not unexpected, "\n".join(unexpected)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob", "about") and not self._is_here(url.hostname or ""):
            self.complaints.append(f"request to another host: {request.url}")

    def _is_here(self, host: str) -> bool:
        return host in self._hosts or host.endswith(".localhost")


Open = Callable[..., Page]
