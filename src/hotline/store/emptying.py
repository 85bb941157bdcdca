"""Emptying an organisation that is about to be deleted: what there may be very many of goes in slices.

In comes the database, out goes nearly everything that has a key of its own. Each slice is a transaction that
waits for nobody and rings for few. Never deletes the organisation, nor anybody who may do that: when it is
interrupted, it can be asked for again.
"""

from __future__ import annotations

from hotline.store.database import Database

# All at once, fifty thousand rooms took longer than a statement may; and what a commit rings for waits in one
# line with what everybody else hears.
_SLICE = 100

# Whatever somebody holds just now is left for the end.
_SLICE_OF = """
DELETE FROM {table} WHERE organisation_id = %(organisation)s AND {id} = ANY (ARRAY(
    SELECT {id} FROM {table} o WHERE organisation_id = %(organisation)s{those}
    LIMIT %(slice)s FOR UPDATE SKIP LOCKED))
"""
# In this order: where nobody is any more goes first, and everybody else notices nothing until the end.
EMPTY = {
    "closed rooms": _SLICE_OF.format(table="rooms", id="room_id", those=" AND status = 'closed'"),
    "surveys": _SLICE_OF.format(table="surveys", id="survey_id", those=""),
    "rooms": _SLICE_OF.format(table="rooms", id="room_id", those=""),
    "clients": _SLICE_OF.format(
        table="clients",
        id="client_id",
        those=""" AND NOT EXISTS (SELECT FROM rooms r
        WHERE r.organisation_id = o.organisation_id AND r.client_id = o.client_id)""",
    ),
}


async def empty(database: Database, organisation_id: str, at_once: int = _SLICE) -> None:
    """:raises Unavailable: some of it may be gone."""
    for those in EMPTY:
        count = at_once
        while count == at_once:
            async with database.transaction(organisation_id) as tx:
                count = await tx.run(EMPTY[those], organisation=organisation_id, slice=at_once)
