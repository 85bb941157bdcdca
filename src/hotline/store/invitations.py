"""Invitations: in come hashes of one-time links, out come Invitation values.

Looking at one changes nothing; `use` takes it away, so that of two at once one gets it.
Never sees a link, only SHA-256 of its secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.domain.model import Role
from hotline.store.database import Transaction
from hotline.store.ids import new_id

_COLUMNS = "invitation_id, organisation_id, email, role, invited_by, created_at, expires_at"
_FIND_ORGANISATION = "SELECT organisation_of_invitation(%(token_hash)s) AS organisation_id"
_FORGET_OLD = "DELETE FROM invitations WHERE expires_at <= %(now)s"
# A second invitation of the same person takes the place of the first.
_REPLACE = "DELETE FROM invitations WHERE organisation_id = %(organisation_id)s AND email = %(email)s"
_ADD = """
INSERT INTO invitations
    (organisation_id, invitation_id, token_hash, email, role, invited_by, created_at, expires_at)
VALUES (%(organisation_id)s, %(invitation_id)s, %(token_hash)s, %(email)s, %(role)s, %(invited_by)s,
    %(now)s, %(expires_at)s)
"""
_FIND = f"""
SELECT {_COLUMNS} FROM invitations
WHERE organisation_id = %(organisation_id)s AND token_hash = %(token_hash)s AND expires_at > %(now)s
"""
_USE = f"""
DELETE FROM invitations
WHERE organisation_id = %(organisation_id)s AND token_hash = %(token_hash)s AND expires_at > %(now)s
RETURNING {_COLUMNS}
"""
_LIST_ALL = f"""
SELECT {_COLUMNS} FROM invitations
WHERE organisation_id = %(organisation_id)s AND expires_at > %(now)s ORDER BY created_at, invitation_id
"""
_WITHDRAW = """
DELETE FROM invitations
WHERE organisation_id = %(organisation_id)s AND invitation_id = %(invitation_id)s
"""
_WITHDRAW_OF = """
DELETE FROM invitations
WHERE organisation_id = %(organisation_id)s AND invited_by = %(consultant_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Somebody who may join."""

    invitation_id: str
    organisation_id: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime


async def find_organisation(tx: Transaction, token_hash: bytes) -> str | None:
    """The id of the organisation that made this link."""
    return (await tx.get(_FIND_ORGANISATION, token_hash=token_hash)).organisation_id  # type: ignore[no-any-return]  # rows are Any


async def add(
    tx: Transaction,
    organisation_id: str,
    token_hash: bytes,
    *,
    email: str,
    role: Role,
    invited_by: str,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Invite; an older invitation of this address and those that are too old go. The new one's id."""
    invitation_id = new_id()
    await forget_old(tx, now)
    await tx.run(_REPLACE, organisation_id=organisation_id, email=email)
    await tx.run(
        _ADD,
        organisation_id=organisation_id,
        invitation_id=invitation_id,
        token_hash=token_hash,
        email=email,
        role=role.value,
        invited_by=invited_by,
        now=now,
        expires_at=expires_at,
    )
    return invitation_id


async def forget_old(tx: Transaction, now: datetime) -> int:
    """Invitations that nobody can use any more, of the organisations of the transaction; how many."""
    return await tx.run(_FORGET_OLD, now=now)


async def find(tx: Transaction, organisation_id: str, token_hash: bytes, now: datetime) -> Invitation | None:
    """The invitation, if it can still be used."""
    row = await tx.find(_FIND, organisation_id=organisation_id, token_hash=token_hash, now=now)
    return None if row is None else _read(row)


async def use(tx: Transaction, organisation_id: str, token_hash: bytes, now: datetime) -> Invitation | None:
    """Take the invitation, if it can still be used."""
    row = await tx.find(_USE, organisation_id=organisation_id, token_hash=token_hash, now=now)
    return None if row is None else _read(row)


async def list_all(tx: Transaction, organisation_id: str, now: datetime) -> list[Invitation]:
    """The invitations that can still be used, the oldest first."""
    return [_read(row) for row in await tx.rows(_LIST_ALL, organisation_id=organisation_id, now=now)]


async def withdraw(tx: Transaction, organisation_id: str, invitation_id: str) -> bool:
    """Take one back; False: there was none."""
    return await tx.run(_WITHDRAW, organisation_id=organisation_id, invitation_id=invitation_id) == 1


async def withdraw_of(tx: Transaction, organisation_id: str, consultant_id: str) -> int:
    """Take back all that this consultant made."""
    return await tx.run(_WITHDRAW_OF, organisation_id=organisation_id, consultant_id=consultant_id)


def _read(row: Any) -> Invitation:
    return Invitation(**{**row._asdict(), "role": Role(row.role)})
