"""Rows of entries that can only be added to: each sealed over the one before it, and a head over the last.

In come what entries say, as texts, out come seals to be stored with them, and what is wrong with a row. A row
that was cut at its beginning goes on from its anchor. Knows two tables by name, and not what is in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from hotline.store import data_keys
from hotline.store.database import Transaction
from hotline.store.seals import Broken, Cipher, about

# One after the other, whichever node writes; what the last one was is asked once nobody else adds any more.
_HOLD = """
INSERT INTO {heads} (organisation_id, number, seal) VALUES (%(organisation)s, 0, '') ON CONFLICT DO NOTHING;
SELECT FROM {heads} WHERE organisation_id = %(organisation)s FOR UPDATE;
SELECT h.number, coalesce(e.seal, '') AS last
FROM {heads} h LEFT JOIN {entries} e USING (organisation_id, number)
WHERE h.organisation_id = %(organisation)s
"""
_MOVE = """head AS (
    UPDATE {heads} SET number = %(number)s, seal = %(head)s WHERE organisation_id = %(organisation)s)"""
_HEAD = "SELECT number, seal FROM {heads} WHERE organisation_id = %(organisation)s"
_SEAL = "SELECT seal FROM {entries} WHERE organisation_id = %(organisation)s AND number = %(number)s"
_ENDS = """
SELECT organisation_id, number, e.seal FROM {heads} JOIN {entries} e USING (organisation_id, number)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What holds an entry in its row. `parts`: all that it says, as it was written."""

    number: int
    parts: tuple[str, ...]
    seal: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the row ends."""

    number: int
    seal: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last entry, as it is noted elsewhere."""

    number: int
    mark: str

    def __str__(self) -> str:
        return f"{self.number}:{self.mark}" if self.number else "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The last entry that was cut off: its number and seal, and the proof that it was cut off there."""

    number: int
    last: bytes
    proof: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the next entry goes; held until the end of the transaction."""

    chain: Chain
    organisation_id: str
    number: int
    before: bytes
    cipher: Cipher

    def seals(self, *parts: str) -> dict[str, object]:
        """Parameters for the statement that stores an entry which says this, beside `Chain.move`."""
        seal = self.cipher.seal(b"", self.chain.about(self.organisation_id, self.number, parts, self.before))
        head = self.cipher.seal(b"", self.chain.about_head(self.organisation_id, self.number, seal))
        return {"organisation": self.organisation_id, "number": self.number, "seal": seal, "head": head}


class Chain:
    """One kind of rows, of which each organisation has one.

    :param name: what an entry is.
    :param plural: what several of them are.
    """

    def __init__(self, name: str, plural: str, *, entries: str, heads: str) -> None:
        self._name = name
        self._plural = plural
        self._hold = _HOLD.format(heads=heads, entries=entries)
        self._head = _HEAD.format(heads=heads)
        self._seal = _SEAL.format(entries=entries)
        self._ends = _ENDS.format(heads=heads, entries=entries)
        self.move = _MOVE.format(heads=heads)
        """For the statement that stores an entry, with what `Place.seals` gave."""

    async def hold(self, tx: Transaction, organisation_id: str) -> Place:
        """The end of the row, which is the caller's until the transaction ends: the last thing it locks."""
        cipher = await data_keys.of_organisation(tx, organisation_id)
        row = await tx.get(self._hold, organisation=organisation_id)
        return Place(
            chain=self,
            organisation_id=organisation_id,
            number=row.number + 1,
            before=bytes(row.last),
            cipher=cipher,
        )

    async def list_ends(self, tx: Transaction) -> dict[str, End]:
        """By organisation, of those of the transaction in whose row there is anything."""
        return {
            row.organisation_id: End(number=row.number, mark=mark_of(bytes(row.seal)))
            for row in await tx.rows(self._ends)
        }

    async def find_mark(self, tx: Transaction, organisation_id: str, number: int) -> str | None:
        """Of the entry with this number, if it is there."""
        row = await tx.find(self._seal, organisation=organisation_id, number=number)
        return None if row is None else mark_of(bytes(row.seal))

    async def verify(
        self, tx: Transaction, organisation_id: str, links: Iterable[Link], anchor: Anchor | None = None
    ) -> list[str]:
        """What is wrong with an organisation's row, in sentences; nothing: each is as it was written."""
        cipher = await data_keys.of_organisation(tx, organisation_id)
        row = await tx.find(self._head, organisation=organisation_id)
        head = None if row is None else Head(number=row.number, seal=bytes(row.seal))
        return self.judge(cipher, organisation_id, links, head, anchor)

    def judge(
        self,
        cipher: Cipher,
        organisation_id: str,
        links: Iterable[Link],
        head: Head | None,
        anchor: Anchor | None = None,
    ) -> list[str]:
        """What is wrong with these, in order; nothing: they are all that were not cut off, unchanged."""
        problems = []
        before, last = b"", 0
        if anchor is not None:
            before, last = anchor.last, anchor.number
            if not _holds(cipher, anchor.proof, self.about_anchor(organisation_id, last, before)):
                problems.append("the beginning of the row was altered")
        for link in links:
            if link.number != last + 1:
                problems.append(f"between {last} and {link.number} there are some missing")
            place = self.about(organisation_id, link.number, link.parts, before)
            # After a gap nobody can tell whether it is the one that came there.
            if link.number == last + 1 and not _holds(cipher, link.seal, place):
                problems.append(f"{link.number} was altered")
            before, last = link.seal, link.number
        if head is None:
            return [*problems, "the last ones are missing"] if last > 0 else problems
        if head.number != last:
            problems.append(f"after {last} there are some missing, up to {head.number}")
        elif not head.number:
            return [*problems, "the end of the row was altered"] if head.seal else problems
        elif not _holds(cipher, head.seal, self.about_head(organisation_id, last, before)):
            problems.append("the end of the row was altered")
        return problems

    def about(self, organisation_id: str, number: int, parts: tuple[str, ...], before: bytes) -> bytes:
        """What an entry's seal binds."""
        return about(self._name, organisation_id, str(number), *parts, before.hex())

    def about_head(self, organisation_id: str, number: int, seal: bytes) -> bytes:
        """What the seal of the row's end binds."""
        return about(f"end of {self._plural}", organisation_id, str(number), seal.hex())

    def about_anchor(self, organisation_id: str, number: int, last: bytes) -> bytes:
        """What the proof of an anchor binds."""
        return about(f"beginning of {self._plural}", organisation_id, str(number), last.hex())


def mark_of(seal: bytes) -> str:
    """By which an entry is known again: of no use to whoever wants to make another with it."""
    return hashlib.sha256(seal).hexdigest()[:16]


def _holds(cipher: Cipher, seal: bytes, place: bytes) -> bool:
    try:
        return cipher.open(seal, place) == b""
    except Broken:
        return False
