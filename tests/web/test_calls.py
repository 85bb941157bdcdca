"""Being called by web push, as the account page's script turns it on and off in one browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_twisted

from hotline.domain.limits import DomainLimits
from hotline.store import organisations
from hotline.webpush import encoded
from tests.push_service import Browser as Keys
from tests.web.browser import Browser, Response
from tests.web.conftest import House

async_test = pytest_twisted.ensureDeferred

FORM = {"content-type": "application/x-www-form-urlencoded"}
PLACE = "https://push.example/of-this-browser"


def subscription(endpoint: str = PLACE) -> dict[str, str]:
    keys = Keys()
    return {"endpoint": endpoint, "p256dh": encoded(keys.p256dh), "auth": encoded(keys.auth)}


async def tell(house: House, browser: Browser, action: str, **fields: str) -> Response:
    """As the script does, whose browser says where it comes from."""
    headers = {"origin": house.base, "sec-fetch-site": "same-origin"}
    return await browser.post("/account/calls", {"action": action, **fields}, headers=headers)


def said(response: Response) -> tuple[int, Any]:
    return response.status, json.loads(response.body)


async def shown(browser: Browser) -> tuple[bool, str]:
    """Whether the account page says that it is this browser, and how many there are."""
    page = await browser.get("/account")
    card = page.get("section", id="calls")
    return "data-here" in card.attributes, card.attributes["data-browsers"]


@async_test
async def test_on_and_off_in_one_browser(house: House) -> None:
    """The page tells this browser from another one of the same person, whatever order they come in."""
    mira = await house.manager()
    assert await shown(mira) == (False, "0")
    assert said(await tell(house, mira, "on", **subscription())) == (200, {"browsers": 1})
    assert await shown(mira) == (True, "1")
    cookies = dict(mira.cookies)
    mira.cookies.pop("hotline-called")
    assert await shown(mira) == (False, "1")
    assert said(await tell(house, mira, "on", **subscription(f"{PLACE}-too"))) == (200, {"browsers": 2})
    mira.cookies = cookies
    assert said(await tell(house, mira, "try")) == (200, {"browsers": 2})
    assert said(await tell(house, mira, "off")) == (200, {"browsers": 1})
    assert await shown(mira) == (False, "1")
    assert said(await tell(house, mira, "off")) == (200, {"browsers": 1})


@async_test
async def test_logging_out_ends_it_in_this_browser_alone(house: House) -> None:
    """A colleague's browser, and one's own other one, are called as before; none is left marked."""
    mira = await house.manager()
    sam = await house.colleague(mira)
    await tell(house, mira, "on", **subscription(f"{PLACE}-other"))
    await tell(house, mira, "on", **subscription())
    await tell(house, sam, "on", **subscription(f"{PLACE}-of-sam"))
    left = await mira.fill("/account", form="/logout")
    assert left.location == "/login"
    assert "hotline-called" not in mira.cookies
    async with house.database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, "lighthouse")
    async with house.database.transaction(organisation_id) as tx:
        rows = await tx.rows("SELECT endpoint FROM push_subscriptions ORDER BY endpoint")
    assert [row.endpoint for row in rows] == [f"{PLACE}-of-sam", f"{PLACE}-other"]


async def renew(house: House, browser: Browser, **fields: str) -> Response:
    """As the service worker does."""
    headers = FORM | {"origin": house.base, "sec-fetch-site": "same-origin"}
    body = urlencode(fields).encode()
    return await browser.request("POST", "/account/calls/renew", headers=headers, body=body)


async def called(house: House) -> list[tuple[str, str]]:
    """(name, where) of everybody in every organisation."""
    found = []
    async with house.database.transaction() as tx:
        listed = await organisations.list_all(tx)
    for one in listed:
        async with house.database.transaction(one.organisation_id) as tx:
            rows = await tx.rows(
                "SELECT name, endpoint FROM push_subscriptions JOIN consultants USING (consultant_id)"
            )
        found += [(row.name, row.endpoint.removeprefix(PLACE)) for row in rows]
    return sorted(found)


@async_test
async def test_a_browser_with_a_new_address(house: House) -> None:
    """Whoever was called in it is called there, in each organisation, also when nobody is logged in; again
    and again, as long as it is wanted, and nobody else is."""
    mira = await house.manager()
    sam = await house.colleague(mira)
    olga = await house.manager("Harbour", "olga@example.org")
    for browser, place in ((mira, PLACE), (olga, PLACE), (sam, f"{PLACE}-of-sam")):
        await tell(house, browser, "on", **subscription(place))
    asleep = house.browser()
    asleep.cookies["hotline-called"] = mira.cookies["hotline-called"]
    wanted = [("Mira", "-3"), ("Mira", "-3"), ("Sam", "-of-sam")]
    for place in (f"{PLACE}-2", f"{PLACE}-3"):
        known = await renew(house, asleep)
        assert said(known) == (200, {"key": house.accounts.push_key})
        assert said(await renew(house, asleep, **subscription(place))) == (200, {})
    assert await called(house) == wanted
    mira.cookies["hotline-called"] = asleep.cookies["hotline-called"]
    assert await shown(mira) == (True, "1")

    assert (await renew(house, asleep, **subscription("http://push.example"))).status == 400
    foreign = FORM | {"sec-fetch-site": "cross-site"}
    body = urlencode(subscription()).encode()
    page = await asleep.request("POST", "/account/calls/renew", headers=foreign, body=body)
    assert page.status == 403
    for mark in ("", "x" * 64, "0" * 64, "hotline"):
        asleep.cookies["hotline-called"] = mark
        assert (await renew(house, asleep)).status == 404
        assert (await renew(house, asleep, **subscription())).status == 404
    assert await called(house) == wanted


@async_test
async def test_in_no_browser(house: House) -> None:
    """One's own browsers are no longer called, wherever they are; those of others are."""
    mira = await house.manager()
    sam = await house.colleague(mira)
    assert "hidden" in (await mira.get("/account")).get("form", **{"data-everywhere": ""}).attributes
    for browser, place in ((mira, "-1"), (mira, "-2"), (sam, "-of-sam")):
        await tell(house, browser, "on", **subscription(PLACE + place))
    assert "hidden" not in (await mira.get("/account")).get("form", **{"data-everywhere": ""}).attributes
    page = await mira.fill("/account", action="no-calls")
    assert page.location == "/account?done=no-calls"
    assert "hotline-called" not in mira.cookies
    assert "You are called in no browser any more." in (await mira.get(page.location)).text
    assert await called(house) == [("Sam", "-of-sam")]


@async_test
async def test_refusals_are_said_in_sentences(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As JSON, with nothing stored; nothing comes in from other sites, or from nobody."""
    mira = await house.manager()
    assert said(await tell(house, mira, "try")) == (403, {"error": "You are not called in any browser."})
    wrong = await tell(house, mira, "on", **subscription("http://push.example/x"))
    assert wrong.status == 400
    assert said(await tell(house, mira, "dance"))[0] == 400
    monkeypatch.setattr(house.accounts, "_limits", DomainLimits(browsers_per_person=2))
    for number in range(2):
        assert (await tell(house, mira, "on", **subscription(f"{PLACE}-{number}"))).status == 200
    status, refusal = said(await tell(house, mira, "on", **subscription()))
    assert (status, refusal["error"][:36]) == (403, "You are called in enough browsers. T")
    assert said(await tell(house, house.browser(), "off")) == (401, {"error": "You are not logged in."})
    foreign: tuple[dict[str, str], ...] = ({}, {"origin": "https://evil.example"}, {"sec-fetch-site": "none"})
    for headers in foreign:
        body = b"action=off"
        refused = await mira.request("POST", "/account/calls", headers=FORM | headers, body=body)
        assert (refused.status, list(json.loads(refused.body))) == (403, ["error"])
    assert (await shown(mira))[1] == "2"
    monkeypatch.setattr(house.accounts, "_limits", DomainLimits(browsers_per_person=0))
    assert (await tell(house, mira, "on", **subscription())).status == 200


@async_test
async def test_where_service_workers_may_begin(house: House) -> None:
    """On the account page alone, and least of all in the anteroom."""
    mira = await house.manager()
    for path in ("/account", "/clientlist", "/invite", "/o/lighthouse", "/anteroom?token=lighthouse"):
        policy = (await mira.get(path)).header("content-security-policy") or ""
        assert ("; worker-src 'self'; " in policy) == (path == "/account"), path
        assert ("; worker-src 'none'; " in policy) == (path != "/account"), path


@async_test
async def test_the_service_worker(house: House, static: Path, now: Any) -> None:
    """At the top, asked for anew each time; may ask nobody but us; not at organisations' own addresses."""
    script = await house.browser().get("/push.js")
    assert (script.status, script.body) == (200, b"'push';")
    assert script.header("content-type") == "text/javascript; charset=utf-8"
    assert script.header("cache-control") == "no-cache"
    assert script.header("content-security-policy") == "default-src 'none'; connect-src 'self'"
    house.open(static, now, public_url="http://hotline.localhost", own_addresses=True)
    for host, status in (("hotline.localhost", 200), ("lighthouse.hotline.localhost", 404)):
        answer = await house.browser().request("GET", "/push.js", headers={"host": host})
        assert answer.status == status
