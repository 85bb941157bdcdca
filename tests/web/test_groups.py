"""Groups for clients: the page of one, whose code leads where, and the page that lists them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.groups import Group
from hotline.domain.model import Role, Sender
from hotline.domain.rooms import time_over
from hotline.store import groups, organisations, rooms
from hotline.store.ids import new_id, new_return_code
from tests.conftest import Now
from tests.web.browser import Browser, Response
from tests.web.conftest import House, stored
from tests.web.test_anteroom import directive
from tests.web.test_organisation import save


async def opened(
    house: House,
    manager: Browser,
    now: Now,
    name: str = "Evening",
    *,
    days: float = 0,
    listed: bool = True,
    text: str = "",
) -> Group:
    """A group that begins in so many days and goes on for two hours."""
    begins = now() + timedelta(days=days)
    group = Group(
        room_id=new_id(),
        code=new_return_code(),
        name=name,
        text=text,
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


def lines(page: Response) -> list[tuple[str, str, str]]:
    """Where the links to groups lead, what they say, and when."""
    links = [one for one in page.elements if one.tag == "a" and "/g/" in one.attributes["href"]]
    times = [one for one in page.elements if one.tag == "time"]
    return [
        (link.attributes["href"], link.text, time.attributes["datetime"])
        for link, time in zip(links, times, strict=True)
    ]


def line_of(group: Group, slug: str = "lighthouse") -> tuple[str, str, str]:
    return f"/o/{slug}/g/{group.code}?language=en", group.name, group.opens_at.isoformat()


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
async def test_those_listed(house: House, now: Now) -> None:
    """All that have not ended, in order, each with its time and the way to it; names and texts are text. The
    anteroom says where, as long as there are any."""
    manager = await house.manager("Lighthouse", "one@example.org")
    harbour = await house.manager("Harbour", "two@example.org")
    client = house.browser()
    later = await opened(house, manager, now, "Later", days=7.2)
    here = await opened(house, manager, now, "<b>Now", text="For <all>.\nCome in.")
    ended = await opened(house, manager, now, "Ended")
    await opened(house, manager, now, "Secret", listed=False)
    await end(house, manager, now, ended)
    elsewhere = await opened(house, harbour, now, "Elsewhere")
    for slug in ("lighthouse", "harbour"):
        assert await places(client, slug) == [f"/o/{slug}/groups"] * 2
    page = await client.get("/o/lighthouse/groups")
    assert page.status == 200
    assert lines(page) == [line_of(here), line_of(later)]
    assert [element.text for element in page.elements if element.tag == "strong"] == ["Open now"]
    assert page.get("p", dir="auto").text == "For <all>.\nCome in."
    assert not page.find("b")
    assert page.find("script", src="/static/assets/listed-1.js")
    assert page.find("link", href="/static/assets/listed-1.css")
    assert page.find("link", href="/o/lighthouse/colours.css")
    assert page.find("a", href="/anteroom?token=lighthouse&language=en")
    assert lines(await client.get("/o/harbour/groups")) == [line_of(elsewhere, "harbour")]
    assert page.header("cache-control") == "no-cache"
    assert client.cookies == {}
    # Its time is over, and nobody has noticed yet.
    now.advance(hours=3)
    assert lines(await client.get("/o/lighthouse/groups")) == [line_of(later)]
    empty = await client.get("/o/harbour/groups")
    assert (empty.status, lines(empty)) == (200, [])
    assert "You need not wait for one" in empty.visible
    assert empty.find("a", href="/anteroom?token=harbour&language=en")
    assert await places(client, "lighthouse") == ["/o/lighthouse/groups"] * 2
    assert await places(client, "harbour") == [None, None]


@ensureDeferred
async def test_the_list_without_a_script(house: House, now: Now) -> None:
    """Times as the organisation's clocks show them, and saying so; the way out is a link."""
    manager = await house.manager()
    await save(manager, logo_text='<i>"LH"')
    organisation = await stored(house, manager)
    async with house.database.transaction(organisation.organisation_id) as tx:
        await organisations.change(tx, replace(organisation, time_zone="Europe/Berlin"))
    group = await opened(house, manager, now)
    page = await house.browser().get("/o/lighthouse/groups")
    begins = group.opens_at.astimezone(ZoneInfo("Europe/Berlin"))
    shown = page.get("time").text.replace("\N{NON-BREAKING HYPHEN}", "-")
    assert shown == f"{begins:%Y-%m-%d %H:%M} – {begins + timedelta(hours=2):%H:%M} (Europe/Berlin)"
    assert page.get("bdi").text == '<i>"LH"'
    assert page.get("a", id="exit").attributes["href"] == "/exit"
    await manager.fill("/organisation/texts", exit_url="https://weather.example/", action="look")
    page = await house.browser().get("/o/lighthouse/groups")
    assert page.get("a", id="exit").attributes["href"] == "https://weather.example/"


@ensureDeferred
async def test_the_list_in_the_readers_language(house: House, now: Now) -> None:
    """Of the organisation's: the one asked for, or else the browser's; a neutral title tells nothing."""
    manager = await house.manager()
    group = await opened(house, manager, now)
    await manager.fill("/organisation/texts", languages="en, ar", neutral_title="on", action="look")
    client = house.browser()
    for path, accept, tag, direction in (
        ("/o/lighthouse/groups", "ar", "ar", "rtl"),
        ("/o/lighthouse/groups?language=ar", "en", "ar", "rtl"),
        ("/o/lighthouse/groups?language=x%22y", "de", "en", "ltr"),
    ):
        page = await client.get(path, accept_language=accept)
        html = page.get("html").attributes
        assert (html["lang"], html["dir"]) == (tag, direction)
        assert page.get("h2").text == {"ar": "ar: "}.get(tag, "") + "Group conversations"
        assert page.title.strip("\u200b") == ""
        assert page.header("vary") == "Accept-Language"
        assert page.find("a", href="?language=ar")
        assert not page.find("a", href="?language=de")
        assert page.find("a", href=f"/o/lighthouse/g/{group.code}?language={tag}")


@ensureDeferred
async def test_who_may_embed_the_list(house: House) -> None:
    """The sites that may have the anteroom; with none named, any. Nobody's list is no page."""
    manager = await house.manager()
    client = house.browser()
    assert directive(await client.get("/o/lighthouse/groups"), "frame-ancestors") == "*"
    await save(manager, sites="1", site__0__address="https://a.example")
    page = await client.get("/o/lighthouse/groups")
    assert directive(page, "frame-ancestors") == "'self' https://a.example"
    for slug in ("nobody", "x" * 5000, "%00", "LIGHTHOUSE"):
        nowhere = await client.get(f"/o/{slug}/groups")
        assert (nowhere.status, nowhere.get("h1").text) == (404, "Nobody can be reached here")


async def end(house: House, manager: Browser, now: Now, group: Group) -> None:
    """Its time is over, and that is noticed."""
    organisation_id = (await stored(house, manager)).organisation_id
    async with house.database.transaction(organisation_id) as tx:
        room = await rooms.lock(tx, organisation_id, group.room_id)
        sender = Sender(id="", name="", role=Role.STAFF)
        await rooms.apply(tx, organisation_id, room, time_over(room), sender, now())


async def places(client: Browser, slug: str) -> list[str | None]:
    """Where the anteroom, whole and embedded, says that groups are listed."""
    pages = [await client.get(path) for path in (f"/o/{slug}", f"/anteroom?token={slug}")]
    return [page.get("div", id="anteroom").attributes.get("data-groups") for page in pages]
