"""What managers do with forms and what comes of them: change what is asked, read surveys and statistics.

In come an actor and what they made, out come forms, answers without anybody's name, and counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from hotline.domain import checks, forms
from hotline.domain.audit import Action
from hotline.domain.model import Actor
from hotline.domain.questions import FormName, Forms, Question
from hotline.domain.statistics import Statistics, statistics_of
from hotline.errors import Invalid
from hotline.people.base import AccountsBase
from hotline.store import counts, organisations, surveys, zones
from hotline.store import forms as stored
from hotline.store.surveys import Survey

_DAYS = 30
_FIRST_YEAR = 2000


class FormsOfOrganisations(AccountsBase):
    """The part of Accounts about forms."""

    async def get_forms(self, actor: Actor) -> Forms:
        """All forms of the actor's organisation. :raises NotAllowed: not a manager (any more)."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            return await stored.get(tx, actor.organisation_id)

    async def change_form(
        self,
        actor: Actor,
        name: FormName,
        *,
        questions: Sequence[Question] | None = None,
        required: bool | None = None,
        consent: Mapping[str, str] | None = None,
        consent_required: bool | None = None,
    ) -> Forms:
        """A manager changes a form; what is None stays. :raises Invalid: by field, all at once."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._locked_managers(tx, actor)
            before = await stored.get(tx, actor.organisation_id)
            checked = checks.gathered(
                questions=lambda: (
                    before.of(name) if questions is None else _checked_questions(name, questions)
                ),
                required=lambda: _checked_required(name, required),
                consent=lambda: before.consent if consent is None else _checked_consent(name, consent),
                consent_required=lambda: _checked_consent_required(name, consent_required),
            )
            after = replace(before, **{name.value: checked["questions"]}, consent=checked["consent"])
            if checked["required"] is not None:
                after = replace(after, record_required=checked["required"])
            if checked["consent_required"] is not None:
                after = replace(after, consent_required=checked["consent_required"])
            await stored.change(tx, actor.organisation_id, after)
            await self._record_settings(tx, actor, before, after)
            return after

    async def list_surveys(
        self, actor: Actor, before: str | None = None, limit: int = 50
    ) -> tuple[list[Survey], bool]:
        """What clients answered afterwards, newest day first; whether there are more."""
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            return await surveys.list_before(tx, actor.organisation_id, before, limit)

    async def export_statistics(
        self, actor: Actor, since: date | None = None, until: date | None = None
    ) -> Statistics:
        """The same as `get_statistics`, to be taken away."""
        found = await self.get_statistics(actor, since, until)
        async with self._database.transaction(actor.organisation_id) as tx:
            days = (found.until - found.since).days + 1
            await self._record(tx, actor, Action.STATISTICS_EXPORTED, days=days)
        return found

    async def _today(self, organisation_id: str) -> date:
        """In the organisation's time zone, as days are counted."""
        async with self._database.reading(organisation_id) as tx:
            organisation = await organisations.get(tx, organisation_id)
        return self._now().astimezone(zones.find(organisation.time_zone)).date()

    async def get_statistics(
        self, actor: Actor, since: date | None = None, until: date | None = None
    ) -> Statistics:
        """Counts of these days, both included; without days of the last thirty.

        :raises Invalid: the days are the wrong way round, or too many.
        """
        last = until or await self._today(actor.organisation_id)
        if last.year < _FIRST_YEAR:
            raise Invalid(until=f"must not be before {_FIRST_YEAR}")
        first = since or last - timedelta(days=_DAYS - 1)
        if first > last:
            raise Invalid(since="must not be after the last day")
        if 0 < (most := self._limits.statistics_days) <= (last - first).days:
            raise Invalid(since=f"must be at most {most} days before the last one")
        async with self._database.transaction(actor.organisation_id) as tx:
            await self._acting_manager(tx, actor)
            return statistics_of(
                first,
                last,
                [
                    (count.day, count.subject, count.value, count.count)
                    for count in await counts.list_all(tx, actor.organisation_id, first, last)
                ],
                await stored.get(tx, actor.organisation_id),
            )


def _checked_questions(name: FormName, questions: Sequence[Question]) -> tuple[Question, ...]:
    checked = forms.check_questions(questions)
    if name is not FormName.QUESTIONS:
        for number, question in enumerate(checked):
            if forms.has_risk(question):
                raise Invalid(
                    **{f"questions.{number}.risk_choices": "are only for the questions of the anteroom"}
                )
    return checked


def _checked_required(name: FormName, value: bool | None) -> bool | None:
    if value is not None and name is not FormName.RECORD:
        raise Invalid(required="is only for the record")
    return value


def _checked_consent(name: FormName, value: Mapping[str, str]) -> dict[str, str]:
    if name is not FormName.QUESTIONS:
        raise Invalid(consent="is only for the questions of the anteroom")
    return forms.check_consent(value)


def _checked_consent_required(name: FormName, value: bool | None) -> bool | None:
    if value is not None and name is not FormName.QUESTIONS:
        raise Invalid(consent_required="is only for the questions of the anteroom")
    return value
