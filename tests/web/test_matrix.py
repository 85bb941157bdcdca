"""Every page, by everybody: made from the table of routes, which says who may see what.

In come requests of each kind of person with what is theirs and what is not; out come answers below 500, and
an organisation that has not changed. Requests without sense are made by `test_any_request.py`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_twisted import ensureDeferred

from hotline.store import organisations, policies
from hotline.store.database import Database
from hotline.web.answers import Answer, text
from hotline.web.routes import ROUTES, Reading, Route
from hotline.web.visit import Readers, Visit
from tests.web.browser import Browser, Response
from tests.web.conftest import House

PARTS = {
    "<token>": "x" * 43,
    "<slug>": "lighthouse",
    "<path:path>": "logo.svg",
    "<code>": "0000-0000-0000-0000",
}
WITH_ORGANISATION = """
SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND a.attname = 'organisation_id' AND c.relname NOT IN ('logins', 'tickets')
    AND c.relname !~ '^audit' ORDER BY 1
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


async def answer_to(browser: Browser, route: Route, method: str) -> Response:
    """To a request for this page; a form has a good token, and nothing else that makes sense."""
    headers, body = {"sec-fetch-site": "same-origin"}, None
    if method == "POST":
        headers["content-type"] = "application/x-www-form-urlencoded"
        token = "" if browser.cookies == {} else await token_of(browser)
        body = b"" if route.reading is Reading.SCRIPT else urlencode({"csrf": token, "action": "x"}).encode()
    return await browser.request(method, address_of(route.path), headers=headers, body=body)


async def token_of(browser: Browser) -> str:
    # Pages that everybody who is logged in may see have it, too.
    return (await browser.get("/account/proof")).get("input", name="csrf").attributes["value"]


def test_klein_knows_the_table_and_nothing_else(house: House) -> None:
    """Each route has its methods, and who has a link by mail is told from whoever comes without."""
    assert routes_of(house) == {
        route.path: {*route.methods, *(("HEAD",) if "GET" in route.methods else ())} for route in ROUTES
    }
    assert len(routes_of(house)) == len(ROUTES)
    for route in ROUTES:
        assert ("<token>" in route.path) == (route.readers is Readers.HOLDERS), route.path
        assert (route.reading is Reading.NOTHING) <= (route.readers is Readers.ANYBODY), route.path


@ensureDeferred
async def test_who_may_see_what(house: House) -> None:
    """Visitors, staff, a manager, and staff without the second factor they need, at every page with every
    method: let in or led away as the table has it, before the page is asked anything."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    lacking = await lacking_a_factor(house)
    for route in ROUTES:
        for method in route.methods:
            for browser, is_consultant, is_manager in (
                (house.browser(), False, False), (staff, True, False), (manager, True, True),
            ):  # fmt: skip
                if route.path == "/logout" and is_consultant:
                    continue
                page = await answer_to(browser, route, method)
                told = (route.path, method, is_consultant, is_manager, page.status)
                if route.readers is Readers.ANYBODY:
                    assert page.status in (200, 303, 400, 403, 404), told
                    assert page.location in (None, "/clientlist"), told
                elif route.readers is Readers.HOLDERS:
                    assert page.status == 410, told
                elif not is_consultant and route.is_for_scripts:
                    assert (page.status, page.header("content-type")) == (401, "application/json"), told
                elif not is_consultant:
                    assert (page.status, page.location) == (303, "/login"), told
                elif route.readers is Readers.MANAGERS and not is_manager:
                    assert page.status == 403, told
                else:
                    assert page.status in (200, 303, 400, 404), told
                    assert page.location != "/login", told
            if route.readers in (Readers.CONSULTANTS, Readers.MANAGERS):
                page = await answer_to(lacking, route, method)
                if route.is_for_scripts:
                    assert (page.status, "second factor" in page.text) == (403, True), route
                else:
                    assert page.location == "/account/factors?why=required", route


async def lacking_a_factor(house: House) -> Browser:
    """A browser of somebody whose organisation asks for a second factor, and who has none."""
    browser = await house.manager("Harbour", "olga@example.org")
    async with house.database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, "harbour")
    assert organisation_id is not None
    async with house.database.transaction(organisation_id) as tx:
        await policies.put(tx, organisation_id, policies.Policy(require_second_factor=True))
    return browser


@ensureDeferred
@pytest.mark.parametrize("readers", Readers)
async def test_a_page_that_forgets_to_look_is_closed_all_the_same(house: House, readers: Readers) -> None:
    """The dispatcher goes by the table, whatever the page itself does."""

    async def forgetful(visit: Visit) -> Answer:
        return text("secret")

    house.pages.add(Route(path="/forgetful", page=forgetful, readers=readers, methods=("GET", "POST")))
    manager = await house.manager()
    staff = await house.colleague(manager)
    rank = list(Readers).index(readers)
    for browser, most in ((house.browser(), 1), (staff, 3), (manager, 4)):
        for method in ("GET", "POST"):
            page = await browser.request(
                method,
                "/forgetful",
                headers={"content-type": "application/x-www-form-urlencoded"},
                body=b"" if method == "POST" else None,
            )
            assert ("secret" in page.text) == (rank <= most), (method, readers, page.status)


@ensureDeferred
async def test_nobody_else_changes_anything(house: House) -> None:
    """Each form that a manager sees, sent by visitors, staff, and another organisation's manager."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    other = await house.manager("Harbour", "olga@example.org")
    forms = [
        (form.attributes.get("action") or address_of(route.path), page.fields_of(form))
        for route in ROUTES
        if route.readers is Readers.MANAGERS and "POST" in route.methods
        for page in [await manager.get(address_of(route.path))]
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
