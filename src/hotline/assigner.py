"""Giving waiting clients to consultants who are here, where an organisation wants it so.

In come rings of the doorbell, out go rooms served. Every node does this; what another was faster at is found
done. Never raises out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from twisted.logger import Logger

from hotline.domain.assignment import assigned
from hotline.domain.limits import DEFAULTS
from hotline.errors import HotlineError, Unavailable
from hotline.rounds import Rounds
from hotline.store import assigning
from hotline.store.database import Database

LOOK_SECONDS = 10.0
"""How often it is asked, without a ring, who waits: a client may have come back."""


class Assigner:
    """One node's; `wake` it when somebody waits, or may take one more."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        database: Database,
        now: Callable[[], datetime],
        most: int = DEFAULTS.given_per_round,
    ) -> None:
        self._database = database
        self._most = most
        self._now = now
        self._rounds = Rounds(
            reactor,
            LOOK_SECONDS,
            self.assign,
            self._log,
            away="who waits cannot be read just now",
            failed="giving clients to consultants failed",
        )

    async def start(self) -> None:
        """Begin with who waits already."""
        self._rounds.start()

    async def stop(self) -> None:
        """No further round; what is under way is finished."""
        self._rounds.end()
        await self._rounds.ended()

    def wake(self) -> None:
        """There may be somebody to give to somebody."""
        self._rounds.wake()

    async def assign(self) -> None:
        """One round through all organisations."""
        async with self._database.transaction() as tx:
            organisations = await assigning.list_due(tx)
        for organisation_id in organisations:
            if self._rounds.is_ending:
                return
            # Whatever is wrong with one of them, the others have their turn.
            try:
                await self._assign_in(organisation_id)
            except HotlineError:
                pass  # the database is away, or this one's keys are
            except Exception:
                self._log.failure("giving clients to consultants failed in one organisation")

    async def _assign_in(self, organisation_id: str) -> None:
        async with self._database.transaction(organisation_id) as tx:
            here = await assigning.list_here(tx, organisation_id)
            if not any(each.has_room for each in here):
                return
            waiting = await assigning.list_waiting(tx, organisation_id, self._now(), self._most)
        for room_id, consultant_id in assigned(waiting, here, self._now()):
            if self._rounds.is_ending:
                return
            await self._give(organisation_id, room_id, consultant_id)

    async def _give(self, organisation_id: str, room_id: str, consultant_id: str) -> None:
        try:
            async with self._database.transaction(organisation_id) as tx:
                await assigning.give(tx, organisation_id, room_id, consultant_id, self._now())
        except Unavailable:
            raise
        except HotlineError:
            pass  # gone meanwhile, or full: the next round knows
