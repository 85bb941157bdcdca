"""The client's side: shells, who may embed them, colours, snippets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from tests.web import test_hours
from tests.web.conftest import House
from tests.web.test_organisation import save

async_test = pytest_twisted.ensureDeferred


def directive(page: Any, name: str) -> str:
    """One directive of the page's Content-Security-Policy."""
    for part in (page.header("content-security-policy") or "").split("; "):
        if part.split()[0] == name:
            return part.removeprefix(name).strip()
    raise AssertionError(f"no {name}")


@async_test
async def test_embedded_and_whole(house: House) -> None:
    """The same app for a frame and as a page of its own, without any cookie."""
    await house.manager("Lighthouse & <Co>")
    client = house.browser()
    frame = await client.get("/anteroom?token=lighthouse-co")
    whole = await client.get("/o/lighthouse-co")
    for page in (frame, whole):
        assert page.status == 200
        anteroom = dict(page.get("div", id="anteroom").attributes)
        assert "/static/assets/anteroom-en.js" in anteroom.pop("data-languages")
        assert anteroom == {
            "id": "anteroom",
            "data-realm": "lighthouse-co",
            "data-organisation": "Lighthouse & <Co>",
            "data-ws": "/ws",
        }
        assert page.find("link", href="/o/lighthouse-co/colours.css")
        assert page.find("script", src="/static/assets/anteroom-1.js")
        assert page.find("link", href="/static/assets/shared-1.css")
        assert page.header("set-cookie") is None
    assert client.cookies == {}


@async_test
async def test_who_may_embed(house: House) -> None:
    """Only the named sites may frame the anteroom; with none named, any; nobody frames anything else."""
    manager = await house.manager()
    client = house.browser()
    assert directive(await client.get("/anteroom?token=lighthouse"), "frame-ancestors") == "*"
    await save(
        manager, sites="2", site__0__address="https://a.example", site__1__address="http://localhost:8081"
    )
    page = await client.get("/anteroom?token=lighthouse")
    assert directive(page, "frame-ancestors") == "'self' https://a.example http://localhost:8081"
    for path in ("/", "/login", "/o/lighthouse", "/anteroom.html", "/nothing"):
        assert directive(await client.get(path), "frame-ancestors") == "'none'"
    assert directive(await manager.get("/clientlist"), "frame-ancestors") == "'none'"


@pytest.mark.parametrize(
    "slug", ["", "nobody", "x" * 5000, "%00", "%F0%9F%98%80", "%27%3B--", "LIGHTHOUSE", "a%0Ab"]
)
@async_test
async def test_unknown_organisation(house: House, slug: str) -> None:
    """An address that is nobody's gets a calm page, embedded or not."""
    await house.manager()
    client = house.browser()
    for path in (f"/anteroom?token={slug}", f"/o/{slug}"):
        page = await client.get(path)
        assert page.status == 404
        assert page.get("h1").text
    assert (await client.get("/anteroom")).status == 404
    assert (await client.get(f"/o/{slug}/colours.css")).status == 404


@async_test
async def test_colours(house: House) -> None:
    """The organisation's colours are a style sheet of custom properties; another's stay its own."""
    manager = await house.manager("Lighthouse", "one@example.org")
    await house.manager("Harbour", "two@example.org")
    await save(manager, colour__accent="#6b1f5c")
    client = house.browser()
    sheet = await client.get("/o/lighthouse/colours.css")
    assert sheet.header("content-type") == "text/css; charset=utf-8"
    assert "--accent: #6b1f5c;" in sheet.text
    assert (await client.get("/o/harbour/colours.css")).text == ""


@async_test
async def test_logo_text(house: House) -> None:
    """The mark stands in the page instead of the name, as text whatever it is; another's stays its own."""
    manager = await house.manager("Lighthouse", "one@example.org")
    await house.manager("Harbour", "two@example.org")
    await save(manager, logo_text='<i>"LH"')
    client = house.browser()
    for path in ("/o/lighthouse", "/anteroom?token=lighthouse"):
        page = await client.get(path)
        assert page.get("div", id="anteroom").attributes["data-organisation"] == '<i>"LH"'
        assert not page.find("i")
    page = await client.get("/o/harbour")
    assert page.get("div", id="anteroom").attributes["data-organisation"] == "Harbour"


@async_test
async def test_snippets(house: House) -> None:
    """The snippets name this house and the organisation; markup in a name stays text in them."""
    manager = await house.manager('A "quoted" <name>')
    for browser, path in (
        (manager, "/anteroom.html"),
        (house.browser(), "/anteroom.html?organisation=a-quoted-name"),
    ):
        page = await browser.get(path)
        assert page.status == 200
        frame = page.get("textarea", aria_label="Snippet for a frame").text
        assert f'src="{house.base}/anteroom?token=a-quoted-name"' in frame
        assert "&quot;quoted&quot; &lt;name&gt;" in frame
        script = page.get("textarea", aria_label="Snippet for a button").text.strip()
        assert (
            script == f'<script src="{house.base}/embed.js" data-organisation="a-quoted-name" async></script>'
        )
    nobody = await house.browser().get("/anteroom.html?organisation=%3Cb%3Enobody")
    assert nobody.status == 404
    assert "<b>nobody" not in nobody.text
    assert "<b>nobody" in nobody.visible
    assert (await house.browser().get("/anteroom.html")).status == 200


@async_test
async def test_loader(house: House) -> None:
    """embed.js may be loaded by any site and is kept for a few minutes only."""
    got = await house.browser().get("/embed.js")
    assert got.text == "'embed';"
    assert got.header("cross-origin-resource-policy") == "cross-origin"
    assert got.header("cache-control") == "public, max-age=300"
    assert got.header("access-control-allow-origin") is None


@async_test
async def test_an_address_of_its_own(house: House, static: Path, now: Any) -> None:
    """There is the anteroom with all it loads, and nothing else: people log in at the pages' address."""
    house.open(static, now, public_url="http://talk.example", own_addresses=True)
    manager = await house.manager()
    here = {"host": "lighthouse.talk.example"}
    visitor = house.browser()
    page = await visitor.request("GET", "/", headers=here)
    assert page.status == 200
    assert page.get("div", id="anteroom").attributes["data-realm"] == "lighthouse"
    policy = page.header("content-security-policy") or ""
    assert "connect-src 'self' ws://lighthouse.talk.example;" in policy
    assert "frame-ancestors 'none'" in policy
    for path in (
        "/embed.js",
        "/o/lighthouse/colours.css",
        "/o/lighthouse/groups",
        "/anteroom?token=lighthouse",
        "/healthz",
    ):
        assert (await visitor.request("GET", path, headers=here)).status == 200, path
    for path in ("/login", "/register/org", "/organisation"):
        elsewhere = await visitor.request("GET", path, headers=here)
        assert (elsewhere.status, elsewhere.location) == (303, f"http://talk.example{path}")
        assert (await visitor.request("POST", path, headers=here, body=b"")).status in (404, 405)
    assert visitor.cookies == {}
    assert (await visitor.request("GET", "/", headers={"host": "nobody.talk.example"})).status == 404
    assert (await visitor.request("GET", "/", headers={"host": "talk.example"})).status == 200
    shown = await manager.get("/organisation")
    assert shown.get("input", aria_label="Address of the anteroom").attributes["value"] == (
        "http://lighthouse.talk.example"
    )


@async_test
async def test_a_page_that_tells_nothing(house: House) -> None:
    """A neutral title shows no name, and the quick way out ends on a page without name, look or script."""
    manager = await house.manager()
    assert "Lighthouse" in (await house.browser().get("/o/lighthouse")).title
    await manager.fill("/organisation/texts", languages="en, ar", neutral_title="on", action="look")
    page = await house.browser().get("/o/lighthouse", accept_language="ar")
    assert "Lighthouse" not in page.title
    assert page.get("html").attributes["lang"] == "ar"
    other = await house.browser().get("/o/lighthouse", accept_language="de")
    assert other.get("html").attributes["lang"] == "en"
    neutral = await house.browser().get("/exit")
    assert (neutral.status, neutral.title, neutral.get("body").text) == (200, "New tab", "")
    assert neutral.find("script") is None
    assert directive(neutral, "frame-ancestors") == "*"
    assert neutral.header("cache-control") == "no-store"


@async_test
async def test_without_scripts(house: House) -> None:
    """The quick way out stands there before any script has come, and who has none reads in their language
    what is needed, and whom to turn to instead, of this organisation."""
    manager = await house.manager()
    await house.manager("Harbour", "olga@example.org")
    await manager.fill(
        "/organisation/texts", action="look", languages="en, de", exit_url="https://weather.example/"
    )
    crisis = {"name": "Crisis line", "contact": "0800 1110111", "text": ""}
    done = await test_hours.save(
        manager, "/organisation/texts?language=en", **test_hours.rows("place", [crisis])
    )
    assert done.status == 303, done.visible
    for address in ("/o/lighthouse", "/anteroom?token=lighthouse"):
        page = await house.browser().get(address, accept_language="de")
        assert page.find("a", href="https://weather.example/", target="_top").text == "de: Exit now"
        assert "de: This page needs JavaScript" in page.text
        assert page.find("a", href="tel:08001110111").text == "0800 1110111"
    other = await house.browser().get("/o/harbour", accept_language="de")
    assert other.find("a", href="/exit", target="_top").text == "Exit now"
    assert other.find("a", href="tel:08001110111") is None


@async_test
async def test_the_page_that_asks_before_a_link_opens(house: House) -> None:
    """The same for everybody, in the browser's language, without a name, and in nobody's frame; where a link
    leads never comes here."""
    for header, tag, direction in (
        ("ar", "ar", "rtl"),
        ("de-AT, en;q=0.5", "de", "ltr"),
        ("nl", "en", "ltr"),
    ):
        page = await house.browser().get("/away", accept_language=header)
        assert (page.status, page.get("html").attributes["dir"]) == (200, direction)
        assert page.get("html").attributes["lang"] == tag
        offered = json.loads(page.get("div", id="away").attributes["data-languages"])
        assert offered[0]["texts"] == f"/static/assets/away-{tag}.js"
        assert page.header("vary") == "Accept-Language"
        assert page.header("referrer-policy") == "no-referrer"
        assert directive(page, "frame-ancestors") == "'none'"
        assert page.header("set-cookie") is None
    assert (await house.browser().request("POST", "/away")).status == 405
