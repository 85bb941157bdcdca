"""The relay: committed messages become events, in each room strictly in seq order, without gaps.

In come messages from this node's journal, numbers rung by other nodes, and a slow look at the database
in case a ring was lost. Out comes each message once, to `emit`, for rooms that somebody here follows.
Never publishes what is not committed, and knows no session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from hotline.domain.feed import Feed
from hotline.domain.model import Message
from hotline.errors import HotlineError
from hotline.store import messages, rooms
from hotline.store.database import Database

LOOK_SECONDS = 2.0
# A room nobody follows any more is kept in mind for so long: reloads come back within seconds.
LINGER_SECONDS = 30.0
# So many rooms are looked at, or fetched for, in one query: nothing else happens while it is put together.
_SLICE = 500
_FETCH_ROOMS = 100
# Between slices, when there is a reason to look and when there is none: with thousands of rooms, looking at
# all of them every two seconds took more of the machine than their messages.
_PAUSE_SECONDS = 0.05
_CALM_PAUSE_SECONDS = 0.5
# Of each room so many messages at a time.
_FETCH = 20

Emit = Callable[[str, str, Message, Any], None]


@dataclass(slots=True)
class _Followed:
    feed: Feed[tuple[Message, Any]] = field(default_factory=Feed)
    followers: int = 0
    leaving: Any = None


class Relay:
    """One node's; `emit(organisation_id, room_id, message, origin)` is called for each message let out."""

    _log = Logger()

    def __init__(self, reactor: Any, database: Database, emit: Emit) -> None:
        self._reactor = reactor
        self._database = database
        self._emit = emit
        self.find_origin: Callable[[str, str, Message], Any] = lambda organisation_id, room_id, message: None
        self._rooms: dict[tuple[str, str], _Followed] = {}
        # Rooms of which something is missing. One fetch is under way at a time, for many of them; what turns
        # out to be missing meanwhile is the next one's, so that many rings cost few queries.
        self._behind: dict[tuple[str, str], None] = {}
        self._fetching = False
        self._looking = LoopingCall(lambda: Deferred.fromCoroutine(self._look(_CALM_PAUSE_SECONDS)))
        self._looking.clock = reactor

    def start(self) -> None:
        """Begin the slow look at the database."""
        self._looking.start(LOOK_SECONDS, now=False)

    def stop(self) -> None:
        if self._looking.running:
            self._looking.stop()
        for followed in self._rooms.values():
            if followed.leaving is not None:
                followed.leaving.cancel()
        self._rooms.clear()

    def follow(self, organisation_id: str, room_id: str) -> None:
        """Somebody here follows the room, or is about to. Ends with `unfollow`."""
        followed = self._rooms.setdefault((organisation_id, room_id), _Followed())
        followed.followers += 1
        if followed.leaving is not None:
            followed.leaving.cancel()
            followed.leaving = None

    def unfollow(self, organisation_id: str, room_id: str) -> None:
        """One follower less; after the last one the room is forgotten a little later."""
        key = (organisation_id, room_id)
        followed = self._rooms.get(key)
        if followed is None:
            return
        followed.followers -= 1
        if followed.followers == 0 and followed.feed.last is None:
            # Whoever asked may not follow it: there is nothing to come back to, only what would gather.
            del self._rooms[key]
        elif followed.followers == 0:
            followed.leaving = self._reactor.callLater(LINGER_SECONDS, self._rooms.pop, key, None)

    def begin(self, organisation_id: str, room_id: str, last_seq: int) -> None:
        """What is up to `last_seq` can be read as history; later messages are let out."""
        followed = self._rooms.get((organisation_id, room_id))
        if followed is not None:
            self._let_out(organisation_id, room_id, followed, followed.feed.start(last_seq))

    def offer(self, organisation_id: str, room_id: str, message: Message, origin: Any) -> None:
        """This node has committed a message; `origin` goes with it to `emit`."""
        followed = self._rooms.get((organisation_id, room_id))
        if followed is not None:
            self._let_out(
                organisation_id, room_id, followed, followed.feed.offer(message.seq, (message, origin))
            )

    def hint(self, organisation_id: str, room_id: str, seq: int) -> None:
        """A message of this number was committed somewhere."""
        followed = self._rooms.get((organisation_id, room_id))
        if followed is not None:
            followed.feed.hint(seq)
            self._let_out(organisation_id, room_id, followed, [])

    def look(self) -> None:
        """Look at the database now: rings may have been lost."""
        if self._looking.running:
            self._looking.reset()
        Deferred.fromCoroutine(self._look(_PAUSE_SECONDS))

    async def _look(self, pause: float) -> None:
        known = [
            (organisation_id, room_id, followed.feed.last)
            for (organisation_id, room_id), followed in self._rooms.items()
            if followed.feed.last is not None and followed.followers
        ]
        try:
            for begin in range(0, len(known), _SLICE):
                if begin:
                    # Messages are not to wait for all of them.
                    await deferLater(self._reactor, pause)
                await self._look_at(known[begin : begin + _SLICE])
        except HotlineError:
            pass  # the database is away; the next look comes soon
        except Exception:
            self._log.failure("the relay could not look at the database")

    async def _look_at(self, known: list[tuple[str, str, int]]) -> None:
        async with self._database.reading(*{organisation_id for organisation_id, _, _ in known}) as tx:
            ahead = await rooms.list_ahead(tx, known)
        for organisation_id, room_id, seq in ahead:
            self.hint(organisation_id, room_id, seq)

    def _let_out(
        self, organisation_id: str, room_id: str, followed: _Followed, items: list[tuple[Message, Any]]
    ) -> None:
        for message, origin in items:
            try:
                self._emit(organisation_id, room_id, message, origin)
            except Exception:
                self._log.failure("an event of room {room} could not be sent", room=room_id)
        if followed.feed.missing_after is not None:
            self._behind[organisation_id, room_id] = None
            if not self._fetching:
                self._fetching = True
                Deferred.fromCoroutine(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            while self._behind:
                keys = list(islice(self._behind, _FETCH_ROOMS))
                for key in keys:
                    del self._behind[key]
                await self._fetch(keys)
        except HotlineError:
            self._behind.clear()  # the database is away; the next look tries again
        except Exception:
            self._behind.clear()
            self._log.failure("missing messages could not be fetched")
        finally:
            self._fetching = False

    async def _fetch(self, keys: list[tuple[str, str]]) -> None:
        wanted = [
            (*key, after)
            for key in keys
            if (followed := self._rooms.get(key)) is not None
            and (after := followed.feed.missing_after) is not None
        ]
        if not wanted:
            return
        async with self._database.reading(*{organisation_id for organisation_id, _, _ in wanted}) as tx:
            found = await messages.list_after_each(tx, wanted, _FETCH)
        for organisation_id, room_id, after in wanted:
            followed = self._rooms.get((organisation_id, room_id))
            if followed is None:
                continue
            fetched = [
                # This node's own among them were committed just now, or their commit was never heard of.
                (message.seq, (message, self.find_origin(organisation_id, room_id, message)))
                for message in found.get((organisation_id, room_id), [])
            ]
            items = followed.feed.fetched(after, fetched)
            self._let_out(organisation_id, room_id, followed, items)
