"""What consultants do with their own account: password, name, address, leaving.

In come an actor and what they typed, out come secrets shown once, or nothing. Whoever changes
something of weight proves once more who they are.
"""

from __future__ import annotations

from typing import Any

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import Actor, Presence
from hotline.errors import Gone, NotAllowed
from hotline.people import letters
from hotline.people.api_tokens import ApiTokens
from hotline.people.base import ONLY_MANAGER, usable, words_of
from hotline.people.email import EmailChange
from hotline.people.links import opened
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


class OwnAccount(EmailChange, ApiTokens):
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
            # Of many who ask at once each sees what the others had sent.
            await consultants.lock(tx, organisation_id, consultant_id)
            usable = await resets.count_of(tx, organisation_id, consultant_id, self._now())
            if 0 < self._limits.links_per_person <= usable:
                return
            organisation = await organisations.get(tx, organisation_id)
            await resets.add(tx, organisation_id, consultant_id, secret_hash(token), self._now(), expires_at)
            letter = letters.reset(organisation.name, f"{self._public_url}/changepw/{token}", expires_at)
            await self._mail(tx, organisation, checked, letter)

    async def get_reset(self, token: str) -> Consultant:
        """Whose link this is. :raises Gone: it cannot be used (any more)."""
        async with opened(self._database, token, resets.find_organisation) as (tx, where):
            consultant_id = await resets.find(tx, *where, self._now())
            found = await consultants.find(tx, where[0], consultant_id) if consultant_id else None
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
        everywhere = await self._accounts_with(consultant)
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
        everywhere = await self._accounts_with(consultant)
        shown = {stored for each, stored in everywhere if each.consultant_id == actor.id}
        same = [account for account in everywhere if account[1] in shown]
        form = await self._checked_password(same, consultant, new, "new")
        others = usable(everywhere) - shown
        hashed = await self._passwords.hash(form["new"], min(others, default=None))
        async with self._database.transaction(*(each.organisation_id for each, _ in same)) as tx:
            token = await self._renew(tx, actor)
            await self._put_passwords(tx, same, hashed, actor.login_id, keeps_tokens=keeps_tokens)
            return token

    async def _accounts_with(self, consultant: Consultant) -> list[tuple[Consultant, str]]:
        """All accounts of their address, this one among them however many there are."""
        found = await self._accounts_of(consultant.email)
        if consultant.consultant_id in {each.consultant_id for each, _ in found}:
            return found
        async with self._database.transaction(consultant.organisation_id) as tx:
            where = (consultant.organisation_id, consultant.consultant_id)
            return [*found, (consultant, await consultants.get_password(tx, *where))]

    async def mark_device(self, actor: Actor) -> str:
        """The mark of the device from which they just changed their password: older ones are worthless."""
        async with self._database.transaction(actor.organisation_id) as tx:
            email = (await self._acting(tx, actor)).email
            stored = await consultants.get_password(tx, actor.organisation_id, actor.id)
        return self._devices.mark(email, stored)

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

        :raises ProofNeeded: it takes a second factor, too, which the actor did not show lately.
        :raises Invalid: not the own password.
        :raises NotAllowed: the only manager cannot leave, only delete the organisation.
        """
        await self._require_both(actor)
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
