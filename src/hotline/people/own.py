"""What consultants do with their own account: password, name, address, API tokens, leaving.

In come an actor and what they typed, out come secrets shown once, or nothing. Whoever changes
something of weight proves once more who they are.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import Actor, Presence, Scope
from hotline.errors import Gone, Invalid, NotAllowed, NotFound
from hotline.limits import INVALID, Limit, Per, fixed
from hotline.people import letters
from hotline.people.base import ONLY_MANAGER, checked_id, usable, words_of
from hotline.people.email import EmailChange
from hotline.people.factors import Factors
from hotline.store import (
    consultants,
    invitations,
    logins,
    organisations,
    resets,
    rooms,
    steps,
    tokens,
)
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_secret, secret_hash
from hotline.store.tokens import Keys, Token

# Links that can be used at the same time; more requests within their life send no more mail.
_MOST_RESETS = fixed(
    3,
    __name__,
    Limit(
        Per.PERSON,
        "links for a forgotten password, at the same time",
        "no mail, the same answer",
    ),
)

_ITERATIONS = 4096
_MOST_DAYS = fixed(3650, __name__, Limit(Per.PERSON, "days that an API token is good", INVALID))
_PUBLIC_KEY_BYTES = 32


class OwnAccount(EmailChange, Factors):
    """The part of Accounts about oneself."""

    async def set_presence(self, actor: Actor, presence: Presence) -> None:
        """Whether the actor takes clients just now."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await consultants.set_presence(tx, actor.organisation_id, actor.id, presence)

    async def forgot_password(self, email: str, *, network: str | None = None) -> None:
        """Send a link to choose a new password, if the address is known; the answer is the same if not.

        :param network: where it comes from; None: nowhere in particular.
        :raises Invalid: it is no address. :raises TooFast: too many were asked for from there lately.
        """
        checked = checks.email(email)
        self._spend(("reset", network, self._limits.resets_per_network))
        async with self._database.transaction() as tx:
            known = await consultants.list_organisations(tx, checked)
        if known:
            self._do_aside("mailing a link for a new password", self._mail_reset(known[0], checked))

    async def _mail_reset(self, organisation_id: str, checked: str) -> None:
        """One link for all accounts of an address: whoever reads its mail chooses one password for them."""
        token = new_secret()
        expires_at = self._until(minutes=self._limits.reset_minutes)
        async with self._database.transaction(organisation_id) as tx:
            found = await consultants.find_by_email(tx, organisation_id, checked)
            if found is None:
                return
            consultant_id = found[0].consultant_id
            if await resets.count_of(tx, organisation_id, consultant_id, self._now()) >= _MOST_RESETS:
                return
            organisation = await organisations.get(tx, organisation_id)
            await resets.add(tx, organisation_id, consultant_id, secret_hash(token), self._now(), expires_at)
            letter = letters.reset(organisation.name, f"{self._public_url}/changepw/{token}", expires_at)
            await self._mail(tx, organisation, checked, letter)

    async def get_reset(self, token: str) -> Consultant:
        """Whose link this is. :raises Gone: it cannot be used (any more)."""
        hashed = secret_hash(token)
        async with self._database.transaction() as tx:
            organisation_id = await resets.find_organisation(tx, hashed)
        if organisation_id is None:
            raise Gone()
        async with self._database.transaction(organisation_id) as tx:
            consultant_id = await resets.find(tx, organisation_id, hashed, self._now())
            found = await consultants.find(tx, organisation_id, consultant_id) if consultant_id else None
        if found is None:
            raise Gone()
        return found

    async def change_password_by_reset(self, token: str, password: str) -> None:
        """Put a new password, use the link up and end all logins and API tokens, with every organisation of
        this person.

        :raises Invalid: the password cannot be used; the link still can.
        :raises Gone: the link cannot be used (any more).
        """
        consultant = await self.get_reset(token)
        organisation_id = consultant.organisation_id
        everywhere = await self._accounts_of(consultant.email)
        form = await self._checked_password(everywhere, consultant, password, "password")
        hashed = await self._passwords.hash(form["password"])
        async with self._database.transaction(*(each.organisation_id for each, _ in everywhere)) as tx:
            if await resets.use(tx, organisation_id, secret_hash(token), self._now()) is None:
                raise Gone()
            await self._put_passwords(tx, everywhere, hashed, keeps_tokens=False)

    async def change_password(self, actor: Actor, *, old: str, new: str, keeps_tokens: bool = False) -> str:
        """Put a new password and end the other logins and the API tokens, with every organisation in which
        this person has the same one; the new token of this login. Accounts of the address with another
        password stay as they are: who knows one of them has not shown that the others are theirs.

        :param keeps_tokens: API tokens stay.
        :raises ProofNeeded: the actor did not come in by a login, or did not show their second factor lately.
        :raises Invalid: fields `old`, `new`.
        """
        await self._require_both(actor)
        await self._check_own_password(actor, old, "old")
        consultant = await self.get_profile(actor)
        everywhere = await self._accounts_of(consultant.email)
        shown = {stored for each, stored in everywhere if each.consultant_id == actor.id}
        same = [account for account in everywhere if account[1] in shown]
        form = await self._checked_password(same, consultant, new, "new")
        others = usable(everywhere) - shown
        hashed = await self._passwords.hash(form["new"], min(others, default=None))
        async with self._database.transaction(*(each.organisation_id for each, _ in same)) as tx:
            token = await self._renew(tx, actor)
            await self._put_passwords(tx, same, hashed, actor.login_id, keeps_tokens=keeps_tokens)
            return token

    async def _checked_password(
        self, accounts: list[tuple[Consultant, str]], consultant: Consultant, password: str, field: str
    ) -> dict[str, Any]:
        """A new password for these accounts, one of which is this consultant's."""
        async with self._database.transaction(*(each.organisation_id for each, _ in accounts)) as tx:
            name = (await organisations.get(tx, consultant.organisation_id)).name
            is_alone = not all([await self._has_or_needs_factor(tx, each) for each, _ in accounts])
        words = words_of(name, consultant.name, consultant.email)
        return await self._checked(password, words, field, is_alone=is_alone)

    async def _put_passwords(
        self,
        tx: Transaction,
        accounts: list[tuple[Consultant, str]],
        hashed: str,
        except_login_id: str | None = None,
        *,
        keeps_tokens: bool,
    ) -> None:
        ended = {}
        for each, _ in accounts:
            await self._put_password(tx, each, hashed, except_login_id)
            if not keeps_tokens:
                where = (each.organisation_id, each.consultant_id)
                ended[each.organisation_id] = await tokens.end_all_of(tx, *where)
        # In one order, so that two who do this at once do not wait for each other.
        for each, _ in sorted(accounts, key=lambda account: account[0].organisation_id):
            await self._record(tx, each, Action.PASSWORD_CHANGED)
            await self._record_tokens(tx, each, each.consultant_id, ended.get(each.organisation_id, 0))

    async def _put_password(
        self, tx: Transaction, consultant: Consultant, hashed: str, except_login_id: str | None
    ) -> None:
        organisation_id, consultant_id = consultant.organisation_id, consultant.consultant_id
        await consultants.set_password(tx, organisation_id, consultant_id, hashed)
        await logins.end_all_of(tx, organisation_id, consultant_id, except_login_id)
        # Whatever somebody else began with the old password comes to nothing.
        await resets.forget_of(tx, organisation_id, consultant_id)
        await steps.forget_of(tx, organisation_id, consultant_id, "login", "email", "factors")
        await self._tell(tx, consultant, letters.password_changed)

    async def delete_account(self, actor: Actor, password: str) -> None:
        """Leave the organisation for good; the rooms served wait for somebody else.

        :raises Invalid: not the own password.
        :raises NotAllowed: the only manager cannot leave, only delete the organisation.
        """
        await self._check_own_password(actor, password)
        async with self._database.transaction(actor.organisation_id) as tx:
            managers = await consultants.lock_managers(tx, actor.organisation_id)
            if managers == {actor.id}:
                raise NotAllowed(reason=f"you are {ONLY_MANAGER}")
            await self._remove(tx, await self._acting(tx, actor))
            await self._record(tx, actor, Action.PERSON_REMOVED, kind="person", subject=actor.id)

    async def _remove(self, tx: Transaction, consultant: Consultant) -> None:
        organisation_id, consultant_id = consultant.organisation_id, consultant.consultant_id
        # Held from here on, so that they claim nothing between the release and the end.
        await consultants.lock(tx, organisation_id, consultant_id)
        await rooms.release_all(tx, organisation_id, consultant_id, self._now())
        await invitations.withdraw_of(tx, organisation_id, consultant_id)
        await consultants.remove(tx, organisation_id, consultant_id)

    async def create_token(
        self,
        actor: Actor,
        name: str,
        public_key: str = "",
        *,
        scopes: Iterable[str] = tuple(Scope),
        days: object = 0,
    ) -> tuple[str, str]:
        """(name, secret) of a new API token, for some of what its owner may do, who is told by mail; no
        secret with a public key.

        :param public_key: Ed25519, 64 hexadecimal digits; empty: a secret is made.
        :param days: after so many it ends; 0: never.
        :raises ProofNeeded: the actor did not show lately who they are, and is no operator.
        :raises FactorNeeded: nobody could come in by it without a second factor.
        :raises Invalid: name, public_key, scopes, days.
        """
        if not actor.is_operator:
            await self.require_proof(actor)
        form = checks.gathered(
            name=lambda: checks.name(name), scopes=lambda: _scopes(scopes), days=lambda: _days(days)
        )
        checked = form["name"]
        secret = new_secret()
        keys = _public(public_key) if public_key else _salted(secret)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            await self._check_factor(tx, actor)
            token_id = await tokens.add(
                tx,
                actor.organisation_id,
                owner.consultant_id,
                checked,
                secret_hash(secret),
                self._now(),
                keys,
                scopes=form["scopes"],
                expires_at=self._until(days=form["days"]) if form["days"] else None,
            )
            scopes = sorted(form["scopes"])
            await self._tell(tx, owner, lambda name: letters.token_made(name, scopes, form["days"]))
            await self._record(
                tx, actor, Action.TOKEN_MADE, kind="token", subject=token_id, scopes=scopes, days=form["days"]
            )
        return checked, "" if public_key else secret

    async def list_tokens(self, actor: Actor) -> list[Token]:
        """The actor's own API tokens."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await tokens.list_of(tx, actor.organisation_id, actor.id)

    async def revoke_token(self, actor: Actor, token_id: str) -> None:
        """Take back one of the actor's own; its sessions end.

        :raises NotFound: they have none with this id.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            wanted = checked_id(token_id)
            if not await tokens.revoke(tx, actor.organisation_id, actor.id, wanted):
                raise NotFound()
            await self._record(tx, actor, Action.TOKEN_REVOKED, kind="token", subject=wanted)


def _scopes(given: Iterable[str]) -> list[Scope]:
    try:
        chosen = [Scope(each) for each in given]
    except ValueError:
        raise Invalid(scopes="must be read, speak or manage") from None
    if not chosen:
        raise Invalid(scopes="are missing: choose one at least")
    return chosen


def _days(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= _MOST_DAYS:
        raise Invalid(days=f"must be a whole number from 0 to {_MOST_DAYS}; 0: never")
    return given


def _salted(secret: str) -> Keys:
    # Secrets are random and long: the iterations are for clients that would not do with fewer.
    salt = secrets.token_hex(16)
    salted_key = hashlib.pbkdf2_hmac("sha256", secret.encode(), salt.encode(), _ITERATIONS)
    return Keys(salt=salt, iterations=_ITERATIONS, salted_key=salted_key)


def _public(text: str) -> Keys:
    try:
        public_key = bytes.fromhex(text)
    except ValueError:
        public_key = b""
    if len(public_key) != _PUBLIC_KEY_BYTES:
        raise Invalid(public_key="must be 64 hexadecimal digits")
    return Keys(salt=secrets.token_hex(16), iterations=_ITERATIONS, public_key=public_key)
