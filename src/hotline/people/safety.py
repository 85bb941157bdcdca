"""What managers do for the safety of their organisation: what is asked of everybody, and help for one person.

In come an actor and what they chose, out come the policy or nothing. A manager starts what another person
finishes: nobody chooses anybody else's password or factor.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hotline.domain.audit import Action
from hotline.domain.model import Actor
from hotline.errors import Gone, Invalid, NotAllowed, NotFound, TooFast
from hotline.limits import Limit, Per, fixed
from hotline.people import letters
from hotline.people.base import checked_id
from hotline.people.factors import Factors
from hotline.people.links import opened_step
from hotline.store import consultants, factors, logins, organisations, passkeys, policies, steps, tokens
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_secret, secret_hash
from hotline.store.policies import Loosening, Policy

DELETION_DAYS = 7
_SECOND_DAYS = fixed(
    7,
    __name__,
    Limit(Per.PERSON, "days as a manager before one counts as one of two", "it takes somebody else"),
    "a promise to organisations: nobody makes the second of two managers in a moment",
)
_RETRY_SECONDS = 3600


class Safety(Factors):
    """The part of Accounts about what an organisation asks of its people."""

    async def get_policy(self, actor: Actor) -> Policy:
        """For managers."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            return await policies.get(tx, actor.organisation_id)

    async def put_policy(self, actor: Actor, policy: Policy) -> bool:
        """A manager says what is asked; whoever then lacks a second factor has to log in again, and their API
        tokens let nobody in.

        False: some of it is to be given up, which takes two managers as the end of the organisation does, and
        this is the first; the others are told.

        :raises NotAllowed: it takes two, and this is not one of them.
        :raises ProofNeeded: the actor did not show lately who they are.
        :raises Invalid: managers who ask for a second factor have one.
        """
        await self.require_proof(actor)
        organisation_id = actor.organisation_id
        async with self._database.transaction(organisation_id) as tx:
            managers = await self._locked_managers(tx, actor)
            before = await policies.get(tx, organisation_id)
            having = await factors.list_with(tx, organisation_id)
            if policy.require_second_factor and actor.id not in having:
                raise Invalid(require_second_factor="can be asked for by managers who have one themselves")
            given_up = before.given_up_by(policy) if before.two_managers_to_delete else []
            is_asked = bool(given_up) and await self._ask_loosening(tx, actor, managers, given_up)
            if is_asked:
                policy = replace(policy, **dict.fromkeys(given_up, True))
            await policies.put(tx, organisation_id, policy)
            for each in managers - {actor.id} if policy != before else ():
                other = await consultants.get(tx, organisation_id, each)
                await self._tell(tx, other, lambda name: letters.policy_changed(name, actor.name))
            if policy.require_second_factor and not before.require_second_factor:
                await policies.end_logins_without(tx, organisation_id, having)
            if not policy.two_managers_to_delete:
                await policies.ask_deletion(tx, organisation_id, None, self._now())
            if is_asked:
                await self._record(tx, actor, Action.LOOSENING_ASKED, names=given_up)
            await self._record_settings(tx, actor, before, policy)
        return not is_asked

    async def _ask_loosening(
        self, tx: Transaction, actor: Actor, managers: set[str], names: list[str]
    ) -> bool:
        """Whether a second manager has to want it, too; if not, the first one did, and that is settled."""
        organisation_id = actor.organisation_id
        others = await self._two_managers(tx, actor, managers)
        first = await policies.find_loosening(tx, organisation_id)
        if (
            first is not None
            and first.names == names
            and first.asked_by in others
            and self._now() - first.asked_at <= timedelta(days=DELETION_DAYS)
        ):
            await policies.ask_loosening(tx, organisation_id, None, [], self._now())
            return False
        await policies.ask_loosening(tx, organisation_id, actor.id, names, self._now())
        for each in managers - {actor.id}:
            other = await consultants.get(tx, organisation_id, each)
            await self._tell(tx, other, lambda name: letters.loosening_asked(name, actor.name, DELETION_DAYS))
        return True

    async def _two_managers(self, tx: Transaction, actor: Actor, managers: set[str]) -> set[str]:
        """Who may want with the actor what takes two: managers for some days, so that nobody who stole a
        login makes the second one in a moment.

        :raises NotAllowed: the actor may not, or there is nobody.
        """
        since = self._now() - timedelta(days=_SECOND_DAYS)
        counting = managers & await consultants.list_managers_since(tx, actor.organisation_id, since)
        reason = f"it takes two who have been managers for {_SECOND_DAYS} days"
        if actor.id not in counting:
            raise NotAllowed(reason=f"{reason}, and you have not")
        if counting == {actor.id}:
            raise NotAllowed(reason=f"{reason}, and you are the only one")
        return counting - {actor.id}

    async def find_loosening(self, actor: Actor) -> Loosening | None:
        """What of the policy a manager asked to give up, and waits for a second one."""
        async with self._database.transaction(actor.organisation_id) as tx:
            asked = await policies.find_loosening(tx, actor.organisation_id)
        is_over = asked is None or self._now() - asked.asked_at > timedelta(days=DELETION_DAYS)
        return None if is_over else asked

    async def take_loosening_back(self, actor: Actor) -> None:
        """Any manager: what is asked for safety's sake stays."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            if await policies.find_loosening(tx, actor.organisation_id) is None:
                return
            await policies.ask_loosening(tx, actor.organisation_id, None, [], self._now())
            await self._record(tx, actor, Action.LOOSENING_TAKEN_BACK)

    async def list_with_factors(self, actor: Actor) -> set[str]:
        """The ids of the consultants who have a second factor, for managers."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            return await factors.list_with(tx, actor.organisation_id)

    async def count_tokens(self, actor: Actor) -> dict[str, int]:
        """How many API tokens people have who have any, by their ids; for managers."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            owners = [each.consultant_id for each in await tokens.list_all(tx, actor.organisation_id)]
        return {owner: owners.count(owner) for owner in owners}

    async def end_logins_of(self, actor: Actor, consultant_id: str) -> None:
        """A manager ends all logins and API tokens of somebody, at once also in live sessions.

        :raises NotFound: there is nobody with this id in the organisation.
        """
        wanted = checked_id(consultant_id)
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            await consultants.get(tx, actor.organisation_id, wanted)
            count = await logins.end_all_of(
                tx, actor.organisation_id, wanted, actor.login_id if wanted == actor.id else None
            )
            ended = await tokens.end_all_of(tx, actor.organisation_id, wanted)
            await self._record(tx, actor, Action.LOGIN_ENDED, kind="person", subject=wanted, count=count)
            await self._record_tokens(tx, actor, wanted, ended)

    async def start_factor_reset(self, actor: Actor, consultant_id: str) -> None:
        """A manager mails somebody who lost their second factor a link to give it up; nothing happens before.

        :raises NotFound: there is nobody with this id in the organisation, or they have none.
        :raises TooFast: such links are on their way.
        """
        wanted = checked_id(consultant_id)
        organisation_id = actor.organisation_id
        token = new_secret()
        expires_at = self._until(minutes=self._limits.reset_minutes)
        async with self._database.transaction(organisation_id) as tx:
            manager = await self._acting_manager(tx, actor)
            person = await consultants.get(tx, organisation_id, wanted)
            if not await factors.has_any(tx, organisation_id, wanted):
                raise NotFound()
            started = await steps.count_of(tx, organisation_id, wanted, "factors", self._now())
            if 0 < self._limits.links_per_person <= started:
                raise TooFast(retry_after=_RETRY_SECONDS)
            self._spend(("mail", organisation_id, self._limits.mails_per_hour))
            await steps.add(
                tx,
                organisation_id,
                wanted,
                secret_hash(token),
                "factors",
                now=self._now(),
                expires_at=expires_at,
            )
            organisation = await organisations.get(tx, organisation_id)
            link = f"{self._public_url}/lostfactor/{token}"
            letter = letters.factors_reset(organisation.name, manager.name, link, expires_at)
            await self._mail(tx, organisation, person.email, letter)
            await self._record(tx, actor, Action.FACTOR_RESET_STARTED, kind="person", subject=wanted)

    async def get_factor_reset(self, token: str) -> Consultant:
        """Whose link this is. :raises Gone: it cannot be used (any more)."""
        async with opened_step(self._database, token, "factors", self._now()) as (tx, step):
            return await consultants.get(tx, step.organisation_id, step.consultant_id)

    async def give_factors_up(self, token: str, password: str) -> None:
        """With the link and the password: all factors go, all logins and API tokens end, and the person is
        told.

        :raises Invalid: field `password`. :raises Gone: it cannot be used (any more).
        """
        person = await self.get_factor_reset(token)
        where = (person.organisation_id, person.consultant_id)
        async with self._database.transaction(person.organisation_id) as tx:
            stored = await consultants.get_password(tx, *where)
        if not await self._verified(self._guess("password", person.consultant_id), password, stored):
            await self._note_failure(person, "factors")
            raise Invalid(password="is not your password")
        async with self._database.transaction(person.organisation_id) as tx:
            step = await steps.find(tx, person.organisation_id, secret_hash(token), "factors", self._now())
            if step is None or not await steps.use(tx, step):
                raise Gone()
            await factors.remove_authenticator(tx, *where)
            await passkeys.remove_of(tx, *where)
            await factors.put_codes(tx, *where, ())
            await steps.forget_of(tx, *where, "login", "factors")
            await logins.end_all_of(tx, *where)
            ended = await tokens.end_all_of(tx, *where)
            await self._tell(tx, person, letters.factor_removed)
            await self._record(tx, person, Action.FACTOR_REMOVED)
            await self._record_tokens(tx, person, person.consultant_id, ended)

    async def find_deletion(self, actor: Actor) -> str | None:
        """The id of the manager who asked for the organisation's end and waits for a second one."""
        async with self._database.transaction(actor.organisation_id) as tx:
            asked = await policies.find_deletion(tx, actor.organisation_id)
        if asked is None or self._now() - asked[1] > timedelta(days=DELETION_DAYS):
            return None
        return asked[0]

    async def take_deletion_back(self, actor: Actor) -> bool:
        """Any manager: the organisation is not deleted. False: nobody asks for that, or it was decided."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            if await policies.find_deletion(tx, actor.organisation_id) is None:
                return False
            await policies.ask_deletion(tx, actor.organisation_id, None, self._now())
            await self._record(tx, actor, Action.DELETION_TAKEN_BACK)
        return True
