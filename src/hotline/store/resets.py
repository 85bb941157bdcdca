"""Links to change a forgotten password: in come hashes of their secrets, out comes whose they are.

Looking at one changes nothing; `use` takes it away, and all others of the same consultant.
Never sees a link, only SHA-256 of its secret.
"""

from __future__ import annotations

from datetime import datetime

from hotline.store.database import Transaction
from hotline.store.ids import new_id

_FIND_ORGANISATION = "SELECT organisation_of_reset(%(token_hash)s) AS organisation_id"
_FORGET_OLD = "DELETE FROM resets WHERE expires_at <= %(now)s"
_ADD = """
INSERT INTO resets (organisation_id, reset_id, consultant_id, token_hash, expires_at)
VALUES (%(organisation_id)s, %(reset_id)s, %(consultant_id)s, %(token_hash)s, %(expires_at)s)
"""
_FIND = """
SELECT consultant_id FROM resets
WHERE organisation_id = %(organisation_id)s AND token_hash = %(token_hash)s AND expires_at > %(now)s
"""
_USE = """
DELETE FROM resets
WHERE organisation_id = %(organisation_id)s AND token_hash = %(token_hash)s AND expires_at > %(now)s
RETURNING consultant_id
"""
_FORGET_OF = """
DELETE FROM resets WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
_COUNT_OF = """
SELECT count(*) AS resets FROM resets
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s AND expires_at > %(now)s
"""


async def find_organisation(tx: Transaction, token_hash: bytes) -> str | None:
    """The id of the organisation of whoever asked for this link."""
    return (await tx.get(_FIND_ORGANISATION, token_hash=token_hash)).organisation_id  # type: ignore[no-any-return]  # rows are Any


async def add(
    tx: Transaction,
    organisation_id: str,
    consultant_id: str,
    token_hash: bytes,
    now: datetime,
    expires_at: datetime,
) -> None:
    """A new link; those of the organisation that are too old go."""
    await forget_old(tx, now)
    await tx.run(
        _ADD,
        organisation_id=organisation_id,
        reset_id=new_id(),
        consultant_id=consultant_id,
        token_hash=token_hash,
        expires_at=expires_at,
    )


async def forget_old(tx: Transaction, now: datetime) -> int:
    """Links that nobody can use any more, of the organisations of the transaction; how many."""
    return await tx.run(_FORGET_OLD, now=now)


async def count_of(tx: Transaction, organisation_id: str, consultant_id: str, now: datetime) -> int:
    """How many links this consultant has that can still be used."""
    row = await tx.get(_COUNT_OF, organisation_id=organisation_id, consultant_id=consultant_id, now=now)
    return row.resets  # type: ignore[no-any-return]  # rows are Any


async def find(tx: Transaction, organisation_id: str, token_hash: bytes, now: datetime) -> str | None:
    """The consultant's id, if the link can still be used."""
    row = await tx.find(_FIND, organisation_id=organisation_id, token_hash=token_hash, now=now)
    return None if row is None else row.consultant_id


async def use(tx: Transaction, organisation_id: str, token_hash: bytes, now: datetime) -> str | None:
    """The consultant's id, if the link could still be used; it and their others cannot any more."""
    row = await tx.find(_USE, organisation_id=organisation_id, token_hash=token_hash, now=now)
    if row is None:
        return None
    await forget_of(tx, organisation_id, row.consultant_id)
    return row.consultant_id  # type: ignore[no-any-return]  # rows are Any


async def forget_of(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """Take back all links of one consultant."""
    await tx.run(_FORGET_OF, organisation_id=organisation_id, consultant_id=consultant_id)
