"""The forms of organisations: in come an organisation's id or its forms, out come Forms.

Decides nothing and checks nothing: the domain does. Knows no answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg2.extras import Json

from hotline.domain import forms
from hotline.domain.defaults import DEFAULT_QUESTIONS, DEFAULT_RECORD
from hotline.domain.model import Organisation
from hotline.domain.questions import Forms, Question
from hotline.store import organisations
from hotline.store.database import Transaction

_COLUMNS = "languages[1] AS language, questions, survey, record, record_required, consent, consent_required"

GET = f"SELECT {_COLUMNS} FROM organisations WHERE organisation_id = %(organisation)s"
GET_BOTH = f"""
SELECT {organisations.COLUMNS}, {_COLUMNS} FROM organisations WHERE organisation_id = %(organisation)s
"""
CHANGE = """
UPDATE organisations SET questions = %(questions)s, survey = %(survey)s, record = %(record)s,
    record_required = %(record_required)s, consent = %(consent)s, consent_required = %(consent_required)s
WHERE organisation_id = %(organisation)s
"""


async def get(tx: Transaction, organisation_id: str) -> Forms:
    """:raises NotFound: the organisation was deleted."""
    return _forms(await tx.get(GET, organisation=organisation_id))


async def get_with_organisation(tx: Transaction, organisation_id: str) -> tuple[Organisation, Forms]:
    """Both in one round trip. :raises NotFound: the organisation was deleted."""
    row = await tx.get(GET_BOTH, organisation=organisation_id)
    return organisations.organisation_of(row), _forms(row)


def _forms(row: Any) -> Forms:
    return Forms(
        language=row.language,
        questions=DEFAULT_QUESTIONS if row.questions is None else _read(row.questions),
        survey=_read(row.survey),
        record=DEFAULT_RECORD if row.record is None else _read(row.record),
        record_required=row.record_required,
        consent=row.consent,
        consent_required=row.consent_required,
    )


async def change(tx: Transaction, organisation_id: str, value: Forms) -> None:
    """Put all forms."""
    await tx.run(
        CHANGE,
        organisation=organisation_id,
        questions=None if value.questions == DEFAULT_QUESTIONS else _plain(value.questions),
        survey=_plain(value.survey),
        record=None if value.record == DEFAULT_RECORD else _plain(value.record),
        record_required=value.record_required,
        consent=Json(dict(value.consent)),
        consent_required=value.consent_required,
    )


def _read(stored: Sequence[Any]) -> tuple[Question, ...]:
    return tuple(forms.read(value) for value in stored)


def _plain(questions: Sequence[Question]) -> Json:
    return Json([forms.plain(question) for question in questions])
