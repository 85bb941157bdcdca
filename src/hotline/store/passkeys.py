"""Passkeys in the database: public keys and what tells them apart. Nothing here is secret.

In come ids and what a browser made, out come Passkey values; whose one is, the directory function answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hotline.store.database import Transaction
from hotline.store.ids import new_id

_OF = "organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s"
_COLUMNS = "passkey_id, consultant_id, credential_id, public_key, sign_count, name, created_at, used_on"
_FIND_ORGANISATION = "SELECT organisation_of_passkey(%(credential_id)s) AS organisation_id"
_ADD = """
INSERT INTO passkeys
    (organisation_id, passkey_id, consultant_id, credential_id, public_key, sign_count, name, created_at)
VALUES (%(organisation_id)s, %(passkey_id)s, %(consultant_id)s, %(credential_id)s, %(public_key)s,
    %(sign_count)s, %(name)s, %(now)s)
"""
_LIST_OF = f"SELECT {_COLUMNS} FROM passkeys WHERE {_OF} ORDER BY lower(name), passkey_id"
_FIND = f"""
SELECT {_COLUMNS} FROM passkeys
WHERE organisation_id = %(organisation_id)s AND credential_id = %(credential_id)s FOR UPDATE
"""
_USE = """
UPDATE passkeys SET sign_count = %(sign_count)s, used_on = %(today)s
WHERE organisation_id = %(organisation_id)s AND passkey_id = %(passkey_id)s
"""
_REMOVE = f"DELETE FROM passkeys WHERE {_OF} AND passkey_id = %(passkey_id)s"
_REMOVE_ALL = f"DELETE FROM passkeys WHERE {_OF}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One passkey; `used_on` is a day, not a time."""

    passkey_id: str
    consultant_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_on: date | None


async def find_organisation(tx: Transaction, credential_id: bytes) -> str | None:
    """The id of the organisation of whoever has this passkey."""
    return (await tx.get(_FIND_ORGANISATION, credential_id=credential_id)).organisation_id  # type: ignore[no-any-return]


async def add(
    tx: Transaction,
    organisation_id: str,
    consultant_id: str,
    *,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    name: str,
    now: datetime,
) -> None:
    """:raises AlreadyExists: it is somebody's already."""
    await tx.run(
        _ADD,
        organisation_id=organisation_id,
        passkey_id=new_id(),
        consultant_id=consultant_id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
        now=now,
    )


async def list_of(tx: Transaction, organisation_id: str, consultant_id: str) -> list[Passkey]:
    """The passkeys of one consultant, by name."""
    rows = await tx.rows(_LIST_OF, organisation_id=organisation_id, consultant_id=consultant_id)
    return [_read(row) for row in rows]


async def find(tx: Transaction, organisation_id: str, credential_id: bytes) -> Passkey | None:
    """The passkey, held until the end of the transaction."""
    row = await tx.find(_FIND, organisation_id=organisation_id, credential_id=credential_id)
    return None if row is None else _read(row)


async def use(tx: Transaction, organisation_id: str, passkey_id: str, sign_count: int, today: date) -> None:
    """It was used; how often, it says itself."""
    await tx.run(
        _USE, organisation_id=organisation_id, passkey_id=passkey_id, sign_count=sign_count, today=today
    )


async def remove(tx: Transaction, organisation_id: str, consultant_id: str, passkey_id: str) -> bool:
    """Forget one; False: they have none with this id."""
    written = await tx.run(
        _REMOVE, organisation_id=organisation_id, consultant_id=consultant_id, passkey_id=passkey_id
    )
    return written == 1


async def remove_all(tx: Transaction, organisation_id: str, consultant_id: str) -> int:
    """Forget all of one consultant; how many there were."""
    return await tx.run(_REMOVE_ALL, organisation_id=organisation_id, consultant_id=consultant_id)


def _read(row: Any) -> Passkey:
    values = row._asdict()
    return Passkey(
        **values | {"credential_id": bytes(row.credential_id), "public_key": bytes(row.public_key)}
    )
