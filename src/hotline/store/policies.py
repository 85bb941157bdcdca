"""What an organisation asks of its own people, and who asked for its end.

In come and out go Policy values. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


async def find_deletion(tx: Transaction, organisation_id: str) -> tuple[str, datetime] | None:
    """Who asked for the organisation's end, and when; None: nobody."""
    row = await tx.get(_DELETION, organisation_id=organisation_id)
    return None if row.deletion_asked_by is None else (row.deletion_asked_by, row.deletion_asked_at)


async def ask_deletion(
    tx: Transaction, organisation_id: str, consultant_id: str | None, now: datetime
) -> None:
    """This manager asks for it; None: nobody does any more."""
    await tx.run(_ASK_DELETION, organisation_id=organisation_id, consultant_id=consultant_id, now=now)
