"""Secrets that lead somewhere: a link that was mailed, or the next step of something half done.

In comes the secret, out comes a transaction of the organisation it is of, or Gone. What it is for, the caller
asks; nothing is used up here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from hotline.errors import Gone
from hotline.store import steps
from hotline.store.database import Database, Transaction
from hotline.store.ids import secret_hash
from hotline.store.steps import Purpose, Step


@asynccontextmanager
async def opened(
    database: Database, secret: str, find_organisation: Callable[[Transaction, bytes], Awaitable[str | None]]
) -> AsyncIterator[tuple[Transaction, tuple[str, bytes]]]:
    """A transaction, and by what it is stored: organisation and hash. :raises Gone: it leads nowhere."""
    hashed = secret_hash(secret)
    async with database.transaction() as tx:
        organisation_id = await find_organisation(tx, hashed)
    if organisation_id is None:
        raise Gone()
    async with database.transaction(organisation_id) as tx:
        yield tx, (organisation_id, hashed)


@asynccontextmanager
async def opened_step(
    database: Database, secret: str, purpose: Purpose, now: datetime
) -> AsyncIterator[tuple[Transaction, Step]]:
    """A transaction, and the step. :raises Gone: there is none for this (any more)."""
    async with opened(database, secret, steps.find_organisation) as (tx, where):
        found = await steps.find(tx, *where, purpose, now)
        if found is None:
            raise Gone()
        yield tx, found
