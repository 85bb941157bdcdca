"""How many rooms a consultant serves, and may serve.

In comes a consultant's id; held by `engage` until the end of the transaction, so that of two rooms claimed at
once the second one is counted with the first.
"""

from __future__ import annotations

from hotline.domain import rooms as life
from hotline.store.database import Transaction

# Not FOR UPDATE: others may go on referring to them. Before the room's lock, as whoever removes a consultant.
ENGAGE = """
SELECT FROM consultants
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s FOR NO KEY UPDATE
"""
COUNT = """
SELECT o.rooms_per_consultant AS most, (
    SELECT count(*) FROM rooms r WHERE r.organisation_id = o.organisation_id
        AND r.status = 'active' AND r.served_by = %(consultant)s AND NOT r.left_message) AS served
FROM organisations o WHERE o.organisation_id = %(organisation)s
"""


async def engage(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """Nobody removes them, or gives them a room, before the transaction ends. :raises NotFound: gone."""
    await tx.get(ENGAGE, organisation=organisation_id, consultant=consultant_id)


async def check_limit(tx: Transaction, organisation_id: str, consultant_id: str) -> None:
    """:raises NotAllowed: they serve as many rooms as they may."""
    row = await tx.get(COUNT, organisation=organisation_id, consultant=consultant_id)
    life.check_limit(row.most, row.served)
