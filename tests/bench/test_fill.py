"""What the bench puts into hotline's database is such as hotline takes for its own."""

from __future__ import annotations

from datetime import UTC, datetime

from pytest_twisted import ensureDeferred

from bench import fill
from bench.clients.hotline import room_name
from hotline.store import guardian, members, messages, shown
from hotline.store.database import Database
from hotline.store.ids import secret_hash

# As the application does, with all keys, checks and triggers.
AS_THE_APPLICATION = "SET ROLE hotline_app; SET hotline.organisations = 'benchorg1,benchorg2'"


@ensureDeferred
async def test_rows_are_read_as_ones_own(dsn: str, database: Database) -> None:
    """Clients by their keys, rooms with both members, and the last page of a long history."""
    known = fill.add_rooms(dsn, 2, 3, AS_THE_APPLICATION)
    assert (known["organisations"], known["rooms"]) == (2, 3)
    history = fill.add_history(dsn, 60, AS_THE_APPLICATION)
    assert await guardian.seal_all(database) == 2 * 3 * 2 + 2
    async with database.transaction("benchorg2") as tx:
        found = await shown.find(tx, "benchorg2", "client3", secret_hash("key-3"), datetime.now(UTC))
        assert found is not None
        assert found.actor is not None
        for member in (found.actor.id, "sam"):
            standing = await members.get_standing(tx, "benchorg2", room_name(2, 3), member)
            assert standing.is_member
    async with database.transaction("benchorg1") as tx:
        page, more = await messages.list_as_member(
            tx, "benchorg1", history, "sam", limit=50, after=0, before=61
        )
    assert [message.seq for message in page] == list(range(11, 61))
    assert page[-1].text.endswith("believe 60")
    assert page[-1].sender.name == "Robin"
    assert more
