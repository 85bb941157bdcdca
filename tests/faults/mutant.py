"""A daemon with one promise broken on purpose: `python mutant.py MUTATION [twistd's arguments]`.

In comes the name of a mutation, out comes twistd with hotline in which it is done. The checker has to notice.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import deferLater
from twisted.scripts.twistd import run

from hotline import relay
from hotline.domain.feed import Feed
from hotline.domain.model import Kind, Message
from hotline.domain.rooms import sender_of
from hotline.store import appending, journal
from hotline.store.database import Database
from hotline.store.doorbell import Doorbell


def acknowledge_before_commit() -> None:
    """Whoever speaks is told "stored" at once; the commit follows a moment later."""
    appended = journal.Journal.appended

    def early(self: journal.Journal, entry: journal.Entry) -> Deferred[Message]:
        from twisted.internet import reactor

        # Installed by now: twistd has started.
        later = deferLater(reactor, 0.3, appended, self, entry)  # type: ignore[arg-type]
        later.addErrback(lambda failure: None)
        sender = sender_of(entry.actor)
        return succeed(
            Message(
                seq=1, at=self._now(), kind=Kind.MESSAGE, text=entry.text, sender=sender, nonce=entry.nonce
            )
        )

    journal.Journal.appended = early  # type: ignore[method-assign]


def forget_nonces() -> None:
    """What was said already is not recognised. (The unique index has to be dropped, too.)"""
    found = "AND sender_id = e.sender_id AND nonce = e.nonce"
    assert found in appending.PREPARE
    appending.PREPARE = appending.PREPARE.replace(found, "AND false")


def never_look() -> None:
    """No look at the database besides the notifications; and LISTEN, once lost, stays lost."""
    relay.Relay.start = lambda self: None  # type: ignore[method-assign]
    relay.Relay.look = lambda self: None  # type: ignore[method-assign]
    Doorbell._retry = lambda self, attempt: None  # type: ignore[method-assign]


def skip_gaps() -> None:
    """The newest message is shown; what is missing before it is not fetched."""

    def hint(self: Feed[Any], seq: int) -> None:
        if self.last is not None and seq > self.last + 1:
            self.last = seq - 1
        self.highest = max(self.highest, seq)

    Feed.hint = hint  # type: ignore[method-assign]


def forget_who_said_it() -> None:
    """What is read before its commit is answered, which takes long here, is shown to whoever said it, too."""
    prepared = Database.prepared

    async def late(self: Database, preparation: str, sql: str, /, **parameters: Any) -> list[Any]:
        from twisted.internet import reactor

        rows = await prepared(self, preparation, sql, **parameters)
        if preparation == appending.PREPARE:
            await deferLater(reactor, 0.1)  # type: ignore[arg-type]  # as above
        return rows

    Database.prepared = late  # type: ignore[method-assign]
    journal.Journal.find_origin = lambda *of_message: None  # type: ignore[method-assign]


MUTATIONS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (acknowledge_before_commit, forget_nonces, never_look, skip_gaps, forget_who_said_it)
}

if __name__ == "__main__":
    MUTATIONS[sys.argv.pop(1)]()
    run()
