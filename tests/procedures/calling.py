"""Calling procedures as the router would, without a router."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from hotline.accounts import Accounts
from hotline.domain.limits import DomainLimits
from hotline.passwords import Passwords
from hotline.procedures.context import Context
from hotline.procedures.table import PROCEDURES
from hotline.store.database import Database


def caller(database: Database, reactor: Any, directory: Path, now: Any) -> Callable[..., Awaitable[Any]]:
    """A function that calls a procedure as somebody: `await call(actor, "me.get", **kwargs)`."""
    passwords = Passwords(reactor, directory, cost=4)
    accounts = Accounts(database, passwords, DomainLimits(), "https://talk.example", now)

    async def call(actor: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
        context = Context(
            actor=actor, database=database, accounts=accounts, now=now, become=lambda actor: None
        )
        # As it is written on the wire.
        return msgspec.to_builtins(await PROCEDURES[f"hotline.{name}"](context, list(args), kwargs))

    return call
