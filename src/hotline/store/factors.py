"""Second factors in the database: sealed secrets of authenticator apps and hashes of recovery codes.

In come ids and sealed values, out come what is there. A code's step of time is taken once, a recovery code
too: of two at once one gets it. Never sees a secret or a code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hotline.store.database import Transaction

_OF = "organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s"
_GET = f"SELECT secret, last_step, confirmed_at IS NOT NULL AS is_confirmed FROM authenticators WHERE {_OF}"
# One that is in use stays until it is given up.
_PUT = """
INSERT INTO authenticators AS a (organisation_id, consultant_id, secret)
VALUES (%(organisation_id)s, %(consultant_id)s, %(secret)s)
ON CONFLICT (organisation_id, consultant_id) DO UPDATE SET secret = excluded.secret
WHERE a.confirmed_at IS NULL
"""
_CONFIRM = f"""
UPDATE authenticators SET confirmed_at = %(now)s, last_step = %(step)s
WHERE {_OF} AND confirmed_at IS NULL
"""
_USE_STEP = f"""
UPDATE authenticators SET last_step = %(step)s
WHERE {_OF} AND confirmed_at IS NOT NULL AND last_step < %(step)s
"""
_REMOVE = f"DELETE FROM authenticators WHERE {_OF}"
_FORGET_CODES = f"DELETE FROM recovery_codes WHERE {_OF}"
_ADD_CODE = """
INSERT INTO recovery_codes (organisation_id, consultant_id, code_hash)
VALUES (%(organisation_id)s, %(consultant_id)s, %(code_hash)s)
"""
_USE_CODE = f"DELETE FROM recovery_codes WHERE {_OF} AND code_hash = %(code_hash)s"
_COUNT_CODES = f"SELECT count(*) AS codes FROM recovery_codes WHERE {_OF}"
_HAS_ANY = f"""
SELECT EXISTS (SELECT FROM authenticators WHERE {_OF} AND confirmed_at IS NOT NULL)
    OR EXISTS (SELECT FROM passkeys WHERE {_OF}) AS has
"""
_LIST_WITH = """
SELECT consultant_id FROM authenticators
WHERE organisation_id = %(organisation_id)s AND confirmed_at IS NOT NULL
UNION SELECT consultant_id FROM passkeys WHERE organisation_id = %(organisation_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """An app that shows codes; `secret` is sealed."""

    secret: bytes
    last_step: int
    is_confirmed: bool


async def find_authenticator(
    tx: Transaction, organisation_id: str, consultant_id: str
) -> Authenticator | None:
    """What this consultant has, in use or about to be."""
    row = await tx.find(_GET, organisation_id=organisation_id, consultant_id=consultant_id)
    if row is None:
        return None
    return Authenticator(secret=bytes(row.secret), last_step=row.last_step, is_confirmed=row.is_confirmed)


async def put_authenticator(tx: Transaction, organisation_id: str, consultant_id: str, secret: bytes) -> bool:
    """One to be confirmed, in place of another such; False: there is one in use."""
    return (
        await tx.run(_PUT, organisation_id=organisation_id, consultant_id=consultant_id, secret=secret)
    ) == 1


async def confirm(
    tx: Transaction, organisation_id: str, consultant_id: str, step: int, now: datetime
) -> bool:
    """It is in use from now on, with the code of this step used; False: there was none to confirm."""
    return (
        await tx.run(
            _CONFIRM, organisation_id=organisation_id, consultant_id=consultant_id, step=step, now=now
        )
    ) == 1


async def use_step(tx: Transaction, organisation_id: str, consultant_id: str, step: int) -> bool:
    """Take the code of this step; False: it, or a later one, was used already."""
    return (
        await tx.run(_USE_STEP, organisation_id=organisation_id, consultant_id=consultant_id, step=step)
    ) == 1


async def remove_authenticator(tx: Transaction, organisation_id: str, consultant_id: str) -> bool:
    """Give it up; False: there was none."""
    return await tx.run(_REMOVE, organisation_id=organisation_id, consultant_id=consultant_id) == 1


async def put_codes(
    tx: Transaction, organisation_id: str, consultant_id: str, hashes: Iterable[bytes]
) -> None:
    """These recovery codes, and no others."""
    await tx.run(_FORGET_CODES, organisation_id=organisation_id, consultant_id=consultant_id)
    for code_hash in hashes:
        await tx.run(
            _ADD_CODE, organisation_id=organisation_id, consultant_id=consultant_id, code_hash=code_hash
        )


async def use_code(tx: Transaction, organisation_id: str, consultant_id: str, code_hash: bytes) -> bool:
    """Take a recovery code; False: there is none such."""
    return (
        await tx.run(
            _USE_CODE, organisation_id=organisation_id, consultant_id=consultant_id, code_hash=code_hash
        )
    ) == 1


async def count_codes(tx: Transaction, organisation_id: str, consultant_id: str) -> int:
    """How many recovery codes are left."""
    row = await tx.get(_COUNT_CODES, organisation_id=organisation_id, consultant_id=consultant_id)
    return row.codes  # type: ignore[no-any-return]  # rows are Any


async def has_any(tx: Transaction, organisation_id: str, consultant_id: str) -> bool:
    """Whether this consultant has a second factor in use: an app or a passkey."""
    return (await tx.get(_HAS_ANY, organisation_id=organisation_id, consultant_id=consultant_id)).has  # type: ignore[no-any-return]  # rows are Any


async def list_with(tx: Transaction, organisation_id: str) -> set[str]:
    """The ids of all consultants with a second factor in use."""
    return {row.consultant_id for row in await tx.rows(_LIST_WITH, organisation_id=organisation_id)}
