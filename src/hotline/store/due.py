"""What has run its time: found in all organisations of a transaction, the longest overdue first.

In comes the time, with what could not be settled before; out come keys. Whoever settles one asks again, under
its lock, because another node may have been quicker. Never gives what failed before what has not been tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hotline.store.database import Transaction

Key = tuple[str, ...]
"""An organisation, and the ids of what is due in it."""

_LIST = """
SELECT key FROM ({due}) AS due
LEFT JOIN unnest(%(tried)s::text[]) WITH ORDINALITY AS tried (key, place) USING (key)
ORDER BY place NULLS FIRST, due_at, key LIMIT %(limit)s
"""
_OLDEST = "SELECT min(due_at) AS due_at FROM ({due}) AS due"


class Due:
    """One kind of what is due.

    :param due: SQL that gives `key` (ids with a space between them, the organisation first) and `due_at`, by
        `%(now)s` and these parameters.
    """

    def __init__(self, due: str, **parameters: Any) -> None:
        self._list = _LIST.format(due=due)
        self._oldest = _OLDEST.format(due=due)
        self._parameters = parameters

    async def list(self, tx: Transaction, now: datetime, tried: Sequence[Key], limit: int) -> list[Key]:
        """At most so many, the longest overdue first, and after them those that were tried in vain, in the
        order in which they were."""
        rows = await tx.rows(
            self._list, **self._parameters, now=now, tried=[" ".join(key) for key in tried], limit=limit
        )
        return [tuple(row.key.split(" ")) for row in rows]

    async def find_oldest(self, tx: Transaction, now: datetime) -> datetime | None:
        """Since when the longest overdue is due; None: nothing is."""
        row = await tx.get(self._oldest, **self._parameters, now=now)
        return row.due_at  # type: ignore[no-any-return]  # rows are Any
