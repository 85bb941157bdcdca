"""Whether a database rings, what time it thinks it is, and whether every key in it can be opened.

In come the owner's connection string and the file of the master keys, out come plain facts. It only reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError

from hotline.errors import StartError
from hotline.store import data_keys, organisations
from hotline.store.connections import connect
from hotline.store.database import Database, execute
from hotline.store.driver_errors import BROKEN, reason_of
from hotline.store.ids import new_id
from hotline.store.masters import Masters
from hotline.store.seals import Broken, Cipher, about, key_id

_RING_TIMEOUT_SECONDS = 5
_TIME = "SELECT clock_timestamp() AS time, pg_notification_queue_usage() AS usage"
OF_ORGANISATIONS = "SELECT organisation_id, wrapped FROM organisation_keys ORDER BY organisation_id"
OF_OWNERS = """
SELECT owner_id, wrapped FROM data_keys
WHERE organisation_id = %(organisation)s AND owner_id > %(after)s ORDER BY owner_id LIMIT 5000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """What the doorbell stands on."""

    rings: bool
    """Whether what one connection notifies, another hears."""
    queue_usage: float
    """Of PostgreSQL's queue of notifications; 1: full."""
    seconds_ahead: float
    """Of PostgreSQL's clock before ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """How many keys there are, and of how many organisations some cannot be opened."""

    organisations: int
    keys: int
    broken: int


async def try_bell(reactor: Any, dsn: str, now: Callable[[], datetime]) -> Bell:
    """:raises StartError: the database cannot be used."""
    channel, heard = f"hotline_doctor_{new_id()}", Deferred[None]()
    try:
        listening, ringing = await connect(reactor, dsn, None), await connect(reactor, dsn, None)
        try:
            listening.heard = lambda _: None if heard.called else heard.callback(None)
            for connection, sql in ((listening, f"LISTEN {channel}"), (ringing, f"NOTIFY {channel}")):
                await execute(reactor, connection, sql)
            try:
                await heard.addTimeout(_RING_TIMEOUT_SECONDS, reactor)
                rings = True
            except TimeoutError:
                rings = False
            before = now()
            row, after = (await execute(reactor, ringing, _TIME)).fetchone(), now()
        finally:
            listening.abandon()
            ringing.abandon()
    except BROKEN as error:
        raise StartError(f"the database cannot be used: {reason_of(error)}") from error
    ahead = (row.time - (before + (after - before) / 2)).total_seconds()
    return Bell(rings=rings, queue_usage=row.usage, seconds_ahead=ahead)


async def open_all_keys(reactor: Any, dsn: str, master_keys: Path) -> Opened:
    """Every organisation's key with its master key, and every data key with that. :raises StartError."""
    masters = Masters(master_keys)
    count = keys = broken = 0
    database = Database(reactor, dsn, size=1)
    try:
        async with database.transaction() as tx:
            everybody = [each.organisation_id for each in await organisations.list_all(tx)]
        async with database.reading(*everybody) as tx:
            rows = await tx.rows(OF_ORGANISATIONS)
        for row in rows:
            count += 1
            try:
                master = masters.find(key_id(bytes(row.wrapped)))
                if master is None:
                    raise Broken
                place = about("organisation key", row.organisation_id)
                above = Cipher(master.unwrap(bytes(row.wrapped), place))
                keys += await _open_those_of(database, row.organisation_id, above)
            except Broken:
                broken += 1
    finally:
        database.close()
    return Opened(organisations=count, keys=keys, broken=broken)


async def _open_those_of(database: Database, organisation_id: str, above: Cipher) -> int:
    """How many. :raises Broken: one cannot be."""
    count, after = 0, ""
    while True:
        async with database.reading(organisation_id) as tx:
            rows = await tx.rows(OF_OWNERS, organisation=organisation_id, after=after)
        for row in rows:
            data_keys.unwrapped(above, (organisation_id, row.owner_id), bytes(row.wrapped))
            count, after = count + 1, row.owner_id
        if not rows:
            return count
