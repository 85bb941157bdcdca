"""The database and the accounts as commands see them, also while no daemon runs.

In come settings, out comes an opened house that is closed again afterwards. Uses the daemon's embedded
PostgreSQL when it runs, else starts it for the command.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from twisted.logger import Logger

from hotline import running
from hotline.accounts import Accounts
from hotline.config import Settings
from hotline.domain.model import Actor, Role
from hotline.errors import StartError
from hotline.passwords import Passwords
from hotline.store import condition, consultants, guardian, migrations, organisations
from hotline.store.consultants import Consultant
from hotline.store.database import Database
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.keys import Keys
from hotline.store.places import find_running_url


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One database with what stands on it."""

    settings: Settings
    database: Database
    accounts: Accounts

    async def find_organisation_id(self, slug: str) -> str:
        """:raises StartError: there is no such organisation."""
        async with self.database.transaction() as tx:
            organisation_id = await organisations.find_by_slug(tx, _storable(slug))
        if organisation_id is None:
            raise StartError(f"there is no organisation {slug!r}: see hotline org list")
        return organisation_id

    async def get_manager(self, slug: str) -> Actor:
        """Somebody in whose name a command may act as a manager does."""
        organisation_id = await self.find_organisation_id(slug)
        async with self.database.transaction(organisation_id) as tx:
            staff = await consultants.list_all(tx, organisation_id)
        manager = next(entry for entry in staff if entry.role is Role.MANAGER)
        return Actor(
            organisation_id=organisation_id,
            id=manager.consultant_id,
            name=manager.name,
            role=Role.MANAGER,
            is_operator=True,
        )

    async def get_consultant(self, slug: str, email: str) -> Consultant:
        """:raises StartError: nobody there has this address."""
        organisation_id = await self.find_organisation_id(slug)
        async with self.database.transaction(organisation_id) as tx:
            found = await consultants.find_by_email(tx, organisation_id, _storable(email).lower())
        if found is None:
            raise StartError(f"{slug} has no consultant {email!r}: see hotline staff list")
        return found[0]


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def owner_dsn(reactor: Any, settings: Settings) -> AsyncIterator[str]:
    """The owner's connection string; embedded PostgreSQL runs at least until the end of the block."""
    if not settings.is_embedded:
        yield settings.database
        return
    if (running := find_running_url(settings.data)) is not None:
        yield running
        return
    server = EmbeddedPostgres(reactor, settings.data, Logger())
    dsn = await server.start()
    try:
        yield dsn
    finally:
        await server.stop()


@asynccontextmanager
async def opened(reactor: Any, settings: Settings) -> AsyncIterator[House]:
    """:raises StartError: there is no database, or not one of this version."""
    if settings.is_embedded and not (settings.data / "postgres").exists():
        raise StartError(
            f"there is no database in {settings.data}: start hotline there, or run hotline migrate"
        )
    async with owner_dsn(reactor, settings) as dsn:
        schema = (await condition.examine(reactor, dsn)).schema
        if schema < migrations.newest():
            raise StartError("the database is older than this hotline: run hotline migrate")
        if schema > migrations.newest():
            raise StartError("the database is newer than this hotline: use a newer hotline")
        # Links lead to the daemon that runs here, wherever it was told to listen.
        found = None if settings.has_own_public_url else running.find_public_url(settings.data)
        passwords = Passwords(reactor, settings.data, leaked=settings.leaked)
        keys = Keys(await guardian.open_masters(reactor, dsn, settings.master_keys))
        seconds = settings.domain_limits.statement_seconds
        database = Database(reactor, dsn, size=2, keys=keys, statement_seconds=seconds)
        passwords.start()
        try:
            yield House(
                settings=settings,
                database=database,
                accounts=Accounts(
                    database, passwords, settings.domain_limits, found or settings.public_url, now
                ),
            )
        finally:
            passwords.stop()
            database.close()


def _storable(text: str) -> str:
    """Arguments may hold bytes that are no text; PostgreSQL cannot be asked for them."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
