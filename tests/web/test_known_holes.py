"""What has gone wrong in other houses, tried on these pages: each test is named in docs/security.md."""

from __future__ import annotations

import gzip
import itertools
import re
from typing import Any

import psycopg2
from pytest_twisted import ensureDeferred
from twisted.web.test.requesthelper import DummyChannel

from hotline.store import consultants, organisations
from hotline.web.request import FormRequest
from tests.helpers import logged
from tests.web.browser import Browser, raw
from tests.web.conftest import PASSWORD, House
from tests.web.test_matrix import address_of, content_of, routes_of

FRAMED = {"/anteroom", "/o/<slug>", "/o/<slug>/g/<code>", "/o/<slug>/groups", "/exit"}
OF_CLIENTS = FRAMED | {"/clientlist", "/away"}
"""And the console, which has its own way out."""


def policy_of(page: Any) -> dict[str, str]:
    header = page.header("content-security-policy") or ""
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@ensureDeferred
async def test_every_page_is_strict(house: House) -> None:
    """Whatever the route, whoever asks: no sniffing, no referrer, no frame of others, no script of others."""
    manager = await house.manager()
    seen = 0
    for route, methods in routes_of(house).items():
        for browser in (house.browser(), manager):
            if "GET" not in methods:
                continue
            page = await browser.get(address_of(route))
            assert page.header("x-content-type-options") == "nosniff", route
            assert page.header("referrer-policy") == "no-referrer", route
            assert page.header("cross-origin-resource-policy") in ("same-origin", "cross-origin"), route
            assert page.header("access-control-allow-origin") is None, route
            assert page.header("server") is page.header("x-powered-by") is None, route
            kind = page.header("content-type") or ""
            if page.status != 303:
                assert kind.endswith("charset=utf-8") or kind.startswith(("image/", "application/")), route
            if not kind.startswith("text/html"):
                continue
            seen += 1
            policy = policy_of(page)
            assert page.header("cross-origin-opener-policy") == "same-origin", route
            assert (policy["default-src"], policy["base-uri"]) == ("'none'", "'none'"), route
            assert (policy["script-src"], policy["form-action"]) == ("'self'", "'self'"), route
            assert policy["require-trusted-types-for"] == "'script'", route
            assert (policy["frame-ancestors"] == "'none'") or route in FRAMED, route
    assert seen > 40


@ensureDeferred
async def test_answers_come_in_the_order_of_requests(reactor: Any, house: House) -> None:
    """Several requests in one go, the first of which takes long: nobody gets what another asked for."""
    browser = house.browser()
    token = (await browser.get("/login")).fields(path="/login")["csrf"]
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    body = f"csrf={token}&email=nobody%40example.org&password=wrong".encode()
    slow = (
        f"POST /login HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    ).encode() + body
    quick = b"GET /robots.txt HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /static/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answers = await raw(reactor, house.port, slow + quick + last)
    told = []
    while answers:
        head, _, rest = answers.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length
        size = int(length[1])
        told.append((int(head.split()[1]), rest[:size]))
        answers = rest[size:]
    assert [status for status, _ in told] == [400, 200, 404]
    assert b"password" in told[0][1]
    assert told[1][1].startswith(b"User-agent: *")
    assert b"nothing here" in told[2][1]


@ensureDeferred
async def test_bodies_that_unpack_to_more(house: House) -> None:
    """Nothing packed is ever unpacked: a megabyte of nothing in a kilobyte is a kilobyte that is no form."""
    packed = gzip.compress(b"email=" + b"a" * 1_000_000)
    assert len(packed) < 2000
    for coding in ("gzip", "deflate", "br", "zstd", "identity"):
        for kind in ("application/x-www-form-urlencoded", "application/json"):
            page = await house.browser().post(
                "/login", packed, headers={"content-type": kind, "content-encoding": coding}
            )
            assert page.status in (400, 415), (coding, kind)


@ensureDeferred
async def test_multipart_is_not_taken_apart(house: House) -> None:
    """Thousands of parts, or one without end, cost no more than their bytes: nothing parses them."""
    browser = house.browser()
    headers = {"content-type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    for body, status in (
        (part * 1000, 415),
        (b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n' + b"\r" * 60_000, 415),
        (part * 2000, 413),
    ):
        assert (await browser.post("/login", body, headers=headers)).status == status


def test_no_more_is_kept_than_a_form_has() -> None:
    """Of a body without a length that goes on and on, what is too much is thrown away as it comes."""
    request: Any = FormRequest(DummyChannel(), False)
    request.gotLength(None)
    for _ in range(100):
        request.handleContentChunk(b"x" * 4096)
    assert request.too_large
    assert request.content.tell() <= FormRequest.most_bytes


@ensureDeferred
async def test_conditions_in_forms(house: House, dsn: str) -> None:
    """Fields named as conditions or lists are unknown fields; the one that is missing is named."""
    await house.manager()
    for name in ("email[$ne]", "email[]", "email.$gt", "email%5B%24ne%5D"):
        browser = house.browser()
        token = (await browser.get("/login")).fields(path="/login")["csrf"]
        page = await browser.post("/login", {"csrf": token, name: "", "password[$ne]": ""})
        assert (page.status, page.location) == (400, None), name
        assert page.problem("email")
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM logins")
    assert cursor.fetchone() == (1,), "only that of the one who registered"
    connection.close()


# What nobody is asked for in any form of theirs.
MORE = {
    "role": "manager",
    "organisation_id": "x" * 16,
    "consultant_id": "x" * 16,
    "id": "x" * 16,
    "is_admin": "true",
    "slug": "taken",
    "created_at": "2000-01-01",
    "presence": "here",
    "two_managers_to_delete": "",
}


@ensureDeferred
async def test_fields_that_nobody_asked_for(house: House) -> None:
    """A form changes what it shows; whatever else is sent with it changes nothing."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    fields = (await staff.get("/account")).fields("profile")
    before = await content_of(house.database, "lighthouse")
    page = await staff.post("/account", fields | {"password": PASSWORD} | MORE)
    assert page.status in (200, 303), page.text
    assert await content_of(house.database, "lighthouse") == before
    async with house.database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, "lighthouse")
    assert organisation_id is not None
    async with house.database.transaction(organisation_id) as tx:
        roles = {person.name: person.role for person in await consultants.list_all(tx, organisation_id)}
    assert roles == {"Mira": "manager", "Sam": "staff"}


@ensureDeferred
async def test_password_fields_and_the_way_out(house: House) -> None:
    """Passwords are hidden, and password managers told which; no questions about the first pet; everybody
    who is logged in can log out on every page."""
    manager = await house.manager()
    fields = 0
    for browser, route in itertools.product((house.browser(), manager), routes_of(house)):
        if route == "/logout" or "/static/" in route:
            continue
        page = await browser.get(address_of(route))
        if not (page.header("content-type") or "").startswith("text/html"):
            continue
        for element in page.elements:
            name = element.attributes.get("name", "")
            if element.tag == "input" and (name in ("old", "new") or "password" in name):
                fields += 1
                assert element.attributes["type"] == "password", (route, name)
                assert element.attributes["autocomplete"] in ("current-password", "new-password"), route
                assert "onpaste" not in element.attributes, route
        if browser is manager and page.status == 200 and route not in OF_CLIENTS:
            assert page.find("form", action="/logout") is not None, route
    assert fields > 8


@ensureDeferred
async def test_refusals_are_logged(house: House) -> None:
    """Which page and why, not who or from where; several of a kind a minute, no more."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    with logged() as lines:
        assert (await staff.get("/organisation")).status == 403
        foreign = {"origin": "https://evil.example", "content-type": "application/x-www-form-urlencoded"}
        assert (await staff.request("POST", "/account", headers=foreign, body=b"a=b")).status == 403
    assert "/organisation was refused: NotAllowed" in lines
    assert "/account was refused: ForeignForm" in lines


@ensureDeferred
async def test_line_ends_in_what_is_answered_with(reactor: Any, house: House) -> None:
    """In addresses, queries and cookies, encoded or not: no header of an answer has them in it."""
    await house.manager()
    ends = ("%0d%0aX-Evil:%201", "%0aX-Evil:%201", "%E5%98%8A%E5%98%8DX-Evil:1", "%23%0dX-Evil:1")
    for path, end in itertools.product(
        ("/o/", "/anteroom?token=", "/login?next=", "/ws?redirect=", "/"), ends
    ):
        request = f"GET {path}{end} HTTP/1.1\r\nHost: a\r\nCookie: hotline={end}\r\nConnection: close\r\n\r\n"
        answer = await raw(reactor, house.port, request.encode())
        head = answer.partition(b"\r\n\r\n")[0]
        assert head.startswith(b"HTTP/1.1 "), path
        assert b"evil" not in head.lower(), (path, end)


@ensureDeferred
async def test_nowhere_else_than_here(house: House) -> None:
    """Whatever an address asks for, nobody is sent to another site."""
    manager = await house.manager()
    browsers: tuple[Browser, ...] = (house.browser(), manager)
    for browser, route in itertools.product(browsers, routes_of(house)):
        address = address_of(route)
        asked = "&".join(
            f"{name}=https://evil.example/" for name in ("next", "redirect", "url", "return", "to")
        )
        page = await browser.get(f"{address}?{asked}&after=0")
        assert "evil" not in (page.location or ""), route
        assert page.header("refresh") is None, route
        assert "evil.example" not in page.text, route
