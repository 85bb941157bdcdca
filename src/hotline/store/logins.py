"""Web logins and the tickets made from them: in come hashes of secrets, out come Login values.

A login ends when its row goes, and its tickets with it; the doorbell then closes its WAMP sessions.
Never sees a secret, only SHA-256 of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hotline.store import consultants
from hotline.store.consultants import Consultant
from hotline.store.database import Transaction
from hotline.store.due import Due
from hotline.store.ids import new_id

# Stands for "no limit": PostgreSQL's infinity has no counterpart in Python.
_FOR_EVER = timedelta(days=36500)

_COLUMNS = "login_id, consultant_id, created_at, seen_at, expires_at"
_ADD_LOGIN = """
INSERT INTO logins (organisation_id, login_id, consultant_id, token_hash, created_at, seen_at, expires_at,
    proved_at)
VALUES (%(organisation_id)s, %(login_id)s, %(consultant_id)s, %(token_hash)s, %(now)s, %(now)s,
    %(expires_at)s, %(now)s)
"""
_FIND_LOGIN = f"""
SELECT {_COLUMNS} FROM logins
WHERE organisation_id = %(organisation_id)s AND token_hash = %(token_hash)s
    AND expires_at > %(now)s AND seen_at >= %(idle_since)s
"""
_TOUCH = """
UPDATE logins SET seen_at = greatest(seen_at, %(now)s)
WHERE organisation_id = %(organisation_id)s AND login_id = %(login_id)s
"""
_PROVE = """
UPDATE logins SET proved_at = %(now)s, token_hash = %(token_hash)s
WHERE organisation_id = %(organisation_id)s AND login_id = %(login_id)s
"""
_IS_PROVED = """
SELECT FROM logins WHERE organisation_id = %(organisation_id)s AND login_id = %(login_id)s
    AND proved_at > %(since)s
"""
_END = """
DELETE FROM logins WHERE organisation_id = %(organisation_id)s AND login_id = %(login_id)s
"""
_END_OF = """
DELETE FROM logins WHERE organisation_id = %(organisation_id)s AND login_id = %(login_id)s
    AND consultant_id = %(consultant_id)s
"""
_END_BY_TOKEN = """
DELETE FROM logins WHERE organisation_id = %(organisation_id)s AND token_hash = %(token_hash)s
RETURNING consultant_id
"""
_END_ALL_OF = """
DELETE FROM logins WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
    AND login_id IS DISTINCT FROM %(except_login_id)s
"""
_LIST_OF = f"""
SELECT {_COLUMNS} FROM logins
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
    AND expires_at > %(now)s AND seen_at >= %(idle_since)s ORDER BY seen_at DESC, login_id
"""
_FIND_ORGANISATION = "SELECT organisation_of_login(%(token_hash)s) AS organisation_id"
_OVER = """
SELECT organisation_id || ' ' || login_id AS key, least(expires_at, seen_at + %(idle)s) AS due_at
FROM logins WHERE expires_at <= %(now)s OR seen_at < %(now)s - %(idle)s
"""
_FORGET_TICKETS = """
DELETE FROM tickets WHERE organisation_id = %(organisation_id)s AND expires_at <= %(now)s
"""
_ADD_TICKET = """
INSERT INTO tickets (organisation_id, ticket_hash, consultant_id, login_id, expires_at)
VALUES (%(organisation_id)s, %(ticket_hash)s, %(consultant_id)s, %(login_id)s, %(expires_at)s)
"""
_USE_TICKET = f"""
WITH used AS (
    DELETE FROM tickets WHERE organisation_id = %(organisation_id)s AND ticket_hash = %(ticket_hash)s
    RETURNING consultant_id, login_id, expires_at)
SELECT {consultants.COLUMNS}, u.login_id, u.expires_at FROM used u JOIN consultants c USING (consultant_id)
WHERE c.organisation_id = %(organisation_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One web login of a consultant."""

    login_id: str
    consultant_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


async def add_login(
    tx: Transaction, organisation_id: str, consultant_id: str, token_hash: bytes, now: datetime, hours: float
) -> Login:
    """Begin a login that ends after so many hours (0: never by itself)."""
    login = Login(
        login_id=new_id(),
        consultant_id=consultant_id,
        created_at=now,
        seen_at=now,
        expires_at=now + (timedelta(hours=hours) if hours else _FOR_EVER),
    )
    await tx.run(
        _ADD_LOGIN,
        organisation_id=organisation_id,
        login_id=login.login_id,
        consultant_id=consultant_id,
        token_hash=token_hash,
        now=now,
        expires_at=login.expires_at,
    )
    return login


async def find_organisation(tx: Transaction, token_hash: bytes) -> str | None:
    """The id of the organisation this login belongs to."""
    return (await tx.get(_FIND_ORGANISATION, token_hash=token_hash)).organisation_id  # type: ignore[no-any-return]  # rows are Any


async def find_login(
    tx: Transaction, organisation_id: str, token_hash: bytes, now: datetime, idle_minutes: float
) -> Login | None:
    """The login, unless it is over or was not used for so many minutes (0: however long)."""
    row = await tx.find(
        _FIND_LOGIN,
        organisation_id=organisation_id,
        token_hash=token_hash,
        now=now,
        idle_since=now - _idle(idle_minutes),
    )
    return None if row is None else _read(row)


async def list_of(
    tx: Transaction, organisation_id: str, consultant_id: str, now: datetime, idle_minutes: float
) -> list[Login]:
    """All logins of one consultant that are not over, the latest used first."""
    rows = await tx.rows(
        _LIST_OF,
        organisation_id=organisation_id,
        consultant_id=consultant_id,
        now=now,
        idle_since=now - _idle(idle_minutes),
    )
    return [_read(row) for row in rows]


async def touch(tx: Transaction, organisation_id: str, login_id: str, now: datetime) -> None:
    """The login was used just now."""
    await tx.run(_TOUCH, organisation_id=organisation_id, login_id=login_id, now=now)


async def prove(
    tx: Transaction, organisation_id: str, login_id: str, token_hash: bytes, now: datetime
) -> None:
    """Whoever has this login showed just now who they are; the token of before is none any more."""
    await tx.run(_PROVE, organisation_id=organisation_id, login_id=login_id, token_hash=token_hash, now=now)


async def is_proved(tx: Transaction, organisation_id: str, login_id: str, since: datetime) -> bool:
    """Whether that was after this moment."""
    return (
        await tx.find(_IS_PROVED, organisation_id=organisation_id, login_id=login_id, since=since)
    ) is not None


async def end(tx: Transaction, organisation_id: str, login_id: str) -> bool:
    """End one login; False: there was none."""
    return await tx.run(_END, organisation_id=organisation_id, login_id=login_id) == 1


async def end_of(tx: Transaction, organisation_id: str, consultant_id: str, login_id: str) -> bool:
    """End one login of this consultant; False: they have none with this id."""
    written = await tx.run(
        _END_OF, organisation_id=organisation_id, consultant_id=consultant_id, login_id=login_id
    )
    return written == 1


async def end_by_token(tx: Transaction, organisation_id: str, token_hash: bytes) -> str | None:
    """End the login with this secret; whose it was, or None: there was none."""
    row = await tx.find(_END_BY_TOKEN, organisation_id=organisation_id, token_hash=token_hash)
    return None if row is None else row.consultant_id


async def end_all_of(
    tx: Transaction, organisation_id: str, consultant_id: str, except_login_id: str | None = None
) -> int:
    """End all logins of one consultant, but for the one named; how many there were."""
    return await tx.run(
        _END_ALL_OF,
        organisation_id=organisation_id,
        consultant_id=consultant_id,
        except_login_id=except_login_id,
    )


def over(idle_minutes: float) -> Due:
    """Logins whose time is over, or that nobody has used for so long."""
    return Due(_OVER, idle=_idle(idle_minutes))


async def add_ticket(
    tx: Transaction,
    organisation_id: str,
    ticket_hash: bytes,
    consultant_id: str,
    login_id: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """A ticket for one WAMP session; those of the organisation that are too old go."""
    await tx.run(_FORGET_TICKETS, organisation_id=organisation_id, now=now)
    await tx.run(
        _ADD_TICKET,
        organisation_id=organisation_id,
        ticket_hash=ticket_hash,
        consultant_id=consultant_id,
        login_id=login_id,
        expires_at=expires_at,
    )


async def use_ticket(
    tx: Transaction, organisation_id: str, ticket_hash: bytes, now: datetime
) -> tuple[Consultant, str] | None:
    """Whose ticket it was and of which login; from now on it is nobody's."""
    row = await tx.find(_USE_TICKET, organisation_id=organisation_id, ticket_hash=ticket_hash)
    if row is None or row.expires_at <= now:
        return None
    return consultants.read(row), row.login_id


def _idle(idle_minutes: float) -> timedelta:
    return timedelta(minutes=idle_minutes) if idle_minutes else _FOR_EVER


def _read(row: Any) -> Login:
    return Login(**row._asdict())
