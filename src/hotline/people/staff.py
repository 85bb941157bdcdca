"""What managers do with consultants and with the organisation itself.

In come an actor and what they typed, out come lists or nothing. An organisation never loses its last
manager: managers are locked before one of them goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hotline.domain import aids, checks, settings
from hotline.domain.audit import Action
from hotline.domain.model import Actor, Intake, Organisation, Role
from hotline.domain.staff import StaffEntry
from hotline.errors import Invalid, NotAllowed
from hotline.people import letters
from hotline.people.base import ONLY_MANAGER, check_manages, checked_id, checked_role
from hotline.people.own import OwnAccount
from hotline.people.safety import DELETION_DAYS, Safety
from hotline.store import assigning, consultants, emptying, invitations, organisations, policies, zones
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction


class Staff(OwnAccount, Safety):
    """The part of Accounts about others, and the organisation."""

    async def list_staff(self, actor: Actor) -> list[StaffEntry]:
        """All consultants of the actor's organisation."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting(tx, actor)
            return await consultants.list_all(tx, actor.organisation_id)

    async def remove_consultant(self, actor: Actor, consultant_id: str) -> None:
        """A manager removes somebody, at once also from live sessions; the rooms served wait again.

        :raises NotFound: there is nobody with this id in the organisation.
        :raises NotAllowed: not a manager, or it would be the last one.
        """
        wanted = checked_id(consultant_id)
        async with self._database.transaction(actor.organisation_id) as tx:
            managers = await self._locked_managers(tx, actor)
            consultant = await consultants.get(tx, actor.organisation_id, wanted)
            if managers == {wanted}:
                raise NotAllowed(reason=f"{consultant.name} is {ONLY_MANAGER}")
            await self._remove(tx, consultant)
            await self._record(tx, actor, Action.PERSON_REMOVED, kind="person", subject=wanted)

    async def set_role(self, actor: Actor, consultant_id: str, role: str | Role) -> None:
        """A manager gives somebody another role, which is so at once.

        :raises NotFound: there is nobody with this id in the organisation.
        :raises NotAllowed: not a manager, or the last one would go.
        """
        form = checks.gathered(role=lambda: checked_role(role))
        wanted = checked_id(consultant_id)
        async with self._database.transaction(actor.organisation_id) as tx:
            managers = await self._locked_managers(tx, actor)
            consultant = await consultants.get(tx, actor.organisation_id, wanted)
            if form["role"] is not Role.MANAGER and managers == {wanted}:
                raise NotAllowed(reason=f"{consultant.name} is {ONLY_MANAGER}")
            await consultants.set_role(tx, actor.organisation_id, wanted, form["role"], self._now())
            if form["role"] is not Role.MANAGER:
                await invitations.withdraw_of(tx, actor.organisation_id, wanted)
            await self._record(
                tx,
                actor,
                Action.ROLE_CHANGED,
                kind="person",
                subject=wanted,
                before=consultant.role.value,
                after=form["role"].value,
            )

    async def set_skills(
        self, actor: Actor, consultant_id: str, *, languages: object, topics: object
    ) -> None:
        """What somebody is best at, by which clients are given to them: one's own; for managers anybody's.

        :raises Invalid: fields `languages`, `topics`.
        :raises NotFound: there is nobody with this id in the organisation.
        """
        checked = checks.gathered(
            languages=lambda: aids.check_languages(languages), topics=lambda: aids.check_topics(topics)
        )
        wanted = checked_id(consultant_id)
        async with self._database.transaction(actor.organisation_id) as tx:
            by = await self._acting(tx, actor)
            await consultants.get(tx, actor.organisation_id, wanted)
            if wanted != actor.id:
                _check_manager(by, "only managers say this of others")
                check_manages(actor)
            await assigning.put_skills(tx, actor.organisation_id, wanted, **checked)
            await self._record(
                tx, actor, Action.SETTINGS_CHANGED, kind="person", subject=wanted, names=sorted(checked)
            )

    async def get_organisation(self, actor: Actor) -> Organisation:
        """The actor's organisation."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await organisations.get(tx, actor.organisation_id)

    async def change_organisation(self, actor: Actor, changes: Mapping[str, Any]) -> Organisation:
        """A manager changes settings, by the names of `domain.settings.CHECKS`.

        :raises Invalid: by name, all at once.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._locked_managers(tx, actor)
            before = await organisations.lock(tx, actor.organisation_id)
            # A name of before may stay, whatever is asked of new ones.
            checked = settings.check(
                {
                    name: value
                    for name, value in changes.items()
                    if name not in settings.MAILED or value != getattr(before, name)
                }
            )
            if "time_zone" in checked:
                zones.check(checked["time_zone"])
            changed = replace(before, **checked)
            await organisations.change(tx, changed)
            await self._record_settings(tx, actor, before, changed)
            return changed

    async def set_intake(self, actor: Actor, intake: str) -> Organisation:
        """A consultant pauses or goes on; only a manager closes, or opens again what is closed.

        :raises NotAllowed: not a manager, or by a script that was not meant to manage.
        """
        wanted = settings.check({"intake": intake})["intake"]
        async with self._database.transaction(actor.organisation_id) as tx:
            by = await self._acting(tx, actor)
            before = await organisations.lock(tx, actor.organisation_id)
            if Intake.CLOSED in (wanted, before.intake) and wanted is not before.intake:
                _check_manager(by, "only managers close the service, or open it again")
                check_manages(actor)
            changed = replace(before, intake=wanted)
            if changed != before:
                await organisations.change(tx, changed)
                await self._record(tx, actor, Action.SETTINGS_CHANGED, names=["intake"])
            return changed

    async def delete_organisation(self, actor: Actor, *, password: str, typed_name: str) -> bool:
        """A manager deletes the organisation with everything in it, at once and for good.

        False: it wants two managers for that, and this is the first; the others are told.

        :raises ProofNeeded: it takes a second factor, too, which the actor did not show lately.
        :raises Invalid: fields `password`, `typed_name`.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            name = (await organisations.get(tx, actor.organisation_id)).name
        await self._require_both(actor)
        problems: dict[str, str] = {}
        try:
            await self._check_own_password(actor, password)
        except Invalid as error:
            problems.update(error.details)
        if not isinstance(typed_name, str) or typed_name.strip() != name:
            problems["typed_name"] = "is not the name of the organisation"
        if problems:
            raise Invalid(**problems)
        async with self._database.transaction(actor.organisation_id) as tx:
            managers = await self._locked_managers(tx, actor)
            if (await policies.get(tx, actor.organisation_id)).two_managers_to_delete:
                first = await policies.find_deletion(tx, actor.organisation_id)
                others = await self._two_managers(tx, actor, managers)
                is_first = (
                    first is None
                    or first[0] not in others
                    or self._now() - first[1] > timedelta(days=DELETION_DAYS)
                )
                if is_first:
                    await self._ask_deletion(tx, actor, managers)
                    return False
                # From now on nobody can take it back.
                await policies.ask_deletion(tx, actor.organisation_id, None, self._now())
            # It may take long, and be interrupted: who wanted it stands there all the same.
            await self._record(tx, actor, Action.DELETION_ASKED)
        await self._do_undisturbed("deleting an organisation", self._delete(actor.organisation_id))
        return True

    async def _delete(self, organisation_id: str) -> None:
        """What was decided, whatever becomes meanwhile of whoever decided it."""
        await emptying.empty(self._database, organisation_id)
        async with self._database.transaction(organisation_id) as tx:
            await consultants.lock_managers(tx, organisation_id)
            await organisations.delete(tx, organisation_id)

    async def _ask_deletion(self, tx: Transaction, actor: Actor, managers: set[str]) -> None:
        await policies.ask_deletion(tx, actor.organisation_id, actor.id, self._now())
        for each in managers - {actor.id}:
            await self._tell(
                tx,
                await consultants.get(tx, actor.organisation_id, each),
                lambda name: letters.deletion_asked(name, actor.name, DELETION_DAYS),
            )
        await self._record(tx, actor, Action.DELETION_ASKED)


def _check_manager(by: Consultant, reason: str) -> None:
    if by.role is not Role.MANAGER:
        raise NotAllowed(reason=reason)
