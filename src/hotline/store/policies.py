"""What an organisation asks of its own people, and who asked for less of it or for its end.

In come and out go Policy values. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from hotline.store.database import Transaction

_GET = """
SELECT require_second_factor, two_managers_to_delete FROM organisations
WHERE organisation_id = %(organisation_id)s
"""
_PUT = """
UPDATE organisations SET require_second_factor = %(require_second_factor)s,
    two_managers_to_delete = %(two_managers_to_delete)s
WHERE organisation_id = %(organisation_id)s
"""
# Everybody without a factor logs in again, and is then led to where one is set up.
_END_LOGINS_WITHOUT = """
DELETE FROM logins WHERE organisation_id = %(organisation_id)s AND consultant_id <> ALL (%(having)s)
"""
_LOOSENING = """
SELECT loosening, loosening_asked_by, loosening_asked_at FROM organisations
WHERE organisation_id = %(organisation_id)s
"""
_ASK_LOOSENING = """
UPDATE organisations SET loosening = %(names)s, loosening_asked_by = %(consultant_id)s,
    loosening_asked_at = %(now)s
WHERE organisation_id = %(organisation_id)s
"""
_DELETION = """
SELECT deletion_asked_by, deletion_asked_at FROM organisations WHERE organisation_id = %(organisation_id)s
"""
_ASK_DELETION = """
UPDATE organisations SET deletion_asked_by = %(consultant_id)s, deletion_asked_at = %(now)s
WHERE organisation_id = %(organisation_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What managers can ask for beyond what is always so."""

    require_second_factor: bool = False
    two_managers_to_delete: bool = False

    def given_up_by(self, other: Policy) -> list[str]:
        """The names of what the other does not ask for any more."""
        names = [field.name for field in fields(self)]
        return sorted(name for name in names if getattr(self, name) and not getattr(other, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loosening:
    """What a manager wants to ask of nobody any more, and waits for a second one to want, too."""

    names: list[str]
    asked_by: str
    asked_at: datetime


async def get(tx: Transaction, organisation_id: str) -> Policy:
    """:raises NotFound: the organisation was deleted."""
    return Policy(**(await tx.get(_GET, organisation_id=organisation_id))._asdict())


async def put(tx: Transaction, organisation_id: str, policy: Policy) -> None:
    """From now on it is so."""
    await tx.run(
        _PUT,
        organisation_id=organisation_id,
        require_second_factor=policy.require_second_factor,
        two_managers_to_delete=policy.two_managers_to_delete,
    )


async def end_logins_without(tx: Transaction, organisation_id: str, having: set[str]) -> int:
    """End the logins of all consultants but these."""
    return await tx.run(_END_LOGINS_WITHOUT, organisation_id=organisation_id, having=list(having))


async def find_loosening(tx: Transaction, organisation_id: str) -> Loosening | None:
    """What of the policy somebody asked to give up; None: nothing."""
    row: Any = await tx.get(_LOOSENING, organisation_id=organisation_id)
    if row.loosening_asked_by is None:
        return None
    return Loosening(names=row.loosening, asked_by=row.loosening_asked_by, asked_at=row.loosening_asked_at)


async def ask_loosening(
    tx: Transaction, organisation_id: str, consultant_id: str | None, names: list[str], now: datetime
) -> None:
    """This manager asks to give these up; None: nobody does any more."""
    await tx.run(
        _ASK_LOOSENING, organisation_id=organisation_id, consultant_id=consultant_id, names=names, now=now
    )


async def find_deletion(tx: Transaction, organisation_id: str) -> tuple[str, datetime] | None:
    """Who asked for the organisation's end, and when; None: nobody."""
    row = await tx.get(_DELETION, organisation_id=organisation_id)
    return None if row.deletion_asked_by is None else (row.deletion_asked_by, row.deletion_asked_at)


async def ask_deletion(
    tx: Transaction, organisation_id: str, consultant_id: str | None, now: datetime
) -> None:
    """This manager asks for it; None: nobody does any more."""
    await tx.run(_ASK_DELETION, organisation_id=organisation_id, consultant_id=consultant_id, now=now)
