"""Upkeep: who is connected to this node, and what has run its time, on a steady beat.

In come sessions that join and leave; out go their marks in the database, and rooms, logins and kept
conversations whose time is over are closed or deleted. Others learn of it by the doorbell, not from here.
Every node does this; what another was faster at is found done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from hotline.domain import service
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor
from hotline.domain.service import Service
from hotline.errors import HotlineError
from hotline.store import (
    appointments,
    audit,
    blocks,
    forgetting,
    groups_due,
    logins,
    organisations,
    presence,
    rooms,
    surveys,
    tokens,
    vanished,
    waits,
    zones,
)
from hotline.store.database import Database, Transaction

# Three beats of the default missed: that node is gone.
LOST_SECONDS = 60.0
# So many people are marked in one transaction: nobody else is to wait for all of them.
_SLICE = 250
_PAUSE_SECONDS = 0.05
# The first mark is written at once; of a crowd, those of so long together.
_GATHER_SECONDS = 0.02


class Upkeep:
    """One node's. `present` and `absent` are told of sessions; `beat` may also be called by hand."""

    _log = Logger()

    def __init__(
        self, reactor: Any, database: Database, node: str, limits: DomainLimits, now: Callable[[], datetime]
    ) -> None:
        self._reactor = reactor
        self._database = database
        self._node = node
        self._limits = limits
        self._now = now
        self._here: Counter[Actor] = Counter()
        # An actor that changed is another one for as long as its sessions are told of it.
        self._actors: Counter[tuple[str, str]] = Counter()
        self._first_beat: datetime | None = None
        self._marking: Deferred[None] | None = None
        self._marks: dict[str, dict[tuple[bool, str], bool]] = {}
        self._beaten_at = now()
        self._beating = LoopingCall(lambda: Deferred.fromCoroutine(self.beat()))
        self._beating.clock = reactor

    def start(self) -> None:
        self._beating.start(max(1.0, self._limits.upkeep_seconds), now=False)

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
                    await self._try(
                        "presence",
                        lambda tx, a=organisation_id, b=some: self._write(tx, a, b),
                        organisation_id,
                        within=self._database.repeatable,
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

    @property
    def lateness(self) -> float:
        """Seconds since the last beat was done, or since the start."""
        return (self._now() - self._beaten_at).total_seconds()

    async def beat(self) -> None:
        """Say who is here; end what has run its time."""
        now = self._now()
        slices = self._slices()
        for count, (organisation_id, actors) in enumerate(slices):
            if count:
                # Nobody else is to wait for all of them.
                await deferLater(
                    self._reactor, min(_PAUSE_SECONDS, self._limits.upkeep_seconds / len(slices) / 2)
                )
            await self._try(
                "beat",
                lambda tx, a=organisation_id, b=actors: presence.beat(tx, a, b, self._node, now),
                organisation_id,
            )
        await self._release_vanished(now)
        await self._mark_lost(now)
        await self._each("abandoned", rooms.list_abandoned, rooms.close_abandoned, now)
        # Of clients who are here already; then those that have lapsed.
        await self._each("appointment", appointments.list_due, appointments.arrive, now)
        await self._each("lapsed appointment", appointments.list_ended, appointments.forget, now)
        await self._each("absent", groups_due.list_absent, groups_due.let_go, now)
        await self._each("group", groups_due.list_ended, groups_due.end, now)
        await self._dismiss(now)
        await self._end_logins(now)
        await self._end_tokens(now)
        await self._each("block", blocks.list_ended, blocks.end, now)
        await self._each("forget", rooms.list_expired, forgetting.expire_room, now)
        await self._forget_waits(now)
        await self._each("survey", surveys.list_expired, forgetting.expire_survey, now)
        await self._cut_audit(now)
        self._beaten_at = self._now()

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
        await self._each("vanished", vanished.list_due, vanished.release, now)
        await self._each("unled", groups_due.list_unled, groups_due.mute, now)

    async def _mark_lost(self, now: datetime) -> None:
        before = now - timedelta(seconds=LOST_SECONDS)
        for is_consultant, organisation_id, person_id in await self._list(
            lambda tx: presence.list_lost(tx, before)
        ):
            await self._try(
                "lost",
                lambda tx, a=is_consultant, b=organisation_id, c=person_id: presence.mark_lost(
                    tx, a, b, c, before
                ),
                organisation_id,
            )

    async def _dismiss(self, now: datetime) -> None:
        """At closing time, those who wait for their turn with organisations that want it so."""
        for organisation_id in await self._list(organisations.list_to_dismiss):
            queued: list[str] = []

            async def look(tx: Transaction, a: str = organisation_id, queued: list[str] = queued) -> None:
                organisation = await organisations.get(tx, a)
                zone = zones.find(organisation.time_zone)
                if service.standing(organisation, zone, 0, now).service is Service.CLOSED:
                    queued.extend(await rooms.list_queued(tx, a))

            await self._try("closing", look, organisation_id)
            for room_id in queued:
                await self._try(
                    "dismiss",
                    lambda tx, a=organisation_id, b=room_id: rooms.dismiss(tx, a, b, now),
                    organisation_id,
                )

    async def _end_logins(self, now: datetime) -> None:
        for organisation_id, login_id in await self._list(
            lambda tx: logins.list_expired(tx, now, self._limits.login_idle_minutes)
        ):
            await self._try(
                "login", lambda tx, a=organisation_id, b=login_id: logins.end(tx, a, b), organisation_id
            )

    async def _end_tokens(self, now: datetime) -> None:
        for organisation_id, token_id in await self._list(lambda tx: tokens.list_expired(tx, now)):
            await self._try(
                "token", lambda tx, a=organisation_id, b=token_id: tokens.end(tx, a, b), organisation_id
            )

    async def _forget_waits(self, now: datetime) -> None:
        for organisation_id in await self._list(lambda tx: waits.list_with_old(tx, now)):
            await self._try(
                "waits", lambda tx, a=organisation_id: waits.forget_old(tx, a, now), organisation_id
            )

    async def _cut_audit(self, now: datetime) -> None:
        if not self._limits.audit_days:
            return
        before = now - timedelta(days=max(audit.SHORTEST_DAYS, self._limits.audit_days))
        for organisation_id in await self._list(lambda tx: audit.list_with_old(tx, before)):
            await self._try("audit", lambda tx, a=organisation_id: audit.cut(tx, a, before), organisation_id)

    async def _each(
        self,
        what: str,
        find: Callable[[Transaction, datetime], Awaitable[list[Any]]],
        settle: Callable[..., Awaitable[Any]],
        now: datetime,
    ) -> None:
        """What is due in all organisations, one by one: `find` gives (organisation, id...), and
        `settle(tx, organisation, id..., now)` asks again, because another node may have been quicker."""
        for due in await self._list(lambda tx: find(tx, now)):
            await self._try(what, lambda tx, a=due: settle(tx, *a, now), due[0])

    async def _list(self, ask: Callable[[Transaction], Awaitable[list[Any]]]) -> list[Any]:
        found: list[Any] = []

        async def collect(tx: Transaction) -> None:
            found.extend(await ask(tx))

        await self._try("list", collect)
        return found

    async def _try(
        self,
        what: str,
        work: Callable[..., Awaitable[Any]],
        *organisations: str,
        within: Callable[..., AbstractAsyncContextManager[Transaction]] | None = None,
    ) -> None:
        try:
            async with (within or self._database.transaction)(*organisations) as tx:
                await work(tx)
        except HotlineError:
            pass  # the database is away, or another node was faster: the next beat does what is left
        except Exception:
            self._log.failure("upkeep failed at {what}", what=what)
