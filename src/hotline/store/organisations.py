"""Organisations in the database: in come their values, out come Organisation values and ids.

Which organisation a slug belongs to is answered through the directory function, before any
organisation is known. Decides nothing and checks nothing: the domain does.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extras import Json

from hotline.domain import settings
from hotline.domain.model import Organisation
from hotline.store import ends
from hotline.store.database import Transaction
from hotline.store.ends import Ends

_FIND_BY_SLUG = "SELECT organisation_of_slug(%(slug)s) AS organisation_id"
_LIST_ALL = "SELECT organisation_id, slug, name, created_at FROM list_organisations()"
# The settings, each a column and a field of Organisation of the same name; with the kind of the column.
_SETTINGS = {
    "name": "text",
    "logo_text": "text",
    "colours": "jsonb",
    "allowed_sites": "text[]",
    "retention_hours": "int",
    "intake": "text",
    "hours": "jsonb",
    "special_days": "jsonb",
    "time_zone": "text",
    "at_closing": "text",
    "queue_limit": "int",
    "grace_seconds": "int",
    "messages_when_closed": "boolean",
    "messages_when_full": "boolean",
    "message_days": "int",
    "languages": "text[]",
    "texts": "jsonb",
    "elsewhere": "jsonb",
    "neutral_title": "boolean",
    "exit_url": "text",
    "rooms_per_consultant": "int",
    "vanished_seconds": "int",
    "block_second_person": "boolean",
    "automatic_assignment": "boolean",
}
_NAMES = ", ".join(_SETTINGS)
_VALUES = ", ".join(f"%({name})s::{kind}" for name, kind in _SETTINGS.items())

# The names and kinds put together here are those above.
COLUMNS = f"organisation_id, slug, created_at, {_NAMES}"
"""What `organisation_of` needs of a row."""
_GET = f"""
SELECT {COLUMNS} FROM organisations
WHERE organisation_id = %(organisation_id)s
"""
_LOCK = f"{_GET} FOR NO KEY UPDATE"
_ADD = f"""
INSERT INTO organisations (organisation_id, slug, created_at, {_NAMES})
VALUES (%(organisation_id)s, %(slug)s, %(created_at)s, {_VALUES})
"""
_FREE_SLUG = """
SELECT slug FROM (
    SELECT 1 AS number, %(wanted)s AS slug
    UNION ALL SELECT number, %(wanted)s || '-' || number FROM generate_series(2, 100) AS number
) AS candidates WHERE organisation_of_slug(slug) IS NULL ORDER BY number LIMIT 1
"""
_CHANGE = f"UPDATE organisations SET ({_NAMES}) = ({_VALUES}) WHERE organisation_id = %(organisation_id)s"
_TO_DISMISS = """
SELECT o.organisation_id FROM organisations o WHERE o.at_closing = 'dismiss' AND EXISTS (
    SELECT FROM rooms r WHERE r.organisation_id = o.organisation_id AND r.status = 'waiting'
        AND NOT r.left_message)
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
    return (await tx.get(_FIND_BY_SLUG, slug=slug)).organisation_id  # type: ignore[no-any-return]  # rows are Any


async def list_all(tx: Transaction) -> list[ListedOrganisation]:
    """All organisations of this database, by slug."""
    return [ListedOrganisation(**row._asdict()) for row in await tx.rows(_LIST_ALL)]


async def get(tx: Transaction, organisation_id: str) -> Organisation:
    """:raises NotFound: it was deleted."""
    return organisation_of(await tx.get(_GET, organisation_id=organisation_id))


async def lock(tx: Transaction, organisation_id: str) -> Organisation:
    """The organisation, held until the end of the transaction. :raises NotFound: it was deleted."""
    return organisation_of(await tx.get(_LOCK, organisation_id=organisation_id))


def organisation_of(row: Any) -> Organisation:
    """The organisation of a row with these columns."""
    return Organisation(
        organisation_id=row.organisation_id,
        slug=row.slug,
        created_at=row.created_at,
        **{name: settings.read(name, getattr(row, name)) for name in _SETTINGS},
    )


async def add(tx: Transaction, organisation: Organisation) -> None:
    """:raises AlreadyExists: somebody else took the slug meanwhile."""
    await tx.run(_ADD, slug=organisation.slug, created_at=organisation.created_at, **_columns(organisation))


async def free_slug(tx: Transaction, wanted: str) -> str:
    """`wanted`, or else `wanted-2`, `wanted-3`, ...; nobody has it at this moment."""
    row = await tx.find(_FREE_SLUG, wanted=wanted)
    return row.slug if row is not None else f"{wanted}-{secrets.token_hex(4)}"


async def change(tx: Transaction, organisation: Organisation) -> None:
    """Put all settings; address and id stay for ever."""
    await tx.run(_CHANGE, **_columns(organisation))


async def list_to_dismiss(tx: Transaction) -> list[str]:
    """Of those of the transaction: the organisations that send those who wait away at closing time, and have
    some waiting."""
    return [row.organisation_id for row in await tx.rows(_TO_DISMISS)]


async def delete(tx: Transaction, organisation_id: str) -> Ends | None:
    """Remove it and, through the foreign keys, every row of it, and have all nodes say so in their logs;
    where its log and its receipts ended. None: there was none."""
    left = await ends.take_leave(tx, organisation_id)
    return left if await tx.run(_DELETE, organisation_id=organisation_id) == 1 else None


def _columns(organisation: Organisation) -> dict[str, Any]:
    values = {name: settings.plain(organisation, name) for name in _SETTINGS}
    return {"organisation_id": organisation.organisation_id} | {
        name: Json(value) if _SETTINGS[name] == "jsonb" and value is not None else value
        for name, value in values.items()
    }
