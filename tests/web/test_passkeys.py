"""Passkeys on the pages: options asked by a script of ours, answers in ordinary forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from hotline.accounts import Accounts
from hotline.domain.limits import DomainLimits
from hotline.passwords import Passwords
from hotline.store.database import Database
from tests.conftest import Now
from tests.passkeys import Device
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, House

async_test = pytest_twisted.ensureDeferred

OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def named(house: House, database: Database, passwords: Passwords, now: Now, static: Path) -> House:
    """The pages at an address that is a name."""
    house.base = house.base.replace("127.0.0.1", "localhost")
    house.accounts = Accounts(database, passwords, DomainLimits(), house.base, now)
    house.open(static, now)
    return house


async def options(browser: Browser, what: str, step: str = "") -> dict[str, Any]:
    """What a script of the page that is open gets."""
    answer = await browser.post("/session/passkey", {"for": what, "step": step}, headers=OURS)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found


async def with_passkey(house: House, browser: Browser) -> Device:
    """A device whose passkey was added on the page."""
    device = Device(house.base)
    page = await browser.get("/account/factors")
    answer = device.make(await options(browser, "add"))
    fields = page.fields("add-passkey") | {"name": "<my> laptop", "passkey": answer}
    done = await browser.post("/account/factors", fields)
    assert len(done.get("textarea", aria_label="Recovery codes").text.split()) == 10
    assert "<my> laptop" in done.visible
    return device


@async_test
async def test_added_used_and_removed(named: House) -> None:
    """Alone at the login, after the password, and for a proof; each takes the answer to its own options."""
    mira = await named.manager(email="mira@example.org")
    device = await with_passkey(named, mira)
    browser = named.browser()
    page = await browser.get("/login")
    button = page.get("button", data_passkey="login")
    assert ("hidden" in button.attributes, button.attributes["data-host"]) == (True, "localhost")
    fields = page.fields(path="/login")
    answer = device.show(await options(browser, "login"))
    foreign = named.browser()
    await foreign.get("/login")
    refused = await foreign.post("/login", (await foreign.get("/login")).fields() | {"passkey": answer})
    assert (refused.status, "Passkey was not right" in refused.visible) == (400, True)
    assert answer not in refused.text
    done = await browser.post("/login", {"csrf": fields["csrf"], "passkey": answer})
    assert (done.status, done.location) == (303, "/clientlist")

    browser = named.browser()
    asked = await browser.fill("/login", email="mira@example.org", password=PASSWORD)
    step = asked.get("input", name="step").attributes["value"]
    fields = {"csrf": asked.get("input", name="csrf").attributes["value"], "step": step}
    wrong = await browser.post("/login", fields | {"passkey": "{}"})
    assert (wrong.status, bool(wrong.get("button", data_passkey="step"))) == (400, True)
    answer = device.show(await options(browser, "step", step))
    assert (await browser.post("/login", fields | {"passkey": answer})).location == "/clientlist"

    page = await mira.get("/account/proof?for=factors")
    fields = page.fields(path="/account/proof")
    answer = device.show(await options(mira, "proof"))
    assert (await mira.post("/account/proof", fields | {"passkey": answer})).location == "/account/factors"
    gone = await mira.fill("/account/factors", action="remove-passkey")
    assert gone.location == "/account/factors?done=passkey-removed"
    assert not (await mira.get("/account/factors")).find("input", value="remove-passkey")


@async_test
async def test_who_is_asked_what(named: House, now: Now) -> None:
    """Options are for our own pages, for who is logged in and showed it lately, and for steps that exist."""
    mira = await named.manager(email="mira@example.org")
    for headers in (
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ):
        foreign = await mira.post("/session/passkey", {"for": "add"}, headers={"origin": "null"} | headers)
        assert foreign.status == 403, headers
    stranger = named.browser()
    for what, status in (("login", 400), ("", 400), ("x", 400), ("step", 410)):
        answer = await stranger.post("/session/passkey", {"for": what, "step": "x"}, headers=OURS)
        assert (answer.status, "error" in json.loads(answer.text)) == (status, True), what
    for what in ("add", "proof"):
        answer = await stranger.post("/session/passkey", {"for": what}, headers=OURS)
        assert (answer.status, "error" in json.loads(answer.text)) == (401, True), what
    now.advance(minutes=6)
    late = await mira.post("/session/passkey", {"for": "add"}, headers=OURS)
    assert late.location == "/account/proof?for=factors"


@async_test
async def test_there_are_none_at_a_number(house: House) -> None:
    """The page says why, and no form of any page offers one."""
    mira = await house.manager()
    page = await mira.get("/account/factors")
    assert "There are no passkeys here" in page.visible
    for shown in (page, await house.browser().get("/login")):
        assert "data-passkey" not in shown.text
    answer = await mira.post("/session/passkey", {"for": "add"}, headers=OURS)
    assert answer.status == 400
