"""Rings: which part of a node is told of what.

In come the words of a ring, as the doorbell hears them, out go calls to the part they concern. When rings may
have been lost every part looks for itself, and no key is believed to be still there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from twisted.logger import Logger

from hotline.news import News
from hotline.relay import Relay
from hotline.store import ends
from hotline.store.keys import Keys
from hotline.store.realms import Realms


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """One node's."""

    _log: ClassVar[Logger] = Logger()

    node: str
    keys: Keys
    realms: Realms
    relay: Relay
    news: News
    wake_mailer: Callable[[], None]
    wake_pusher: Callable[[], None]
    wake_assigner: Callable[[], None]

    def rang(self, words: list[str]) -> None:
        """A kind, and what it is about."""
        match words[0]:
            case "messages":
                # What this node committed it knows already.
                if words[1] != self.node:
                    self._hint(words[2:])
            case "key":
                self.keys.forget(words[1], *words[2:])
            case "mail":
                self.wake_mailer()
            case "push":
                self.wake_pusher()
            case "assign":
                self.wake_assigner()
            case "gone":
                # Nothing in the database says so any more.
                _, slug, *row_ends = words
                self._log.warn("{slug} was deleted: {ends}", slug=slug, ends=ends.told(*row_ends))
            case "organisation":
                self.realms.forget(words[1])
                self.news.rang(words)
            case _:
                self.news.rang(words)

    def look(self) -> None:
        """Rings may have been lost."""
        self.keys.forget_all()
        self.realms.forget_all()
        self.relay.look()
        self.news.look()
        self.wake_mailer()
        self.wake_pusher()
        self.wake_assigner()

    def _hint(self, numbers: list[str]) -> None:
        for number in numbers:
            organisation_id, _, rest = number.partition("/")
            room_id, _, seq = rest.partition(":")
            self.keys.saw_seq((organisation_id, room_id), int(seq))
            self.relay.hint(organisation_id, room_id, int(seq))
