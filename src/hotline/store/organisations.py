"""Organisations in the database: in come their values, out come Organisation values and ids.

Which organisation a slug belongs to is answered through the directory function, before any
organisation is known. Decides nothing and checks nothing: the domain does.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json

from hotline.domain.model import Organisation, Question, QuestionKind
from hotline.store.database import Transaction

_FIND_BY_SLUG = "SELECT organisation_of_slug(%(slug)s) AS organisation_id"
_LIST_ALL = "SELECT organisation_id, slug, name, created_at FROM list_organisations()"
_GET = """
SELECT organisation_id, slug, name, accepting, questions, colours, allowed_sites, retention_hours, created_at
FROM organisations WHERE organisation_id = %(organisation_id)s
"""
_ADD = """
INSERT INTO organisations
    (organisation_id, slug, name, accepting, questions, colours, allowed_sites, retention_hours, created_at)
VALUES (%(organisation_id)s, %(slug)s, %(name)s, %(accepting)s, %(questions)s, %(colours)s,
    %(allowed_sites)s::text[], %(retention_hours)s, %(created_at)s)
"""
_FREE_SLUG = """
SELECT slug FROM (
    SELECT 1 AS number, %(wanted)s AS slug
    UNION ALL SELECT number, %(wanted)s || '-' || number FROM generate_series(2, 100) AS number
) AS candidates WHERE organisation_of_slug(slug) IS NULL ORDER BY number LIMIT 1
"""
_CHANGE = """
UPDATE organisations SET name = %(name)s, accepting = %(accepting)s, questions = %(questions)s,
    colours = %(colours)s, allowed_sites = %(allowed_sites)s::text[], retention_hours = %(retention_hours)s
WHERE organisation_id = %(organisation_id)s
"""
_DELETE = "DELETE FROM organisations WHERE organisation_id = %(organisation_id)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOrganisation:
    """One line of the list of all organisations."""

    organisation_id: str
    slug: str
    name: str
    created_at: datetime


async def find_by_slug(tx: Transaction, slug: str) -> str | None:
    """The id of the organisation with this address."""
    return (await tx.get(_FIND_BY_SLUG, slug=slug)).organisation_id  # type: ignore[no-any-return]


async def list_all(tx: Transaction) -> list[ListedOrganisation]:
    """All organisations of this database, by slug."""
    return [ListedOrganisation(**row._asdict()) for row in await tx.rows(_LIST_ALL)]


async def get(tx: Transaction, organisation_id: str) -> Organisation:
    """:raises NotFound: it was deleted."""
    row = await tx.get(_GET, organisation_id=organisation_id)
    return Organisation(
        organisation_id=row.organisation_id,
        slug=row.slug,
        name=row.name,
        accepting=row.accepting,
        questions=tuple(_read_question(value) for value in row.questions),
        colours=row.colours,
        allowed_sites=tuple(row.allowed_sites),
        retention_hours=row.retention_hours,
        created_at=row.created_at,
    )


async def add(tx: Transaction, organisation: Organisation) -> None:
    """:raises AlreadyExists: somebody else took the slug meanwhile."""
    await tx.run(
        _ADD,
        organisation_id=organisation.organisation_id,
        slug=organisation.slug,
        name=organisation.name,
        accepting=organisation.accepting,
        questions=_write_questions(organisation.questions),
        colours=Json(organisation.colours),
        allowed_sites=list(organisation.allowed_sites),
        retention_hours=organisation.retention_hours,
        created_at=organisation.created_at,
    )


async def free_slug(tx: Transaction, wanted: str) -> str:
    """`wanted`, or else `wanted-2`, `wanted-3`, ...; nobody has it at this moment."""
    row = await tx.find(_FREE_SLUG, wanted=wanted)
    return row.slug if row is not None else f"{wanted}-{secrets.token_hex(4)}"


async def change(
    tx: Transaction,
    organisation_id: str,
    *,
    name: str,
    accepting: bool,
    questions: Sequence[Question],
    colours: Mapping[str, str],
    allowed_sites: Sequence[str],
    retention_hours: int,
) -> None:
    """Put all settings; address and id stay for ever."""
    await tx.run(
        _CHANGE,
        organisation_id=organisation_id,
        name=name,
        accepting=accepting,
        questions=_write_questions(questions),
        colours=Json(dict(colours)),
        allowed_sites=list(allowed_sites),
        retention_hours=retention_hours,
    )


async def delete(tx: Transaction, organisation_id: str) -> bool:
    """Remove it and, through the foreign keys, every row of it; False: there was none."""
    return await tx.run(_DELETE, organisation_id=organisation_id) == 1


def _write_questions(questions: Sequence[Question]) -> Any:
    return Json(
        [
            {
                "name": q.name,
                "label": q.label,
                "kind": q.kind,
                "required": q.required,
                "choices": list(q.choices),
            }
            for q in questions
        ]
    )


def _read_question(value: Mapping[str, Any]) -> Question:
    return Question(
        name=value["name"],
        label=value["label"],
        kind=QuestionKind(value["kind"]),
        required=value["required"],
        choices=tuple(value.get("choices", ())),
    )
