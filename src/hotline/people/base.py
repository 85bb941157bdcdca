"""What all parts of Accounts stand on: its collaborators and the few steps they share.

In come checked values, out come logins and errors of hotline's own. Never checks what a form is
for: that is said in the parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hotline.domain import checks
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor, Role
from hotline.errors import Invalid, NotAllowed, NotFound
from hotline.passwords import Passwords
from hotline.store import consultants, logins
from hotline.store.consultants import Consultant
from hotline.store.database import Database, Transaction
from hotline.store.ids import new_secret, secret_hash

# Stands for "no limit".
_FOR_EVER = timedelta(days=36500)

ONLY_MANAGER = "the only manager; make somebody else a manager first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Somebody who has just logged in; `token` is for their cookie."""

    actor: Actor
    token: str
    expires_at: datetime


class AccountsBase:
    """Collaborators, and steps that several parts share."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        limits: DomainLimits,
        public_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._limits = limits
        self._public_url = public_url.rstrip("/")
        self._now = now

    async def _sign_in(self, tx: Transaction, consultant: Consultant) -> Signed:
        token = new_secret()
        login = await logins.add_login(
            tx,
            consultant.organisation_id,
            consultant.consultant_id,
            secret_hash(token),
            self._now(),
            self._limits.login_hours,
        )
        return Signed(
            actor=consultant.actor(login_id=login.login_id), token=token, expires_at=login.expires_at
        )

    async def _checked(
        self, password: str, words: Callable[[], tuple[str, ...]], field: str, **others: Callable[[], Any]
    ) -> dict[str, Any]:
        """All checks of a form with a new password in `field`.

        :raises Invalid: with every problem at once.
        """
        problems: dict[str, Any] = {}
        values: dict[str, Any] = {}
        for run in ({field: lambda: checks.password(password, field)}, others):
            try:
                values.update(checks.gathered(**run))
            except Invalid as error:
                problems.update(error.details)
        if field in values:
            try:
                await self._passwords.check_strength(values[field], words(), field)
            except Invalid as error:
                problems.update(error.details)
        if problems:
            raise Invalid(**problems)
        return values

    async def _check_own_password(self, actor: Actor, password: object, field: str = "password") -> None:
        """:raises Invalid: it is not the actor's."""
        async with self._database.transaction(actor.organisation_id) as tx:
            stored = await consultants.get_password(tx, actor.organisation_id, actor.id)
        if not isinstance(password, str) or not await self._passwords.verify(password, stored):
            raise Invalid(**{field: "is not your password"})

    async def _acting(self, tx: Transaction, actor: Actor) -> Consultant:
        """The actor as they are now. :raises NotAllowed: no consultant, or not any more."""
        found = await consultants.find(tx, actor.organisation_id, actor.id) if actor.is_consultant else None
        if found is None:
            raise NotAllowed()
        return found

    async def _acting_manager(self, tx: Transaction, actor: Actor) -> Consultant:
        """The actor as they are now. :raises NotAllowed: no manager, or not any more."""
        found = await self._acting(tx, actor)
        if found.role is not Role.MANAGER:
            raise NotAllowed(reason="only managers may do this")
        return found

    async def _locked_managers(self, tx: Transaction, actor: Actor) -> set[str]:
        """The ids of all managers, fixed until the transaction ends.

        :raises NotAllowed: the actor is none.
        """
        managers = await consultants.lock_managers(tx, actor.organisation_id)
        if actor.id not in managers:
            raise NotAllowed(reason="only managers may do this")
        return managers

    def _until(self, **delta: float) -> datetime:
        """So long from now; all zero: for ever."""
        return self._now() + (timedelta(**delta) if any(delta.values()) else _FOR_EVER)


def words_of(*texts: object) -> Callable[[], tuple[str, ...]]:
    """What a password must not be made of; only what is text, and not endless."""
    return lambda: tuple(text[:200] for text in texts if isinstance(text, str))


def checked_id(value: object) -> str:
    """An id that may exist. :raises NotFound: it cannot."""
    try:
        return checks.identifier(value, "id")
    except Invalid:
        if isinstance(value, str):
            raise NotFound() from None
        raise


def checked_role(value: object) -> Role:
    """The role of a consultant. :raises Invalid: it is none."""
    if value not in (Role.MANAGER.value, Role.STAFF.value):
        raise Invalid(role="must be manager or staff")
    return Role(value)
