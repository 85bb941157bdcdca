"""An organisation's export: who gets it, what is in it, as JSON and as a page, and at whose pace."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pytest_twisted import ensureDeferred
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from hotline.domain.audit import SAID, Action
from hotline.domain.export import SECTIONS
from hotline.store import forgetting, messages
from hotline.web.sending import send
from tests.conftest import Now
from tests.helpers import NAUGHTY, make_client, make_house
from tests.web.conftest import House


@ensureDeferred
async def test_everything_of_ones_own(house: House, now: Now) -> None:
    """All conversations, names and settings; nothing of another organisation; nothing that is markup."""
    manager = await house.manager("<b>Light</b>house")
    other = await make_house(house.database, now(), "haven")
    await make_client(house.database, other, now(), "Strange")
    own = await house.accounts.find_actor(manager.cookies["hotline"])
    assert own is not None
    place = replace(other, organisation_id=own.organisation_id)
    names = [name for name in NAUGHTY if name.strip()]
    for name in names:
        client = await make_client(house.database, place, now(), name)
    gone = await make_client(house.database, place, now(), "Forgotten")
    async with house.database.transaction(own.organisation_id) as tx:
        room = (own.organisation_id, client.room_id)
        entered = (await messages.list_after_each(tx, [(*room, 0)], 9))[room]
        await forgetting.delete_room(tx, own.organisation_id, gone.room_id, "client", now())
    fields = (await manager.get("/organisation/export")).fields()
    got = await manager.post("/organisation/export", fields | {"format": "json"})
    assert (got.status, got.header("content-type")) == (200, "application/json")
    assert got.header("content-disposition").startswith('attachment; filename="')
    assert got.header("cache-control") == "no-store"
    found = json.loads(got.body)
    assert [name for name in found if name in SECTIONS] == list(SECTIONS)
    assert sorted(one["client"]["name"] for one in found["conversations"]) == sorted(names)
    last = next(one for one in found["conversations"] if one["id"] == client.room_id)
    assert [entry["text"] for entry in last["entries"]] == [entry.text for entry in entered]
    assert [one["email"] for one in found["consultants"]] == ["mira@example.org"]
    assert found["organisation"][0]["retention_hours"] == 48
    log = found["audit"]
    assert [one["number"] for one in log] == list(range(1, len(log) + 1))
    assert (log[-1]["action"], log[-1]["said"]) == ("data.exported", SAID[Action.DATA_EXPORTED])
    assert (log[-1]["actor"], log[-1]["subject"]) == ({"id": own.id, "name": own.name}, None)
    assert [(one["kind"], one["counts"]["rooms"]) for one in found["receipts"]] == [("client", 1)]
    assert found["receipts"][0].keys() == {"number", "at", "kind", "counts"}
    assert "Strange" not in got.text
    for secret in ("password", "hash", "wrapped", "nonce", "seal"):
        assert f'"{secret}' not in got.text

    page = await manager.post("/organisation/export", fields | {"format": "html"})
    assert page.header("content-type") == "text/html; charset=utf-8"
    assert "<b>" not in page.text
    assert "&lt;b&gt;Light" in page.text
    everything = sum(len(found[section]) for section in SECTIONS)
    assert page.text.count("<article>") == everything + 1  # the second export is noted, too
    assert SAID[Action.DATA_EXPORTED] in page.text
    assert page.text.endswith("</html>\n")


@ensureDeferred
async def test_who_gets_it(house: House, now: Now) -> None:
    """Managers who have just shown who they are, with the page's token, in one of the formats."""
    manager = await house.manager()
    staff = await house.colleague(manager)
    fields = (await manager.get("/organisation/export")).fields()
    assert (await staff.post("/organisation/export", fields)).status == 403
    assert (await manager.post("/organisation/export", {"format": "json"})).status == 403
    assert (await manager.post("/organisation/export", fields | {"format": "csv"})).status == 400
    now.advance(minutes=6)
    for page in (
        await manager.get("/organisation/export"), await manager.post("/organisation/export", fields),
    ):  # fmt: skip
        assert (page.status, page.location) == (303, "/account/proof?for=export")


def served(parts: Any) -> tuple[StringTransport, Deferred[None]]:
    """A reader who asked for these parts, and the end of sending."""
    ended: Deferred[None] = Deferred()

    class Page(Resource):
        isLeaf = True

        def render_GET(self, request: Any) -> int:
            sending = Deferred.fromCoroutine(send(request, parts(transport), Logger()))
            sending.addCallback(lambda _: request._disconnected or request.finish()).chainDeferred(ended)
            return NOT_DONE_YET

    transport = StringTransport()
    channel: Any = Site(Page()).buildProtocol(None)
    channel.makeConnection(transport)
    channel.dataReceived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return transport, ended


def test_at_the_readers_pace() -> None:
    """Nothing more is read once the connection's buffer is full, until it is not."""
    made: list[int] = []

    async def parts(transport: Any) -> Any:
        for number in range(5):
            made.append(number)
            if number == 2:
                transport.producer.pauseProducing()
            yield b"part %d." % number

    transport, ended = served(parts)
    assert (made, ended.called) == ([0, 1, 2], False)
    assert b"part 1." in transport.value()
    assert b"part 2." not in transport.value()
    transport.producer.resumeProducing()
    assert (made, ended.called) == ([0, 1, 2, 3, 4], True)
    assert transport.value().endswith(b"part 4.\r\n0\r\n\r\n")
