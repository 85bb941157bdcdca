"""Chores: what has run its time is closed or deleted, and what could not be is told.

In comes the time, out go rooms, logins, links and kept conversations whose time is over. Others learn of it
by the doorbell, not from here. Never lets what fails keep the rest waiting, or count as done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, TypeVar

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
from hotline.store.due import Due, Key
from hotline.store.organisations import ListedOrganisation

AT_A_TIME = 1000
"""So many of each kind of what is due one round sees to: others wait for it meanwhile."""
_TOLD_EVERY = timedelta(days=1)

_Found = TypeVar("_Found")


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
        self._everybody: list[ListedOrganisation] = []
        # What failed, in the order in which it was tried.
        self._left: dict[str, dict[Key, None]] = {}
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

    async def begin(self) -> None:
        """A round begins: what is tried from now on belongs to it, and is done for who is here now."""
        self._failed.clear()
        everybody = await self._ask(organisations.list_all)
        if everybody is not None:
            # Else those of before: of nobody nothing would be due, and what fails would seem settled.
            self._everybody = everybody

    async def finish(self, now: datetime) -> None:
        """End what has run its time, and with it the round."""
        await self.each("abandoned", rooms.ABANDONED, rooms.close_abandoned, now)
        await self.each("appointment", appointments.ARRIVED, appointments.arrive, now)
        await self.each("lapsed appointment", appointments.LAPSED, appointments.forget, now)
        await self.each("absent", groups_due.ABSENT, groups_due.let_go, now)
        await self.each("group", groups_due.ENDED, groups_due.end, now)
        await self._dismiss(now)
        over = logins.over(self._limits.login_idle_minutes)
        await self.each("login", over, lambda tx, a, b, _: logins.end(tx, a, b), now)
        await self.each("token", tokens.OVER, lambda tx, a, b, _: tokens.end(tx, a, b), now)
        await self.attempt("link", lambda tx: _forget_links(tx, now), *self._ids)
        await self.each("block", blocks.OVER, blocks.end, now)
        await self._delete("forget", rooms.EXPIRED, forgetting.expire_room, now)
        await self.each("waits", waits.OLD, waits.forget_old, now)
        await self._delete("survey", surveys.EXPIRED, forgetting.expire_survey, now)
        if self._limits.audit_days:
            before = now - timedelta(days=self._limits.audit_days)
            await self.each("audit", audit.OLD, audit.cut, before)
        await self._tell_ends(now)
        self.failing = +self._failed
        if self.failing:
            self._log.warn("upkeep is not done: {state}", state=self.state)
        else:
            self._done_at = self._now()

    @property
    def _ids(self) -> list[str]:
        return [each.organisation_id for each in self._everybody]

    async def each(self, what: str, due: Due, settle: Callable[..., Awaitable[Any]], now: datetime) -> bool:
        """What is due in all organisations, one by one, the longest overdue first, but what failed before
        after all others; False: nothing is.

        :param settle: called with a transaction, the organisation, ids and `now`.
        """
        left = self._left.setdefault(what, {})
        tried = list(left)
        found = await self._ask(lambda tx: due.list(tx, now, tried, self._most), *self._ids)
        if found is not None and len(found) < self._most:
            for key in left.keys() - set(found):
                del left[key]  # somebody else has settled it
        for key in found or ():
            is_known = key in left
            left.pop(key, None)
            if not await self.attempt(what, lambda tx, a=key: settle(tx, *a, now), key[0], is_known=is_known):
                left[key] = None
        self._failed[what] = len(left)
        return bool(found)

    async def _ask(
        self, ask: Callable[[Transaction], Awaitable[list[_Found]]], *organisations: str
    ) -> list[_Found] | None:
        """What there is to do; None: it cannot be asked."""
        found: list[_Found] | None = None

        async def look(tx: Transaction) -> None:
            nonlocal found
            found = await ask(tx)

        await self.attempt("list", look, *organisations)
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
        self, what: str, due: Due, settle: Callable[..., Awaitable[Any]], now: datetime
    ) -> None:
        """As `each`, and told is how old the oldest is that is left."""

        async def look(tx: Transaction) -> None:
            oldest = await due.find_oldest(tx, now)
            self._overdue.pop(what, None)
            if oldest is not None:
                self._overdue[what] = oldest

        if await self.each(what, due, settle, now) or what in self._overdue:
            await self.attempt("list", look, *self._ids)

    async def _dismiss(self, now: datetime) -> None:
        """At closing time, those who wait for their turn with organisations that want it so."""
        for organisation_id in await self._ask(organisations.list_to_dismiss, *self._ids) or ():
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

    async def _tell_ends(self, now: datetime) -> None:
        """Once a day, where each organisation's rows end: beside this log it shows that they were cut off."""
        if not self._everybody or (self._told_at is not None and now - self._told_at < _TOLD_EVERY):
            return
        slugs = {each.organisation_id: each.slug for each in self._everybody}

        async def tell(tx: Transaction) -> None:
            for organisation_id, each in (await ends.list_ends(tx)).items():
                self._log.info("{slug}: {ends}", slug=slugs[organisation_id], ends=each.told)

        if await self.attempt("ends", tell, *slugs):
            self._told_at = now


async def _forget_links(tx: Transaction, now: datetime) -> None:
    """Of all organisations of the transaction: those that nobody can use any more."""
    for forget in (invitations.forget_old, resets.forget_old, steps.forget_old):
        await forget(tx, now)
