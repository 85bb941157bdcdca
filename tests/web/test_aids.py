"""The pages of ready answers and referrals: made, changed, removed, found, put right."""

from __future__ import annotations

import pytest
import pytest_twisted

from hotline.domain.limits import DomainLimits
from tests.helpers import NAUGHTY
from tests.web.conftest import House

async_test = pytest_twisted.ensureDeferred

REFERRALS = "/organisation/referrals"


@pytest.mark.parametrize("path", ["/organisation/answers", "/account/answers"])
@async_test
async def test_an_answer_from_first_to_last(house: House, path: str) -> None:
    """It is listed as it was typed, shown again to be changed, and gone when it is removed."""
    manager = await house.manager()
    for number, naughty in enumerate(NAUGHTY):
        done = await manager.fill(path, action="save", shortcut=f"/N{number}", text=naughty, language="pt-BR")
        assert done.location == f"{path}?done=saved", done.visible
    page = await manager.get(path)
    links = [
        e.attributes["href"] for e in page.elements if e.attributes.get("href", "").startswith(f"{path}?id=")
    ]
    assert len(links) == len(NAUGHTY)
    shown = [(await manager.get(link)).fields("save") for link in links]
    assert sorted(fields["text"] for fields in shown) == sorted(text.strip() for text in NAUGHTY)
    assert {fields["language"] for fields in shown} == {"pt-BR"}

    fields = shown[0] | {"shortcut": "other", "text": "two\r\nlines", "language": ""}
    assert (await manager.post(path, fields)).status == 303
    page = await manager.get(f"{path}?id={fields['id']}")
    assert page.fields("save") == fields | {"text": "two\nlines"}
    assert (await manager.post(path, page.fields("remove") | {"id": fields["id"]})).status == 303
    assert (await manager.get(f"{path}?id={fields['id']}")).status == 404
    gone = await manager.post(path, fields)
    assert gone.status == 404
    assert gone.fields("save")["text"].split() == ["two", "lines"]


@async_test
async def test_answers_that_cannot_be_used(house: House) -> None:
    """Each problem beside its field, what was typed kept, nothing stored; the other page's are not here."""
    manager = await house.manager()
    path, own = "/organisation/answers", "/account/answers"
    page = await manager.fill(path, action="save", shortcut="two words", text=" ", language="!")
    assert page.status == 400
    assert all(page.problem(name) for name in ("shortcut", "text", "language"))
    assert page.fields("save")["shortcut"] == "two words"
    await manager.fill(path, action="save", shortcut="hello", text="Hello")
    assert (await manager.fill(path, action="save", shortcut="HELLO", text="x")).status == 400
    assert (await manager.fill(own, action="save", shortcut="hello", text="Mine")).status == 303
    answer_id = (await manager.get(path)).fields("remove")["id"]
    assert (await manager.get(f"{own}?id={answer_id}")).status == 404
    mine = (await manager.get(own)).fields("save") | {"id": answer_id, "shortcut": "x", "text": "y"}
    assert (await manager.post(own, mine)).status == 404
    assert (await manager.post(own, mine | {"action": "nothing"})).status == 400


@async_test
async def test_a_full_list(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is said in words above the form."""
    monkeypatch.setattr(house.accounts, "_limits", DomainLimits(ready_answers_per_person=1))
    manager = await house.manager()
    await manager.fill("/account/answers", action="save", shortcut="one", text="1")
    page = await manager.fill("/account/answers", action="save", shortcut="two", text="2")
    assert page.status == 400
    assert "must be at most 1" in page.visible


@async_test
async def test_referrals(house: House) -> None:
    """Made, found by words, changed, removed; refused with what is wrong."""
    manager = await house.manager()
    page = await manager.fill(
        REFERRALS, action="save", name="", contact="nowhere", languages="!", topics="x" * 41
    )
    assert page.status == 400
    assert all(page.problem(name) for name in ("name", "contact", "languages", "topics"))
    for name, contact in (
        ("Night line", "0800 111"),
        ("Café <b>", "https://example.org/?a&b"),
        ("Mail", "a@b.example"),
    ):
        done = await manager.fill(
            REFERRALS, action="save", name=name, contact=contact, languages="de, en", topics="Sleep,  Home,"
        )
        assert done.status == 303, done.visible
    assert "Café <b>" in (await manager.get(f"{REFERRALS}?search=cafe%20sleep")).visible
    assert "Night line" not in (await manager.get(f"{REFERRALS}?search=cafe")).visible
    assert "Nothing is found." in (await manager.get(f"{REFERRALS}?search=nobody")).visible
    assert (await manager.get(f"{REFERRALS}?search={'x' * 101}")).status == 400
    assert (await manager.get(f"{REFERRALS}?after=0")).status == 404

    page = await manager.get(f"{REFERRALS}?search=night")
    kept = page.fields("remove")["id"]
    fields = (await manager.get(f"{REFERRALS}?id={kept}")).fields("save")
    assert (fields["name"], fields["contact"], fields["languages"], fields["topics"]) == (
        "Night line", "0800 111", "de, en", "Sleep, Home",
    )  # fmt: skip
    assert (await manager.post(REFERRALS, fields | {"name": "Day line"})).status == 303
    assert "Day line" in (await manager.get(REFERRALS)).visible
    assert (await manager.post(REFERRALS, page.fields("remove"))).status == 303
    assert "Day line" not in (await manager.get(REFERRALS)).visible
