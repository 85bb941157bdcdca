"""Upkeep: who is connected to this node, on a steady beat, and with it the chores.

In come sessions that join and leave, out go their marks in the database; who is marked by a node that is gone
is marked lost. Others learn of it by the doorbell, not from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater

from hotline.chores import AT_A_TIME, Chores
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor
from hotline.store import groups_due, presence, vanished
from hotline.store.database import Database, Transaction

# Three beats of the default missed: that node is gone.
LOST_SECONDS = 60.0
# So many people are marked in one transaction: nobody else is to wait for all of them.
_SLICE = 250
_PAUSE_SECONDS = 0.05
# The first mark is written at once; of a crowd, those of so long together.
_GATHER_SECONDS = 0.02


class Upkeep:
    """One node's. `present` and `absent` are told of sessions; `beat` may also be called by hand.

    :param most: see `chores.AT_A_TIME`.
    """

    def __init__(
        self,
        reactor: Any,
        database: Database,
        node: str,
        limits: DomainLimits,
        now: Callable[[], datetime],
        most: int = AT_A_TIME,
    ) -> None:
        self._reactor = reactor
        self.chores = Chores(database, limits, now, most)
        self._node = node
        self._limits = limits
        self._now = now
        self._here: Counter[Actor] = Counter()
        # An actor that changed is another one for as long as its sessions are told of it.
        self._actors: Counter[tuple[str, str]] = Counter()
        self._first_beat: datetime | None = None
        self._marking: Deferred[None] | None = None
        self._marks: dict[str, dict[tuple[bool, str], bool]] = {}
        self._beating = LoopingCall(lambda: Deferred.fromCoroutine(self.beat()))
        self._beating.clock = reactor

    def start(self) -> None:
        self._beating.start(self._limits.upkeep_seconds, now=False)

    async def stop(self) -> None:
        """Everybody still here is marked as gone now, so that their grace time starts."""
        if self._beating.running:
            self._beating.stop()
        for actor in list(self._here):
            self._mark(actor, False)
        self._here.clear()
        self._actors.clear()
        await self.drained()

    async def drained(self) -> None:
        """Returns when the marks of all who have come and gone so far are written."""
        if self._marking is not None:
            written: Deferred[None] = Deferred()
            self._marking.addBoth(lambda _: written.callback(None))
            await written

    def present(self, actor: Actor) -> None:
        """A session of the actor is here."""
        self._here[actor] += 1
        if self._here[actor] == 1:
            self._actors[actor.organisation_id, actor.id] += 1
            self._mark(actor, True)

    def absent(self, actor: Actor) -> None:
        """A session of the actor is gone."""
        self._here[actor] -= 1
        if self._here[actor] <= 0:
            del self._here[actor]
            person = (actor.organisation_id, actor.id)
            self._actors[person] -= 1
            if self._actors[person] <= 0:
                del self._actors[person]
                self._mark(actor, False)

    def _mark(self, actor: Actor, here: bool) -> None:
        # What waits is written together; of gone and back again, what came last.
        self._marks.setdefault(actor.organisation_id, {})[actor.is_consultant, actor.id] = here
        if self._marking is None:
            # Before the writing begins: it may end at once, when no connection can be made.
            self._marking = Deferred()
            Deferred.fromCoroutine(self._write_marks())

    async def _write_marks(self) -> None:
        while self._marks:
            marks, self._marks = self._marks, {}
            for organisation_id, of_organisation in marks.items():
                people = iter(of_organisation.items())
                while some := dict(islice(people, _SLICE)):
                    await self.chores.attempt(
                        "presence",
                        lambda tx, a=organisation_id, b=some: self._write(tx, a, b),
                        organisation_id,
                        within=self.chores.database.repeatable,
                    )
            if self._marks:
                await deferLater(self._reactor, _GATHER_SECONDS)
        marking, self._marking = self._marking, None
        if marking is not None:
            marking.callback(None)

    async def _write(
        self, tx: Transaction, organisation_id: str, marks: dict[tuple[bool, str], bool]
    ) -> None:
        for is_here, mark in ((True, presence.attach), (False, presence.detach)):
            for is_consultant in (False, True):
                ids = [key[1] for key, each in marks.items() if (each, key[0]) == (is_here, is_consultant)]
                if ids:
                    await mark(tx, organisation_id, is_consultant, ids, self._node, self._now())

    async def beat(self) -> None:
        """Say who is here; end what has run its time."""
        now = self._now()
        await self.chores.begin()
        slices = self._slices()
        for count, (organisation_id, actors) in enumerate(slices):
            if count:
                # Nobody else is to wait for all of them.
                await deferLater(
                    self._reactor, min(_PAUSE_SECONDS, self._limits.upkeep_seconds / len(slices) / 2)
                )
            await self.chores.attempt(
                "beat",
                lambda tx, a=organisation_id, b=actors: presence.beat(tx, a, b, self._node, now),
                organisation_id,
            )
        await self._release_vanished(now)
        await self._mark_lost(now)
        await self.chores.finish(now)

    def _slices(self) -> list[tuple[str, list[Actor]]]:
        by_organisation: dict[str, list[Actor]] = {}
        for actor in self._here:
            by_organisation.setdefault(actor.organisation_id, []).append(actor)
        return [
            (organisation_id, actors[begin : begin + _SLICE])
            for organisation_id, actors in by_organisation.items()
            for begin in range(0, len(actors), _SLICE)
        ]

    async def _release_vanished(self, now: datetime) -> None:
        # After a start, and of those just marked lost, everybody gets the time to come back first.
        if self._first_beat is None:
            self._first_beat = now
        if now - self._first_beat < timedelta(seconds=LOST_SECONDS):
            return
        await self.chores.each("vanished", vanished.VANISHED, vanished.release, now)
        await self.chores.each("unled", groups_due.UNLED, groups_due.mute, now)

    async def _mark_lost(self, now: datetime) -> None:
        before = now - timedelta(seconds=LOST_SECONDS)
        await self.chores.each("lost client", presence.LOST_CLIENTS, presence.mark_client_lost, before)
        await self.chores.each(
            "lost consultant", presence.LOST_CONSULTANTS, presence.mark_consultant_lost, before
        )
