"""Logging in and out, on the pages and over WAMP.

In come passwords, cookies, tickets and keys, out come actors. Whether an address is known can be told
neither from the answer nor from its time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import LANGUAGE, Actor, Organisation, Role
from hotline.errors import AlreadyExists, NotAllowed, NotFound
from hotline.passwords import UNUSABLE
from hotline.people.base import Signed, checked_id, words_of
from hotline.people.entry import Entry
from hotline.store import audit, consultants, logins, organisations, resets, shown, tokens
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_id, new_secret, secret_hash
from hotline.store.logins import Login
from hotline.store.tokens import Keys

T = TypeVar("T")

_TOUCH_EVERY = timedelta(minutes=1)
_LONGEST_AUTHID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A new organisation; its manager comes in by the link, which works once."""

    slug: str
    link: str
    expires_at: datetime


class Logins(Entry):
    """The part of Accounts about who somebody is."""

    async def register_organisation(
        self,
        *,
        organisation: str,
        username: str,
        email: str,
        password: str,
        language: str = LANGUAGE,
        network: str | None = None,
    ) -> Signed:
        """Make an organisation and its first manager, who is logged in.

        :param language: the one its clients are served in, a tag, until somebody chooses more.
        :param network: where it comes from; None: nowhere in particular.
        :raises TooFast: too many were made from there lately.
        :raises Invalid: something cannot be used, with every problem by field.
        """
        form = await self._checked_registration(organisation, username, email, password, language)
        self._spend(("registration", network, self._limits.registrations_per_network))
        hashed = await self._hash_of(form["email"], form["password"])
        return await self._found(
            form["organisation"],
            form["username"],
            form["email"],
            hashed,
            self._signed_in,
            language=form["language"],
        )

    async def _checked_registration(
        self, organisation: str, username: str, email: str, password: str, language: str
    ) -> dict[str, Any]:
        return await self._checked(
            password,
            words_of(organisation, username, email),
            "password",
            organisation=lambda: checks.mailed_name(organisation, "organisation"),
            username=lambda: checks.mailed_name(username, "username"),
            email=lambda: checks.email(email),
            language=lambda: checks.language_tag(language, "language"),
        )

    async def _signed_in(self, tx: Transaction, slug: str, manager: Consultant) -> Signed:
        return await self._sign_in(tx, manager)

    async def found_organisation(
        self, *, organisation: str, username: str, email: str, language: str = LANGUAGE
    ) -> Founded:
        """Make an organisation whose first manager chooses a password by a link; for operators.

        :raises Invalid: something cannot be used, with every problem by field.
        """
        form = checks.gathered(
            organisation=lambda: checks.mailed_name(organisation, "organisation"),
            username=lambda: checks.mailed_name(username, "username"),
            email=lambda: checks.email(email),
            language=lambda: checks.language_tag(language, "language"),
        )
        token = new_secret()
        expires_at = self._until(hours=self._limits.invitation_hours)

        async def give_link(tx: Transaction, slug: str, manager: Consultant) -> Founded:
            await resets.add(
                tx,
                manager.organisation_id,
                manager.consultant_id,
                secret_hash(token),
                self._now(),
                expires_at,
            )
            link = f"{self._public_url}/changepw/{token}"
            return Founded(slug=slug, link=link, expires_at=expires_at)

        return await self._found(
            form["organisation"],
            form["username"],
            form["email"],
            # Not the password of another account of this address: nobody knows whose that is.
            UNUSABLE,
            give_link,
            language=form["language"],
        )

    async def _found(
        self,
        name: str,
        username: str,
        email: str,
        hashed: str,
        finish: Callable[[Transaction, str, Consultant], Awaitable[T]],
        *,
        language: str = LANGUAGE,
        organisation_id: str | None = None,
    ) -> T:
        """:raises AlreadyExists: field `name`: there is an organisation of this id."""
        organisation_id = organisation_id or new_id()
        while True:
            try:
                async with self._database.transaction(organisation_id) as tx:
                    slug = await organisations.free_slug(tx, checks.slug_of(name))
                    await organisations.add(
                        tx,
                        Organisation(
                            organisation_id=organisation_id,
                            slug=slug,
                            name=name,
                            created_at=self._now(),
                            languages=(language,),
                        ),
                    )
                    await audit.begin(tx, organisation_id)
                    manager = await consultants.add(
                        tx,
                        organisation_id,
                        new_id(),
                        name=username,
                        email=email,
                        role=Role.MANAGER,
                        password=hashed,
                        now=self._now(),
                    )
                    return await finish(tx, slug, manager)
            except AlreadyExists as error:
                # Somebody took the address of the same name in this very moment: there are more.
                if "organisation" not in error.details:
                    raise

    async def log_out(self, token: str) -> None:
        """End the login of this cookie, if it has one."""
        hashed = secret_hash(token)
        async with self._database.transaction() as tx:
            organisation_id = await logins.find_organisation(tx, hashed)
        if organisation_id is not None:
            async with self._database.transaction(organisation_id) as tx:
                consultant_id = await logins.end_by_token(tx, organisation_id, hashed)
                if consultant_id is not None:
                    who = await consultants.get(tx, organisation_id, consultant_id)
                    await self._record(tx, who, Action.LOGIN_ENDED, count=1)

    async def find_actor(self, token: str) -> Actor | None:
        """Who has this cookie; None: nobody, or not any more. Counts as use of the login."""
        now = self._now()
        hashed = secret_hash(token)
        async with self._database.transaction() as tx:
            organisation_id = await logins.find_organisation(tx, hashed)
        if organisation_id is None:
            return None
        async with self._database.transaction(organisation_id) as tx:
            login = await logins.find_login(tx, organisation_id, hashed, now, self._limits.login_idle_minutes)
            if login is None:
                return None
            consultant = await consultants.find(tx, organisation_id, login.consultant_id)
            if consultant is None:
                return None
            if now - login.seen_at >= _TOUCH_EVERY:
                await logins.touch(tx, organisation_id, login.login_id, now)
        return consultant.actor(login_id=login.login_id)

    async def list_logins(self, actor: Actor) -> list[Login]:
        """The actor's own logins; the one they ask with has `actor.login_id`."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await logins.list_of(
                tx, actor.organisation_id, actor.id, self._now(), self._limits.login_idle_minutes
            )

    async def login_ends_at(self, actor: Actor) -> datetime | None:
        """When the login the actor came in by ends, however much it is used; None: they have none."""
        every = await self.list_logins(actor) if actor.login_id else []
        return next((one.expires_at for one in every if one.login_id == actor.login_id), None)

    async def end_login(self, actor: Actor, login_id: str) -> None:
        """End one of the actor's own logins.

        :raises ProofNeeded: it is another than theirs, and they did not show lately who they are.
        :raises NotFound: they have none with this id.
        """
        # A script's token shows who it is each time it connects, and is nobody's open window.
        if actor.login_id not in (None, login_id):
            await self.require_proof(actor)
        async with self._database.transaction(actor.organisation_id) as tx:
            if not await logins.end_of(tx, actor.organisation_id, actor.id, checked_id(login_id)):
                raise NotFound()
            await self._record(tx, actor, Action.LOGIN_ENDED, count=1)

    async def issue_ticket(self, actor: Actor) -> tuple[str, str, str]:
        """(realm, authid, ticket) for one WAMP session of a logged-in consultant.

        :raises NotAllowed: the actor did not come in by a login.
        :raises FactorNeeded: the actor has to set a second factor up first.
        """
        if actor.login_id is None or not actor.is_consultant:
            raise NotAllowed()
        ticket = new_secret()
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._check_factor(tx, actor)
            organisation = await organisations.get(tx, actor.organisation_id)
            await logins.add_ticket(
                tx,
                actor.organisation_id,
                secret_hash(ticket),
                actor.id,
                actor.login_id,
                self._now(),
                self._until(seconds=self._limits.ticket_seconds),
            )
        return organisation.slug, actor.id, ticket

    async def authenticate(self, organisation_id: str, authid: str, ticket: str) -> Actor | None:
        """Who a WAMP session with this authid and ticket is; None: nobody.

        The ticket is one of `issue_ticket`, a client's key or an API token's secret.
        """
        if not _may_exist(authid):
            return None
        hashed = secret_hash(ticket)
        now = self._now()
        async with self._database.reading(organisation_id) as tx:
            found = await shown.find(tx, organisation_id, authid, hashed, now)
        if found is None:
            return None
        if found.means is shown.Means.TICKET:
            async with self._database.single(organisation_id) as tx:
                used = await logins.use_ticket(tx, organisation_id, hashed, now)
            if used is None or used[0].consultant_id != authid:
                return None
            return used[0].actor(login_id=used[1])
        if not found.is_noted:
            async with self._database.transaction(organisation_id) as tx:
                return await self._noted(tx, await tokens.find(tx, organisation_id, authid, hashed, now))
        return found.actor

    async def find_token_keys(self, organisation_id: str, name: str) -> tuple[str, Role, Keys] | None:
        """The id of an API token, its owner's role, what proves it; None: there is none of this name."""
        if not _may_exist(name):
            return None
        async with self._database.transaction(organisation_id) as tx:
            return await tokens.find_keys(tx, organisation_id, name)

    async def use_token(self, organisation_id: str, token_id: str) -> Actor | None:
        """Who an API token is that was proved; None: it is not there any more."""
        async with self._database.transaction(organisation_id) as tx:
            return await self._noted(tx, await tokens.use(tx, organisation_id, token_id, self._now()))

    async def _noted(self, tx: Transaction, actor: Actor | None) -> Actor | None:
        """Whoever came in by a token; the token's row is held, so of many at once one is noted."""
        if actor is not None and actor.token_id is not None:
            await audit.add_once(
                tx, actor, Action.TOKEN_USED, self._now(), kind="token", subject=actor.token_id
            )
        return actor


def _may_exist(authid: str) -> bool:
    """PostgreSQL cannot even be asked for some texts."""
    return len(authid) <= _LONGEST_AUTHID and not any(
        c == "\x00" or "\ud800" <= c <= "\udfff" for c in authid
    )
