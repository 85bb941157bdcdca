"""What all parts of Accounts stand on: its collaborators and the few steps they share.

In come checked values, out come logins and errors of hotline's own. Never checks what a form is
for: that is said in the parts.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.limits import DomainLimits
from hotline.domain.model import Actor, Role, Scope
from hotline.errors import Invalid, NotAllowed, NotFound, ProofNeeded
from hotline.passwords import UNUSABLE, Passwords
from hotline.people import letters
from hotline.people.aside import Aside
from hotline.people.caution import Cautious
from hotline.people.devices import Devices
from hotline.people.telling import Telling
from hotline.store import consultants, factors, logins
from hotline.store.consultants import Consultant
from hotline.store.database import Database, Transaction
from hotline.store.ids import new_secret, secret_hash

# Stands for "no limit".
_FOR_EVER = timedelta(days=36500)

ONLY_MANAGER = "the only manager; make somebody else a manager first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Somebody who has just logged in; `token` and `device` are for their cookies."""

    actor: Actor
    token: str
    device: str
    """By which the device is known later, as one from which this person logged in."""
    expires_at: datetime


class AccountsBase(Cautious, Aside, Telling):
    """Collaborators, and steps that several parts share."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        limits: DomainLimits,
        public_url: str,
        now: Callable[[], datetime],
    ) -> None:
        Cautious.__init__(self, passwords, limits, now)
        Aside.__init__(self)
        Telling.__init__(self, database, now)
        self._public_url = public_url.rstrip("/")
        self._devices = Devices(passwords.derived_key("known devices"))

    async def require_proof(self, actor: Actor) -> None:
        """Before what is of weight. :raises ProofNeeded: the actor did not show lately who they are."""
        since = self._now() - (timedelta(minutes=self._limits.proof_minutes) or _FOR_EVER)
        if actor.login_id is not None:
            async with self._database.transaction(actor.organisation_id) as tx:
                if await logins.is_proved(tx, actor.organisation_id, actor.login_id, since):
                    return
        raise ProofNeeded()

    async def _require_both(self, actor: Actor) -> None:
        """Before what a password is asked for: whoever has a second factor showed that lately, too.

        :raises ProofNeeded: they did not.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            has_factor = await factors.has_any(tx, actor.organisation_id, actor.id)
        if has_factor:
            await self.require_proof(actor)

    async def _sign_in(self, tx: Transaction, consultant: Consultant, device: str | None = None) -> Signed:
        """A new login. Whose it is is told by mail if it is not their first, and comes from an unknown device
        or after failures.

        :param device: the mark of an earlier login from there.
        """
        token = new_secret()
        is_usual, failures = await consultants.note_login(
            tx, consultant.organisation_id, consultant.consultant_id
        )
        stored = await consultants.get_password(tx, consultant.organisation_id, consultant.consultant_id)
        is_new = self._devices.known(device, consultant.email, stored) is None
        if not 0 < self._limits.failures_told <= failures:
            failures = 0
        if is_usual and (is_new or failures):
            await self._tell(
                tx, consultant, lambda name: letters.logged_in(name, self._now(), is_new, failures)
            )
        login = await logins.add_login(
            tx,
            consultant.organisation_id,
            consultant.consultant_id,
            secret_hash(token),
            self._now(),
            self._limits.login_hours,
        )
        await self._record(tx, consultant, Action.LOGIN_BEGUN)
        return Signed(
            actor=consultant.actor(login_id=login.login_id),
            token=token,
            device=self._devices.mark(consultant.email, stored),
            expires_at=login.expires_at,
        )

    async def _checked(
        self,
        password: str,
        words: Callable[[], tuple[str, ...]],
        field: str,
        *,
        is_alone: bool = True,
        **others: Callable[[], Any],
    ) -> dict[str, Any]:
        """All checks of a form with a new password in `field`.

        :param is_alone: no second factor is asked for beside it.
        :raises Invalid: with every problem at once.
        """
        problems: dict[str, Any] = {}
        values: dict[str, Any] = {}
        for run in ({field: lambda: checks.password(password, field, is_alone=is_alone)}, others):
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
        """:raises Invalid: it is not the actor's. :raises TooFast: too many were not."""
        guess = self._guess("password", actor.id)
        async with self._database.transaction(actor.organisation_id) as tx:
            stored = await consultants.get_password(tx, actor.organisation_id, actor.id)
        if not await self._verified(guess, password, stored):
            async with self._database.transaction(actor.organisation_id) as tx:
                await self._record(tx, actor, Action.LOGIN_FAILED, step="proof")
            raise Invalid(**{field: "is not your password"})

    async def _renew(self, tx: Transaction, actor: Actor) -> str:
        """The actor showed who they are: the new token of their login, and the end of the one of before.

        :raises ProofNeeded: they did not come in by a login.
        """
        if actor.login_id is None:
            raise ProofNeeded()
        token = new_secret()
        await logins.prove(tx, actor.organisation_id, actor.login_id, secret_hash(token), self._now())
        return token

    def form_secret(self, actor: Actor) -> str:
        """What the forms shown to a login are tied to. It outlives the login's token, as forms in other
        windows do, and not the login."""
        return self._passwords.keyed("forms", actor.login_id or "").hex()

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
        """The ids of all managers, fixed until the transaction ends: one of them is about to manage.

        :raises NotAllowed: the actor is none, or a script that is not meant to.
        """
        check_manages(actor)
        managers = await consultants.lock_managers(tx, actor.organisation_id)
        if actor.id not in managers:
            raise NotAllowed(reason="only managers may do this")
        return managers

    async def _accounts_of(self, email: str) -> list[tuple[Consultant, str]]:
        """All accounts of an address, and their passwords' hashes; the oldest first."""
        async with self._database.transaction() as tx:
            ids = await consultants.list_organisations(tx, email)
        # The same steps for an unknown address: an organisation nobody has holds nobody.
        ids = ids[: self._limits.accounts_per_address or None] or [""]
        async with self._database.transaction(*ids) as tx:
            found = [await consultants.find_by_email(tx, each, email) for each in ids]
        return [each for each in found if each is not None]

    async def _hash_of(self, email: str, password: str) -> str:
        """What is stored of the password of a new account. It is the account's own: nobody has shown that the
        address is theirs, and neither answer nor time tell whether it has others, or with which password."""
        stored = usable(await self._accounts_of(email))
        return await self._passwords.hash(password, min(stored, default=None))

    def device_hash(self, organisation_id: str, device: str | None) -> bytes | None:
        """What is stored of a device's word: another thing in each organisation."""
        return None if device is None else self._passwords.keyed(f"device {organisation_id}", device)

    def entry(self, organisation_id: str, procedure: str, nonce: str | None) -> tuple[str, str] | None:
        """Id and key of the client whom an entry of this name makes, always the same; None: it has none.

        A key is not kept anywhere, and without the name nobody finds it, the pepper or not.
        """
        if nonce is None:
            return None
        client, key = (
            self._passwords.keyed(f"entry {part} {organisation_id} {procedure}", nonce)
            for part in ("client", "key")
        )
        return client.hex()[:32], base64.urlsafe_b64encode(key).decode().rstrip("=")

    def _until(self, **delta: float) -> datetime:
        """So long from now; all zero: for ever."""
        return self._now() + (timedelta(**delta) if any(delta.values()) else _FOR_EVER)


def usable(accounts: list[tuple[Consultant, str]]) -> set[str]:
    """The hashes by which somebody can come in."""
    return {stored for _, stored in accounts} - {UNUSABLE}


def words_of(*texts: object) -> Callable[[], tuple[str, ...]]:
    """What a password must not be made of; only what is text, and not endless."""
    return lambda: tuple(text[:200] for text in texts if isinstance(text, str))


def check_manages(actor: Actor) -> None:
    """Before what managers do with the organisation by what everybody may call.

    :raises NotAllowed: the actor came in by a token for less.
    """
    if not actor.may(Scope.MANAGE):
        raise NotAllowed(reason="this token is not for that")


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
