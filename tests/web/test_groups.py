"""Groups for clients: the page of one, whose code leads where, and the anteroom's links to those listed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.groups import Group
from hotline.domain.model import Role, Sender
from hotline.domain.rooms import time_over
from hotline.store import groups, rooms
from hotline.store.ids import new_id, new_return_code
from tests.conftest import Now
from tests.web.browser import Browser, Response
from tests.web.conftest import House, stored
from tests.web.test_anteroom import directive
from tests.web.test_organisation import save


async def opened(
    house: House, manager: Browser, now: Now, name: str = "Evening", *, days: float = 0, listed: bool = True
) -> Group:
    """A group that begins in so many days and goes on for two hours."""
    begins = now() + timedelta(days=days)
    group = Group(
        room_id=new_id(),
        code=new_return_code(),
        name=name,
        text="",
        opens_at=begins,
        ends_at=begins + timedelta(hours=2),
        most_clients=20,
        is_listed=listed,
    )
    organisation_id = (await stored(house, manager)).organisation_id
    async with house.database.transaction(organisation_id) as tx:
        await groups.add(tx, organisation_id, group, now())
    return group


def shown(page: Response) -> dict[str, str]:
    attributes = dict(page.get("div", id="group").attributes)
    assert "/static/assets/group-en.js" in attributes.pop("data-languages")
    return attributes


def linked(page: Response) -> list[tuple[str, str, str]]:
    """Where the anteroom's links to groups lead, what they say, and when."""
    found = [element for element in page.elements if element.tag in ("a", "time")]
    return [
        (link.attributes["href"], link.text, time.attributes["datetime"])
        for link, time in zip(found[::2], found[1::2], strict=True)
    ]


@ensureDeferred
async def test_the_page(house: House, now: Now) -> None:
    """However its code is spelt; without a cookie, and without a word of the group before it is asked for."""
    manager = await house.manager("Lighthouse & <Co>")
    group = await opened(house, manager, now)
    client = house.browser()
    for spelt in (group.code, group.code.lower().replace("-", ""), group.code.replace("-", "%20")):
        page = await client.get(f"/o/lighthouse-co/g/{spelt}")
        assert page.status == 200
        assert shown(page) == {
            "id": "group",
            "data-realm": "lighthouse-co",
            "data-code": group.code,
            "data-organisation": "Lighthouse & <Co>",
            "data-ws": "/ws",
        }
    assert page.title == "Lighthouse & <Co> - hotline"
    assert group.name not in page.text
    assert page.find("link", href="/o/lighthouse-co/colours.css")
    assert page.find("script", src="/static/assets/group-1.js")
    assert page.header("cache-control") == "no-cache"
    assert client.cookies == {}
    await manager.fill("/organisation/texts", languages="en, ar", neutral_title="on", action="look")
    discreet = await client.get(f"/o/lighthouse-co/g/{group.code}", accept_language="ar")
    assert "Lighthouse" not in discreet.title
    assert discreet.get("html").attributes["lang"] == "ar"


@ensureDeferred
async def test_who_may_embed_it(house: House, now: Now) -> None:
    """The sites that may have the anteroom, whether there is such a group or not; with none named, any."""
    manager = await house.manager()
    group = await opened(house, manager, now)
    client = house.browser()
    paths = [f"/o/lighthouse/g/{code}" for code in (group.code, "nothing")]
    for path in paths:
        assert directive(await client.get(path), "frame-ancestors") == "*"
    await save(manager, sites="1", site__0__address="https://a.example")
    for path in paths:
        assert directive(await client.get(path), "frame-ancestors") == "'self' https://a.example"


@pytest.mark.parametrize(
    "code", ["0000-0000-0000-0000", "nobody", "x" * 5000, "%00", "%F0%9F%98%80", "%27%3B--", "a%0Ab", "{of}"]
)
@ensureDeferred
async def test_no_such_group(house: House, now: Now, code: str) -> None:
    """A code that is none, or another organisation's, leads to the same page, which names no group."""
    await house.manager("Lighthouse", "one@example.org")
    other = await opened(house, await house.manager("Harbour", "two@example.org"), now)
    client = house.browser()
    page = await client.get(f"/o/lighthouse/g/{code.format(of=other.code)}")
    assert page.status == 404
    assert shown(page)["data-code"] == ""
    assert page.body == (await client.get("/o/lighthouse/g/1111-1111-1111-1111")).body
    nowhere = await client.get(f"/o/nobody/g/{other.code}")
    assert (nowhere.status, nowhere.get("h1").text) == (404, "Nobody can be reached here")


@ensureDeferred
async def test_links_of_the_anteroom(house: House, now: Now) -> None:
    """To those listed that are open or begin within a week, in that order; their names are text."""
    manager = await house.manager("Lighthouse", "one@example.org")
    harbour = await house.manager("Harbour", "two@example.org")
    client = house.browser()
    assert not (await client.get("/o/lighthouse")).find("script", src="/static/assets/listed-1.js")
    soon = await opened(house, manager, now, "Soon", days=6.9)
    here = await opened(house, manager, now, "<b>Now")
    ended = await opened(house, manager, now, "Ended")
    await opened(house, manager, now, "Later", days=7.2)
    await opened(house, manager, now, "Secret", listed=False)
    elsewhere = await opened(house, harbour, now, "Elsewhere")
    organisation_id = (await stored(house, manager)).organisation_id
    async with house.database.transaction(organisation_id) as tx:
        room, sender = (
            await rooms.lock(tx, organisation_id, ended.room_id),
            Sender(id="", name="", role=Role.STAFF),
        )
        await rooms.apply(tx, organisation_id, room, time_over(room), sender, now())

    def of(group: Group, slug: str = "lighthouse") -> tuple[str, str, str]:
        return (f"/o/{slug}/g/{group.code}", group.name, group.opens_at.isoformat())

    for path in ("/o/lighthouse", "/anteroom?token=lighthouse"):
        page: Any = await client.get(path)
        assert linked(page) == [of(here), of(soon)]
        assert [
            ("data-open" in element.attributes) for element in page.elements if element.tag == "time"
        ] == [
            True,
            False,
        ]
        assert page.find("script", src="/static/assets/listed-1.js")
        assert page.find("link", href="/static/assets/listed-1.css")
        assert "/static/assets/listed-en.js" in page.get("nav", id="groups").attributes["data-languages"]
    assert linked(await client.get("/o/harbour")) == [of(elsewhere, "harbour")]
    assert client.cookies == {}
    # Its time is over, and nobody has noticed yet.
    now.advance(hours=3)
    assert linked(await client.get("/o/lighthouse")) == [of(soon)]
    assert linked(await client.get("/o/harbour")) == []
    assert (await client.get(f"/o/lighthouse/g/{ended.code}")).status == 200
