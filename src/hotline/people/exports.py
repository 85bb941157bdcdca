"""An organisation's own data, for its managers to take along: as JSON, or as a page to read.

In come an actor who showed lately who they are, and a format, out comes the text, part by part. Never more of
it is in memory than one part.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from hotline.domain.audit import Action
from hotline.domain.export import FORMATS
from hotline.domain.model import Actor
from hotline.errors import Invalid
from hotline.people.base import AccountsBase
from hotline.store import audit, export, organisations

_PART_CHARACTERS = 16_384


class Exports(AccountsBase):
    """The part of Accounts about taking along what is one's own."""

    async def export(self, actor: Actor, form: str) -> AsyncGenerator[bytes, None]:
        """Of the actor's organisation, for managers.

        :raises ProofNeeded: the actor did not show lately who they are.
        :raises NotAllowed: not a manager (any more), also between two parts.
        :raises Invalid: there is no such format.
        :raises TooFast: too many were begun lately.
        """
        await self.require_proof(actor)
        if form not in FORMATS:
            raise Invalid(format="must be json or html")
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
        self._spend(("export", actor.organisation_id, self._limits.exports_per_hour))
        await self.note_export(actor.organisation_id, actor)
        return self._as_long_as_allowed(actor, self.export_of(actor.organisation_id, form))

    async def _as_long_as_allowed(
        self, actor: Actor, parts: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        # A reader may take hours, and be removed meanwhile.
        async with aclosing(parts):
            async for part in parts:
                async with self._database.reading(actor.organisation_id) as tx:
                    await self._acting_manager(tx, actor)
                yield part

    async def note_export(self, organisation_id: str, by: Actor | None) -> None:
        """An export begins, by a manager or (None) by the operator: every one passes here first."""
        who = audit.OPERATOR if by is None else audit.person_of(by)
        async with self._database.transaction(organisation_id) as tx:
            await audit.add(tx, organisation_id, who, Action.DATA_EXPORTED, self._now())

    async def export_of(self, organisation_id: str, form: str) -> AsyncGenerator[bytes, None]:
        """The text, in parts. Asks nobody who they are: see `export`."""
        now = self._now()
        async with self._database.reading(organisation_id) as tx:
            name = (await organisations.get(tx, organisation_id)).name
        pages = FORMATS[form]()
        kept = pages.begin(name, now)
        async for piece in export.pieces(self._database, organisation_id, now):
            kept += pages.add(piece)
            if len(kept) >= _PART_CHARACTERS:
                yield kept.encode()
                kept = ""
        yield (kept + pages.end()).encode()
