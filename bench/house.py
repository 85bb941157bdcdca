"""One organisation with an API token in a running daemon's database: `python -m bench.house DIRECTORY`.

In comes the data directory, out comes `{"realm", "ticket"}` as JSON. Goes through the store, as the pages do.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from hotline.domain.model import DEFAULT_QUESTIONS, Organisation, Role
from hotline.store import consultants, organisations, places, tokens
from hotline.store.database import Database
from hotline.store.ids import new_id, new_secret, secret_hash


async def make(reactor: Any, directory: Path) -> None:
    """Print where to go and with what."""
    dsn = places.find_running_url(directory)
    if dsn is None:
        raise SystemExit("the daemon's database is not running")
    database = Database(reactor, dsn)
    organisation_id, consultant_id, secret, now = new_id(), new_id(), new_secret(), datetime.now(UTC)
    slug = f"bench-{organisation_id[:6]}"
    async with database.transaction(organisation_id) as tx:
        await organisations.add(
            tx,
            Organisation(
                organisation_id=organisation_id,
                slug=slug,
                name="Bench",
                accepting=True,
                questions=DEFAULT_QUESTIONS,
                colours={},
                allowed_sites=(),
                retention_hours=48,
                created_at=now,
            ),
        )
        await consultants.add(
            tx,
            organisation_id,
            consultant_id,
            name="Sam",
            email=f"{slug}@example.org",
            role=Role.MANAGER,
            password="none",
            now=now,
        )
        await tokens.add(
            tx, organisation_id, consultant_id, name="bench", secret_hash=secret_hash(secret), now=now
        )
    database.close()
    print(json.dumps({"realm": slug, "ticket": secret}))


if __name__ == "__main__":
    react(lambda reactor: Deferred.fromCoroutine(make(reactor, Path(sys.argv[1]))))
