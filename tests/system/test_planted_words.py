"""What people say and who they are is searched for in everything a daemon leaves on disk, byte by byte."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Iterator
from typing import Any

from pytest_twisted import ensureDeferred
from twisted.internet.threads import deferToThread

from hotline.store import places
from hotline.store.database import Database
from tests.keys import make_keys
from tests.system.conftest import MakeDaemon, as_consultant, house_with_tokens
from tests.system.daemon import Daemon
from tests.system.peers import connect

NAME, ANSWER, SAID, EDITED, NOTE, DRAFT, REASON = (
    f"planted{what}word" for what in ("name", "answer", "said", "edited", "note", "draft", "reason")
)
BROWSER = "PlantedBrowser/1.0"
# Every address of 127.0.0.0/8 is Linux' own; elsewhere there is but one, which is also in configurations.
ADDRESS = "127.8.9.10" if sys.platform == "linux" else ""


def look_at_page(daemon: Daemon, slug: str) -> int:
    """As a browser with a name, from an address of its own."""
    source = (ADDRESS, 0) if ADDRESS else None
    page = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10, source_address=source)
    page.request("GET", f"/o/{slug}", headers={"User-Agent": BROWSER})
    status = page.getresponse().status
    page.close()
    return status


def places_of(word: str, daemon: Daemon) -> Iterator[str]:
    """Files of the data directory with this word in them: tables, PostgreSQL's logs, mails; and the log."""
    for path in daemon.directory.rglob("*"):
        if path.is_file() and not path.is_symlink() and word.encode() in path.read_bytes():
            yield str(path.relative_to(daemon.directory))
    if word in daemon.log:
        yield "log"


@ensureDeferred
async def test_nothing_of_what_is_said_is_left_readable(make_daemon: MakeDaemon, reactor: Any) -> None:
    """No text, name, answer, note, draft, reason of a block, address or browser; what may be there is."""
    daemon = make_daemon()
    await daemon.start()
    dsn = places.find_running_url(daemon.directory)
    assert dsn is not None
    database = Database(reactor, dsn, keys=make_keys())
    house = await house_with_tokens(database)
    database.close()
    assert await deferToThread(look_at_page, daemon, house.slug) == 200
    client = await connect(reactor, daemon.url, house.slug)
    room = (await client.call("hotline.anteroom.enter", name=NAME, answers={"issues": ANSWER}))["room"]
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
    await staff.call("hotline.room.block", room=room, hours=5, reason=REASON)
    (block,) = (await staff.call("hotline.blocks.list"))["blocks"]
    assert (block["reason"], block["name"]) == (REASON, NAME)
    await daemon.stop()
    assert list(places_of(house.slug, daemon)), "what is in no need of a seal is found"
    words = [NAME, ANSWER, SAID, EDITED, NOTE, DRAFT, REASON, BROWSER, *([ADDRESS] if ADDRESS else [])]
    found = {word: list(places_of(word, daemon)) for word in words}
    assert {word: files for word, files in found.items() if files} == {}
