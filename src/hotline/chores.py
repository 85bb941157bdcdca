"""Chores: what has run its time is closed or deleted, and what could not be is told.

In comes the time, out go rooms, logins, links and kept conversations whose time is over. Others learn of it
by the doorbell, not from here. Never lets what fails keep the rest waiting, or count as done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

from twisted.logger import Logger

from hotline.domain import service
from hotline.domain.limits import DomainLimits
from hotline.domain.service import Service
from hotline.errors import HotlineError, Unavailable
from hotline.store import (
    appointments,
    audit,
    blocks,
    ends,
    forgetting,
    groups_due,
    invitations,
    logins,
    organisations,
    resets,
    rooms,
    steps,
    surveys,
    tokens,
    waits,
    zones,
)
from hotline.store.database import Database, Transaction
from hotline.store.organisations import ListedOrganisation

AT_A_TIME = 1000
"""Of so many conversations, or surveys, one round looks to deletion: others wait for it meanwhile."""
_TOLD_EVERY = timedelta(days=1)

Key = tuple[str, str]
"""Organisation and room or survey."""


class Chores:
    """One node's. Every node does them; what another was faster at is found done."""

    _log = Logger()

    def __init__(
        self, database: Database, limits: DomainLimits, now: Callable[[], datetime], most: int
    ) -> None:
        self.database = database
        self._limits = limits
        self._now = now
        self._most = most
        self._done_at = now()
        self._failed: Counter[str] = Counter()
        self.failing: Counter[str] = Counter()
        """What the last round could not do: how often, by what it was."""
        # In the order in which they were tried.
        self._left: dict[str, dict[Key, None]] = {"forget": {}, "survey": {}}
        self._overdue: dict[str, datetime] = {}
        self._told_at: datetime | None = None

    @property
    def lateness(self) -> float:
        """Seconds since a round was done with nothing left, or since the oldest of what is left was due."""
        return (self._now() - min((self._done_at, *self._overdue.values()))).total_seconds()

    @property
    def state(self) -> str:
        """The same in words, with what fails."""
        failing = ", ".join(f"{what} ({count})" for what, count in sorted(self.failing.items()))
        return f"{self.lateness:.0f} s ago" + (f", failing: {failing}" if failing else "")

    def begin(self) -> None:
        """A round begins: what is tried from now on belongs to it."""
        self._failed.clear()

    async def finish(self, now: datetime) -> None:
        """End what has run its time, and with it the round."""
        everybody = await self.find(organisations.list_all)
        ids = [each.organisation_id for each in everybody]
        await self.each("abandoned", rooms.list_abandoned, rooms.close_abandoned, now)
        # Of clients who are here already; then those that have lapsed.
        await self.each("appointment", appointments.list_due, appointments.arrive, now)
        await self.each("lapsed appointment", appointments.list_ended, appointments.forget, now)
        await self.each("absent", groups_due.list_absent, groups_due.let_go, now)
        await self.each("group", groups_due.list_ended, groups_due.end, now)
        await self._dismiss(now)
        await self._end_logins(now)
        await self.each("token", tokens.list_expired, lambda tx, a, b, _: tokens.end(tx, a, b), now)
        await self.attempt("link", lambda tx: _forget_links(tx, now), *ids)
        await self.each("block", blocks.list_ended, blocks.end, now)
        await self._delete("forget", rooms.list_expired, forgetting.expire_room, ids, now)
        await self._forget_waits(now)
        await self._delete("survey", surveys.list_expired, forgetting.expire_survey, ids, now)
        await self._cut_audit(now)
        await self._tell_ends(everybody, now)
        self.failing = +self._failed
        if self.failing:
            self._log.warn("upkeep is not done: {state}", state=self.state)
        else:
            self._done_at = self._now()

    async def each(
        self,
        what: str,
        find: Callable[[Transaction, datetime], Awaitable[list[Any]]],
        settle: Callable[..., Awaitable[Any]],
        now: datetime,
    ) -> None:
        """What is due in all organisations, one by one: `find` gives (organisation, id...), and
        `settle(tx, organisation, id..., now)` asks again, because another node may have been quicker."""
        for due in await self.find(lambda tx: find(tx, now)):
            await self.attempt(what, lambda tx, a=due: settle(tx, *a, now), due[0])

    async def find(
        self, ask: Callable[[Transaction], Awaitable[list[Any]]], *organisations: str
    ) -> list[Any]:
        """What is there to do. Nothing: also when that cannot be asked."""
        found: list[Any] = []

        async def collect(tx: Transaction) -> None:
            found.extend(await ask(tx))

        await self.attempt("list", collect, *organisations)
        return found

    async def attempt(
        self,
        what: str,
        work: Callable[..., Awaitable[Any]],
        *organisations: str,
        within: Callable[..., AbstractAsyncContextManager[Transaction]] | None = None,
        is_known: bool = False,
    ) -> bool:
        """Do this in one transaction of these organisations; False: it failed, which is remembered.

        :param is_known: that it fails is not worth a second traceback.
        """
        try:
            async with (within or self.database.transaction)(*organisations) as tx:
                await work(tx)
        except Unavailable:
            pass  # the next round does what is left
        except HotlineError:
            return True  # another node was faster
        except Exception:
            if not is_known:
                self._log.failure("upkeep failed at {what}", what=what)
        else:
            return True
        self._failed[what] += 1
        return False

    async def _delete(
        self,
        what: str,
        find: Callable[[Transaction, datetime, list[Key], int], Awaitable[list[Any]]],
        settle: Callable[..., Awaitable[Any]],
        everybody: list[str],
        now: datetime,
    ) -> None:
        """As `each`, the longest overdue first, but those that failed before after all others."""
        left = self._left[what]
        failed_before = list(left)
        fresh = await self.find(lambda tx: find(tx, now, failed_before, self._most), *everybody)
        for key in [(a, b) for a, b, _ in fresh] + failed_before[: self._most - len(fresh)]:
            is_known = key in left
            left.pop(key, None)
            if not await self.attempt(what, lambda tx, a=key: settle(tx, *a, now), key[0], is_known=is_known):
                left[key] = None
        self._failed[what] = len(left)

        async def look(tx: Transaction) -> None:
            oldest = await find(tx, now, [], 1)
            self._overdue.pop(what, None)
            if oldest:
                self._overdue[what] = oldest[0][2]

        if fresh or left or what in self._overdue:
            await self.attempt("list", look, *everybody)

    async def _dismiss(self, now: datetime) -> None:
        """At closing time, those who wait for their turn with organisations that want it so."""
        for organisation_id in await self.find(organisations.list_to_dismiss):
            queued: list[str] = []

            async def look(tx: Transaction, a: str = organisation_id, queued: list[str] = queued) -> None:
                organisation = await organisations.get(tx, a)
                zone = zones.find(organisation.time_zone)
                if service.standing(organisation, zone, 0, now).service is Service.CLOSED:
                    queued.extend(await rooms.list_queued(tx, a))

            await self.attempt("closing", look, organisation_id)
            for room_id in queued:
                await self.attempt(
                    "dismiss",
                    lambda tx, a=organisation_id, b=room_id: rooms.dismiss(tx, a, b, now),
                    organisation_id,
                )

    async def _end_logins(self, now: datetime) -> None:
        for organisation_id, login_id in await self.find(
            lambda tx: logins.list_expired(tx, now, self._limits.login_idle_minutes)
        ):
            await self.attempt(
                "login", lambda tx, a=organisation_id, b=login_id: logins.end(tx, a, b), organisation_id
            )

    async def _forget_waits(self, now: datetime) -> None:
        for organisation_id in await self.find(lambda tx: waits.list_with_old(tx, now)):
            await self.attempt(
                "waits", lambda tx, a=organisation_id: waits.forget_old(tx, a, now), organisation_id
            )

    async def _cut_audit(self, now: datetime) -> None:
        if not self._limits.audit_days:
            return
        before = now - timedelta(days=max(audit.SHORTEST_DAYS, self._limits.audit_days))
        for organisation_id in await self.find(lambda tx: audit.list_with_old(tx, before)):
            await self.attempt(
                "audit", lambda tx, a=organisation_id: audit.cut(tx, a, before), organisation_id
            )

    async def _tell_ends(self, everybody: list[ListedOrganisation], now: datetime) -> None:
        """Once a day, where each organisation's rows end: beside this log it shows that they were cut off."""
        if not everybody or (self._told_at is not None and now - self._told_at < _TOLD_EVERY):
            return
        slugs = {each.organisation_id: each.slug for each in everybody}

        async def tell(tx: Transaction) -> None:
            for organisation_id, each in (await ends.list_ends(tx)).items():
                self._log.info("{slug}: {ends}", slug=slugs[organisation_id], ends=each.told)

        if await self.attempt("ends", tell, *slugs):
            self._told_at = now


async def _forget_links(tx: Transaction, now: datetime) -> None:
    """Of all organisations of the transaction: those that nobody can use any more."""
    for forget in (invitations.forget_old, resets.forget_old, steps.forget_old):
        await forget(tx, now)
