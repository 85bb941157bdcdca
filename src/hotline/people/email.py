"""A new email address for an account: asked for with the password, in force when its link is used.

In come an actor and an address, or a link, out comes nothing. Both addresses are told; who changes the
password meanwhile has stopped it.
"""

from __future__ import annotations

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import Actor
from hotline.errors import Gone, Invalid, TooFast
from hotline.people import letters
from hotline.people.base import AccountsBase
from hotline.people.links import opened_step
from hotline.store import consultants, organisations, resets, steps
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_secret, secret_hash

_RETRY_SECONDS = 600


class EmailChange(AccountsBase):
    """The part of Accounts about addresses."""

    async def get_profile(self, actor: Actor) -> Consultant:
        """The actor's own account."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await consultants.get(tx, actor.organisation_id, actor.id)

    async def change_profile(self, actor: Actor, *, username: str, email: str, password: str) -> bool:
        """Put the own name; whether a new address waits for its link to be used.

        :raises ProofNeeded: it takes a second factor, too, which the actor did not show lately.
        :raises Invalid: by field. :raises TooFast: too many links are on their way.
        """
        form = checks.gathered(
            username=lambda: checks.name(username, "username"), email=lambda: checks.email(email)
        )
        if form["email"] != (await self.get_profile(actor)).email:
            await self._require_both(actor)
        await self._check_own_password(actor, password)
        async with self._database.transaction(actor.organisation_id) as tx:
            before = await self._acting(tx, actor)
            if form["username"] != before.name:
                checks.mailed(form["username"], "username")
            await consultants.change_profile(
                tx, actor.organisation_id, actor.id, name=form["username"], email=before.email
            )
            if form["email"] == before.email:
                return False
            await self._ask(tx, before, form["email"])
            return True

    async def _ask(self, tx: Transaction, owner: Consultant, email: str) -> None:
        where = (owner.organisation_id, owner.consultant_id)
        if 0 < self._limits.links_per_person <= await steps.count_of(tx, *where, "email", self._now()):
            raise TooFast(retry_after=_RETRY_SECONDS)
        self._spend(("mail", owner.organisation_id, self._limits.mails_per_hour))
        token = new_secret()
        expires_at = self._until(minutes=self._limits.reset_minutes)
        await steps.add(
            tx, *where, secret_hash(token), "email", now=self._now(), expires_at=expires_at, detail=email
        )
        organisation = await organisations.get(tx, owner.organisation_id)
        if await consultants.list_organisations(tx, email):
            # Its accounts have a password of their own: two people, or one who can be invited there. Whoever
            # asks is not told so: the link goes to nobody.
            letter = letters.email_taken(organisation.name)
        else:
            link = f"{self._public_url}/account/email/{token}"
            letter = letters.email_asked(organisation.name, link, expires_at)
        await self._mail(tx, organisation, email, letter)
        await self._tell(tx, owner, letters.email_change_begun)

    async def get_new_email(self, token: str) -> str:
        """The address that this link is about. :raises Gone: it cannot be used (any more)."""
        async with opened_step(self._database, token, "email", self._now()) as (_, found):
            return found.detail

    async def confirm_email(self, token: str) -> None:
        """Use the link up: the address is the account's from now on, and the old one is told.

        :raises Gone: it cannot be used (any more), or the address got an account meanwhile.
        """
        try:
            async with opened_step(self._database, token, "email", self._now()) as (tx, found):
                organisation_id, email = found.organisation_id, found.detail
                if not await steps.use(tx, found) or await consultants.list_organisations(tx, email):
                    raise Gone()
                before = await consultants.get(tx, organisation_id, found.consultant_id)
                await consultants.change_profile(
                    tx, organisation_id, before.consultant_id, name=before.name, email=email
                )
                # Links to the old address are no longer theirs.
                await resets.forget_of(tx, organisation_id, before.consultant_id)
                await steps.forget_of(tx, organisation_id, before.consultant_id, "email", "factors")
                await self._tell(tx, before, letters.email_changed)
                await self._record(tx, before, Action.EMAIL_CHANGED)
        except Invalid as error:
            raise Gone() from error
