"""API tokens: in come names and hashes of secrets, out come Token values and whose they are.

A token may do what its consultant may at that moment. Never sees a secret, only SHA-256 of one, and the keys
it is proved by.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from hotline.store import consultants
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.ids import new_id

_ADD = """
INSERT INTO tokens (organisation_id, token_id, consultant_id, name, secret_hash, created_at,
    salt, iterations, salted_key, public_key)
VALUES (%(organisation_id)s, %(token_id)s, %(consultant_id)s, %(name)s, %(secret_hash)s, %(now)s,
    %(salt)s, %(iterations)s, %(salted_key)s, %(public_key)s)
"""
_LIST_OF = """
SELECT token_id, consultant_id, name, created_at, used_at FROM tokens
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
ORDER BY lower(name), token_id
"""
_LIST_ALL = """
SELECT token_id, consultant_id, name, created_at, used_at FROM tokens
WHERE organisation_id = %(organisation_id)s ORDER BY lower(name), token_id
"""
_REVOKE = """
DELETE FROM tokens WHERE organisation_id = %(organisation_id)s AND token_id = %(token_id)s
    AND consultant_id = %(consultant_id)s
"""
_KEYS = """
SELECT token_id, salt, iterations, salted_key, public_key FROM tokens
WHERE organisation_id = %(organisation_id)s AND name = %(name)s
"""
_USE_BY_ID = """
UPDATE tokens SET used_at = %(now)s WHERE organisation_id = %(organisation_id)s AND token_id = %(token_id)s
RETURNING consultant_id
"""
_USE = f"""
WITH used AS (
    UPDATE tokens SET used_at = %(now)s
    WHERE organisation_id = %(organisation_id)s AND name = %(name)s AND secret_hash = %(secret_hash)s
    RETURNING token_id, consultant_id)
SELECT {consultants.COLUMNS}, u.token_id FROM used u JOIN consultants c USING (consultant_id)
WHERE c.organisation_id = %(organisation_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What may be shown of an API token."""

    token_id: str
    consultant_id: str
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a token proves itself by without showing its secret; either key may be missing."""

    salt: str
    iterations: int
    salted_key: bytes | None = None
    public_key: bytes | None = None


NO_KEYS = Keys(salt="", iterations=0)


async def add(
    tx: Transaction,
    organisation_id: str,
    consultant_id: str,
    name: str,
    secret_hash: bytes,
    now: datetime,
    keys: Keys = NO_KEYS,
) -> str:
    """The new token's id. :raises AlreadyExists: the organisation has a token of this name."""
    token_id = new_id()
    await tx.run(
        _ADD,
        organisation_id=organisation_id,
        token_id=token_id,
        consultant_id=consultant_id,
        name=name,
        secret_hash=secret_hash,
        now=now,
        **asdict(keys),
    )
    return token_id


async def list_of(tx: Transaction, organisation_id: str, consultant_id: str) -> list[Token]:
    """The tokens of one consultant, by name."""
    rows = await tx.rows(_LIST_OF, organisation_id=organisation_id, consultant_id=consultant_id)
    return [Token(**row._asdict()) for row in rows]


async def list_all(tx: Transaction, organisation_id: str) -> list[Token]:
    """All tokens of the organisation, by name."""
    return [Token(**row._asdict()) for row in await tx.rows(_LIST_ALL, organisation_id=organisation_id)]


async def revoke(tx: Transaction, organisation_id: str, consultant_id: str, token_id: str) -> bool:
    """Remove a token of this consultant; False: they have none with this id."""
    written = await tx.run(
        _REVOKE, organisation_id=organisation_id, consultant_id=consultant_id, token_id=token_id
    )
    return written == 1


async def find(
    tx: Transaction, organisation_id: str, name: str, secret_hash: bytes, now: datetime
) -> tuple[Consultant, str] | None:
    """Whose token this is, and its id; notes that it was used."""
    row = await tx.find(_USE, organisation_id=organisation_id, name=name, secret_hash=secret_hash, now=now)
    return None if row is None else (consultants.read(row), row.token_id)


async def find_keys(tx: Transaction, organisation_id: str, name: str) -> tuple[str, Keys] | None:
    """The id and the keys of the token of this name."""
    row = await tx.find(_KEYS, organisation_id=organisation_id, name=name)
    if row is None:
        return None
    keys = Keys(
        salt=row.salt,
        iterations=row.iterations,
        salted_key=None if row.salted_key is None else bytes(row.salted_key),
        public_key=None if row.public_key is None else bytes(row.public_key),
    )
    return row.token_id, keys


async def use(tx: Transaction, organisation_id: str, token_id: str, now: datetime) -> Consultant | None:
    """Whose token this is, if it is still there; notes that it was used."""
    row = await tx.find(_USE_BY_ID, organisation_id=organisation_id, token_id=token_id, now=now)
    return None if row is None else await consultants.get(tx, organisation_id, row.consultant_id)
