"""The page of the audit log: what people did on other pages, found, filtered, page by page."""

from __future__ import annotations

from typing import Any

import pytest_twisted
from twisted.internet.task import deferLater

from hotline.domain.audit import Action
from hotline.domain.model import Person
from hotline.store import audit, organisations
from tests.conftest import Now
from tests.web.conftest import PASSWORD, House

async_test = pytest_twisted.ensureDeferred
PATH = "/organisation/audit"


@async_test
async def test_what_was_done_on_the_pages(house: House, reactor: Any) -> None:
    """Log-ins that went well and that did not, an invitation, a token, an export; what is there by its name
    or address, what is gone by a part of its id; nothing that another organisation did."""
    manager = await house.manager()
    await house.colleague(manager)
    await house.manager("Harbour", "olga@example.org")
    for name in ("robot", "gone"):
        await manager.fill("/account", action="token", name=name, days="1")
    actor = await house.accounts.find_actor(manager.cookies["hotline"])
    assert actor is not None
    [gone] = [each for each in await house.accounts.list_tokens(actor) if each.name == "gone"]
    await house.accounts.revoke_token(actor, gone.token_id)
    await manager.fill("/invite", email="later@example.org", role="staff")
    await manager.get("/organisation/statistics.csv")
    stranger = house.browser()
    wrong = await stranger.fill("/login", email="mira@example.org", password="not the right one")
    assert wrong.status == 400
    assert (await stranger.fill("/login", email="mira@example.org", password=PASSWORD)).status == 303
    while "at the log-in" not in (page := await manager.get(PATH)).text:
        await deferLater(reactor, 0.01)
    for said in ("Logged in", "Sent an invitation", "Joined the organisation", "Made an API token"):
        assert said in page.text, said
    assert "Exported statistics" in page.text
    listed = page.text.partition("<tbody>")[2]
    for said in (">token robot;", ">invitation of later@example.org;", f">token {gone.token_id[:6]}…<"):
        assert said in listed, said
    for secret in (gone.token_id, "sam@example.org", "Olga", "olga@"):
        assert secret not in listed, secret
    found = await manager.get(f"{PATH}?action=login.failed")
    assert found.text.count("<tr>") == 2
    assert "at the log-in" in found.text


@async_test
async def test_pages_and_filters_that_make_no_sense(house: House, now: Now) -> None:
    """A hundred at a time, the filter kept; what cannot be is told beside its field."""
    manager = await house.manager()
    async with house.database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, "lighthouse")
    assert organisation_id is not None
    async with house.database.transaction(organisation_id) as tx:
        for _ in range(101):
            who = Person(id="x", name="<b>Nobody</b>")
            await audit.add(tx, organisation_id, who, Action.KEY_ROTATED, now())
    page = await manager.get(f"{PATH}?action=key.rotated")
    assert page.text.count("&lt;b&gt;Nobody") == 100
    [older] = [each for each in page.elements if "before=" in each.attributes.get("href", "")]
    page = await manager.get(older.attributes["href"])
    assert page.text.count("&lt;b&gt;Nobody") == 1
    page = await manager.get(f"{PATH}?action=x&actor=!&room=%00&before=-1")
    assert page.status == 400
    page = await manager.get(f"{PATH}?action=x&actor=!&room=%20A")
    assert page.status == 400
    assert page.problem("room")
    assert page.problem("action")
    assert page.problem("actor")
    assert "Nothing is found" in (await manager.get(f"{PATH}?room=0000")).text
