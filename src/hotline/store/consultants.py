"""Consultants in the database: in come ids and checked values, out come Consultant values.

Somebody with one address may be a consultant of several organisations, once in each; which ones, the
directory function answers. Gives a password's hash only to those who ask for it by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.domain.model import Actor, Presence, Role, Scope
from hotline.domain.staff import StaffEntry
from hotline.store.database import Transaction

COLUMNS = """c.consultant_id, c.organisation_id, c.name, c.email, c.role, c.presence,
    c.node IS NOT NULL AS online, c.created_at, c.languages, c.topics"""
_LIST_ORGANISATIONS = "SELECT organisation_id FROM organisations_of_email(%(email)s)"
_FIND_BY_EMAIL = f"""
SELECT {COLUMNS}, c.password FROM consultants c
WHERE c.organisation_id = %(organisation_id)s AND c.email = %(email)s
"""
_GET = f"""
SELECT {COLUMNS} FROM consultants c
WHERE c.organisation_id = %(organisation_id)s AND c.consultant_id = %(consultant_id)s
"""
_LIST_ALL = f"""
SELECT {COLUMNS}, (
    SELECT count(*) FROM rooms r WHERE r.organisation_id = c.organisation_id
        AND r.status = 'active' AND r.served_by = c.consultant_id AND NOT r.left_message
) AS rooms, (
    SELECT o.rooms_per_consultant FROM organisations o WHERE o.organisation_id = c.organisation_id
) AS room_limit FROM consultants c
WHERE c.organisation_id = %(organisation_id)s ORDER BY lower(c.name), c.consultant_id
"""
_ADD = """
INSERT INTO consultants (organisation_id, consultant_id, name, email, role, password, created_at)
VALUES (%(organisation_id)s, %(consultant_id)s, %(name)s, %(email)s, %(role)s, %(password)s, %(now)s)
"""
_CHANGE_PROFILE = """
UPDATE consultants SET name = %(name)s, email = %(email)s
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
_GET_PASSWORD = """
SELECT password FROM consultants
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
_SET_PASSWORD = """
UPDATE consultants SET password = %(password)s
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
_COUNT_FAILURE = """
UPDATE consultants SET failed_logins = failed_logins + 1
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
_NOTE_LOGIN = """
UPDATE consultants c SET has_logged_in = true, failed_logins = 0
FROM (SELECT has_logged_in, failed_logins FROM consultants
      WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
      FOR NO KEY UPDATE) before
WHERE c.organisation_id = %(organisation_id)s AND c.consultant_id = %(consultant_id)s
RETURNING before.has_logged_in, before.failed_logins
"""
_SET_ROLE = """
UPDATE consultants SET role = %(role)s,
    manager_since = CASE WHEN role = 'manager' THEN manager_since ELSE %(now)s END
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
_SET_PRESENCE = """
UPDATE consultants SET presence = %(presence)s
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
_REMOVE = """
DELETE FROM consultants
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s
"""
# In id order, so that two who lock at once wait for each other instead of failing.
_LOCK_MANAGERS = """
SELECT consultant_id FROM consultants
WHERE organisation_id = %(organisation_id)s AND role = 'manager' ORDER BY consultant_id FOR UPDATE
"""

_LIST_MANAGERS_SINCE = """
SELECT consultant_id FROM consultants WHERE organisation_id = %(organisation_id)s AND role = 'manager'
    AND coalesce(manager_since, created_at) <= %(since)s
"""
_LOCK = """
SELECT FROM consultants
WHERE organisation_id = %(organisation_id)s AND consultant_id = %(consultant_id)s FOR UPDATE
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultant:
    """A person who answers; `presence` is what they chose."""

    consultant_id: str
    organisation_id: str
    name: str
    email: str
    role: Role
    presence: Presence
    online: bool
    created_at: datetime
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    """What they are best at; none: anything."""

    @property
    def shown_presence(self) -> Presence:
        """What others see: without a session they are away, whatever they chose."""
        return self.presence if self.online else Presence.AWAY

    def actor(
        self,
        *,
        login_id: str | None = None,
        token_id: str | None = None,
        scopes: frozenset[Scope] | None = None,
    ) -> Actor:
        """This consultant as somebody who asks."""
        return Actor(
            organisation_id=self.organisation_id,
            id=self.consultant_id,
            name=self.name,
            role=self.role,
            login_id=login_id,
            token_id=token_id,
            scopes=scopes,
        )


async def list_organisations(tx: Transaction, email: str) -> list[str]:
    """The ids of the organisations in which this address has an account, the oldest account first."""
    return [row.organisation_id for row in await tx.rows(_LIST_ORGANISATIONS, email=email)]


async def find_by_email(tx: Transaction, organisation_id: str, email: str) -> tuple[Consultant, str] | None:
    """The consultant with this address, and their password's hash."""
    row = await tx.find(_FIND_BY_EMAIL, organisation_id=organisation_id, email=email)
    return None if row is None else (read(row), row.password)


async def find(tx: Transaction, organisation_id: str, consultant_id: str) -> Consultant | None:
    """The consultant with this id, or None."""
    row = await tx.find(_GET, organisation_id=organisation_id, consultant_id=consultant_id)
    return None if row is None else read(row)


async def get(tx: Transaction, organisation_id: str, consultant_id: str) -> Consultant:
    """:raises NotFound: there is none with this id in this organisation."""
    return read(await tx.get(_GET, organisation_id=organisation_id, consultant_id=consultant_id))


async def list_all(tx: Transaction, organisation_id: str) -> list[StaffEntry]:
    """All consultants by name, with how many rooms each serves just now."""
    rows = await tx.rows(_LIST_ALL, organisation_id=organisation_id)
    return [_read_entry(read(row), row) for row in rows]


async def add(
    tx: Transaction,
    organisation_id: str,
    consultant_id: str,
    *,
    name: str,
    email: str,
    role: Role,
    password: str,
    now: datetime,
) -> Consultant:
    """:raises AlreadyExists: somebody in the organisation has this address."""
    await tx.run(
        _ADD,
        organisation_id=organisation_id,
        consultant_id=consultant_id,
        name=name,
        email=email,
        role=role.value,
        password=password,
        now=now,
    )
    return await get(tx, organisation_id, consultant_id)


async def change_profile(
    tx: Transaction, organisation_id: str, consultant_id: str, *, name: str, email: str
) -> None:
    """:raises AlreadyExists: somebody else in the organisation has this address."""
    await tx.run(
        _CHANGE_PROFILE, organisation_id=organisation_id, consultant_id=consultant_id, name=name, email=email
    )


async def get_password(tx: Transaction, organisation_id: str, consultant_id: str) -> str:
    """The password's hash. :raises NotFound: there is no such consultant."""
    row = await tx.get(_GET_PASSWORD, organisation_id=organisation_id, consultant_id=consultant_id)
    return row.password  # type: ignore[no-any-return]  # rows are Any


async def set_password(tx: Transaction, organisation_id: str, consultant_id: str, password: str) -> None:
    """Put a new hash."""
    await tx.run(
        _SET_PASSWORD, organisation_id=organisation_id, consultant_id=consultant_id, password=password
    )


async def count_failure(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """Somebody tried a wrong password or code with this account."""
    await tx.run(_COUNT_FAILURE, organisation_id=organisation_id, consultant_id=consultant_id)


async def note_login(tx: Transaction, organisation_id: str, consultant_id: str) -> tuple[bool, int]:
    """They logged in; whether they ever did before, and what went wrong since."""
    row = await tx.get(_NOTE_LOGIN, organisation_id=organisation_id, consultant_id=consultant_id)
    return row.has_logged_in, row.failed_logins


async def set_role(
    tx: Transaction, organisation_id: str, consultant_id: str, role: Role, now: datetime
) -> None:
    """Put a new role; live sessions learn of it through the doorbell."""
    await tx.run(
        _SET_ROLE, organisation_id=organisation_id, consultant_id=consultant_id, role=role.value, now=now
    )


async def set_presence(tx: Transaction, organisation_id: str, consultant_id: str, presence: Presence) -> None:
    """Put what the consultant chose."""
    await tx.run(
        _SET_PRESENCE, organisation_id=organisation_id, consultant_id=consultant_id, presence=presence.value
    )


async def remove(tx: Transaction, organisation_id: str, consultant_id: str) -> bool:
    """Remove the consultant with logins, tickets and tokens; False: there was none."""
    return await tx.run(_REMOVE, organisation_id=organisation_id, consultant_id=consultant_id) == 1


async def lock_managers(tx: Transaction, organisation_id: str) -> set[str]:
    """The ids of all managers, who stay so until the transaction ends."""
    return {row.consultant_id for row in await tx.rows(_LOCK_MANAGERS, organisation_id=organisation_id)}


async def list_managers_since(tx: Transaction, organisation_id: str, since: datetime) -> set[str]:
    """The ids of those who have been managers from this moment on, or longer."""
    rows = await tx.rows(_LIST_MANAGERS_SINCE, organisation_id=organisation_id, since=since)
    return {row.consultant_id for row in rows}


async def lock(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """Before they are removed: waits for whoever relies on them. :raises NotFound: they are gone already."""
    await tx.get(_LOCK, organisation_id=organisation_id, consultant_id=consultant_id)


def read(row: Any) -> Consultant:
    """A consultant from a row with the columns of one."""
    return Consultant(
        consultant_id=row.consultant_id,
        organisation_id=row.organisation_id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        presence=Presence(row.presence),
        online=row.online,
        created_at=row.created_at,
        languages=tuple(row.languages),
        topics=tuple(row.topics),
    )


def _read_entry(consultant: Consultant, row: Any) -> StaffEntry:
    return StaffEntry(
        consultant_id=consultant.consultant_id,
        name=consultant.name,
        email=consultant.email,
        role=consultant.role,
        presence=consultant.shown_presence,
        rooms=row.rooms,
        limit=row.room_limit,
        created_at=consultant.created_at,
        languages=consultant.languages,
        topics=consultant.topics,
    )
