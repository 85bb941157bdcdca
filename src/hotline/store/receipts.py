"""Receipts of deletions: what kind, when, how many rows; never what was in them.

In come counts, out come receipts in a row without gaps, each sealed with the organisation's key over the one
before it, and what is wrong with them. They can only be added, and go with their organisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg2.extras import Json

from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.sealed import stamp
from hotline.store.seals import Broken, Cipher, about

BEGIN = """
INSERT INTO receipt_heads (organisation_id, number, seal) VALUES (%(organisation)s, 0, '')
ON CONFLICT DO NOTHING
"""
# One after the other, whichever node deletes.
HEAD = "SELECT number, seal FROM receipt_heads WHERE organisation_id = %(organisation)s FOR UPDATE"
ADD = """
WITH head AS (
    UPDATE receipt_heads SET number = %(number)s, seal = %(head)s WHERE organisation_id = %(organisation)s)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the row ends."""

    number: int
    seal: bytes


async def add(
    tx: Transaction, organisation_id: str, kind: str, counts: Mapping[str, int], now: datetime
) -> None:
    """Say that so much was deleted in this transaction."""
    cipher = await data_keys.of_organisation(tx, organisation_id)
    head = await tx.find(HEAD, organisation=organisation_id)
    if head is None:
        await tx.run(BEGIN, organisation=organisation_id)
        head = await tx.get(HEAD, organisation=organisation_id)
    number = head.number + 1
    told = {what: count for what, count in counts.items() if count}
    before = await _last_seal(tx, organisation_id, head.number)
    seal = cipher.seal(b"", _about(organisation_id, number, now, kind, told, before))
    await tx.run(
        ADD,
        organisation=organisation_id,
        number=number,
        now=now,
        kind=kind,
        counts=Json(told),
        seal=seal,
        head=cipher.seal(b"", _about_head(organisation_id, number, seal)),
    )


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
    cipher = await data_keys.of_organisation(tx, organisation_id)
    head = await tx.find(HEAD, organisation=organisation_id)
    given = None if head is None else Head(number=head.number, seal=bytes(head.seal))
    return judge(cipher, organisation_id, await list_all(tx, organisation_id), given)


def judge(cipher: Cipher, organisation_id: str, receipts: Sequence[Receipt], head: Head | None) -> list[str]:
    """What is wrong with these, in order; nothing: they are all there ever were, unchanged."""
    problems = []
    before, last = b"", 0
    for receipt in receipts:
        if receipt.number != last + 1:
            problems.append(f"between {last} and {receipt.number} there are some missing")
        place = _about(organisation_id, receipt.number, receipt.at, receipt.kind, receipt.counts, before)
        # After a gap nobody can tell whether it is the one that came there.
        if receipt.number == last + 1 and not _holds(cipher, receipt.seal, place):
            problems.append(f"{receipt.number} was altered")
        before, last = receipt.seal, receipt.number
    if head is None:
        return [*problems, "the last ones are missing"] if receipts else problems
    if head.number != last:
        problems.append(f"after {last} there are some missing, up to {head.number}")
    elif not head.number:
        return [*problems, "the end of the row was altered"] if head.seal else problems
    elif not _holds(cipher, head.seal, _about_head(organisation_id, last, before)):
        problems.append("the end of the row was altered")
    return problems


def _holds(cipher: Cipher, seal: bytes, place: bytes) -> bool:
    try:
        return cipher.open(seal, place) == b""
    except Broken:
        return False


async def _last_seal(tx: Transaction, organisation_id: str, number: int) -> bytes:
    rows = await tx.rows(LIST, organisation=organisation_id, after=number - 1)
    return bytes(rows[0].seal) if rows else b""


def _receipt(row: Any) -> Receipt:
    return Receipt(number=row.number, at=row.at, kind=row.kind, counts=row.counts, seal=bytes(row.seal))


def _about(
    organisation_id: str, number: int, at: datetime, kind: str, counts: Mapping[str, int], before: bytes
) -> bytes:
    told = msgspec.json.encode(counts, order="sorted").decode()
    return about("receipt", organisation_id, str(number), stamp(at), kind, told, before.hex())


def _about_head(organisation_id: str, number: int, seal: bytes) -> bytes:
    return about("end of receipts", organisation_id, str(number), seal.hex())
