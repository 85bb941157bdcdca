"""What was done with accounts is told: in the audit log, and by mail to whom it concerns.

In come who did what, and letters, out go entries and mails, in the transaction of what they tell of. Never
decides what is worth telling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from hotline.domain.audit import Action
from hotline.domain.model import Actor, Organisation, Person
from hotline.people import letters
from hotline.store import audit, consultants, mails, organisations
from hotline.store.consultants import Consultant
from hotline.store.database import Database, Transaction


class Telling:
    """Entries and mails, at the time that it is now."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def _record(
        self,
        tx: Transaction,
        by: Actor | Consultant,
        action: Action,
        *,
        kind: str = "",
        subject: str = "",
        **details: Any,
    ) -> None:
        """Say in the audit log that somebody did this; the last thing of its transaction."""
        who = audit.person_of(by) if isinstance(by, Actor) else Person(id=by.consultant_id, name=by.name)
        await audit.add(
            tx, by.organisation_id, who, action, self._now(), kind=kind, subject=subject, **details
        )

    async def _record_tokens(self, tx: Transaction, by: Actor | Consultant, whose: str, count: int) -> None:
        """Say that all API tokens of somebody were ended, if they had any."""
        if count:
            await self._record(tx, by, Action.TOKEN_REVOKED, kind="person", subject=whose, count=count)

    async def _note_failure(self, person: Consultant, step: str) -> None:
        """Somebody tried what is wrong with this account: told in the audit log, and by mail at the next
        login if it was often."""
        async with self._database.transaction(person.organisation_id) as tx:
            await consultants.count_failure(tx, person.organisation_id, person.consultant_id)
            await self._record(tx, person, Action.LOGIN_FAILED, step=step)

    async def _record_settings(self, tx: Transaction, by: Actor, before: Any, after: Any) -> None:
        """Say which settings (two values of one dataclass) somebody changed, if any; only their names."""
        names = sorted(
            field.name for field in fields(after) if getattr(before, field.name) != getattr(after, field.name)
        )
        if names:
            await self._record(tx, by, Action.SETTINGS_CHANGED, names=names)

    async def _tell(
        self, tx: Transaction, consultant: Consultant, letter: Callable[[str], tuple[str, str]]
    ) -> None:
        """Mail them this letter, which knows the organisation's name."""
        organisation = await organisations.get(tx, consultant.organisation_id)
        await self._mail(tx, organisation, consultant.email, letter(organisation.name))

    async def _mail(
        self, tx: Transaction, organisation: Organisation, recipient: str, letter: tuple[str, str]
    ) -> None:
        subject, body = letter
        body = letters.headed(organisation.logo_text, body)
        await mails.add(tx, organisation.organisation_id, recipient, subject, body, self._now())
