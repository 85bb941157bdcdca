"""The organisation's directory of places to refer to. In come and out come Referrals.

What of a referral is searched in, and for which words, is the domain's business.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hotline.domain.aids import Referral, searched_in
from hotline.store.database import Transaction
from hotline.store.messages import page_of

# What LIKE would not take as it stands.
_LIKE_SIGN, _ESCAPED = re.compile(r"[%_\\]"), r"\\\g<0>"
_COLUMNS = "referral_id, name, contact, text, languages, topics"

LIST = f"""
SELECT {_COLUMNS} FROM referrals
WHERE organisation_id = %(organisation)s AND searched LIKE ALL (%(patterns)s::text[])
    AND (%(after)s::text IS NULL OR (searched, referral_id) > (
        SELECT searched, referral_id FROM referrals
        WHERE organisation_id = %(organisation)s AND referral_id = %(after)s))
ORDER BY searched, referral_id LIMIT %(limit)s
"""
FIND = f"""
SELECT {_COLUMNS} FROM referrals
WHERE organisation_id = %(organisation)s AND referral_id = %(referral)s
"""
COUNT = "SELECT count(*) AS count FROM referrals WHERE organisation_id = %(organisation)s"
ADD = f"""
INSERT INTO referrals (organisation_id, {_COLUMNS}, searched)
VALUES (%(organisation)s, %(referral)s, %(name)s, %(contact)s, %(text)s, %(languages)s, %(topics)s,
    %(searched)s)
"""
CHANGE = """
UPDATE referrals SET name = %(name)s, contact = %(contact)s, text = %(text)s, languages = %(languages)s,
    topics = %(topics)s, searched = %(searched)s
WHERE organisation_id = %(organisation)s AND referral_id = %(referral)s
"""
DELETE = "DELETE FROM referrals WHERE organisation_id = %(organisation)s AND referral_id = %(referral)s"


def _referral(row: Any) -> Referral:
    return Referral(
        referral_id=row.referral_id,
        name=row.name,
        contact=row.contact,
        text=row.text,
        languages=tuple(row.languages),
        topics=tuple(row.topics),
    )


def _values(organisation_id: str, referral: Referral) -> dict[str, Any]:
    return {
        "organisation": organisation_id,
        "referral": referral.referral_id,
        "name": referral.name,
        "contact": referral.contact,
        "text": referral.text,
        "languages": list(referral.languages),
        "topics": list(referral.topics),
        "searched": searched_in(referral),
    }


async def list_after(
    tx: Transaction, organisation_id: str, words: Sequence[str], after: str | None, limit: int
) -> tuple[list[Referral], bool]:
    """Those that have all these words, by name, after the one with this id; whether there are more. Long
    ones: fewer."""
    patterns = [f"%{_LIKE_SIGN.sub(_ESCAPED, word)}%" for word in words]
    rows = await tx.rows(LIST, organisation=organisation_id, patterns=patterns, after=after, limit=limit + 1)
    page = page_of(rows, limit, lambda row: len(row.text) + sum(map(len, row.topics)))
    return [_referral(row) for row in page], len(rows) > len(page)


async def find(tx: Transaction, organisation_id: str, referral_id: str) -> Referral | None:
    """The one of this id."""
    row = await tx.find(FIND, organisation=organisation_id, referral=referral_id)
    return row and _referral(row)


async def get(tx: Transaction, organisation_id: str, referral_id: str) -> Referral:
    """:raises NotFound: the organisation has no such referral."""
    return _referral(await tx.get(FIND, organisation=organisation_id, referral=referral_id))


async def count_all(tx: Transaction, organisation_id: str) -> int:
    """How many the organisation has."""
    return (await tx.get(COUNT, organisation=organisation_id)).count  # type: ignore[no-any-return]  # rows are Any


async def add(tx: Transaction, organisation_id: str, referral: Referral) -> None:
    """A new one."""
    await tx.run(ADD, **_values(organisation_id, referral))


async def change(tx: Transaction, organisation_id: str, referral: Referral) -> None:
    """Its new words."""
    await tx.run(CHANGE, **_values(organisation_id, referral))


async def delete(tx: Transaction, organisation_id: str, referral_id: str) -> None:
    """For good."""
    await tx.run(DELETE, organisation=organisation_id, referral=referral_id)
