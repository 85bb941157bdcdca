"""Rooms, clients, surveys and blocks whose key is not there: what a backup brings back and nobody can read.

In comes a database just restored, out come counts; deleting them leaves receipts. What was never sealed has
no key either, and is not meant here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from hotline.domain.limits import DEFAULTS
from hotline.store import forgetting, guardian, organisations, receipts
from hotline.store.database import Database, Transaction
from hotline.store.keys import Keys

_WITHOUT = """
NOT EXISTS (SELECT FROM data_keys k WHERE k.organisation_id = o.organisation_id AND k.owner_id = o.{id})
AND NOT EXISTS (SELECT FROM unsealed u WHERE u.organisation_id = o.organisation_id AND u.owner_id = o.{id})
"""
LOCK_ROOMS = f"""
SELECT room_id FROM rooms o WHERE {_WITHOUT.format(id="room_id")} ORDER BY room_id FOR NO KEY UPDATE
"""
DELETE_SURVEYS = f"DELETE FROM surveys o WHERE {_WITHOUT.format(id='survey_id')}"
DELETE_BLOCKS = f"DELETE FROM blocks o WHERE {_WITHOUT.format(id='block_id')}"
DELETE_CLIENTS = f"""
DELETE FROM clients o WHERE {_WITHOUT.format(id="client_id")} AND NOT EXISTS (SELECT FROM rooms r
    WHERE r.organisation_id = o.organisation_id AND r.client_id = o.client_id)
"""
COUNT = f"""
SELECT (SELECT count(*) FROM rooms o WHERE {_WITHOUT.format(id="room_id")}) AS rooms,
    (SELECT count(*) FROM clients o WHERE {_WITHOUT.format(id="client_id")}) AS clients,
    (SELECT count(*) FROM surveys o WHERE {_WITHOUT.format(id="survey_id")}) AS surveys,
    (SELECT count(*) FROM blocks o WHERE {_WITHOUT.format(id="block_id")}) AS blocks
"""
_NAMES = {
    "rooms": ("conversation", "conversations"),
    "clients": ("client", "clients"),
    "surveys": ("survey", "surveys"),
    "blocks": ("block", "blocks"),
}


async def count(
    reactor: Any, dsn: str, statement_seconds: float = DEFAULTS.statement_seconds
) -> dict[str, int]:
    """How many of all organisations, by table."""
    database = Database(reactor, dsn, size=1, statement_seconds=statement_seconds)
    try:
        async with database.transaction() as tx:
            everybody = [each.organisation_id for each in await organisations.list_all(tx)]
        async with database.transaction(*everybody) as tx:
            return dict((await tx.get(COUNT))._asdict())
    finally:
        database.close()


async def delete(
    reactor: Any,
    dsn: str,
    master_keys: Path,
    now: datetime,
    statement_seconds: float = DEFAULTS.statement_seconds,
) -> None:
    """For good, with receipts. :raises StartError: the master keys are not those of this database."""
    keys = Keys(await guardian.open_masters(reactor, dsn, master_keys))
    database = Database(reactor, dsn, size=1, keys=keys, statement_seconds=statement_seconds)
    try:
        async with database.transaction() as tx:
            everybody = [each.organisation_id for each in await organisations.list_all(tx)]
        for organisation_id in everybody:
            async with database.transaction(organisation_id) as tx:
                await _delete_of(tx, organisation_id, now)
    finally:
        database.close()


async def _delete_of(tx: Transaction, organisation_id: str, now: datetime) -> None:
    for row in await tx.rows(LOCK_ROOMS):
        await forgetting.delete_room(tx, organisation_id, row.room_id, "restore", now)
    rest = {
        "clients": await tx.run(DELETE_CLIENTS),
        "surveys": await tx.run(DELETE_SURVEYS),
        "blocks": await tx.run(DELETE_BLOCKS),
    }
    if any(rest.values()):
        await receipts.add(tx, organisation_id, "restore", rest, now)


def told(counts: Mapping[str, int]) -> str:
    """In words, without what there is none of."""
    words = [f"{number} {_NAMES[what][number != 1]}" for what, number in counts.items() if number]
    return ", ".join(words)
