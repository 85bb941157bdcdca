"""What managers do with consultants and with the organisation itself.

In come an actor and what they typed, out come lists or nothing. An organisation never loses its last
manager: managers are locked before one of them goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hotline.domain import checks
from hotline.domain.model import Actor, Organisation, Question, Role
from hotline.errors import Invalid, NotAllowed
from hotline.people.base import ONLY_MANAGER, checked_id, checked_role
from hotline.people.own import OwnAccount
from hotline.store import consultants, invitations, organisations
from hotline.store.consultants import StaffEntry

_COLOUR_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_MOST_COLOURS = 20
_MOST_RETENTION_HOURS = 2160


class Staff(OwnAccount):
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
            await consultants.set_role(tx, actor.organisation_id, wanted, form["role"])
            if form["role"] is not Role.MANAGER:
                await invitations.withdraw_of(tx, actor.organisation_id, wanted)

    async def get_organisation(self, actor: Actor) -> Organisation:
        """The actor's organisation."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await organisations.get(tx, actor.organisation_id)

    async def change_organisation(
        self,
        actor: Actor,
        *,
        name: str | None = None,
        accepting: bool | None = None,
        questions: Sequence[Question] | None = None,
        colours: Mapping[str, str] | None = None,
        allowed_sites: Sequence[str] | None = None,
        retention_hours: int | None = None,
    ) -> Organisation:
        """A manager changes settings; what is None stays. :raises Invalid: by field, all at once."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._locked_managers(tx, actor)
            before = await organisations.get(tx, actor.organisation_id)
            form = checks.gathered(
                name=lambda: before.name if name is None else checks.name(name),
                accepting=lambda: before.accepting if accepting is None else _checked_flag(accepting),
                questions=lambda: (
                    before.questions if questions is None else checks.questions(list(questions))
                ),
                colours=lambda: before.colours if colours is None else _checked_colours(colours),
                allowed_sites=lambda: (
                    before.allowed_sites if allowed_sites is None else checks.sites(list(allowed_sites))
                ),
                retention_hours=lambda: (
                    before.retention_hours if retention_hours is None else _checked_hours(retention_hours)
                ),
            )
            await organisations.change(tx, actor.organisation_id, **form)
            return await organisations.get(tx, actor.organisation_id)

    async def delete_organisation(self, actor: Actor, *, password: str, typed_name: str) -> None:
        """A manager deletes the organisation with everything in it, at once and for good.

        :raises Invalid: fields `password`, `typed_name`.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            name = (await organisations.get(tx, actor.organisation_id)).name
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
            await self._locked_managers(tx, actor)
            await organisations.delete(tx, actor.organisation_id)


def _checked_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Invalid(accepting="must be yes or no")
    return value


def _checked_colours(values: Mapping[str, str]) -> dict[str, str]:
    if len(values) > _MOST_COLOURS or not all(_COLOUR_NAME.fullmatch(key) for key in values):
        raise Invalid(colours="must be colours by name")
    return {key: checks.colour(value, "colours") for key, value in values.items()}


def _checked_hours(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_RETENTION_HOURS:
        raise Invalid(retention_hours=f"must be a whole number from 0 to {_MOST_RETENTION_HOURS}")
    return value
