"""The way in: front page, registration, and what machines ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from tests.web.browser import Response
from tests.web.conftest import PASSWORD, House

async_test = pytest_twisted.ensureDeferred
OTHER_PASSWORD = "granite lantern on tuesday"


@async_test
async def test_front_page_leads_in(house: House) -> None:
    """The front page has links to register and to log in."""
    page = await house.browser().get("/")
    assert page.status == 200
    assert page.find("a", href="/register/org")
    assert page.find("a", href="/login")


@async_test
async def test_registering_logs_in(house: House) -> None:
    """A new organisation's manager is logged in and led to the clientlist."""
    manager = await house.manager("Lighthouse")
    page = await manager.get("/clientlist")
    assert page.status == 200
    console = page.get("div", id="console").attributes
    assert console["data-realm"] == "lighthouse"
    assert console["data-organisation"] == "Lighthouse"
    assert '"role": "manager"' in console["data-me"]
    assert console["data-csrf"]


GOOD = {
    "organisation": "Lighthouse",
    "username": "Mira",
    "email": "mira@example.org",
    "password": PASSWORD,
}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("organisation", "", "Name of the organisation must not be empty."),
        ("organisation", "x" * 81, "Name of the organisation must have at most 80 characters."),
        ("organisation", "a\x00b", "Name of the organisation has characters that cannot be stored."),
        ("language", "", "Language of your clients must have language tags such as de or pt-BR."),
        ("language", "de, fr", "Language of your clients must have language tags such as de or pt-BR."),
        ("username", "  ", "Your name must not be empty."),
        ("username", "a\nb", "Your name must be a single line."),
        ("email", "nobody", "Email is not an email address."),
        ("email", "a@b\r\nBcc: c@d", "Email must be a single line."),
        ("password", "", "Password must have at least 15 characters."),
        ("password", "passwordpassword", "Password is too easy to guess."),
        ("password", "x" * 300, "Password must have at most 256 characters."),
    ],
)
@async_test
async def test_each_wrong_field_is_named(house: House, field: str, value: str, problem: str) -> None:
    """A wrong field: 400, the problem beside it, everything typed kept but the password, nobody logged in."""
    browser = house.browser()
    page = await browser.fill("/register/org", **(GOOD | {field: value}))
    assert page.status == 400
    assert page.problem(field).startswith(problem)
    assert page.title.startswith("Problem: ")
    kept = page.fields(path="/register/org")
    for name in ("organisation", "username", "email"):
        if name != field:
            assert kept[name] == GOOD[name]
    assert kept["password"] == ""
    assert PASSWORD not in page.text
    assert "hotline" not in browser.cookies
    link = page.get("a", href=f"#register-{field}")
    assert link.text.startswith(problem)


@async_test
async def test_missing_fields_are_all_named(house: House) -> None:
    """An empty form gets every problem at once."""
    browser = house.browser()
    token = (await browser.get("/register/org")).fields(path="/register/org")["csrf"]
    page = await browser.post("/register/org", {"csrf": token})
    assert page.status == 400
    for name in GOOD:
        assert page.problem(name)


@async_test
async def test_markup_in_what_was_typed_stays_text(house: House) -> None:
    """Markup comes back escaped."""
    naughty = "\"><script>alert(1)</script>{{ 7*7 }}'"
    page = await house.browser().fill("/register/org", organisation=naughty, username=naughty, email=naughty)
    assert page.status == 400
    assert "<script>alert" not in page.text
    assert page.fields(path="/register/org")["organisation"] == naughty


@async_test
async def test_an_address_of_somebody_else_opens_nothing_of_theirs(house: House) -> None:
    """Whose email has an account founds another organisation, with its password or another; nobody is told
    which it was, and who came by another one is in the new one alone."""
    await house.manager("Lighthouse", GOOD["email"])
    stranger = house.browser()
    typed = GOOD | {"organisation": "Harbour", "password": "another tractor, no violet"}
    assert (await stranger.fill("/register/org", **typed)).location == "/clientlist"
    again = house.browser()
    entered = await again.fill("/login", email=typed["email"], password=typed["password"])
    assert entered.location == "/clientlist"
    assert (await again.get("/clientlist")).get("div", id="console").attributes["data-realm"] == "harbour"
    assert (await house.browser().fill("/register/org", **GOOD)).status == 303


@pytest.mark.parametrize("by_mail", [False, True])
@async_test
async def test_clients_are_served_in_the_language_chosen(
    house: House, static: Path, now: Any, by_mail: bool
) -> None:
    """Preset is what the browser asks for, of what the apps speak; what is chosen is what clients get, and
    scripts that choose nothing get English."""
    sent: list[str] = []
    house.open(static, now, registers_by_mail=by_mail)
    house.accounts.post = lambda recipient, subject, body: sent.append(body)

    async def served(number: int, language: str | None) -> str:
        browser = house.browser()
        fields = (await browser.get("/register/org")).fields(path="/register/org")
        del fields["language"]
        chosen = {} if language is None else {"language": language}
        typed = {"organisation": f"House {number}", "email": f"mira{number}@example.org"}
        page = await browser.post("/register/org", fields | GOOD | typed | chosen)
        if by_mail:
            assert page.status == 200
            link = next(line for line in sent[-1].splitlines() if "/register/confirm/" in line)
            page = await browser.fill(link.removeprefix(house.base), password=PASSWORD)
        assert page.location == "/clientlist", page.text
        shown = await browser.get("/organisation/texts")
        return shown.fields(path="/organisation/texts", action="look")["languages"]

    chosen = ["de", "de-x-informal", "fr", "es", "ar", "pt-BR", None]
    assert [await served(number, tag) for number, tag in enumerate(chosen)] == [*chosen[:-1], "en"]


@pytest.mark.parametrize(
    ("accept", "preset"),
    [
        ("", "en"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("de-x-informal", "de-x-informal"),
        ("ja, ar-EG;q=0.5, en;q=0.1", "ar"),
        ("ja", "en"),
    ],
)
@async_test
async def test_the_language_of_the_browser_is_preset(house: House, accept: str, preset: str) -> None:
    """No variety that the browser does not name; what somebody chose instead is kept when the form is
    refused."""
    browser = house.browser()
    page = await browser.get("/register/org", accept_language=accept)
    fields = page.fields(path="/register/org")
    assert (fields["language"], page.header("vary")) == (preset, "Accept-Language")
    refused = await browser.post("/register/org", fields | {"language": "ar"})
    assert (refused.status, refused.fields(path="/register/org")["language"]) == (400, "ar")


@async_test
async def test_two_organisations_of_one_name(house: House) -> None:
    """The second of the same name gets an address of its own."""
    await house.manager("Lighthouse", "one@example.org")
    other = await house.manager("Lighthouse", "two@example.org")
    page = await other.get("/clientlist")
    assert page.get("div", id="console").attributes["data-realm"] == "lighthouse-2"


@async_test
async def test_odd_names_arrive_unchanged(house: House) -> None:
    """Names in any script, with markup, are shown as they are and harmless."""
    for number, name in enumerate(
        ("Čaj & <b>Krümel</b>", "مرحبا", "👩‍👩‍👧 ok", "'; DROP TABLE x; --", "{{7*7}}")
    ):
        manager = await house.manager(name, f"m{number}@example.org")
        page = await manager.get("/organisation")
        assert page.get("h1").text == name
        assert page.fields(path="/organisation")["name"] == name
        console = await manager.get("/clientlist")
        assert console.get("div", id="console").attributes["data-organisation"] == name


@async_test
async def test_health(house: House) -> None:
    """healthz tells that the process lives, readyz whether it can serve and why not."""
    browser = house.browser()
    assert (await browser.get("/healthz")).text == "ok"
    assert (await browser.get("/readyz")).text == "ready"
    house.reasons = ["draining", "database away"]
    page = await browser.get("/readyz")
    assert (page.status, page.text) == (503, "draining\ndatabase away")
    assert page.header("retry-after")


@async_test
async def test_websocket_is_beside_the_pages(house: House) -> None:
    """/ws goes to the resource that was given."""
    assert (await house.browser().get("/ws")).text == "websocket"


@async_test
async def test_database_away(house: House, no_logged_failures: Any) -> None:
    """Without the database pages answer 503 with Retry-After, and the front page still works."""
    browser = house.browser()
    token = (await browser.get("/login")).fields(path="/login")["csrf"]
    house.database.close()
    page = await browser.post("/login", {"csrf": token, "email": "a@example.org", "password": "x"})
    assert page.status == 503
    assert page.header("retry-after")
    assert (await browser.get("/")).status == 200


@async_test
async def test_registering_by_mail(house: House, static: Path, now: Any) -> None:
    """Known address or not, the same page; the link leads in, once, and asks a known address for its
    password."""
    await house.manager("Lighthouse", "mira@example.org")
    house.open(static, now, registers_by_mail=True)
    sent: list[tuple[str, str, str]] = []
    house.accounts.post = lambda *mail: sent.append(mail)

    async def register(email: str, password: str) -> Response:
        return await house.browser().fill(
            "/register/org", organisation="Harbour", username="Olga", email=email, password=password
        )

    pages = [await register(email, OTHER_PASSWORD) for email in ("mira@example.org", "olga@example.org")]
    assert [(page.status, page.location) for page in pages] == [(200, None)] * 2
    assert pages[0].visible == pages[1].visible
    assert [mail[0] for mail in sent] == ["mira@example.org", "olga@example.org"]
    refused = await register("olga@example.org", "short")
    assert (refused.status, len(sent)) == (400, 2)

    known, unknown = [
        next(line for line in mail[2].splitlines() if "/register/confirm/" in line).removeprefix(house.base)
        for mail in sent
    ]
    olga = house.browser()
    assert (await olga.fill(unknown, password=PASSWORD)).problem("password")
    assert (await olga.fill(unknown, password=OTHER_PASSWORD)).location == "/clientlist"
    assert (await olga.get("/clientlist")).status == 200
    assert (await house.browser().get(unknown)).status == 410
    entered = await house.browser().fill("/login", email="olga@example.org", password=OTHER_PASSWORD)
    assert entered.location == "/clientlist"

    mira = house.browser()
    wrong = await mira.fill(known, password=OTHER_PASSWORD)
    assert (wrong.status, wrong.problem("password") != "") == (400, True)
    assert (await mira.fill(known, password=PASSWORD)).location == "/clientlist"
    again = await mira.post(
        known, (await mira.get("/account")).fields(path="/logout") | {"password": PASSWORD}
    )
    assert (again.status, (await mira.get(known)).status) == (410, 410)
