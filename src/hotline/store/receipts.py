"""Receipts of deletions: what kind, when, how many rows; never what was in them.

In come counts, out come receipts in a row without gaps, each sealed with the organisation's key over the one
before it, and what is wrong with them. They can only be added, and go with their organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg2.extras import Json

from hotline.store.chain import Chain, Link
from hotline.store.database import Transaction
from hotline.store.sealed import stamp

CHAIN = Chain("receipt", "receipts", entries="receipts", heads="receipt_heads")

ADD = f"""
WITH {CHAIN.move}
INSERT INTO receipts (organisation_id, number, at, kind, counts, seal)
VALUES (%(organisation)s, %(number)s, %(now)s, %(kind)s, %(counts)s, %(seal)s)
"""
LIST = """
SELECT number, at, kind, counts, seal FROM receipts
WHERE organisation_id = %(organisation)s AND number > %(after)s ORDER BY number LIMIT 1000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Of one deletion. `kind`: why it happened."""

    number: int
    at: datetime
    kind: str
    counts: dict[str, int]
    seal: bytes

    @property
    def link(self) -> Link:
        """What holds it in its row."""
        return Link(number=self.number, parts=_parts(self.at, self.kind, self.counts), seal=self.seal)


async def add(
    tx: Transaction, organisation_id: str, kind: str, counts: Mapping[str, int], now: datetime
) -> None:
    """Say that so much was deleted in this transaction."""
    place = await CHAIN.hold(tx, organisation_id)
    told = {what: count for what, count in counts.items() if count}
    seals = place.seals(*_parts(now, kind, told))
    await tx.run(ADD, now=now, kind=kind, counts=Json(told), **seals)


async def list_all(tx: Transaction, organisation_id: str) -> list[Receipt]:
    """In the order of the deletions."""
    found: list[Receipt] = []
    while more := await list_after(tx, organisation_id, found[-1].number if found else None):
        found += more
    return found


async def list_after(tx: Transaction, organisation_id: str, after: int | None) -> list[Receipt]:
    """Some that come next; none: there are no more."""
    first = -(2**63) if after is None else after
    return [_receipt(row) for row in await tx.rows(LIST, organisation=organisation_id, after=first)]


async def verify(tx: Transaction, organisation_id: str) -> list[str]:
    """What is wrong with an organisation's receipts, in sentences; nothing: each is as it was written."""
    found = await list_all(tx, organisation_id)
    return await CHAIN.verify(tx, organisation_id, (receipt.link for receipt in found))


def _receipt(row: Any) -> Receipt:
    return Receipt(number=row.number, at=row.at, kind=row.kind, counts=row.counts, seal=bytes(row.seal))


def _parts(at: datetime, kind: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    return stamp(at), kind, msgspec.json.encode(counts, order="sorted").decode()
