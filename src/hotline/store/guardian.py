"""Do the master keys and the database belong together, and is everything sealed: asked when hotline starts.

In come the file of the master keys and a database, out come the master keys, or one line that says what is
wrong. Makes a file only for a database in which nothing is sealed yet.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from twisted.logger import Logger

from hotline.domain.audit import Action
from hotline.domain.limits import DEFAULTS
from hotline.errors import StartError, Unavailable
from hotline.store import audit, data_keys, masters, unsealed
from hotline.store.database import Database
from hotline.store.keys import Keys
from hotline.store.masters import Masters

_log = Logger()
# Of so many rooms, clients and surveys one transaction.
_SLICE = 20


async def open_masters(reactor: Any, dsn: str, path: Path) -> Masters:
    """The master keys of this file, which is made if nothing is sealed yet.

    :raises StartError: it cannot be used, or is not the one of this database.
    """
    check(path, await list_needed(reactor, dsn))
    masters.make(path)
    return Masters(path)


async def list_needed(reactor: Any, dsn: str) -> list[str]:
    """The ids of the master keys without which something in this database could not be read.

    :raises StartError: it does not answer.
    """
    database = Database(reactor, dsn, size=1)
    try:
        async with database.reading() as tx:
            return await data_keys.list_masters(tx)
    except Unavailable as error:
        raise StartError("the database cannot be asked for the keys it needs") from error
    finally:
        database.close()


def check(path: Path, needed: list[str]) -> str:
    """What there is to say about this file, for a database that needs these keys.

    :raises StartError: it is missing, cannot be used, or lacks one.
    """
    if not path.exists():
        if needed:
            raise StartError(
                f"{path} is missing, without which nothing in this database can be read: "
                "bring it back from a copy, or from another node"
            )
        return f"{path} is made at the first start"
    there = Masters(path).ids
    missing = sorted(set(needed) - set(there))
    if missing:
        raise StartError(
            f"{path} lacks the master key {', '.join(missing)} of this database: "
            "use the file of the other nodes, or a copy of before"
        )
    unused = len(set(there) - set(needed))
    return f"{path} has the keys of this database" + (f", and {unused} it does not need" if unused else "")


async def seal(
    reactor: Any, dsn: str, path: Path, statement_seconds: float = DEFAULTS.statement_seconds
) -> int:
    """As `seal_all`, by a command; the master keys are asked for only if there is something to seal.

    :raises StartError: they cannot be used.
    """
    plain = Database(reactor, dsn, size=1, statement_seconds=statement_seconds)
    try:
        async with plain.transaction() as tx:
            if not await unsealed.list_some(tx):
                return 0
        plain.keys = Keys(await open_masters(reactor, dsn, path))
        return await seal_all(plain)
    finally:
        plain.close()


async def seal_all(database: Database) -> int:
    """Seal what was stored before texts were sealed; how many rooms, clients and surveys that were."""
    count = 0
    while True:
        async with database.transaction() as tx:
            some = await unsealed.list_some(tx)
        if not some:
            return count
        for begin in range(0, len(some), _SLICE):
            part = some[begin : begin + _SLICE]
            async with database.transaction(*{organisation_id for organisation_id, _ in part}) as tx:
                for owner in part:
                    await unsealed.seal_one(tx, *owner)
            count += len(part)
        _log.info("sealed {count} rooms, clients and surveys of before", count=count)


async def rewrap_all(database: Database, now: datetime) -> int:
    """Every organisation's key under the newest master key, one after the other; how many were not."""
    if database.keys is None:
        raise RuntimeError("this database was opened without keys")
    count = 0
    while True:
        async with database.transaction() as tx:
            some = await data_keys.list_under_others(tx, database.keys.masters.newest.id)
        if not some:
            return count
        for organisation_id in some:
            async with database.transaction(organisation_id) as tx:
                await data_keys.rewrap(tx, organisation_id)
                await audit.add(tx, organisation_id, audit.OPERATOR, Action.KEY_ROTATED, now)
            count += 1
