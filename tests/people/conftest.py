"""Fixtures of the tests about accounts: cheap passwords, accounts on a fresh database, what was mailed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from hotline.accounts import Accounts, Signed
from hotline.domain.checks import slug_of
from hotline.domain.limits import DomainLimits
from hotline.passwords import Passwords
from hotline.store import audit, mails
from hotline.store.database import Database
from hotline.store.mails import Mail

GOOD_PASSWORD = "violet-anchor-midnight"


@pytest.fixture
def accounts(database: Database, passwords: Passwords, now: Any) -> Iterator[Accounts]:
    """Accounts on an empty database."""
    accounts = Accounts(database, passwords, DomainLimits(), "https://talk.example.org", now)
    yield accounts
    pytest_twisted.blockon(Deferred.fromCoroutine(accounts.settled()))


@pytest.fixture
def limit(accounts: Accounts) -> Callable[..., None]:
    """Has these accounts go on with other limits."""

    def changed(**limits: float) -> None:
        accounts._limits = replace(accounts._limits, **limits)

    return changed


@pytest.fixture
def registered(accounts: Accounts) -> Callable[..., Awaitable[Signed]]:
    """Registers an organisation of the given name, whose manager's address is made of it."""

    async def register(organisation: str = "Seelefon", username: str = "Mara") -> Signed:
        return await accounts.register_organisation(
            organisation=organisation,
            username=username,
            email=f"{username.lower()}@{slug_of(organisation)}.example",
            password=GOOD_PASSWORD,
        )

    return register


@pytest.fixture
def joined(accounts: Accounts) -> Callable[..., Awaitable[Signed]]:
    """Invites somebody and lets them join."""

    async def join(manager: Signed, username: str = "Tom", role: str = "staff") -> Signed:
        invited = await accounts.invite(
            manager.actor, email=f"{username.lower()}@{manager.actor.organisation_id}.example", role=role
        )
        return await accounts.accept_invitation(
            token_in(invited.link), username=username, password=GOOD_PASSWORD
        )

    return join


@pytest.fixture
def mailed(accounts: Accounts, database: Database, now: Any) -> Callable[[], Awaitable[list[Mail]]]:
    """What waits to be sent, of all organisations."""

    async def list_mailed() -> list[Mail]:
        await accounts.settled()
        async with database.transaction() as tx:
            due = await mails.due(tx, now())
        found = []
        for organisation_id, mail_id in due:
            async with database.transaction(organisation_id) as tx:
                mail = await mails.take(tx, organisation_id, mail_id, now())
                assert mail is not None
                found.append(mail)
        return found

    return list_mailed


@pytest.fixture
def audited(database: Database) -> Callable[[Signed], Awaitable[list[tuple[str, str]]]]:
    """What the audit log of somebody's organisation has: actions, and at which step; the oldest first."""

    async def list_audited(signed: Signed) -> list[tuple[str, str]]:
        organisation_id = signed.actor.organisation_id
        async with database.transaction(organisation_id) as tx:
            found, _ = await audit.list_before(tx, organisation_id, None, 200)
        return [(entry.action, entry.details.get("step", "")) for entry in reversed(found)]

    return list_audited


def token_in(link: str) -> str:
    """The one-time token of a link."""
    return link.rpartition("/")[2]
