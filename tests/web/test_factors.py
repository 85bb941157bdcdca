"""Second factors, proofs and an organisation's safety on the pages, as people without JavaScript use them."""

from __future__ import annotations

import re
from base64 import b32decode

import pytest
import pytest_twisted

from hotline.domain import totp
from hotline.networks import prefix_of
from tests.conftest import Now
from tests.web.browser import Browser, Response
from tests.web.conftest import PASSWORD, House
from tests.web.test_login import mailed

async_test = pytest_twisted.ensureDeferred

LOGIN = {"email": "mira@example.org", "password": PASSWORD}


def code_of(page: Response, now: Now) -> str:
    """What the app shows whose secret is on this page."""
    secret = page.get("input", aria_label="Secret for your app").attributes["value"]
    return totp.code_of(b32decode(secret.replace(" ", "")), int(now().timestamp() // 30))


async def set_up(browser: Browser, now: Now) -> Response:
    """The page in which the recovery codes are shown; the secret's page is `browser.page` before."""
    page = await browser.fill("/account/factors", action="begin")
    confirm = page.fields("confirm") | {"code": code_of(page, now)}
    return await browser.post("/account/factors", confirm)


@async_test
async def test_setting_up_and_logging_in(house: House, now: Now) -> None:
    """A picture and a secret of our own making, a code, recovery codes once; then a second step."""
    mira = await house.manager(email="mira@example.org")
    page = await mira.fill("/account/factors", action="begin")
    assert page.get("svg").attributes["class"] == "segno"
    assert not re.search(r"""(?:src|href)=["']?https?:""", page.text)
    fields = page.fields("confirm")
    wrong = await mira.post("/account/factors", fields | {"code": "12345"})
    assert (wrong.status, wrong.fields("confirm")["code"]) == (400, "")
    assert wrong.problem("code")
    code = code_of(page, now)
    assert code_of(wrong, now) == code
    done = await mira.post("/account/factors", fields | {"code": code})
    recovery = done.get("textarea", aria_label="Recovery codes").text.split()
    assert len(recovery) == 10
    assert recovery[0] not in (await mira.get("/account/factors")).text
    browser = house.browser()
    asked = await browser.fill("/login", **LOGIN)
    assert (asked.status, browser.cookies.get("hotline")) == (200, None)
    refused = await browser.post("/login", asked.fields(path="/login") | {"code": code})  # used already
    assert refused.status == 400
    assert refused.problem("code")
    entered = await browser.post("/login", refused.fields(path="/login") | {"code": recovery[0]})
    assert (entered.status, entered.location) == (303, "/clientlist")
    late = house.browser()
    fields = (await late.get("/login")).fields(path="/login") | {"step": refused.fields()["step"]}
    gone = await late.post("/login", fields | {"code": recovery[1]})
    assert gone.location == "/login?done=expired"


@async_test
async def test_a_proof_is_asked_for_and_leads_back(house: House, now: Now) -> None:
    """Minutes after the login the pages of weight ask for the password first, and go back to nowhere else."""
    mira = await house.manager(email="mira@example.org")
    before = dict(mira.cookies)
    elsewhere = (await mira.get("/account")).fields("skills")
    now.advance(minutes=6)
    for path, word in (("/account/factors", "factors"), ("/organisation/safety", "safety")):
        away = await mira.get(path)
        assert (away.status, away.location) == (303, f"/account/proof?for={word}")
    token = (await mira.get("/account")).fields("profile")["csrf"]
    posted = await mira.post("/account/factors", {"csrf": token, "action": "begin"})
    assert posted.location == "/account/proof?for=factors"
    page = await mira.fill("/account/proof?for=factors", password="wrong", form="/account/proof")
    assert (page.status, page.fields(path="/account/proof")["for"]) == (400, "factors")
    assert page.problem("password")
    for word in ("//evil.example", "https://evil.example", "\r\nx: y", "unknown"):
        kept = page.fields(path="/account/proof") | {"for": word, "password": PASSWORD}
        assert (await mira.post("/account/proof", kept)).location == "/account"
    done = await mira.post("/account/proof", page.fields(path="/account/proof") | {"password": PASSWORD})
    assert done.location == "/account/factors"
    assert (await mira.get("/account/factors")).status == 200
    assert (await mira.post("/account", elsewhere)).status == 303, "a form of another window goes on"
    thief = house.browser()
    thief.cookies = before
    assert (await thief.get("/account")).location == "/login", "the cookie of before is worth nothing"
    assert (await house.browser().get("/account/proof")).location == "/login"


@async_test
async def test_an_organisation_asks_for_second_factors(house: House, now: Now) -> None:
    """Its manager turns it on; whoever has none sees only the page that sets one up, and gets no ticket."""
    mira = await house.manager(email="mira@example.org")
    sam = await house.colleague(mira, "sam@example.org")
    assert (await sam.get("/organisation/safety")).status == 403
    refused = await mira.fill("/organisation/safety", action="policy", require_second_factor="yes")
    assert refused.status == 400
    await set_up(mira, now)
    done = await mira.fill("/organisation/safety", action="policy", require_second_factor="yes")
    assert done.location == "/organisation/safety?done=saved"
    assert (await sam.get("/clientlist")).location == "/login"
    await sam.fill("/login", email="sam@example.org", password=PASSWORD)
    for path in ("/clientlist", "/account", "/invite"):
        assert (await sam.get(path)).location == "/account/factors?why=required", path
    ticket = await sam.post("/session/ticket", b"", headers={"sec-fetch-site": "same-origin"})
    assert (ticket.status, "second factor" in ticket.text) == (403, True)
    await set_up(sam, now)
    assert (await sam.get("/clientlist")).status == 200
    page = await mira.get("/organisation/safety")
    assert page.visible.count("has a second factor") == 2


@async_test
async def test_a_lost_factor_and_ended_logins(house: House, now: Now) -> None:
    """A manager starts, the person finishes; a scanner that opens the link changes nothing."""
    mira = await house.manager(email="mira@example.org")
    stranger = await house.manager("Harbour", "other@example.org")
    sam = await house.colleague(mira, "sam@example.org")
    await set_up(sam, now)
    fields = (await mira.get("/organisation/safety")).fields("reset-factors")
    foreign = fields | {"csrf": (await stranger.get("/account")).fields("profile")["csrf"]}
    assert (await stranger.post("/organisation/safety", foreign)).status == 404
    assert (await mira.post("/organisation/safety", fields)).location == "/organisation/safety?done=reset"
    [path] = [
        line.removeprefix(house.base)
        for body in await mailed(house, now)
        for line in body.splitlines()
        if "/lostfactor/" in line
    ]
    for _ in range(2):
        assert (await house.browser().get(path)).status == 200
    wrong = await house.browser().fill(path, password="wrong")
    assert (wrong.status, bool(wrong.problem("password"))) == (400, True)
    assert (await sam.get("/account")).status == 200
    assert (await house.browser().fill(path, password=PASSWORD)).location == "/login?done=factor"
    assert (await sam.get("/account")).location == "/login"
    assert (await house.browser().get(path)).status == 410
    await sam.fill("/login", email="sam@example.org", password=PASSWORD)
    assert (await sam.get("/account")).status == 200
    ended = await mira.post("/organisation/safety", fields | {"action": "end-logins"})
    assert ended.location == "/organisation/safety?done=ended"
    assert (await sam.get("/account")).location == "/login"
    assert (await mira.get("/account")).status == 200


@async_test
async def test_one_of_two_organisations(house: House) -> None:
    """Whoever works for two chooses after the password."""
    await house.manager("Lighthouse", "mira@example.org")
    await house.manager("Harbour", "mira@example.org")
    browser = house.browser()
    page = await browser.fill("/login", **LOGIN)
    offered = {e.text: e.attributes["value"] for e in page.elements if e.attributes.get("name") == "step"}
    assert set(offered) == {"Lighthouse", "Harbour"}
    token = page.fields(path="/login")["csrf"]
    done = await browser.post("/login", {"csrf": token, "step": offered["Harbour"]})
    assert done.location == "/clientlist"
    assert (await browser.get("/clientlist")).get("div", id="console").attributes["data-realm"] == "harbour"


@async_test
async def test_two_managers_delete(house: House, now: Now) -> None:
    """The first only asks, and the page says so; the second ends it."""
    mira = await house.manager(email="mira@example.org")
    await mira.fill("/organisation/safety", action="policy", two_managers_to_delete="yes")
    sam = await house.colleague(mira, "sam@example.org", "manager")
    early = await mira.fill("/organisation", action="delete", password=PASSWORD, typed_name="Lighthouse")
    assert (early.status, "managers for 7 days" in early.visible) == (403, True)
    now.advance(days=7)
    for browser, email in ((mira, LOGIN["email"]), (sam, "sam@example.org")):
        await browser.fill("/login", email=email, password=PASSWORD)
    typed = {"password": PASSWORD, "typed_name": "Lighthouse"}
    asked = await mira.fill("/organisation", action="delete", **typed)
    assert asked.location == "/organisation?done=asked"
    assert "Another manager has asked" in (await sam.get("/organisation")).visible
    assert (await sam.fill("/organisation", action="keep")).location == "/organisation?done=kept"
    assert "has asked" not in (await sam.get("/organisation")).visible
    await mira.fill("/organisation", action="delete", **typed)
    done = await sam.fill("/organisation", action="delete", **typed)
    assert done.location == "/login?done=organisation-deleted"


@async_test
async def test_two_managers_ask_for_less(house: House, now: Now) -> None:
    """The first only asks, which the page says to both; either keeps it; the second makes it so."""
    mira = await house.manager(email="mira@example.org")
    sam = await house.colleague(mira, "sam@example.org", "manager")
    await mira.fill("/organisation/safety", action="policy", two_managers_to_delete="yes")
    now.advance(days=7)
    for browser, email in ((mira, LOGIN["email"]), (sam, "sam@example.org")):
        await browser.fill("/login", email=email, password=PASSWORD)
    place = "/organisation/safety"
    fields = (await mira.get(place)).fields("policy")
    assert fields.pop("two_managers_to_delete") == "yes"
    assert (await mira.post(place, fields)).location == f"{place}?done=asked"
    assert "You want to ask this of nobody any more: Two managers" in (await mira.get(place)).visible
    page = await sam.get(place)
    assert "Another manager wants" in page.visible
    assert (await sam.fill(place, action="keep")).location == f"{place}?done=kept"
    assert "any more" not in (await mira.get(place)).visible.partition("What is asked")[0]
    await mira.post(place, fields)
    fields = page.fields("policy")
    del fields["two_managers_to_delete"]
    assert (await sam.post(place, fields)).location == f"{place}?done=saved"
    assert "two_managers_to_delete" not in (await mira.get(place)).fields("policy")


@async_test
async def test_a_proof_takes_both(house: House, now: Now) -> None:
    """With a second factor the page asks for password and code, and says which one was wrong."""
    mira = await house.manager(email="mira@example.org")
    setup = await mira.fill("/account/factors", action="begin")
    await mira.post("/account/factors", setup.fields("confirm") | {"code": code_of(setup, now)})
    now.advance(minutes=6)
    for typed in (
        {"action": "token", "name": "bot"},
        {"action": "password", "old": PASSWORD, "new": PASSWORD},
        {"action": "delete", "password": PASSWORD},
    ):
        asked = await mira.fill("/account", **typed)
        assert asked.location == "/account/proof?for=account"
    end = {"action": "delete", "typed_name": "Lighthouse", "password": PASSWORD}
    assert (await mira.fill("/organisation", **end)).location == "/account/proof?for=organisation"
    page = await mira.get("/account/proof?for=account")
    for field, typed in (("code", {"password": PASSWORD}), ("password", {"code": code_of(setup, now)})):
        wrong = await mira.post("/account/proof", page.fields(path="/account/proof") | typed)
        assert (wrong.status, bool(wrong.problem(field))) == (400, True)
    both = {"password": PASSWORD, "code": code_of(setup, now)}
    done = await mira.post("/account/proof", page.fields(path="/account/proof") | both)
    assert done.location == "/account"
    assert (await mira.fill("/account", action="token", name="bot")).status == 200


@async_test
async def test_the_last_factor_where_one_is_asked_for(house: House, now: Now) -> None:
    """Who gives it up is led to the log-in, which says what to do."""
    mira = await house.manager(email="mira@example.org")
    await set_up(mira, now)
    await mira.fill("/organisation/safety", action="policy", require_second_factor="yes")
    done = await mira.fill("/account/factors", action="remove")
    assert done.location == "/login?done=factor"
    assert "hotline" not in mira.cookies
    assert "set up another one" in (await mira.get(done.location)).visible


@async_test
async def test_wrong_logins_wait_and_say_how_long(house: House, now: Now) -> None:
    """429 with Retry-After, in the form and its words; who logged in here before does not wait."""
    mira = await house.manager(email="mira@example.org")
    browser = house.browser()
    for _ in range(5):
        assert (await browser.fill("/login", email=LOGIN["email"], password="wrong")).status == 400
    page = await browser.fill("/login", **LOGIN)
    assert page.status == 429
    assert page.header("retry-after") == "1"
    assert "too fast" in page.visible
    known = house.browser()
    known.cookies["hotline-device"] = mira.cookies["hotline-device"]
    assert (await known.fill("/login", **LOGIN)).location == "/clientlist"
    now.advance(seconds=1)
    assert (await browser.fill("/login", **LOGIN)).location == "/clientlist"


@pytest.mark.parametrize(
    ("peer", "said", "network"),
    [
        ("192.0.2.77", None, "192.0.2.0/24"),
        ("8.8.4.77", None, "8.8.4.0/24"),
        ("8.8.4.77", "9.9.9.9", "8.8.4.0/24"),
        ("127.0.0.1", "9.9.9.9", "9.9.9.0/24"),
        ("10.0.0.7", "1.2.3.4, 9.9.9.9", "9.9.9.0/24"),
        ("10.0.0.7", None, "10.0.0.0/24"),
        ("::1", "2a00:1450:4001:812::200e", "2a00:1450:4001:800::/56"),
        ("::ffff:8.8.4.77", None, "8.8.4.0/24"),
        ("127.0.0.1", None, None),
        ("127.0.0.1", "unknown", None),
        ("127.0.0.1", "x" * 5000, None),
        (None, "9.9.9.9", "9.9.9.0/24"),
        (None, None, None),
    ],
)
def test_network(peer: str | None, said: str | None, network: str | None) -> None:
    """The network of the peer, or of whom a proxy nearby speaks for; never a whole address."""
    assert prefix_of(peer, said) == network
