"""The page of managers about their organisation."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from tests.web.browser import Browser, Response
from tests.web.conftest import PASSWORD, House, stored

async_test = pytest_twisted.ensureDeferred


async def save(browser: Browser, action: str = "save", **typed: str | None) -> Response:
    """Change fields of the settings (None: a check box emptied) and press a button."""
    page = await browser.get("/organisation")
    fields: dict[str, str] = page.fields(path="/organisation") | {"action": action}
    for name, value in typed.items():
        if value is None:
            fields.pop(name.replace("__", "-"), None)
        else:
            fields[name.replace("__", "-")] = value
    return await browser.post("/organisation", fields)


@async_test
async def test_saving_without_a_change_changes_nothing(house: House) -> None:
    """What the page shows is what is stored."""
    manager = await house.manager()
    before = await stored(house, manager)
    done = await save(manager)
    assert (done.status, done.location) == (303, "/organisation?done=saved")
    assert await stored(house, manager) == before
    assert "settings are saved" in (await manager.get("/organisation?done=saved")).visible


@async_test
async def test_saving_everything(house: House) -> None:
    """Each setting is stored and shown again."""
    manager = await house.manager()
    done = await save(
        manager,
        name="Harbour <Light>",
        logo_text="  <b>HL</b> ",
        retention_hours="0",
        rooms_per_consultant="7",
        vanished_seconds="0",
        block_second_person=None,
        automatic_assignment="yes",
        sites="3",
        site__0__address="https://www.Example.org/",
        site__1__address="",
        site__2__address="http://localhost:8081",
        colour__accent="#6B1F5C",
        colour__paper="",
    )
    assert done.status == 303, done.text
    now = await stored(house, manager)
    assert (now.name, now.logo_text) == ("Harbour <Light>", "<b>HL</b>")
    assert now.slug == "lighthouse"
    assert (now.retention_hours, now.rooms_per_consultant, now.vanished_seconds) == (0, 7, 0)
    assert now.allowed_sites == ("https://www.example.org", "http://localhost:8081")
    assert now.colours == {"accent": "#6b1f5c"}
    assert not now.block_second_person
    assert now.automatic_assignment
    assert (await save(manager)).status == 303
    assert await stored(house, manager) == now
    assert (await save(manager, logo_text=" ")).status == 303
    assert (await stored(house, manager)).logo_text is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "a\x00b"),
        ("logo_text", "x" * 31),
        ("logo_text", "a\x00b"),
        ("logo_text", "\u200b"),
        ("retention_hours", ""),
        ("retention_hours", "-1"),
        ("retention_hours", "2161"),
        ("retention_hours", "1e3"),
        ("retention_hours", "NaN"),
        ("retention_hours", "9" * 30),
        ("retention_hours", "٣"),
        ("rooms_per_consultant", "101"),
        ("rooms_per_consultant", ""),
        ("vanished_seconds", "29"),
        ("vanished_seconds", "3601"),
        ("vanished_seconds", "no"),
        ("site-0-address", "www.example.org"),
        ("site-0-address", "https://*.example.org"),
        ("site-0-address", "https://a.example; script-src *"),
        ("site-0-address", "javascript:alert(1)"),
        ("site-0-address", "https://user@a.example"),
        ("colour-accent", "red"),
        ("colour-accent", "#12345"),
        ("colour-accent", "#123456;}"),
        ("colour-accent", "#ffff00"),
        ("colour-paper", "#333333"),
    ],
)
@async_test
async def test_each_wrong_setting(house: House, field: str, value: str) -> None:
    """A wrong setting: 400, the problem beside it, everything typed kept, nothing stored."""
    manager = await house.manager()
    before = await stored(house, manager)
    page = await save(manager, **{"name": "Other name", "sites": "1", field.replace("-", "__"): value})
    assert page.status == 400
    assert page.problem(field)
    kept = page.fields(path="/organisation")
    if field != "name":
        assert kept["name"] == "Other name"
    assert kept[field].replace("\r", "").strip() == value.replace("\x00", "").replace("\r", "").strip()
    assert await stored(house, manager) == before


@async_test
async def test_several_problems_at_once(house: House) -> None:
    """All problems of all settings are shown together, each with a link from the top."""
    manager = await house.manager()
    page = await save(manager, name="", retention_hours="x", colour__accent="blue")
    assert page.status == 400
    for field in ("name", "retention_hours", "colour-accent"):
        assert page.problem(field)
        target = page.get("a", href=f"#settings-{field}")
        assert page.find("input", id=target.attributes["href"][1:])


@async_test
async def test_any_site_is_said(house: House) -> None:
    """While no site is named, the page says that any site may embed the anteroom."""
    manager = await house.manager()
    assert "any site may show your anteroom" in (await manager.get("/organisation")).visible
    await save(manager, sites="1", site__0__address="https://a.example")
    assert (await save(manager, sites=None, name="Lighthouse")).status == 303
    assert "any site may show your anteroom" not in (await manager.get("/organisation")).visible


@async_test
async def test_rows_of_sites(house: House) -> None:
    """Buttons add and remove rows and keep all that was typed; more than there may be are refused."""
    manager = await house.manager()
    before = await stored(house, manager)
    page = await save(manager, name="Typed, not saved", rows="add-site", action=None)
    assert (page.status, page.fields(path="/organisation")["sites"]) == (200, "1")
    typed = {"sites": "3", **{f"site-{n}-address": f"https://a{n}.example" for n in range(3)}}
    fields = page.fields(path="/organisation") | typed | {"rows": "remove-site-1"}
    page = await manager.post("/organisation", fields)
    kept = page.fields(path="/organisation")
    assert [kept[f"site-{n}-address"] for n in range(2)] == ["https://a0.example", "https://a2.example"]
    assert (kept["sites"], kept["name"]) == ("2", "Typed, not saved")
    assert "site-2-address" not in kept
    for count in ("51", "-1", "x"):
        assert (await save(manager, sites=count)).status == 400
    assert await stored(house, manager) == before


@async_test
async def test_only_managers(house: House) -> None:
    """Staff can neither see nor change the organisation."""
    manager = await house.manager()
    sam = await house.colleague(manager)
    page = await sam.get("/organisation")
    assert page.status == 403
    token = (await sam.get("/account")).fields("profile")["csrf"]
    for action in ("save", "delete", "remove", "set-role", "set-skills"):
        fields = {"csrf": token, "action": action, "name": "Mine", "password": PASSWORD}
        assert (await sam.post("/organisation", fields)).status == 403
    assert (await stored(house, manager)).name == "Lighthouse"


def staff_form(page: Response, action: str, name: str) -> dict[str, str]:
    """The fields of the button for this person."""
    for button in page.elements:
        if button.tag == "button" and button.text.endswith(name) and button.form is not None:
            fields = page.fields_of(button.form)
            if fields.get("action") == action:
                chosen = button.attributes.get("name")
                return fields | ({chosen: button.attributes["value"]} if chosen else {})
    raise AssertionError(f"no button {action} for {name}")


@async_test
async def test_roles(house: House) -> None:
    """A manager makes somebody manager, and may then step back; the last manager may not."""
    manager = await house.manager()
    sam = await house.colleague(manager)
    page = await manager.get("/organisation")
    refused = await manager.post("/organisation", staff_form(page, "set-role", "Mira"))
    assert refused.status == 403
    assert "only manager" in refused.visible
    refused = await manager.post("/organisation", staff_form(page, "remove", "Mira"))
    assert refused.status == 403
    done = await manager.post("/organisation", staff_form(page, "set-role", "Sam"))
    assert (done.status, done.location) == (303, "/organisation?done=role")
    assert (await sam.get("/organisation")).status == 200
    page = await manager.get("/organisation")
    done = await manager.post("/organisation", staff_form(page, "set-role", "Mira"))
    assert (done.status, done.location) == (303, "/clientlist")
    assert (await manager.get("/organisation")).status == 403


@async_test
async def test_wrong_roles_and_strangers(house: House) -> None:
    """A role that is none is refused; people of another organisation are not found."""
    manager = await house.manager("Lighthouse", "one@example.org")
    other = await house.manager("Harbour", "two@example.org")
    fields = staff_form(await manager.get("/organisation"), "set-role", "Mira")
    foreign = staff_form(await other.get("/organisation"), "remove", "Mira")["id"]
    assert (await manager.post("/organisation", fields | {"role": "client"})).status == 400
    for person in (foreign, "", "x", "../x", "\x00"):
        for action in ("set-role", "remove"):
            page = await manager.post("/organisation", fields | {"id": person, "action": action})
            assert page.status == 404
    assert (await other.get("/organisation")).status == 200


@async_test
async def test_what_others_are_best_at(house: House) -> None:
    """Managers say it of everybody, in words with commas; wrong ones stand beside their own fields, and
    nobody says it of people elsewhere."""
    manager = await house.manager()
    other = await house.manager("Harbour", "two@example.org")
    await house.colleague(manager)
    fields = staff_form(await manager.get("/organisation"), "set-skills", "Sam is best at")
    sam = fields["id"]
    done = await manager.post("/organisation", fields | {"languages": "en, de,", "topics": "School, <b>"})
    assert (done.status, done.location) == (303, "/organisation?done=skills#staff")
    page = await manager.get("/organisation")
    assert "en, de, School, <b>" in page.visible
    kept = staff_form(page, "set-skills", "Sam is best at")
    assert kept["languages"] == "en, de"
    refused = await manager.post("/organisation", kept | {"languages": "no tag!", "topics": "typed"})
    assert refused.status == 400
    assert refused.get("input", id=f"skills-{sam}-languages").attributes["aria-invalid"] == "true"
    again = staff_form(refused, "set-skills", "Sam is best at")
    assert (again["languages"], again["topics"]) == ("no tag!", "typed")
    assert staff_form(await manager.get("/organisation"), "set-skills", "Sam is best at") == kept
    own = staff_form(await other.get("/organisation"), "set-skills", "Mira is best at")
    for stranger in (sam, "", "../x", "\x00"):
        assert (await other.post("/organisation", own | {"id": stranger, "topics": "x"})).status == 404
    assert staff_form(await manager.get("/organisation"), "set-skills", "Sam is best at") == kept


@async_test
async def test_removing(house: House) -> None:
    """Who is removed is out at once."""
    manager = await house.manager()
    sam = await house.colleague(manager, "sam@example.org")
    fields = staff_form(await manager.get("/organisation"), "remove", "Sam")
    done = await manager.post("/organisation", fields)
    assert (done.status, done.location) == (303, "/organisation?done=removed")
    assert (await sam.get("/account")).location == "/login"
    assert "sam@example.org" not in (await manager.get("/organisation")).text
    assert (await manager.post("/organisation", fields)).status == 404


@async_test
async def test_deleting_the_organisation(house: House) -> None:
    """The exact name and the password delete the organisation; anything else does not."""
    manager = await house.manager("Lighthouse", "one@example.org")
    other = await house.manager("Harbour", "two@example.org")
    sam = await house.colleague(manager)
    for name, password, field in (
        ("lighthouse", PASSWORD, "typed_name"),
        ("", PASSWORD, "typed_name"),
        ("Lighthouse", "wrong", "password"),
        ("Lighthouse", "", "password"),
    ):
        page = await manager.fill("/organisation", action="delete", typed_name=name, password=password)
        assert page.status == 400
        assert page.problem(field)
        assert page.fields("delete")["typed_name"] == name
    done = await manager.fill("/organisation", action="delete", typed_name="Lighthouse", password=PASSWORD)
    assert (done.status, done.location) == (303, "/login?done=organisation-deleted")
    assert (await manager.get("/account")).location == "/login"
    assert (await sam.get("/account")).location == "/login"
    assert (await house.browser().get("/o/lighthouse")).status == 404
    assert (await other.get("/organisation")).status == 200


@async_test
async def test_wrong_token(house: House) -> None:
    """Without the form's token nothing is changed, and every form of the page comes back with its values."""
    manager = await house.manager()
    before = await stored(house, manager)
    page = await save(manager, name="Changed", csrf="x")
    assert page.status == 403
    assert page.fields(path="/organisation")["name"] == "Changed"
    page = await manager.fill(
        "/organisation", action="delete", typed_name="Lighthouse", password=PASSWORD, csrf=""
    )
    assert page.status == 403
    assert await stored(house, manager) == before


@async_test
async def test_addresses_to_share(house: House, static: Any) -> None:
    """The page shows the anteroom's own address and leads to the snippets."""
    manager = await house.manager()
    page = await manager.get("/organisation")
    shown = page.get("input", aria_label="Address of the anteroom").attributes["value"]
    assert shown == f"{house.base}/o/lighthouse"
    assert page.find("a", href="/anteroom.html")
