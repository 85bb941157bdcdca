"""Every page, by everybody: made from the routes, so that a page without a row here fails the first test.

In come requests of each kind of person with what is theirs and what is not, and requests without sense; out
come answers below 500, and an organisation that has not changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred

from hotline.store import organisations
from hotline.store.database import Database
from tests.web.conftest import House

ANYBODY, CONSULTANTS, MANAGERS = "anybody", "consultants", "managers"
# Who may see the page. What a page with a token is for is bound to the token.
READERS = {
    "/": ANYBODY,
    "/register/org": ANYBODY,
    "/login": ANYBODY,
    "/logout": CONSULTANTS,
    "/invite": MANAGERS,
    "/register/user/<token>": ANYBODY,
    "/forgotpw": ANYBODY,
    "/changepw/<token>": ANYBODY,
    "/account": CONSULTANTS,
    "/account/email/<token>": ANYBODY,
    "/account/factors": CONSULTANTS,
    "/account/proof": CONSULTANTS,
    "/lostfactor/<token>": ANYBODY,
    "/account/answers": CONSULTANTS,
    "/account/calls": CONSULTANTS,
    "/organisation": MANAGERS,
    "/organisation/hours": MANAGERS,
    "/organisation/texts": MANAGERS,
    "/organisation/questions": MANAGERS,
    "/organisation/survey": MANAGERS,
    "/organisation/record": MANAGERS,
    "/organisation/safety": MANAGERS,
    "/organisation/audit": MANAGERS,
    "/organisation/export": MANAGERS,
    "/organisation/answers": MANAGERS,
    "/organisation/referrals": MANAGERS,
    "/organisation/statistics": MANAGERS,
    "/organisation/statistics.csv": MANAGERS,
    "/clientlist": CONSULTANTS,
    "/anteroom.html": ANYBODY,
    "/anteroom": ANYBODY,
    "/o/<slug>": ANYBODY,
    "/o/<slug>/colours.css": ANYBODY,
    "/exit": ANYBODY,
    "/session/ticket": CONSULTANTS,
    "/session/passkey": ANYBODY,
    "/robots.txt": ANYBODY,
    "/healthz": ANYBODY,
    "/readyz": ANYBODY,
    "/static/<path:path>": ANYBODY,
    "/embed.js": ANYBODY,
    "/push.js": ANYBODY,
    "/favicon.ico": ANYBODY,
}
PARTS = {"<token>": "x" * 43, "<slug>": "lighthouse", "<path:path>": "logo.svg"}
WITH_ORGANISATION = """
SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND a.attname = 'organisation_id' AND c.relname NOT IN ('logins', 'tickets')
    AND c.relname NOT LIKE 'audit%' ORDER BY 1
"""


def routes_of(house: House) -> dict[str, set[str]]:
    """Every route with its methods, as Klein has them."""
    return {rule.rule: set(rule.methods or ()) for rule in house.pages.klein.url_map.iter_rules()}


def address_of(route: str) -> str:
    for part, value in PARTS.items():
        route = route.replace(part, value)
    return route


async def content_of(database: Database, slug: str) -> list[Any]:
    """All that is stored of this organisation but who is logged in."""
    async with database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, slug)
        tables = await tx.rows(WITH_ORGANISATION)
    async with database.transaction(organisation_id) as tx:
        return [
            (table.name, await tx.rows(f"SELECT one::text AS one FROM {table.name} one ORDER BY 1"))
            for table in tables
        ]


def test_every_page_is_here(house: House) -> None:
    """A new page has to say who may see it."""
    assert routes_of(house).keys() == READERS.keys()


@ensureDeferred
async def test_who_may_see_what(house: House) -> None:
    """Pages of consultants lead others to the log-in, pages of managers are refused to staff."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    for route, methods in routes_of(house).items():
        if "GET" not in methods:
            continue
        for browser, is_consultant, is_manager in (
            (house.browser(), False, False), (staff, True, False), (manager, True, True),
        ):  # fmt: skip
            page = await browser.get(address_of(route))
            readers = READERS[route]
            if readers == ANYBODY:
                assert page.status in (200, 303, 404, 410), (route, page.status)
                assert page.location in (None, "/clientlist"), (route, page.location)
            elif not is_consultant:
                assert (page.status, page.location) == (303, "/login"), route
            elif readers == MANAGERS and not is_manager:
                assert page.status == 403, route
            else:
                assert page.status == 200, route


@ensureDeferred
async def test_nobody_else_changes_anything(house: House) -> None:
    """Each form that a manager sees, sent by visitors, staff, and another organisation's manager."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    other = await house.manager("Harbour", "olga@example.org")
    forms = [
        (form.attributes.get("action") or address_of(route), page.fields_of(form))
        for route, methods in routes_of(house).items()
        if READERS[route] == MANAGERS and "POST" in methods
        for page in [await manager.get(address_of(route))]
        for form in page.elements
        if form.tag == "form"
    ]
    assert len(forms) > 8
    tokens = {
        browser: (await browser.get("/account")).get("input", name="csrf").attributes["value"]
        for browser in (staff, other)
    }
    before = await content_of(house.database, "lighthouse")
    for action, fields in forms:
        if action == "/logout":
            continue
        for browser in (house.browser(), staff, other):
            told = {
                name: f"{value}7" if name in ("name", "email") else value for name, value in fields.items()
            }
            page = await browser.post(action, told | {"csrf": tokens.get(browser, fields.get("csrf", ""))})
            assert page.status < 500, action
            if browser is not other:
                assert page.status == 403 or page.location == "/login", (action, page.status)
            assert await content_of(house.database, "lighthouse") == before, action


words = st.text(st.characters(codec="utf-8"), max_size=30)
names = st.sampled_from(
    [
        "action",
        "endpoint",
        "csrf",
        "name",
        "email",
        "password",
        "username",
        "role",
        "id",
        "language",
        "accent",
        "form",
        "order",
    ]
)
bodies = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(names | words, words, max_size=6).map(lambda fields: urlencode(fields).encode()),
)
kinds = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "text/plain",
        "x",
    ]
)
tails = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that somebody might send."""

    method: str
    path: str
    body: bytes
    kind: str
    is_manager: bool
    with_token: bool


requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "POST", "HEAD", "PUT"]),
    path=st.builds(
        "{}{}".format, st.sampled_from(sorted(map(address_of, READERS.keys() - {"/logout"}))), tails
    ),
    body=bodies,
    kind=kinds,
    is_manager=st.booleans(),
    with_token=st.booleans(),
)


@ensureDeferred
async def test_no_request_does_harm(house: House) -> None:
    """Any body of any kind, to any page, with and without a log-in: an answer below 500 each time."""
    manager = await house.manager()
    token = (await manager.get("/account")).get("input", name="csrf").attributes["value"]
    cookies = dict(manager.cookies)
    made: list[Request] = []

    # Hypothesis does not wait for Deferreds: it only thinks of what to ask.
    @settings(max_examples=200, database=None, deadline=None)
    @given(requests)
    def think(one: Request) -> None:
        made.append(one)

    think()
    for one in made:
        browser = manager if one.is_manager else house.browser()
        browser.cookies = dict(cookies) if one.is_manager else {}
        body = f"csrf={token}&".encode() + one.body if one.with_token else one.body
        page = await browser.request(
            one.method,
            one.path,
            headers={"content-type": one.kind, "origin": house.base},
            body=body if one.method == "POST" else None,
        )
        assert page.status < 500, (one, page.text)
        assert b"Traceback" not in page.body, one
