"""Second factors: codes of an app and recovery codes; setting them up, using and giving them up.

In come an actor and what they typed, out come secrets shown once, or nothing. Each code works once, whatever
it is; who gets, uses up or loses something is told by mail.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from hotline.domain import codes, totp
from hotline.domain.audit import Action
from hotline.domain.model import Actor
from hotline.errors import AlreadyExists, FactorNeeded, Invalid, NotFound
from hotline.people import letters
from hotline.people.base import AccountsBase
from hotline.store import factors, logins, organisations, passkeys, policies
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_recovery_code, secret_hash
from hotline.store.seals import Cipher, about

RECOVERY_CODES = 10
_PLACE = "authenticator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What somebody has by way of second factors."""

    has_app: bool
    passkeys: int
    recovery_codes: int
    is_required: bool
    """Whether the organisation wants one of everybody."""
    has_any: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """An app about to be set up: what its QR code holds, and the same to be typed."""

    address: str
    secret: str


class Factors(AccountsBase):
    """The part of Accounts about second factors."""

    @property
    def _cipher(self) -> Cipher:
        return Cipher(self._passwords.derived_key("second factors"))

    async def get_factors(self, actor: Actor) -> Standing:
        """The actor's own."""
        where = (actor.organisation_id, actor.id)
        async with self._database.transaction(actor.organisation_id) as tx:
            found = await factors.find_authenticator(tx, *where)
            return Standing(
                has_app=found is not None and found.is_confirmed,
                passkeys=len(await passkeys.list_of(tx, *where)),
                recovery_codes=await factors.count_codes(tx, *where),
                is_required=(await policies.get(tx, actor.organisation_id)).require_second_factor,
                has_any=await factors.has_any(tx, *where),
            )

    async def lacks_factor(self, actor: Actor) -> bool:
        """Whether the actor has to set one up before anything else."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await self._lacks_factor(tx, actor)

    async def _lacks_factor(self, tx: Transaction, actor: Actor) -> bool:
        if not (await policies.get(tx, actor.organisation_id)).require_second_factor:
            return False
        return not await factors.has_any(tx, actor.organisation_id, actor.id)

    async def _has_or_needs_factor(self, tx: Transaction, consultant: Consultant) -> bool:
        """Whether this account's password is not all that a login takes, or soon will not be."""
        where = (consultant.organisation_id, consultant.consultant_id)
        return (await policies.get(tx, consultant.organisation_id)).require_second_factor or (
            await factors.has_any(tx, *where)
        )

    async def _check_factor(self, tx: Transaction, actor: Actor) -> None:
        """:raises FactorNeeded: the actor has to set one up first."""
        if await self._lacks_factor(tx, actor):
            raise FactorNeeded()

    async def begin_app(self, actor: Actor) -> Setup:
        """A new secret for an authenticator app, not in use before a code of it is confirmed.

        :raises ProofNeeded: the actor did not show lately who they are.
        :raises AlreadyExists: one is in use already.
        """
        await self.require_proof(actor)
        secret = secrets.token_bytes(totp.SECRET_BYTES)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            sealed = self._cipher.seal(secret, about(_PLACE, actor.organisation_id, actor.id))
            if not await factors.put_authenticator(tx, actor.organisation_id, actor.id, sealed):
                raise AlreadyExists(code="is not asked for: an app is set up already")
            return await self._setup(tx, owner, secret)

    async def get_setup(self, actor: Actor) -> Setup:
        """The one that is not confirmed yet. :raises NotFound: there is none."""
        await self.require_proof(actor)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            found = await factors.find_authenticator(tx, actor.organisation_id, actor.id)
            if found is None or found.is_confirmed:
                raise NotFound()
            return await self._setup(tx, owner, self._opened(owner, found.secret))

    async def _setup(self, tx: Transaction, owner: Consultant, secret: bytes) -> Setup:
        name = (await organisations.get(tx, owner.organisation_id)).name
        return Setup(address=totp.address(secret, name, owner.email), secret=totp.shown(secret))

    async def confirm_app(self, actor: Actor, code: str) -> list[str]:
        """The app shows the right code: it is in use from now on. Recovery codes, shown once.

        :raises Invalid: field `code`. :raises NotFound: nothing to be confirmed.
        :raises ProofNeeded: the actor did not show lately who they are.
        """
        await self.require_proof(actor)
        where = (actor.organisation_id, actor.id)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            found = await factors.find_authenticator(tx, *where)
            if found is None or found.is_confirmed:
                raise NotFound()
            step = totp.step_of(self._opened(owner, found.secret), _typed(code), self._now().timestamp())
            if step is None:
                raise Invalid(code="is not what the app shows now; is the clock of your phone right?")
            if not await factors.confirm(tx, *where, step, self._now()):
                raise NotFound()
            fresh = await self._fresh_codes(tx, owner)
            await self._tell(tx, owner, letters.factor_added)
            await self._record(tx, actor, Action.FACTOR_ADDED)
            return fresh

    async def renew_codes(self, actor: Actor) -> list[str]:
        """New recovery codes, shown once; the old ones are worthless.

        :raises ProofNeeded: the actor did not show lately who they are.
        :raises NotFound: there is no second factor that they could stand for.
        """
        await self.require_proof(actor)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            if not await factors.has_any(tx, actor.organisation_id, actor.id):
                raise NotFound()
            fresh = await self._fresh_codes(tx, owner)
            await self._record(tx, actor, Action.CODES_RENEWED)
            return fresh

    async def remove_app(self, actor: Actor) -> bool:
        """Give the app up, and with the last factor the recovery codes. Whether the actor is logged out by
        that, since the organisation asks for a factor.

        :raises ProofNeeded: the actor did not show lately who they are.
        :raises NotFound: there is none.
        """
        await self.require_proof(actor)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            if not await factors.remove_authenticator(tx, actor.organisation_id, actor.id):
                raise NotFound()
            is_over = await self._factor_removed(tx, owner)
            await self._record(tx, actor, Action.FACTOR_REMOVED)
            return is_over

    async def _factor_removed(self, tx: Transaction, owner: Consultant) -> bool:
        """Whether their logins end by that, and with them live sessions."""
        where = (owner.organisation_id, owner.consultant_id)
        if not await factors.has_any(tx, *where):
            await factors.put_codes(tx, *where, ())
        await self._tell(tx, owner, letters.factor_removed)
        is_over = await self._lacks_factor(tx, owner.actor())
        if is_over:
            await logins.end_all_of(tx, *where)
        return is_over

    async def prove(self, actor: Actor, *, password: str = "", code: str = "") -> str:
        """Show once more who one is, by all that a login takes; the login's new token.

        :raises ProofNeeded: the actor did not come in by a login.
        :raises Invalid: fields `password`, `code`. :raises TooFast: too much was wrong lately.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            has_factor = await factors.has_any(tx, actor.organisation_id, actor.id)
        if has_factor and not code:
            raise Invalid(code="is asked for beside the password")
        await self._check_own_password(actor, password)
        if not has_factor:
            async with self._database.transaction(actor.organisation_id) as tx:
                return await self._renew(tx, actor)
        guess = self._guess("code", actor.id)
        async with self._database.transaction(actor.organisation_id) as tx:
            if await self.use_code(tx, await self._acting(tx, actor), code):
                self._throttle.forgive(guess.account, guess.network)
                return await self._renew(tx, actor)
            await self._record(tx, actor, Action.LOGIN_FAILED, step="proof")
        raise Invalid(code="is wrong, too old, or was used before")

    async def use_code(self, tx: Transaction, consultant: Consultant, typed: object) -> bool:
        """Whether this is a code of theirs that nobody used yet; from now on somebody has."""
        where = (consultant.organisation_id, consultant.consultant_id)
        found = await factors.find_authenticator(tx, *where)
        if found is not None and found.is_confirmed:
            secret = self._opened(consultant, found.secret)
            step = totp.step_of(secret, _typed(typed), self._now().timestamp())
            if step is not None:
                return await factors.use_step(tx, *where, step)
        code = codes.find_recovery_code(typed)
        if code is None or not await factors.use_code(tx, *where, secret_hash(code)):
            return False
        left = await factors.count_codes(tx, *where)
        await self._tell(tx, consultant, lambda name: letters.recovery_code_used(name, left))
        return True

    def _opened(self, owner: Consultant, sealed: bytes) -> bytes:
        return self._cipher.open(sealed, about(_PLACE, owner.organisation_id, owner.consultant_id))

    async def _fresh_codes(self, tx: Transaction, owner: Consultant) -> list[str]:
        fresh = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = [secret_hash(code) for code in fresh]
        await factors.put_codes(tx, owner.organisation_id, owner.consultant_id, hashes)
        return fresh


def _typed(code: object) -> str:
    return code[:100] if isinstance(code, str) else ""
