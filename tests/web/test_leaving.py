"""Clients who leave by a request: what becomes of their room, and what whoever has no right to it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_twisted import ensureDeferred

from hotline.domain.limits import DomainLimits
from hotline.domain.model import Kind, Status
from hotline.domain.questions import FilledIn
from hotline.errors import TooFast
from hotline.store import clients, messages, organisations, rooms
from hotline.store.ids import new_id, new_secret, secret_hash
from tests.conftest import Now
from tests.web.browser import Response
from tests.web.conftest import House


async def entered(house: House, now: Now, slug: str = "lighthouse") -> dict[str, str]:
    """What the page of a client who waits knows."""
    async with house.database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, slug)
    assert organisation_id is not None
    known = {"organisation": slug, "client": new_id(), "room": new_id(), "key": new_secret()}
    async with house.database.transaction(organisation_id) as tx:
        await clients.add(
            tx,
            organisation_id,
            known["client"],
            FilledIn(name="Robin", answers={}, language=None, consented=None),
            secret_hash(known["key"]),
            now(),
        )
        await rooms.add(tx, organisation_id, known["room"], known["client"], now())
    return known


async def entries(house: House, known: dict[str, str]) -> tuple[Status, list[Kind]]:
    """How the room stands, and what happened in it."""
    async with house.database.transaction() as tx:
        organisation_id = await organisations.find_by_slug(tx, known["organisation"])
    assert organisation_id is not None
    async with house.database.transaction(organisation_id) as tx:
        room = await rooms.get(tx, organisation_id, known["room"])
        found = await messages.list_after_each(tx, [(organisation_id, known["room"], 0)], 10)
    return room.status, [each.kind for each in found.get((organisation_id, known["room"]), [])]


async def leave(house: House, fields: dict[str, str], **headers: str) -> Response:
    """As the page's script asks, whose browser says where it comes from."""
    told = {"origin": house.base, "sec-fetch-site": "same-origin"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await house.browser().post("/anteroom/leave", fields, headers=told)


@ensureDeferred
async def test_the_room_ends(house: House, now: Now) -> None:
    """As by a session that leaves, quickly or not; once, however often it is asked."""
    await house.manager()
    for quickly, kind in (("true", Kind.LEFT_QUICKLY), ("", Kind.LEFT)):
        known = await entered(house, now)
        for _ in range(2):
            page = await leave(house, known | {"quickly": quickly})
            assert (page.status, page.text, page.header("set-cookie")) == (200, "{}", None)
            assert await entries(house, known) == (Status.CLOSED, [kind, Kind.CLOSED])


@ensureDeferred
async def test_nobody_elses_room_ends(house: House, now: Now) -> None:
    """Without the client's own key, in another organisation, or of a room it is not in, nothing ends,
    and whoever asks is told what everybody is told."""
    await house.manager()
    await house.manager("Harbour", "olga@example.org")
    known, other = await entered(house, now), await entered(house, now)
    for wrong in (
        {"key": new_secret()}, {"key": other["key"]}, {"key": ""}, {"client": other["client"]},
        {"room": other["room"]}, {"room": new_id()}, {"organisation": "harbour"}, {"organisation": "nobody"},
        {"organisation": "%00"},
    ):  # fmt: skip
        page = await leave(house, known | wrong)
        assert (page.status, page.text) == (200, "{}"), wrong
    for malformed in ({"room": "A"}, {"client": "'"}, {"room": ""}, {"client": "\0"}):
        assert (await leave(house, known | malformed)).status == 400, malformed
    for each in (known, other):
        assert await entries(house, each) == (Status.WAITING, [])


@ensureDeferred
async def test_only_a_page_of_ours_asks(house: House, now: Now) -> None:
    """Another site's page, and one that does not say where it comes from, is refused."""
    await house.manager()
    known = await entered(house, now)
    for headers in (
        {"sec_fetch_site": "cross-site"},
        {"origin": "https://evil.example", "sec_fetch_site": "same-origin"},
        {"origin": "null"},
    ):
        assert (await leave(house, known, **headers)).status == 403, headers
    assert await entries(house, known) == (Status.WAITING, [])


@ensureDeferred
async def test_at_an_address_of_its_own(house: House, now: Now, static: Path) -> None:
    """Where an organisation has one, its clients' pages ask there."""
    house.open(static, now, public_url="http://talk.example", own_addresses=True)
    await house.manager()
    known = await entered(house, now)
    host = "lighthouse.talk.example"
    assert (await leave(house, known, host=host, origin="http://harbour.talk.example")).status == 403
    page = await leave(house, known, host=host, origin=f"http://{host}")
    assert page.status == 200
    assert await entries(house, known) == (Status.CLOSED, [Kind.LEFT, Kind.CLOSED])


@ensureDeferred
async def test_not_endlessly(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """After very many requests from one network there is a pause; others need not wait."""
    monkeypatch.setattr(house.accounts, "_limits", DomainLimits(leavings_per_network=3))
    for _ in range(3):
        await ask(house, "192.0.2")
    with pytest.raises(TooFast):
        await ask(house, "192.0.2")
    await ask(house, "198.51.100")
    monkeypatch.setattr(house.accounts, "_limits", DomainLimits(leavings_per_network=0))
    await ask(house, "192.0.2")


async def ask(house: House, network: str) -> None:
    """In an organisation that there is not."""
    await house.accounts.leave_room(
        "none", client="robin", room="room", key="wrong", quickly=False, network=network
    )
