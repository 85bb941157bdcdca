"""A room's messages as events of the past: in come bounds of seq and of time, out come Messages.

Reads only; the page is as long as one answer may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.domain.model import Message
from hotline.store.database import Transaction
from hotline.store.messages import COLUMNS, open_all, page_of

_BETWEEN = f"""
SELECT {COLUMNS} FROM messages
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND seq BETWEEN %(first)s AND %(last)s
    AND (%(from)s::timestamptz IS NULL OR at >= %(from)s::timestamptz)
    AND (%(after)s::timestamptz IS NULL OR at > %(after)s::timestamptz)
    AND (%(before)s::timestamptz IS NULL OR at < %(before)s::timestamptz)
    AND (%(until)s::timestamptz IS NULL OR at <= %(until)s::timestamptz)
"""
FORWARD = f"{_BETWEEN} ORDER BY seq LIMIT %(limit)s"
BACKWARD = f"{_BETWEEN} ORDER BY seq DESC LIMIT %(limit)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Which messages: all of these have to hold, and None is no bound."""

    first_seq: int
    last_seq: int
    from_time: datetime | None = None
    after_time: datetime | None = None
    before_time: datetime | None = None
    until_time: datetime | None = None


async def list_between(
    tx: Transaction, organisation_id: str, room_id: str, bounds: Bounds, limit: int, *, is_reverse: bool
) -> list[Message]:
    """Up to `limit` messages within the bounds, in seq order or backwards; fewer if they are long."""
    rows = await tx.rows(
        BACKWARD if is_reverse else FORWARD,
        **{"from": bounds.from_time},
        organisation=organisation_id,
        room=room_id,
        first=bounds.first_seq,
        last=bounds.last_seq,
        after=bounds.after_time,
        before=bounds.before_time,
        until=bounds.until_time,
        limit=limit,
    )
    return page_of(await open_all(tx, organisation_id, room_id, rows), limit)
