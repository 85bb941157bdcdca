"""What a procedure works with: who asks, the database, the time, and the session it may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hotline.accounts import Accounts
from hotline.domain.audit import Action
from hotline.domain.limits import DEFAULTS, DomainLimits
from hotline.domain.model import Actor
from hotline.procedures.attempts import Attempts
from hotline.procedures.crowd import Crowd
from hotline.procedures.shares import Shares
from hotline.store import audit
from hotline.store.database import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One call's surroundings, made anew for each."""

    actor: Actor
    database: Database
    accounts: Accounts
    now: Callable[[], datetime]
    become: Callable[[Actor], None]
    """From now on the session that called is this actor's."""
    session: int = 0
    """Which session called."""
    network: bytes | None = None
    """A mark of where it comes from, which says nothing to anybody; None: nowhere in particular."""
    attempts: Attempts = field(default_factory=Attempts)
    """Of all sessions of this node."""
    crowd: Crowd = field(default_factory=lambda: Crowd(0))
    """Of those who enter by this node."""
    limits: DomainLimits = DEFAULTS
    shares: Shares | None = None
    """Of the node; None: anybody may take any."""

    async def record(
        self, tx: Transaction, action: Action, *, kind: str = "room", subject: str, **details: Any
    ) -> None:
        """Say in the audit log that who asks did this; the last thing of its transaction."""
        by = audit.person_of(self.actor)
        await audit.add(
            tx, self.actor.organisation_id, by, action, self.now(), kind=kind, subject=subject, **details
        )
