"""Passkeys in the database: public keys of somebody's devices, and the challenges that were answered.

In come ids and sealed names, out come Passkey values. A challenge is taken once, and a device's count only
goes up: of two at once one gets it. Never sees a private key: those stay in the devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hotline.store.database import Transaction

_OF = "organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s"
_COLUMNS = """passkey_id, organisation_id, consultant_id, credential_id, public_key, sign_count, name,
    made_on, used_on"""
_FIND_ORGANISATION = "SELECT organisation_of_passkey(%(credential_id)s) AS organisation_id"
_ADD = f"""
INSERT INTO passkeys ({_COLUMNS})
VALUES (%(passkey_id)s, %(organisation_id)s, %(consultant_id)s, %(credential_id)s, %(public_key)s,
    %(sign_count)s, %(name)s, %(made_on)s, NULL)
ON CONFLICT (credential_id) DO NOTHING
"""
_LIST_OF = f"SELECT {_COLUMNS} FROM passkeys WHERE {_OF} ORDER BY made_on, passkey_id"
_FIND = f"""
SELECT {_COLUMNS} FROM passkeys
WHERE organisation_id = %(organisation_id)s AND credential_id = %(credential_id)s
"""
# Devices that do not count say 0 each time.
_COUNT_ON = """
UPDATE passkeys SET sign_count = %(sign_count)s, used_on = %(today)s
WHERE organisation_id = %(organisation_id)s AND passkey_id = %(passkey_id)s
    AND (sign_count < %(sign_count)s OR sign_count = 0 AND %(sign_count)s = 0)
"""
_REMOVE = f"DELETE FROM passkeys WHERE {_OF} AND passkey_id = %(passkey_id)s"
_REMOVE_OF = f"DELETE FROM passkeys WHERE {_OF}"
_FORGET_OLD = (
    "DELETE FROM used_challenges WHERE organisation_id = %(organisation_id)s AND expires_at <= %(now)s"
)
_TAKE = """
INSERT INTO used_challenges (organisation_id, challenge_hash, expires_at)
VALUES (%(organisation_id)s, %(challenge_hash)s, %(expires_at)s)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One device's key; `name` is sealed."""

    passkey_id: str
    organisation_id: str
    consultant_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: bytes
    made_on: date
    used_on: date | None


async def find_organisation(tx: Transaction, credential_id: bytes) -> str | None:
    """The id of the organisation of whoever has this passkey."""
    return (await tx.get(_FIND_ORGANISATION, credential_id=credential_id)).organisation_id  # type: ignore[no-any-return]  # rows are Any


async def add(
    tx: Transaction,
    organisation_id: str,
    consultant_id: str,
    passkey_id: str,
    *,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    name: bytes,
    made_on: date,
) -> bool:
    """A new one; False: it is somebody's already."""
    values: dict[str, Any] = {
        "organisation_id": organisation_id,
        "consultant_id": consultant_id,
        "passkey_id": passkey_id,
        "credential_id": credential_id,
        "public_key": public_key,
        "sign_count": sign_count,
        "name": name,
        "made_on": made_on,
    }
    return await tx.run(_ADD, **values) == 1


async def list_of(tx: Transaction, organisation_id: str, consultant_id: str) -> list[Passkey]:
    """All of one consultant."""
    rows = await tx.rows(_LIST_OF, organisation_id=organisation_id, consultant_id=consultant_id)
    return [_passkey(row) for row in rows]


async def find(tx: Transaction, organisation_id: str, credential_id: bytes) -> Passkey | None:
    """The one that its device calls so."""
    row = await tx.find(_FIND, organisation_id=organisation_id, credential_id=credential_id)
    return None if row is None else _passkey(row)


async def count_on(tx: Transaction, passkey: Passkey, sign_count: int, today: date) -> bool:
    """It was used today, for the so manieth time; False: not more often than was known."""
    return (
        await tx.run(
            _COUNT_ON,
            organisation_id=passkey.organisation_id,
            passkey_id=passkey.passkey_id,
            sign_count=sign_count,
            today=today,
        )
    ) == 1


async def remove(tx: Transaction, organisation_id: str, consultant_id: str, passkey_id: str) -> bool:
    """Give one up; False: there is none such."""
    return (
        await tx.run(
            _REMOVE, organisation_id=organisation_id, consultant_id=consultant_id, passkey_id=passkey_id
        )
    ) == 1


async def remove_of(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """Give up all of one consultant."""
    await tx.run(_REMOVE_OF, organisation_id=organisation_id, consultant_id=consultant_id)


async def take_challenge(
    tx: Transaction, organisation_id: str, challenge_hash: bytes, *, now: datetime, expires_at: datetime
) -> bool:
    """A challenge is answered; False: it was before. Those that are too old anyway are forgotten."""
    await tx.run(_FORGET_OLD, organisation_id=organisation_id, now=now)
    return (
        await tx.run(
            _TAKE, organisation_id=organisation_id, challenge_hash=challenge_hash, expires_at=expires_at
        )
    ) == 1


def _passkey(row: Any) -> Passkey:
    values = row._asdict()
    for name in ("credential_id", "public_key", "name"):
        values[name] = bytes(values[name])
    return Passkey(**values)
