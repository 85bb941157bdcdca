"""How people join an organisation: invited by a manager, by a link that works once.

In come addresses, roles and links, out come invitations and logins. Looking at a link changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import Actor, Role
from hotline.errors import AlreadyExists, Gone, Invalid, NotFound, TooFast
from hotline.people import letters
from hotline.people.base import AccountsBase, Signed, checked_id, checked_role, words_of
from hotline.people.links import opened
from hotline.store import consultants, invitations, organisations, policies
from hotline.store.ids import new_id, new_secret, secret_hash
from hotline.store.invitations import Invitation

_RETRY_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A fresh invitation: the link is shown to the manager once, and mailed."""

    link: str
    expires_at: datetime


class Invitations(AccountsBase):
    """The part of Accounts about joining."""

    async def invite(self, actor: Actor, *, email: str, role: str | Role) -> Invited:
        """Invite somebody, by mail; an older invitation of the same address is taken back.

        :raises Invalid: no address or role, or the address has an account here already.
        """
        form = checks.gathered(email=lambda: checks.email(email), role=lambda: checked_role(role))
        token = new_secret()
        expires_at = self._until(hours=self._limits.invitation_hours)
        link = f"{self._public_url}/register/user/{token}"
        async with self._database.transaction(actor.organisation_id) as tx:
            inviter = await self._acting_manager(tx, actor)
            if await consultants.find_by_email(tx, actor.organisation_id, form["email"]) is not None:
                raise Invalid(email="already has an account here")
            usable = await invitations.list_all(tx, actor.organisation_id, self._now())
            # Mails to strangers in the name of whoever registered: not without end.
            if 0 < self._limits.open_invitations <= len(usable):
                raise TooFast(retry_after=_RETRY_SECONDS)
            self._spend(
                ("invitation", actor.organisation_id, self._limits.invitations_per_hour),
                ("invitation", "", self._limits.invitations_per_node),
                ("mail", actor.organisation_id, self._limits.mails_per_hour),
            )
            organisation = await organisations.get(tx, actor.organisation_id)
            invitation_id = await invitations.add(
                tx,
                actor.organisation_id,
                secret_hash(token),
                email=form["email"],
                role=form["role"],
                invited_by=actor.id,
                now=self._now(),
                expires_at=expires_at,
            )
            letter = letters.invitation(organisation.name, inviter.name, form["role"], link, expires_at)
            await self._mail(tx, organisation, form["email"], letter)
            await self._record(
                tx,
                actor,
                Action.INVITATION_SENT,
                kind="invitation",
                subject=invitation_id,
                role=form["role"].value,
            )
        return Invited(link=link, expires_at=expires_at)

    async def send_again(self, actor: Actor, invitation_id: str) -> Invited:
        """A manager sends an invitation once more, with a new link and new time; the old link ends.

        :raises NotFound: there is none with this id.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            waiting = await invitations.list_all(tx, actor.organisation_id, self._now())
        wanted = checked_id(invitation_id)
        for each in waiting:
            if each.invitation_id == wanted:
                return await self.invite(actor, email=each.email, role=each.role)
        raise NotFound()

    async def list_invitations(self, actor: Actor) -> list[Invitation]:
        """The organisation's invitations that can still be used, for managers."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            return await invitations.list_all(tx, actor.organisation_id, self._now())

    async def withdraw_invitation(self, actor: Actor, invitation_id: str) -> None:
        """A manager takes an invitation back. :raises NotFound: there is none with this id."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            wanted = checked_id(invitation_id)
            if not await invitations.withdraw(tx, actor.organisation_id, wanted):
                raise NotFound()
            await self._record(tx, actor, Action.INVITATION_WITHDRAWN, kind="invitation", subject=wanted)

    async def get_invitation(self, token: str) -> tuple[str, str, Role]:
        """(organisation's name, email, role) of a link. :raises Gone: it cannot be used (any more)."""
        name, invitation = await self._get_invitation(token)
        return name, invitation.email, invitation.role

    async def _get_invitation(self, token: str) -> tuple[str, Invitation]:
        async with opened(self._database, token, invitations.find_organisation) as (tx, where):
            invitation = await invitations.find(tx, *where, self._now())
            if invitation is None:
                raise Gone()
            return (await organisations.get(tx, invitation.organisation_id)).name, invitation

    async def accept_invitation(self, token: str, *, username: str, password: str) -> Signed:
        """Join, and use the link up. Nothing tells whether the address has accounts elsewhere: who invited
        has the link, too. With the password they have there people have one for all of them.

        :raises Invalid: name or password cannot be used; the link still can.
        :raises Gone: the link cannot be used (any more).
        """
        name, invitation = await self._get_invitation(token)
        async with self._database.transaction(invitation.organisation_id) as tx:
            is_factor_asked = (await policies.get(tx, invitation.organisation_id)).require_second_factor
        form = await self._checked(
            password,
            words_of(name, username, invitation.email),
            "password",
            is_alone=not is_factor_asked,
            username=lambda: checks.mailed_name(username, "username"),
        )
        hashed = await self._hash_of(invitation.email, form["password"])
        try:
            async with self._database.transaction(invitation.organisation_id) as tx:
                used = await invitations.use(tx, invitation.organisation_id, secret_hash(token), self._now())
                if used is None:
                    raise Gone()
                consultant = await consultants.add(
                    tx,
                    used.organisation_id,
                    new_id(),
                    name=form["username"],
                    email=used.email,
                    role=used.role,
                    password=hashed,
                    now=self._now(),
                )
                await self._record(
                    tx,
                    consultant,
                    Action.PERSON_JOINED,
                    kind="invitation",
                    subject=used.invitation_id,
                    role=used.role.value,
                )
                return await self._sign_in(tx, consultant)
        except AlreadyExists as error:
            raise Gone() from error
