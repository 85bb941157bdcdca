"""Passkeys of the own account: made, named, shown, given up.

In come an actor and what their browser answered, out come options for the browser, recovery codes shown
once, or nothing. A passkey is a second factor like any other, and whoever gets or loses one is told by mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import Actor
from hotline.errors import AlreadyExists, Invalid, NotAllowed, NotFound, ProofNeeded
from hotline.people import letters
from hotline.people.base import checked_id
from hotline.people.ceremonies import WRONG, Ceremonies, Challenge
from hotline.people.factors import Factors
from hotline.store import factors, passkeys
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_id
from hotline.store.seals import about

_PLACE = "passkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A passkey as its owner knows it."""

    passkey_id: str
    name: str
    made_on: date
    used_on: date | None


class Passkeys(Factors):
    """The part of Accounts about passkeys."""

    @cached_property
    def _ceremonies(self) -> Ceremonies:
        return Ceremonies(self._public_url, self._passwords.derived_key("passkey challenges"), self._now)

    @property
    def passkey_host(self) -> str | None:
        """To whom passkeys are bound; None: browsers make none for this public address."""
        return self._ceremonies.host

    async def list_passkeys(self, actor: Actor) -> list[Named]:
        """The actor's own."""
        async with self._database.transaction(actor.organisation_id) as tx:
            own = await passkeys.list_of(tx, actor.organisation_id, actor.id)
        return [
            Named(
                passkey_id=each.passkey_id,
                name=self._cipher.open(each.name, _place(each.organisation_id, each.passkey_id)).decode(),
                made_on=each.made_on,
                used_on=each.used_on,
            )
            for each in own
        ]

    async def begin_passkey(self, actor: Actor) -> dict[str, Any]:
        """Options for the browser to make one.

        :raises ProofNeeded: the actor did not show lately who they are.
        :raises NotAllowed: they have enough of them.
        """
        await self.require_proof(actor)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            own = await passkeys.list_of(tx, actor.organisation_id, actor.id)
        self._check_number(len(own))
        return self._ceremonies.to_make(
            _bound("add", actor),
            who=owner.consultant_id,
            email=owner.email,
            name=owner.name,
            known=[each.credential_id for each in own],
        )

    async def add_passkey(self, actor: Actor, name: str, answer: str) -> list[str]:
        """What the browser made is a second factor from now on. Recovery codes if they had none.

        :raises Invalid: fields `name`, `passkey`. :raises NotAllowed: they have enough of them.
        :raises ProofNeeded: the actor did not show lately who they are.
        """
        await self.require_proof(actor)
        checked = checks.name(name)
        made = self._ceremonies.check_made(answer, _bound("add", actor))
        where = (actor.organisation_id, actor.id)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            self._check_number(len(await passkeys.list_of(tx, *where)))
            await self._take(tx, actor.organisation_id, made.challenge)
            passkey_id = new_id()
            is_new = await passkeys.add(
                tx,
                *where,
                passkey_id,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                name=self._cipher.seal(checked.encode(), _place(actor.organisation_id, passkey_id)),
                made_on=self._now().date(),
            )
            if not is_new:
                raise AlreadyExists(passkey="is set up already")
            await self._tell(tx, owner, letters.passkey_added)
            codes = [] if await factors.count_codes(tx, *where) else await self._fresh_codes(tx, owner)
            await self._record(tx, actor, Action.FACTOR_ADDED)
            return codes

    async def remove_passkey(self, actor: Actor, passkey_id: str) -> bool:
        """Give one up, and with the last factor the recovery codes. Whether the actor is logged out by that,
        since the organisation asks for a factor.

        :raises ProofNeeded: the actor did not show lately who they are.
        :raises NotFound: they have none with this id.
        """
        await self.require_proof(actor)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            if not await passkeys.remove(tx, actor.organisation_id, actor.id, checked_id(passkey_id)):
                raise NotFound()
            is_over = await self._factor_removed(tx, owner)
            await self._record(tx, actor, Action.FACTOR_REMOVED)
            return is_over

    async def show_as_proof(self, actor: Actor) -> dict[str, Any]:
        """Options for the browser to show one of the actor's once more."""
        async with self._database.transaction(actor.organisation_id) as tx:
            own = await passkeys.list_of(tx, actor.organisation_id, actor.id)
        allowed = [each.credential_id for each in own]
        return self._ceremonies.to_show(_bound("proof", actor), allowed=allowed, is_alone=True)

    async def prove_by_passkey(self, actor: Actor, answer: str) -> str:
        """Show once more who one is; the login's new token. The device makes sure of it: it may lie on the
        desk as well.

        :raises Invalid: field `passkey`. :raises TooFast: too much was wrong lately.
        """
        bound = _bound("proof", actor)
        guess = self._guess("code", actor.id)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
        try:
            async with self._database.transaction(actor.organisation_id) as tx:
                await self._use_passkey(tx, owner, answer, bound, is_alone=True)
                token = await self._renew(tx, actor)
        except Invalid:
            await self._note_failure(owner, "proof")
            raise
        self._throttle.forgive(guess.account, guess.network)
        return token

    async def _use_passkey(
        self, tx: Transaction, owner: Consultant, answer: object, bound: tuple[str, ...], *, is_alone: bool
    ) -> None:
        """:raises Invalid: this is not one of theirs, shown for this, for the first time."""
        found = await passkeys.find(tx, owner.organisation_id, self._ceremonies.id_in(answer))
        if found is None or found.consultant_id != owner.consultant_id:
            raise Invalid(passkey="is none of this account")
        challenge, sign_count = self._ceremonies.check_shown(answer, bound, found, is_alone=is_alone)
        await self._take(tx, owner.organisation_id, challenge)
        if not await passkeys.count_on(tx, found, sign_count, self._now().date()):
            raise Invalid(passkey=WRONG)

    def _check_number(self, number: int) -> None:
        if 0 < (most := self._limits.passkeys_per_person) <= number:
            raise NotAllowed(reason=f"{most} passkeys are enough; remove one that you do not use")

    async def _take(self, tx: Transaction, organisation_id: str, challenge: Challenge) -> None:
        if not await passkeys.take_challenge(
            tx, organisation_id, challenge.hashed, now=self._now(), expires_at=challenge.expires_at
        ):
            raise Invalid(passkey=WRONG)


def _bound(what: str, actor: Actor) -> tuple[str, ...]:
    """:raises ProofNeeded: the actor did not come in by a login."""
    if actor.login_id is None:
        raise ProofNeeded()
    return (what, actor.login_id)


def _place(organisation_id: str, passkey_id: str) -> bytes:
    return about(_PLACE, organisation_id, passkey_id)
