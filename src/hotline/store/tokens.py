"""API tokens: in come names and hashes of secrets, out come Token values and whose they are.

A token may do what its consultant may at that moment. Never sees a secret, only SHA-256 of one, and the keys
it is proved by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from hotline.domain.model import Actor, Role, Scope
from hotline.store import consultants
from hotline.store.database import Transaction
from hotline.store.due import Due
from hotline.store.ids import new_id

_ADD = """
INSERT INTO tokens (organisation_id, token_id, consultant_id, name, secret_hash, created_at,
    salt, iterations, salted_key, public_key, scopes, expires_at)
VALUES (%(organisation_id)s, %(token_id)s, %(consultant_id)s, %(name)s, %(secret_hash)s, %(now)s,
    %(salt)s, %(iterations)s, %(salted_key)s, %(public_key)s, %(scopes)s, %(expires_at)s)
"""
_COLUMNS = "token_id, consultant_id, name, created_at, used_at, scopes, expires_at"
_LIST_OF = f"""
SELECT {_COLUMNS} FROM tokens
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
ORDER BY lower(name), token_id
"""
_LIST_ALL = f"""
SELECT {_COLUMNS} FROM tokens
WHERE organisation_id = %(organisation_id)s ORDER BY lower(name), token_id
"""
_REVOKE = """
DELETE FROM tokens WHERE organisation_id = %(organisation_id)s AND token_id = %(token_id)s
    AND consultant_id = %(consultant_id)s
"""
_END = "DELETE FROM tokens WHERE organisation_id = %(organisation_id)s AND token_id = %(token_id)s"
_END_ALL_OF = """
DELETE FROM tokens WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
OVER = Due("""
SELECT organisation_id || ' ' || token_id AS key, expires_at AS due_at FROM tokens WHERE expires_at <= %(now)s
""")
"""Tokens that let nobody in any more."""
GOOD = """(expires_at IS NULL OR expires_at > %(now)s)
    AND NOT lacks_factor(organisation_id, consultant_id)"""
"""Neither over, nor of somebody who has to set up a second factor before anything else."""
DAY = "date_trunc('day', %(now)s AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
"""What is noted of a use."""
_KEYS = """
SELECT t.token_id, t.salt, t.iterations, t.salted_key, t.public_key, c.role
FROM tokens t JOIN consultants c USING (organisation_id, consultant_id)
WHERE t.organisation_id = %(organisation_id)s AND t.name = %(name)s
"""
_USE_BY_ID = f"""
UPDATE tokens SET used_at = {DAY}
WHERE organisation_id = %(organisation_id)s AND token_id = %(token_id)s AND {GOOD}
RETURNING consultant_id, scopes
"""
_USE = f"""
WITH used AS (
    UPDATE tokens SET used_at = {DAY}
    WHERE organisation_id = %(organisation_id)s AND name = %(name)s AND secret_hash = %(secret_hash)s
        AND {GOOD}
    RETURNING token_id, consultant_id, scopes)
SELECT {consultants.COLUMNS}, u.token_id, u.scopes FROM used u JOIN consultants c USING (consultant_id)
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
    """The day; when exactly is nobody's business."""
    scopes: frozenset[Scope]
    expires_at: datetime | None


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
    *,
    scopes: Iterable[Scope] = tuple(Scope),
    expires_at: datetime | None = None,
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
        scopes=[scope.value for scope in scopes],
        expires_at=expires_at,
        **asdict(keys),
    )
    return token_id


async def list_of(tx: Transaction, organisation_id: str, consultant_id: str) -> list[Token]:
    """The tokens of one consultant, by name."""
    rows = await tx.rows(_LIST_OF, organisation_id=organisation_id, consultant_id=consultant_id)
    return [_read(row) for row in rows]


async def list_all(tx: Transaction, organisation_id: str) -> list[Token]:
    """All tokens of the organisation, by name."""
    return [_read(row) for row in await tx.rows(_LIST_ALL, organisation_id=organisation_id)]


async def revoke(tx: Transaction, organisation_id: str, consultant_id: str, token_id: str) -> bool:
    """Remove a token of this consultant; False: they have none with this id."""
    written = await tx.run(
        _REVOKE, organisation_id=organisation_id, consultant_id=consultant_id, token_id=token_id
    )
    return written == 1


async def end_all_of(tx: Transaction, organisation_id: str, consultant_id: str) -> int:
    """Remove all of one consultant; how many there were."""
    return await tx.run(_END_ALL_OF, organisation_id=organisation_id, consultant_id=consultant_id)


async def end(tx: Transaction, organisation_id: str, token_id: str) -> bool:
    """Remove one, whosever it is; False: there was none."""
    return await tx.run(_END, organisation_id=organisation_id, token_id=token_id) == 1


async def find(
    tx: Transaction, organisation_id: str, name: str, secret_hash: bytes, now: datetime
) -> Actor | None:
    """Who comes in by this token; notes that it was used."""
    row = await tx.find(_USE, organisation_id=organisation_id, name=name, secret_hash=secret_hash, now=now)
    if row is None:
        return None
    return consultants.read(row).actor(token_id=row.token_id, scopes=scopes_of(row))


async def find_keys(tx: Transaction, organisation_id: str, name: str) -> tuple[str, Role, Keys] | None:
    """The id of the token of this name, its owner's role, its keys."""
    row = await tx.find(_KEYS, organisation_id=organisation_id, name=name)
    if row is None:
        return None
    keys = Keys(
        salt=row.salt,
        iterations=row.iterations,
        salted_key=None if row.salted_key is None else bytes(row.salted_key),
        public_key=None if row.public_key is None else bytes(row.public_key),
    )
    return row.token_id, Role(row.role), keys


async def use(tx: Transaction, organisation_id: str, token_id: str, now: datetime) -> Actor | None:
    """Who comes in by the token with this id, if it is still good; notes that it was used."""
    row = await tx.find(_USE_BY_ID, organisation_id=organisation_id, token_id=token_id, now=now)
    if row is None:
        return None
    owner = await consultants.get(tx, organisation_id, row.consultant_id)
    return owner.actor(token_id=token_id, scopes=scopes_of(row))


def scopes_of(row: Any) -> frozenset[Scope] | None:
    """None for all of them: whoever has it does what its owner does."""
    scopes = frozenset(map(Scope, row.scopes))
    return None if scopes == frozenset(Scope) else scopes


def _read(row: Any) -> Token:
    return Token(**row._asdict() | {"scopes": frozenset(map(Scope, row.scopes))})
