"""Inviting, and joining by a link."""

from __future__ import annotations

from typing import Any

import pytest_twisted

from tests.web.browser import Browser, Response
from tests.web.conftest import PASSWORD, House

async_test = pytest_twisted.ensureDeferred


async def link_for(
    house: House, manager: Browser, email: str = "sam@example.org", role: str = "staff"
) -> str:
    """The path of a fresh invitation's link."""
    page = await manager.fill("/invite", email=email, role=role)
    assert page.status == 200, page.text
    value = page.get("input", aria_label="Link of the invitation").attributes["value"]
    assert value.startswith(house.base)
    return value.removeprefix(house.base)


async def join(browser: Browser, path: str, **typed: str) -> Response:
    return await browser.fill(path, **({"username": "Sam", "password": PASSWORD} | typed))


@async_test
async def test_invited_person_joins(house: House) -> None:
    """The link may be opened any number of times; the form uses it up; then it is gone for everybody."""
    manager = await house.manager("Lighthouse")
    path = await link_for(house, manager)
    for _ in range(3):
        scanned = await house.browser().get(path)
        assert scanned.status == 200
        assert scanned.get("h1").text == "Join Lighthouse"
    sam = house.browser()
    done = await join(sam, path)
    assert (done.status, done.location) == (303, "/clientlist")
    console = (await sam.get("/clientlist")).get("div", id="console").attributes
    assert '"role": "staff"' in console["data-me"]
    assert console["data-realm"] == "lighthouse"
    late = house.browser()
    gone = await late.get(path)
    assert gone.status == 410
    assert "ask the person who invited you" in gone.visible
    token = (await late.get("/login")).fields(path="/login")["csrf"]
    assert (await late.post(path, {"csrf": token, "username": "Eve", "password": PASSWORD})).status == 410


@async_test
async def test_the_page_does_not_tell_who_has_an_account(house: House) -> None:
    """Whoever invites may look at the link: known address or not, the same page and the same answers."""
    manager, stranger = await house.manager(), await house.manager("Harbour", "known@example.org")
    pages: list[str] = []
    answers: list[tuple[int, str | None, int]] = []
    for email in ("known@example.org", "other@example.org"):
        path = await link_for(house, manager, email)
        pages.append((await house.browser().get(path)).visible.replace(email, ""))
        for password in ("short", "passwordpassword", "another tractor under marmalade"):
            page = await join(house.browser(), path, password=password)
            answers.append((page.status, page.location, page.text.count("problem")))
    assert pages[0] == pages[1]
    assert answers[:3] == answers[3:]
    assert (await stranger.get("/account")).status == 200


@async_test
async def test_joining_with_wrong_fields(house: House) -> None:
    """A wrong name or password is named beside the field, and the link can still be used."""
    manager = await house.manager()
    path = await link_for(house, manager)
    browser = house.browser()
    page = await join(browser, path, username=" ", password="short")
    assert page.status == 400
    assert page.problem("username")
    assert page.problem("password")
    page = await join(browser, path, username="Sam", password="samsamsamsam")
    assert page.status == 400
    assert page.problem("password")
    assert page.fields()["username"] == "Sam"
    assert (await join(browser, path)).status == 303


@async_test
async def test_invitations_expire(house: House, now: Any) -> None:
    """After seven days the link says that it is no longer good."""
    manager = await house.manager()
    path = await link_for(house, manager)
    now.advance(days=7, hours=1)
    assert (await house.browser().get(path)).status == 410


@async_test
async def test_wrong_invitations(house: House) -> None:
    """No address, somebody who has an account, or no role: said beside the field, nothing kept."""
    manager = await house.manager(email="mira@example.org")
    for email, role, field in (
        ("nobody", "staff", "email"),
        ("", "staff", "email"),
        ("mira@example.org", "staff", "email"),
        ("sam@example.org", "owner", "role"),
        ("sam@example.org", "client", "role"),
    ):
        page = await manager.fill("/invite", email=email, role=role)
        assert page.status == 400
        assert page.problem(field)
        assert page.fields(path="/invite")["email"] == email
    assert "Nobody is invited" in (await manager.get("/invite")).visible


@async_test
async def test_staff_may_not_invite(house: House) -> None:
    """Staff get a page that says so, for GET and POST, and see no link to it."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    page = await staff.get("/invite")
    assert page.status == 403
    assert "managers" in page.visible
    assert page.find("a", href="/invite") is None
    token = (await staff.get("/account")).fields("profile")["csrf"]
    page = await staff.post("/invite", {"csrf": token, "email": "x@example.org", "role": "manager"})
    assert page.status == 403


@async_test
async def test_taking_back(house: House) -> None:
    """An invitation that is taken back no longer works; another organisation's cannot be touched."""
    manager = await house.manager("Lighthouse", "one@example.org")
    other = await house.manager("Harbour", "two@example.org")
    path = await link_for(house, manager)
    page = await manager.get("/invite")
    fields = page.fields("withdraw", "/invite")
    theirs = (await other.get("/invite")).fields(path="/invite")
    foreign = await other.post("/invite", fields | {"csrf": theirs["csrf"]})
    assert foreign.status == 404
    assert (await house.browser().get(path)).status == 200
    done = await manager.post("/invite", fields)
    assert (done.status, done.location) == (303, "/invite?done=withdrawn")
    assert (await house.browser().get(path)).status == 410
    again = await manager.post("/invite", fields)
    assert again.status == 404
    assert "not there any more" in again.visible
