"""Logging in and out, tickets, forgotten passwords."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import pytest_twisted

from hotline.store import mails
from tests.web.browser import Response
from tests.web.conftest import PASSWORD, House

async_test = pytest_twisted.ensureDeferred


async def mailed(house: House, now: Any) -> list[str]:
    """The bodies of all mails that wait to be sent."""
    await house.accounts.settled()
    async with house.database.transaction() as tx:
        due = await mails.due(tx, now())
    bodies = []
    for organisation_id, mail_id in due:
        async with house.database.transaction(organisation_id) as tx:
            mail = await mails.take(tx, organisation_id, mail_id, now())
            assert mail is not None
            bodies.append(mail.body)
    return bodies


@async_test
async def test_a_network_registers_so_many_organisations(house: House) -> None:
    """Whom a proxy on this machine speaks for waits, and is told how long; the next network does not."""

    async def register(number: int, address: str) -> Response:
        browser = house.browser()
        page = await browser.get("/register/org")
        fields = page.fields(path="/register/org") | {
            "organisation": f"House {number}",
            "username": "Mira",
            "email": f"mira{number}@example.org",
            "password": PASSWORD,
        }
        return await browser.post("/register/org", fields, headers={"x-forwarded-for": address})

    for number in range(10):
        assert (await register(number, f"8.8.4.{number}")).location == "/clientlist"
    refused = await register(10, "8.8.4.200")
    assert (refused.status, refused.header("retry-after")) == (429, "360")
    assert refused.fields(path="/register/org")["organisation"] == "House 10"
    assert (await register(10, "8.8.8.200")).location == "/clientlist"


@async_test
async def test_logging_in(house: House) -> None:
    """Email, in whatever case, and password lead in; no script can read the cookie."""
    await house.manager(email="mira@example.org")
    browser = house.browser()
    page = await browser.fill("/login", email=" Mira@Example.org ", password=PASSWORD)
    assert (page.status, page.location) == (303, "/clientlist")
    cookie, _ = page.headers.getRawHeaders("set-cookie", [])
    assert re.fullmatch(r"hotline=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert (await browser.get("/clientlist")).status == 200
    again = await browser.get("/login")
    assert (again.status, again.location) == (303, "/clientlist")


@async_test
async def test_logging_in_again(house: House) -> None:
    """Whose login is about to end gets another one, and the one before is worth nothing from then on."""
    await house.manager(email="mira@example.org")
    browser = house.browser()
    await browser.fill("/login", email="mira@example.org", password=PASSWORD)
    before = dict(browser.cookies)
    refused = await browser.fill("/login?again=1", email="mira@example.org", password="wrong")
    assert refused.status == 400
    assert (await browser.get("/clientlist")).status == 200
    page = await browser.fill("/login?again=1", email="mira@example.org", password=PASSWORD)
    assert (page.status, page.location) == (303, "/clientlist")
    assert (await browser.get("/clientlist")).status == 200
    browser.cookies.update(before)
    assert (await browser.get("/clientlist")).location == "/login"


@async_test
async def test_a_browser_is_known_again(house: House, now: Any) -> None:
    """Also after a log-out; a log-in from another one is mailed, with or without a second step."""
    await house.manager(email="mira@example.org")
    browser, typed = house.browser(), {"email": "mira@example.org", "password": PASSWORD}

    async def told() -> int:
        return sum("logged in to your account" in body for body in await mailed(house, now))

    for _ in range(2):
        assert (await browser.fill("/login", **typed)).location == "/clientlist"
        assert await told() == 1
        await browser.post("/logout", (await browser.get("/account")).fields(path="/logout"))
        assert "hotline" not in browser.cookies
    await house.colleague(await house.manager("Harbour", "nina@example.org"), "mira@example.org")
    for window, number in ((browser, 1), (house.browser(), 2)):
        page = await window.fill("/login", **typed)
        step = page.get("button", name="step").attributes["value"]
        entered = await window.post("/login", page.fields(path="/login") | {"step": step})
        assert (entered.location, await told()) == ("/clientlist", number)


@async_test
async def test_cookie_under_https(house: House, static: Any, now: Any) -> None:
    """Under https the cookies are Secure and bound to the host."""
    await house.manager(email="mira@example.org")
    house.open(static, now, public_url="https://help.example.org")
    browser = house.browser()
    page = await browser.fill("/login", email="mira@example.org", password=PASSWORD)
    assert re.fullmatch(
        r"__Host-hotline=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax; Secure",
        page.headers.getRawHeaders("set-cookie", [])[0],
    )
    assert set(browser.cookies) == {"__Host-hotline", "__Host-hotline-visit", "__Host-hotline-device"}
    assert (page.header("strict-transport-security") or "").startswith("max-age=")


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("mira@example.org", "violet tractor under marmelade", "password"),
        ("nobody@example.org", PASSWORD, "password"),
        ("mira@example.org", "x" * 60_000, "password"),
        ("mira@example.org", "a\x00b", "password"),
        ("mira@example.org", "", "password"),
        ("not an address", PASSWORD, "email"),
        ("", PASSWORD, "email"),
    ],
)
@async_test
async def test_wrong_login(house: House, email: str, password: str, field: str) -> None:
    """What is wrong is said beside the field, the email kept, the password not, and nobody logged in."""
    await house.manager(email="mira@example.org")
    browser = house.browser()
    page = await browser.fill("/login", email=email, password=password)
    assert page.status == 400
    assert page.problem(field)
    assert page.fields(path="/login") | {"csrf": ""} == {"email": email, "password": "", "csrf": ""}
    assert "hotline" not in browser.cookies


@async_test
async def test_wrong_address_and_wrong_password_look_alike(house: House) -> None:
    """Nobody can find out by logging in whether somebody has an account."""
    await house.manager(email="mira@example.org")
    browser = house.browser()
    known = await browser.fill("/login", email="mira@example.org", password="wrong wrong wrong")
    unknown = await browser.fill("/login", email="nobody@example.org", password="wrong wrong wrong")
    assert known.text.replace("mira@example.org", "X") == unknown.text.replace("nobody@example.org", "X")


@async_test
async def test_logging_out(house: House) -> None:
    """Logging out ends the login on the server too and clears what the browser kept."""
    manager = await house.manager()
    kept = dict(manager.cookies)
    page = await manager.fill("/account", form="/logout")
    assert (page.status, page.location) == (303, "/login")
    assert page.header("clear-site-data") == '"cache", "storage"'
    assert "hotline" not in manager.cookies
    thief = house.browser()
    thief.cookies = kept
    assert (await thief.get("/clientlist")).location == "/login"


@async_test
async def test_logging_out_needs_the_form(house: House) -> None:
    """Without the token nobody is logged out, and the page offers the button again."""
    manager = await house.manager()
    page = await manager.post("/logout", {})
    assert page.status == 403
    assert (await manager.get("/clientlist")).status == 200
    again = await manager.post("/logout", page.fields(path="/logout"))
    assert again.status == 303
    assert (await house.browser().post("/logout", {})).location == "/login"


PAGES_FOR_LOGGED_IN = [
    "/clientlist",
    "/account",
    "/organisation",
    "/organisation/hours",
    "/organisation/texts",
    "/invite",
]


@pytest.mark.parametrize("path", PAGES_FOR_LOGGED_IN)
@async_test
async def test_pages_that_need_a_login(house: House, path: str) -> None:
    """Without a login, with a made-up one or an expired one, they lead to the login page."""
    browser = house.browser()
    for cookie in (None, "x" * 43, "../../etc", "a b"):
        browser.cookies = {"hotline": cookie} if cookie else {}
        page = await browser.get(path)
        assert (page.status, page.location) == (303, "/login")
    if path != "/clientlist":
        page = await browser.post(path, {"action": "delete"})
        assert (page.status, page.location) == (303, "/login")


@async_test
async def test_logins_end_by_themselves(house: House, now: Any) -> None:
    """A login not used for half an hour is over; one that is used ends after twelve hours."""
    manager = await house.manager()
    now.advance(minutes=29)
    assert (await manager.get("/account")).status == 200
    now.advance(minutes=29)
    assert (await manager.get("/account")).status == 200
    now.advance(minutes=31)
    assert (await manager.get("/account")).location == "/login"


@async_test
async def test_ticket(house: House) -> None:
    """A logged-in consultant's page gets realm, authid and a ticket that works once."""
    manager = await house.manager("Lighthouse")
    got = await manager.request(
        "POST", "/session/ticket", headers={"origin": house.base, "sec-fetch-site": "same-origin"}, body=b""
    )
    assert got.status == 200
    assert got.header("content-type") == "application/json"
    assert got.header("cache-control") == "no-store"
    answer = json.loads(got.text)
    assert set(answer) == {"realm", "authid", "ticket"}
    assert answer["realm"] == "lighthouse"
    actor = await house.accounts.find_actor(manager.cookies["hotline"])
    assert actor is not None
    assert answer["authid"] == actor.id
    for expected in (actor.id, None):
        found = await house.accounts.authenticate(actor.organisation_id, answer["authid"], answer["ticket"])
        assert (found.id if found else None) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "OWN", "sec-fetch-site": "cross-site"},
    ],
)
@async_test
async def test_ticket_for_nobody_else(house: House, headers: dict[str, str]) -> None:
    """Who does not come from a page of ours gets no ticket, silence included."""
    manager = await house.manager()
    headers = {name: value.replace("OWN", house.base) for name, value in headers.items()}
    got = await manager.request("POST", "/session/ticket", headers=headers, body=b"")
    assert got.status == 403
    assert set(json.loads(got.text)) == {"error"}


@async_test
async def test_ticket_without_login(house: House) -> None:
    """Nobody is told so in JSON, since a script asks."""
    got = await house.browser().request("POST", "/session/ticket", headers={"origin": house.base}, body=b"")
    assert got.status == 401
    assert json.loads(got.text)["error"]
    assert (await house.browser().get("/session/ticket")).status == 405


@async_test
async def test_forgotten_password(house: House, now: Any) -> None:
    """The link that is mailed takes a new password once; all logins end, and the old password is gone."""
    manager = await house.manager(email="mira@example.org")
    browser = house.browser()
    sent = await browser.fill("/forgotpw", email="mira@example.org")
    assert sent.status == 200
    assert "If there is an account" in sent.visible
    (body,) = await mailed(house, now)
    link = re.search(r"/changepw/\S+", body)
    assert link is not None
    path = link[0]

    assert (await house.browser().get(path)).status == 200
    weak = await browser.fill(path, password="passwordpassword")
    assert weak.status == 400
    assert weak.problem("password")
    done = await browser.post(path, weak.fields() | {"password": "a completely different giraffe"})
    assert (done.status, done.location) == (303, "/login?done=password")
    assert (await manager.get("/account")).location == "/login"

    for used in (await browser.get(path), await browser.post(path, weak.fields() | {"password": PASSWORD})):
        assert used.status == 410
        assert used.find("a", href="/forgotpw")
    assert (await browser.fill("/login", email="mira@example.org", password=PASSWORD)).status == 400
    page = await browser.fill("/login", email="mira@example.org", password="a completely different giraffe")
    assert page.status == 303


@async_test
async def test_forgotten_password_of_nobody(house: House, now: Any) -> None:
    """An unknown address gets the same answer and no mail."""
    await house.manager(email="mira@example.org")
    browser = house.browser()
    known = await browser.fill("/forgotpw", email="mira@example.org")
    assert len(await mailed(house, now)) == 1
    now.advance(days=1)
    before = len(await mailed(house, now))
    unknown = await browser.fill("/forgotpw", email="nobody@example.org")
    assert (known.status, known.text) == (unknown.status, unknown.text)
    now.advance(days=1)
    assert len(await mailed(house, now)) == before
    wrong = await browser.fill("/forgotpw", email="nobody")
    assert wrong.status == 400
    assert wrong.problem("email")


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "..%2f", "%F0%9F%98%80", "a b"])
@async_test
async def test_links_that_never_were(house: House, token: str) -> None:
    """A link nobody made answers as a used one does (or as no page at all), never with an error."""
    browser = house.browser()
    for path in (f"/changepw/{token}", f"/register/user/{token}"):
        page = await browser.request("GET", path.replace(" ", "%20"))
        assert page.status in (404, 410)
        assert page.visible


@async_test
async def test_reset_links_expire(house: House, now: Any) -> None:
    """After half an hour a link to change the password is no longer good."""
    await house.manager(email="mira@example.org")
    await house.browser().fill("/forgotpw", email="mira@example.org")
    (body,) = await mailed(house, now)
    path = re.search(r"/changepw/\S+", body)
    assert path is not None
    now.advance(minutes=31)
    assert (await house.browser().get(path[0])).status == 410


@async_test
async def test_forms_before_a_login_are_tied_to_the_visitor(house: House) -> None:
    """Another visitor's token, or none, opens nothing; the form comes back with what was typed."""
    await house.manager(email="mira@example.org")
    browser, other = house.browser(), house.browser()
    foreign = (await other.get("/login")).fields(path="/login")["csrf"]
    own = (await browser.get("/login")).fields(path="/login")["csrf"]
    assert own != foreign
    fields = {"email": "mira@example.org", "password": PASSWORD}
    for token in ({"csrf": foreign}, {}):
        page = await browser.post("/login", fields | token)
        assert page.status == 403
        assert page.fields(path="/login") == {"csrf": own, "email": "mira@example.org", "password": ""}
    bare = house.browser()
    page = await bare.post("/login", fields | {"csrf": own})
    assert page.status == 403
    assert (await bare.post("/login", page.fields(path="/login") | fields)).status == 303
