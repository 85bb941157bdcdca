"""The page about the own account."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from tests.web.conftest import PASSWORD, House
from tests.web.test_login import mailed

async_test = pytest_twisted.ensureDeferred

NEW = "a completely different giraffe"


@async_test
async def test_name_and_email(house: House, now: Any) -> None:
    """With the password the name is changed at once, and the email when the link sent to it is used."""
    manager = await house.manager()
    done = await manager.fill(
        "/account", action="profile", username="Mira K.", email="MIRA@other.example", password=PASSWORD
    )
    assert (done.status, done.location) == (303, "/account?done=email")
    page = await manager.get("/account?done=email")
    assert "A link is on its way" in page.visible
    fields = page.fields("profile")
    assert (fields["username"], fields["email"]) == ("Mira K.", "mira@example.org")
    [path] = [
        line.removeprefix(house.base)
        for body in await mailed(house, now)
        for line in body.splitlines()
        if "/account/email/" in line
    ]
    for _ in range(2):  # as mail scanners do
        assert (await house.browser().get(path)).status == 200
    assert (await manager.get("/account")).fields("profile")["email"] == "mira@example.org"
    assert (await manager.fill(path)).location == "/account?done=profile"
    assert (await manager.get("/account")).fields("profile")["email"] == "mira@other.example"
    assert (await house.browser().get(path)).status == 410
    login = await house.browser().fill("/login", email="mira@other.example", password=PASSWORD)
    assert login.status == 303


@pytest.mark.parametrize(
    ("action", "typed", "field"),
    [
        ("profile", {"username": "", "password": PASSWORD}, "username"),
        ("profile", {"email": "nobody", "password": PASSWORD}, "email"),
        ("profile", {"username": "Mira K.", "password": "wrong"}, "password"),
        ("password", {"old": "wrong", "new": NEW}, "old"),
        ("password", {"old": PASSWORD, "new": "short"}, "new"),
        ("password", {"old": PASSWORD, "new": "miramiramiramira"}, "new"),
        ("token", {"name": ""}, "name"),
        ("token", {"name": "x" * 81}, "name"),
        ("delete", {"password": "wrong"}, "password"),
        ("delete", {"password": ""}, "password"),
    ],
)
@async_test
async def test_each_wrong_field(house: House, action: str, typed: dict[str, str], field: str) -> None:
    """Wrong input of any form of the page: 400, the problem beside it, what was typed kept, no password."""
    manager = await house.manager()
    page = await manager.fill("/account", action=action, **typed)
    assert page.status == 400
    assert page.problem(field)
    assert page.title.startswith("Problem: ")
    kept = page.fields(action)
    for name, value in typed.items():
        assert kept[name] == ("" if name in ("password", "old", "new") else value)
    assert (await manager.get("/account")).status == 200


@async_test
async def test_changing_the_password_ends_other_logins(house: House) -> None:
    """A new password throws out everybody else who is logged in as the same person."""
    manager = await house.manager(email="mira@example.org")
    elsewhere = house.browser()
    await elsewhere.fill("/login", email="mira@example.org", password=PASSWORD)
    done = await manager.fill("/account", action="password", old=PASSWORD, new=NEW)
    assert (done.status, done.location) == (303, "/account?done=password")
    assert (await manager.get("/account")).status == 200
    assert (await elsewhere.get("/account")).location == "/login"


@async_test
async def test_logins_are_listed_and_ended(house: House, now: Any) -> None:
    """One sees where one is logged in, and can end it there; nobody else's. Minutes after the log-in one
    shows first that it is oneself."""
    manager = await house.manager(email="mira@example.org")
    stranger = await house.manager("Harbour", "other@example.org")
    elsewhere = house.browser()
    await elsewhere.fill("/login", email="mira@example.org", password=PASSWORD)
    page = await manager.get("/account")
    fields = page.fields("end-login")
    theirs = (await stranger.get("/account")).fields("profile")["csrf"]
    assert (await stranger.post("/account", fields | {"csrf": theirs})).status == 404
    now.advance(minutes=6)
    asked = await manager.post("/account", fields)
    assert (asked.status, asked.location) == (303, "/account/proof?for=account")
    assert (await elsewhere.get("/account")).status == 200
    proved = await manager.fill("/account/proof?for=account", password=PASSWORD, form="/account/proof")
    assert (proved.status, proved.location) == (303, "/account")
    done = await manager.post("/account", fields)
    assert (done.status, done.location) == (303, "/account?done=end-login")
    assert (await elsewhere.get("/account")).location == "/login"
    assert (await manager.get("/account")).status == 200


@async_test
async def test_api_tokens(house: House) -> None:
    """The secret of a new token is shown once and works; revoked, it no longer does."""
    manager = await house.manager()
    actor = await house.accounts.find_actor(manager.cookies["hotline"])
    assert actor is not None
    page = await manager.fill("/account", action="token", name="statistics <1>")
    assert page.status == 200
    secret = page.get("input", aria_label="Secret of the token").attributes["value"]
    found = await house.accounts.authenticate(actor.organisation_id, "statistics <1>", secret)
    assert found is not None
    page = await manager.get("/account")
    assert secret not in page.text
    assert "statistics <1>" in page.visible
    assert "You have 1." in page.visible
    kept = await manager.fill("/account", action="password", old=PASSWORD, new=NEW, keep_tokens="yes")
    assert kept.location == "/account?done=password"
    assert await house.accounts.authenticate(actor.organisation_id, "statistics <1>", secret) is not None
    page = await manager.get("/account")
    twice = await manager.fill("/account", action="token", name="statistics <1>")
    assert twice.status == 400
    assert twice.problem("name")
    fields = page.fields("revoke")
    assert (await manager.post("/account", fields)).location == "/account?done=revoke"
    assert await house.accounts.authenticate(actor.organisation_id, "statistics <1>", secret) is None
    assert (await manager.post("/account", fields)).status == 404
    page = await manager.fill("/account", action="token", name="bot")
    secret = page.get("input", aria_label="Secret of the token").attributes["value"]
    await manager.fill("/account", action="password", old=NEW, new=PASSWORD)
    assert await house.accounts.authenticate(actor.organisation_id, "bot", secret) is None


@async_test
async def test_deleting_the_account(house: House) -> None:
    """Who leaves is logged out for good; the only manager cannot leave."""
    manager = await house.manager()
    sam = await house.colleague(manager, "sam@example.org")
    refused = await manager.fill("/account", action="delete", password=PASSWORD)
    assert refused.status == 403
    assert "only manager" in refused.visible
    done = await sam.fill("/account", action="delete", password=PASSWORD)
    assert (done.status, done.location) == (303, "/login?done=deleted")
    assert done.header("clear-site-data")
    assert (await house.browser().fill("/login", email="sam@example.org", password=PASSWORD)).status == 400


@async_test
async def test_no_such_action(house: House) -> None:
    """A form that is none of the page's is refused."""
    manager = await house.manager()
    token = (await manager.get("/account")).fields("profile")["csrf"]
    assert (await manager.post("/account", {"csrf": token, "action": "explode"})).status == 400
    assert (await manager.post("/account", {"csrf": token})).status == 400


@async_test
async def test_wrong_token_keeps_what_was_typed(house: House, now: Any) -> None:
    """With a wrong or missing token nothing happens, and the form comes back with what was typed."""
    manager = await house.manager("Lighthouse", "one@example.org")
    other = await house.manager("Harbour", "two@example.org")
    foreign = (await other.get("/account")).fields("profile")["csrf"]
    fields = (await manager.get("/account")).fields("profile") | {"username": "Changed", "password": PASSWORD}
    for token in (foreign, "", "x", "é\u0000", fields["csrf"][:-1]):
        page = await manager.post("/account", fields | {"csrf": token})
        assert page.status == 403
        assert "Please send it again" in page.visible
        assert page.fields("profile")["username"] == "Changed"
        assert page.fields("profile")["password"] == ""
    missing = {name: value for name, value in fields.items() if name != "csrf"}
    page = await manager.post("/account", missing)
    assert page.status == 403
    assert (await manager.get("/account")).fields("profile")["username"] == "Mira"
    done = await manager.post("/account", page.fields("profile") | {"password": PASSWORD})
    assert done.status == 303
