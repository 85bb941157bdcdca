"""What people say and who they are is searched for in everything a daemon leaves on disk, byte by byte."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_twisted import ensureDeferred
from twisted.internet.threads import deferToThread

from hotline.store import places
from hotline.store.database import Database
from tests.keys import make_keys
from tests.system.conftest import MakeDaemon, as_consultant, house_with_tokens
from tests.system.daemon import Daemon
from tests.system.peers import connect

NAME, ANSWER, SAID, EDITED, NOTE, DRAFT, REASON, LEFT = (
    f"planted{what}word" for what in ("name", "answer", "said", "edited", "note", "draft", "reason", "left")
)
GROUP, ABOUT, MEMBER, SHARED = (f"planted{what}word" for what in ("group", "about", "member", "shared"))
BROWSER = "PlantedBrowser/1.0"
# Every address of 127.0.0.0/8 is Linux' own; elsewhere there is but one, which is also in configurations.
ADDRESS = "127.8.9.10" if sys.platform == "linux" else ""


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "wamp.2.json",
}


def look_around(daemon: Daemon, slug: str) -> list[int]:
    """As a browser with a name, from an address of its own: what is there, is not there, is refused."""
    statuses = []
    for method, path, headers in (
        ("GET", f"/o/{slug}", {}),
        ("GET", "/nothing", {}),
        ("POST", "/login", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("GET", "/ws", {**UPGRADE, "Sec-WebSocket-Protocol": "planted"}),
        ("GET", "/ws", UPGRADE),
    ):
        source = (ADDRESS, 0) if ADDRESS else None
        page = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10, source_address=source)
        page.request(method, path, headers={"User-Agent": BROWSER, **headers})
        statuses.append(page.getresponse().status)
        page.close()
    return statuses


def places_of(word: str, daemon: Daemon) -> Iterator[str]:
    """Files of the data directory with this word in them: tables, PostgreSQL's logs, mails; and the log."""
    for path in daemon.directory.rglob("*"):
        if path.is_file() and not path.is_symlink() and word.encode() in path.read_bytes():
            yield str(path.relative_to(daemon.directory))
    if word in daemon.log:
        yield "log"


@ensureDeferred
async def test_nothing_of_what_is_said_is_left_readable(make_daemon: MakeDaemon, reactor: Any) -> None:
    """No text, name, answer, note, draft, reason of a block, of a group neither, and no key, code, secret,
    address or browser; what may be there is."""
    daemon = make_daemon()
    await daemon.start()
    dsn = places.find_running_url(daemon.directory)
    assert dsn is not None
    database = Database(reactor, dsn, keys=make_keys())
    house = await house_with_tokens(database)
    database.close()
    assert await deferToThread(look_around, daemon, house.slug) == [200, 404, 403, 400, 101]
    client = await connect(reactor, daemon.url, house.slug)
    entered = await client.call("hotline.anteroom.enter", name=NAME, answers={"issues": ANSWER})
    room = entered["room"]
    code = (await client.call("hotline.anteroom.make_return_code", room=room))["return_code"]
    staff = await as_consultant(reactor, daemon, house)
    await staff.call("hotline.room.claim", room=room)
    await client.say(room, SAID, "1")
    await client.say(room, "something", "2")
    history = (await staff.call("hotline.room.history", room=room))["messages"]
    assert (history[-2]["text"], history[-2]["sender"]["name"]) == (SAID, NAME)
    last = history[-1]["seq"]
    await client.call("hotline.room.edit", room=room, seq=last, text=EDITED, nonce="3")
    await staff.call("hotline.room.note", room=room, text=NOTE, nonce="4")
    await staff.call("hotline.me.set_draft", room=room, text=DRAFT)
    manager = await as_consultant(reactor, daemon, house, "manager")
    await manager.call("hotline.staff.invite", email="planted@example.org", role="staff")
    assert (await staff.call("hotline.room.profile", room=room))["answers"] == {"issues": ANSWER}
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await staff.call("hotline.room.appoint", room=room, at=tomorrow)
    ends_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    group = await staff.call("hotline.group.open", name=GROUP, text=ABOUT, ends_at=ends_at)
    member = await connect(reactor, daemon.url, house.slug)
    await member.call("hotline.anteroom.enter_group", code=group["code"], name=MEMBER)
    await member.say(group["room"], SHARED, "5")
    await manager.call("hotline.organisation.set", messages_when_closed=True, intake="closed")
    visitor = await connect(reactor, daemon.url, house.slug)
    left = await visitor.call("hotline.anteroom.leave_message", name=LEFT, text=LEFT)
    await staff.call("hotline.room.block", room=room, hours=5, reason=REASON)
    (block,) = (await staff.call("hotline.blocks.list"))["blocks"]
    assert (block["reason"], block["name"]) == (REASON, NAME)
    await daemon.stop()
    assert list(places_of(house.slug, daemon)), "what is in no need of a seal is found"
    words = [NAME, ANSWER, SAID, EDITED, NOTE, DRAFT, REASON, LEFT, GROUP, ABOUT, MEMBER, SHARED]
    secrets = [entered["key"], left["key"], code, left["return_code"], group["code"], "staff-secret"]
    words += [
        *secrets,
        *(each.replace("-", "") for each in secrets),
        BROWSER,
        *([ADDRESS] if ADDRESS else []),
    ]
    found = {word: list(places_of(word, daemon)) for word in words}
    assert {word: files for word, files in found.items() if files} == {}
