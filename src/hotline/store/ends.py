"""Where an organisation's receipts and its audit log end: what the process log is told of them.

In comes a transaction, out come numbers, and marks of the last seals. Whatever is taken away at the end of a
row, or put there instead, shows by such a mark that was noted elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.store import audit, receipts
from hotline.store.chain import End
from hotline.store.database import Transaction

_NOTHING = End(number=0, mark="")
_GONE = """
SELECT pg_notify('hotline', concat_ws(' ', 'gone', slug, %(audit)s, %(receipts)s)) FROM organisations
WHERE organisation_id = %(organisation)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """One organisation's."""

    audit: End = _NOTHING
    receipts: End = _NOTHING

    @property
    def told(self) -> str:
        """In words, for a log."""
        return told(str(self.audit), str(self.receipts))


def told(audit_end: str, receipts_end: str) -> str:
    """Two ends, each as number:mark, in words."""
    return f"its audit log ends with {audit_end}, its receipts with {receipts_end}"


async def list_ends(tx: Transaction) -> dict[str, Ends]:
    """By organisation, of those of the transaction that have any."""
    logs, deletions = await audit.CHAIN.list_ends(tx), await receipts.CHAIN.list_ends(tx)
    return {
        each: Ends(audit=logs.get(each, _NOTHING), receipts=deletions.get(each, _NOTHING))
        for each in logs.keys() | deletions.keys()
    }


async def take_leave(tx: Transaction, organisation_id: str) -> Ends:
    """Have all nodes say in their logs that the organisation was deleted in this transaction, and where its
    rows ended, which go with it."""
    ends = (await list_ends(tx)).get(organisation_id, Ends())
    await tx.rows(_GONE, organisation=organisation_id, audit=str(ends.audit), receipts=str(ends.receipts))
    return ends
