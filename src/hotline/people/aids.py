"""What consultants do with ready answers and referrals: use them; and change those that are theirs.

In come an actor and what was typed, out come ReadyAnswers and Referrals. The organisation's are changed by
managers, whose rows are locked meanwhile, so that bounds hold; one's own by oneself.
"""

from __future__ import annotations

from hotline.domain import aids, checks
from hotline.domain.aids import ReadyAnswer, Referral, Scope
from hotline.domain.audit import Action
from hotline.domain.model import Actor
from hotline.errors import Invalid, NotFound
from hotline.people.base import AccountsBase, checked_id
from hotline.store import consultants, ready_answers, referrals
from hotline.store.database import Transaction
from hotline.store.ids import new_id


class Aids(AccountsBase):
    """The part of Accounts about what helps to write."""

    async def list_answers(
        self, actor: Actor, after: object = None, limit: object = 200
    ) -> tuple[list[ReadyAnswer], bool]:
        """The organisation's and the actor's own, by shortcut; whether there are more.

        :raises NotFound: `after` is the id of none of them.
        """
        checked = checks.gathered(after=lambda: _checked_after(after), limit=lambda: checks.limit(limit))
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting(tx, actor)
            if checked["after"] is not None:
                await ready_answers.get(tx, actor.organisation_id, actor.id, checked["after"])
            return await ready_answers.list_after(tx, actor.organisation_id, actor.id, **checked)

    async def list_answers_of(self, actor: Actor, scope: Scope) -> list[ReadyAnswer]:
        """All of the organisation's, or of the actor's own."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting(tx, actor)
            return await ready_answers.list_of(tx, actor.organisation_id, _owner(actor, scope))

    async def set_answer(
        self,
        actor: Actor,
        answer_id: object,
        *,
        scope: object,
        shortcut: object,
        text: object,
        language: object,
    ) -> ReadyAnswer:
        """Make one (no id), or change one of this scope.

        :raises Invalid: by field, all at once; there are as many as there may be.
        :raises NotFound: there is none of this id in this scope.
        :raises NotAllowed: the organisation's are for managers.
        """
        known = None if answer_id is None else checked_id(answer_id)
        answer = aids.check_answer(known or new_id(), scope, shortcut, text, language)
        owner = _owner(actor, answer.scope)
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._lock_for(tx, actor, answer.scope)
            if known is None:
                count = await ready_answers.count_of(tx, actor.organisation_id, owner)
                _check_count("answers", count, self._most_answers(answer.scope))
                await ready_answers.add(tx, actor.organisation_id, owner, answer)
                await self._record_answers(tx, actor, answer.scope)
                return answer
            before = await ready_answers.get(tx, actor.organisation_id, actor.id, known)
            if before.scope is not answer.scope:
                raise NotFound()
            await ready_answers.change(tx, actor.organisation_id, answer)
            await self._record_answers(tx, actor, answer.scope)
        return answer

    async def remove_answer(self, actor: Actor, answer_id: object) -> None:
        """:raises NotFound: the actor can use none of this id. :raises NotAllowed: see `set_answer`."""
        known = checked_id(answer_id)
        async with self._database.transaction(actor.organisation_id) as tx:
            answer = await ready_answers.get(tx, actor.organisation_id, actor.id, known)
            await self._lock_for(tx, actor, answer.scope)
            await ready_answers.delete(tx, actor.organisation_id, known)
            await self._record_answers(tx, actor, answer.scope)

    async def list_referrals(
        self, actor: Actor, search: object = "", after: object = None, limit: object = 50
    ) -> tuple[list[Referral], bool]:
        """Those that have all the words searched for, by name; whether there are more.

        :raises NotFound: `after` is the id of none.
        """
        checked = checks.gathered(
            words=lambda: aids.searched_words(search),
            after=lambda: _checked_after(after),
            limit=lambda: checks.limit(limit),
        )
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting(tx, actor)
            if checked["after"] is not None:
                await referrals.get(tx, actor.organisation_id, checked["after"])
            return await referrals.list_after(tx, actor.organisation_id, **checked)

    async def get_referral(self, actor: Actor, referral_id: object) -> Referral:
        """:raises NotFound: there is none of this id."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting(tx, actor)
            return await referrals.get(tx, actor.organisation_id, checked_id(referral_id))

    async def set_referral(
        self,
        actor: Actor,
        referral_id: object,
        *,
        name: object,
        contact: object,
        text: object,
        languages: object,
        topics: object,
    ) -> Referral:
        """A manager makes one (no id), or changes one.

        :raises Invalid: by field, all at once; there are as many as there may be.
        :raises NotFound: there is none of this id.
        """
        known = None if referral_id is None else checked_id(referral_id)
        referral = aids.check_referral(known or new_id(), name, contact, text, languages, topics)
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._locked_managers(tx, actor)
            if known is None:
                count = await referrals.count_all(tx, actor.organisation_id)
                _check_count("referrals", count, self._limits.referrals)
                await referrals.add(tx, actor.organisation_id, referral)
            else:
                await referrals.get(tx, actor.organisation_id, known)
                await referrals.change(tx, actor.organisation_id, referral)
            await self._record(tx, actor, Action.SETTINGS_CHANGED, names=["referrals"])
        return referral

    async def remove_referral(self, actor: Actor, referral_id: object) -> None:
        """A manager takes one out. :raises NotFound: there is none of this id."""
        known = checked_id(referral_id)
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._locked_managers(tx, actor)
            await referrals.get(tx, actor.organisation_id, known)
            await referrals.delete(tx, actor.organisation_id, known)
            await self._record(tx, actor, Action.SETTINGS_CHANGED, names=["referrals"])

    def _most_answers(self, scope: Scope) -> int:
        is_own = scope is Scope.OWN
        return self._limits.ready_answers_per_person if is_own else self._limits.ready_answers

    async def _record_answers(self, tx: Transaction, actor: Actor, scope: Scope) -> None:
        # One's own are nobody else's business.
        if scope is Scope.ORGANISATION:
            await self._record(tx, actor, Action.SETTINGS_CHANGED, names=["answers"])

    async def _lock_for(self, tx: Transaction, actor: Actor, scope: Scope) -> None:
        if scope is Scope.ORGANISATION:
            await self._locked_managers(tx, actor)
        else:
            await self._acting(tx, actor)
            await consultants.lock(tx, actor.organisation_id, actor.id)


def _owner(actor: Actor, scope: Scope) -> str | None:
    return None if scope is Scope.ORGANISATION else actor.id


def _checked_after(value: object) -> str | None:
    return None if value is None else checks.identifier(value, "after")


def _check_count(field: str, count: int, most: int) -> None:
    if 0 < most <= count:
        raise Invalid(**{field: f"must be at most {most}"})
