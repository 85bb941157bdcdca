"""Blocks in the database: in come clients, devices as hashes, and times; out come Block values.

Whoever is blocked is found by their client's id, to which key and return code lead, or by a device that was
shown while it was known. Neither name nor address is stored; whose they were is looked up while it is kept.
The reason and the consultants' names stand sealed, with a key of the block's, which may outlive the room's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotline.domain.audit import Action
from hotline.domain.model import Actor, Block, Person
from hotline.store import audit, clients, data_keys
from hotline.store.database import Transaction
from hotline.store.due import Due
from hotline.store.sealed import open_, seal
from hotline.store.seals import Cipher

ADD = f"""
WITH {data_keys.NEW}
INSERT INTO blocks (organisation_id, block_id, client_id, room_id, reason, blocked_by, blocked_by_name,
    blocked_at, until, wanted_until)
VALUES (%(organisation)s, %(block)s, %(client)s, %(room)s, %(reason)s, %(by)s, %(by_name)s,
    %(now)s, %(until)s, %(wanted_until)s)
"""
_SELECT = """
SELECT b.*, c.name AS client_name, EXISTS (
    SELECT FROM rooms r WHERE r.organisation_id = b.organisation_id AND r.room_id = b.room_id) AS is_room_kept
FROM blocks b LEFT JOIN clients c USING (organisation_id, client_id)
WHERE b.organisation_id = %(organisation)s"""
# Those that somebody has to agree to first; then what ends first.
LIST = f"""
{_SELECT} AND b.until > %(now)s
ORDER BY b.wanted_until IS NULL, b.until, b.block_id LIMIT %(limit)s OFFSET %(after)s
"""
LOCK = f"{_SELECT} AND b.block_id = %(block)s AND b.until > %(now)s FOR UPDATE OF b"
COUNT = """
SELECT count(*) AS blocks, count(wanted_until) AS unagreed FROM blocks
WHERE organisation_id = %(organisation)s AND until > %(now)s
"""
AGREE = """
UPDATE blocks SET until = wanted_until, wanted_until = NULL, agreed_by = %(by)s, agreed_by_name = %(by_name)s
WHERE organisation_id = %(organisation)s AND block_id = %(block)s
"""
DELETE = "DELETE FROM blocks WHERE organisation_id = %(organisation)s AND block_id = %(block)s"
OF_CLIENT = """
SELECT max(until) AS until FROM (
    SELECT b.until FROM blocks b
    WHERE b.organisation_id = %(organisation)s AND b.client_id = %(client)s AND b.until > %(now)s
    UNION ALL
    SELECT b.until FROM blocked_devices d JOIN blocks b USING (organisation_id, block_id)
    WHERE d.organisation_id = %(organisation)s AND d.device_hash = %(device)s AND b.until > %(now)s) AS found
"""
# Whoever shows more and more devices makes none of others' known by it; but the table has to end somewhere.
REMEMBER = """
INSERT INTO blocked_devices (organisation_id, block_id, device_hash)
SELECT b.organisation_id, b.block_id, %(device)s FROM blocks b
WHERE b.organisation_id = %(organisation)s AND b.client_id = %(client)s AND b.until > %(now)s AND %(most)s > (
    SELECT count(*) FROM blocked_devices d
    WHERE d.organisation_id = b.organisation_id AND d.block_id = b.block_id)
ON CONFLICT DO NOTHING
"""
OVER = Due("""
SELECT organisation_id || ' ' || block_id AS key, until AS due_at FROM blocks WHERE until <= %(now)s
""")
"""Blocks that hold nobody up any more."""
DELETE_ENDED = f"{DELETE} AND until <= %(now)s"

_MOST_DEVICES = 10


async def _blocks(tx: Transaction, organisation_id: str, rows: list[Any]) -> list[Block]:
    stored = {row.client_id: row.client_name for row in rows if row.client_name is not None}
    names = await clients.open_names(tx, organisation_id, stored) if stored else {}
    ciphers = await data_keys.load(tx, [(organisation_id, row.block_id) for row in rows])
    return [
        _block(ciphers.get((organisation_id, row.block_id)), row, names.get(row.client_id)) for row in rows
    ]


def _block(cipher: Cipher | None, row: Any, name: str | None) -> Block:
    def opened(column: str) -> str:
        where = (f"blocks.{column}", row.organisation_id, row.block_id)
        return open_(cipher, *where, stored=getattr(row, column))

    agreed = row.agreed_by and Person(id=row.agreed_by, name=opened("agreed_by_name"))
    return Block(
        block_id=row.block_id,
        client_name=name,
        room_id=row.room_id if row.is_room_kept else None,
        reason=opened("reason"),
        blocked_by=Person(id=row.blocked_by, name=opened("blocked_by_name")),
        blocked_at=row.blocked_at,
        until=row.until,
        wanted_until=row.wanted_until,
        agreed_by=agreed or None,
    )


async def add(
    tx: Transaction,
    organisation_id: str,
    block_id: str,
    *,
    client_id: str,
    room_id: str,
    reason: str,
    by: Actor,
    now: datetime,
    until: datetime,
    wanted_until: datetime | None,
) -> None:
    """The client is blocked from now on."""
    cipher, key = await data_keys.make(tx, organisation_id, block_id)
    await tx.run(
        ADD,
        organisation=organisation_id,
        block=block_id,
        client=client_id,
        room=room_id,
        reason=seal_column(cipher, organisation_id, block_id, "reason", reason),
        by=by.id,
        by_name=seal_column(cipher, organisation_id, block_id, "blocked_by_name", by.name),
        now=now,
        until=until,
        wanted_until=wanted_until,
        **key,
    )


def seal_column(cipher: Cipher, organisation_id: str, block_id: str, column: str, text: str) -> str:
    """What to store in one of a block's sealed columns."""
    return seal(cipher, f"blocks.{column}", organisation_id, block_id, text=text)


async def list_some(
    tx: Transaction, organisation_id: str, now: datetime, after: int, limit: int
) -> tuple[list[Block], bool]:
    """Those that hold: up to `limit` beyond the first `after`, and whether there are more."""
    rows = await tx.rows(LIST, organisation=organisation_id, now=now, after=after, limit=limit + 1)
    return await _blocks(tx, organisation_id, rows[:limit]), len(rows) > limit


async def count(tx: Transaction, organisation_id: str, now: datetime) -> tuple[int, int]:
    """How many hold, and how many of them somebody has to agree to."""
    row = await tx.get(COUNT, organisation=organisation_id, now=now)
    return row.blocks, row.unagreed


async def lock(tx: Transaction, organisation_id: str, block_id: str, now: datetime) -> Block:
    """One that holds, held until the end of the transaction. :raises NotFound: also when it has ended."""
    row = await tx.get(LOCK, organisation=organisation_id, block=block_id, now=now)
    (found,) = await _blocks(tx, organisation_id, [row])
    return found


async def agree(tx: Transaction, organisation_id: str, block_id: str, by: Actor) -> None:
    """It holds for as long as was wanted."""
    cipher = await data_keys.get(tx, organisation_id, block_id)
    name = seal_column(cipher, organisation_id, block_id, "agreed_by_name", by.name)
    await tx.run(AGREE, organisation=organisation_id, block=block_id, by=by.id, by_name=name)


async def lift(tx: Transaction, organisation_id: str, block_id: str) -> None:
    """It is over, and nothing is kept of it."""
    await tx.run(DELETE, organisation=organisation_id, block=block_id)


async def find_until(
    tx: Transaction, organisation_id: str, client_id: str, device_hash: bytes | None, now: datetime
) -> datetime | None:
    """Until when this client, or whoever has this device, is blocked; None: not at all."""
    row = await tx.get(OF_CLIENT, organisation=organisation_id, client=client_id, device=device_hash, now=now)
    return row.until  # type: ignore[no-any-return]  # rows are Any


async def remember_device(
    tx: Transaction, organisation_id: str, client_id: str, device_hash: bytes, now: datetime
) -> None:
    """The blocked client has this device: it is blocked, too."""
    await tx.run(
        REMEMBER,
        organisation=organisation_id,
        client=client_id,
        device=device_hash,
        now=now,
        most=_MOST_DEVICES,
    )


async def end(tx: Transaction, organisation_id: str, block_id: str, now: datetime) -> None:
    """Delete it if its time is still over, unless another node has."""
    if await tx.run(DELETE_ENDED, organisation=organisation_id, block=block_id, now=now):
        await audit.add(
            tx, organisation_id, audit.TIME, Action.BLOCK_ENDED, now, kind="block", subject=block_id
        )
