"""What somebody has half done: in come hashes of one-time secrets, out come Step values.

A login that waits for its second factor, a new address that waits for its link, factors to be given up.
Looking at one changes nothing; `use` takes it away, so that of two at once one gets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from hotline.store.database import Transaction
from hotline.store.ids import new_id

Purpose = Literal["login", "email", "factors"]

_COLUMNS = "step_id, organisation_id, consultant_id, detail, wrong"
_FIND_ORGANISATION = "SELECT organisation_of_step(%(token_hash)s) AS organisation_id"
_FORGET_OLD = "DELETE FROM steps WHERE expires_at <= %(now)s"
_ADD = """
INSERT INTO steps (organisation_id, step_id, consultant_id, token_hash, purpose, detail, expires_at)
VALUES (%(organisation_id)s, %(step_id)s, %(consultant_id)s, %(token_hash)s, %(purpose)s, %(detail)s,
    %(expires_at)s)
"""
_FIND = f"""
SELECT {_COLUMNS} FROM steps
WHERE organisation_id = %(organisation_id)s AND token_hash = %(token_hash)s AND purpose = %(purpose)s
    AND expires_at > %(now)s
"""
_TRY = """
UPDATE steps SET wrong = wrong + 1
WHERE organisation_id = %(organisation_id)s AND step_id = %(step_id)s
    AND (%(most)s IS NULL OR wrong < %(most)s)
"""
_USE = "DELETE FROM steps WHERE organisation_id = %(organisation_id)s AND step_id = %(step_id)s"
_FORGET_OF = """
DELETE FROM steps WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
    AND purpose = ANY (%(purposes)s)
"""
_COUNT_OF = """
SELECT count(*) AS steps FROM steps
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
    AND purpose = %(purpose)s AND expires_at > %(now)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something half done; `wrong` counts the codes that were tried."""

    step_id: str
    organisation_id: str
    consultant_id: str
    detail: str
    wrong: int


async def find_organisation(tx: Transaction, token_hash: bytes) -> str | None:
    """The id of the organisation of whoever has this secret."""
    return (await tx.get(_FIND_ORGANISATION, token_hash=token_hash)).organisation_id  # type: ignore[no-any-return]  # rows are Any


async def add(
    tx: Transaction,
    organisation_id: str,
    consultant_id: str,
    token_hash: bytes,
    purpose: Purpose,
    *,
    now: datetime,
    expires_at: datetime,
    detail: str = "",
) -> None:
    """A new one; those of the organisation that are too old go."""
    await forget_old(tx, now)
    await tx.run(
        _ADD,
        organisation_id=organisation_id,
        step_id=new_id(),
        consultant_id=consultant_id,
        token_hash=token_hash,
        purpose=purpose,
        detail=detail,
        expires_at=expires_at,
    )


async def forget_old(tx: Transaction, now: datetime) -> int:
    """What was half done that nobody can use any more, of the organisations of the transaction; how many."""
    return await tx.run(_FORGET_OLD, now=now)


async def find(
    tx: Transaction, organisation_id: str, token_hash: bytes, purpose: Purpose, now: datetime
) -> Step | None:
    """The step, if it can still be used for this."""
    row: Any = await tx.find(
        _FIND, organisation_id=organisation_id, token_hash=token_hash, purpose=purpose, now=now
    )
    return None if row is None else Step(**row._asdict())


async def count_try(tx: Transaction, step: Step, most: int) -> bool:
    """A code is about to be tried; False: there were so many already (0: any number), or the step is gone."""
    key = {"organisation_id": step.organisation_id, "step_id": step.step_id}
    return await tx.run(_TRY, **key, most=most or None) == 1


async def use(tx: Transaction, step: Step) -> bool:
    """Take it away; False: somebody else was faster."""
    return await tx.run(_USE, organisation_id=step.organisation_id, step_id=step.step_id) == 1


async def forget_of(tx: Transaction, organisation_id: str, consultant_id: str, *purposes: Purpose) -> None:
    """Take back all of one consultant for these purposes."""
    await tx.run(
        _FORGET_OF, organisation_id=organisation_id, consultant_id=consultant_id, purposes=list(purposes)
    )


async def count_of(
    tx: Transaction, organisation_id: str, consultant_id: str, purpose: Purpose, now: datetime
) -> int:
    """How many of them this consultant has that can still be used."""
    row = await tx.get(
        _COUNT_OF, organisation_id=organisation_id, consultant_id=consultant_id, purpose=purpose, now=now
    )
    return row.steps  # type: ignore[no-any-return]  # rows are Any
