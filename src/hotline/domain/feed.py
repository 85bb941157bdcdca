"""A room's messages, let out strictly in order.

In come messages (from this node's journal), numbers (from other nodes) and fetched messages, in any
order, any of them twice or never; out come messages with seq n+1 after seq n, each once. When something
is missing, `missing_after` says from where to fetch. Does no fetching itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """What one node has let out of one room. Starts unstarted: it holds everything until told where it is."""

    __slots__ = ("_held", "highest", "last")

    def __init__(self) -> None:
        self.last: int | None = None
        self.highest = 0
        self._held: dict[int, T] = {}

    def start(self, last: int) -> list[T]:
        """Up to `last` is history; what was held of later messages comes out. Only the first start counts."""
        if self.last is not None:
            return []
        self.last = last
        self.highest = max(self.highest, last)
        self._held = {seq: item for seq, item in self._held.items() if seq > last}
        return self._release()

    def offer(self, seq: int, item: T) -> list[T]:
        """A committed message; what may be let out now."""
        if self.last is not None and seq == self.last + 1 and not self._held:
            # Nearly always.
            self.last = seq
            self.highest = max(self.highest, seq)
            return [item]
        self.hint(seq)
        if self.last is None or seq > self.last:
            self._held.setdefault(seq, item)
        return self._release()

    def hint(self, seq: int) -> None:
        """A message of this number was committed somewhere."""
        self.highest = max(self.highest, seq)

    def fetched(self, after: int, items: Iterable[tuple[int, T]]) -> list[T]:
        """What the database holds after `after`, complete from there on as far as it goes."""
        seqs = []
        for seq, item in items:
            seqs.append(seq)
            if self.last is not None and seq > self.last:
                self._held.setdefault(seq, item)
        if not seqs and after == self.last:
            # Announced, or even here already, but gone: the room was deleted.
            self.highest = after
            self._held.clear()
        return self._release()

    @property
    def missing_after(self) -> int | None:
        """Fetch what comes after this number; None: nothing is missing."""
        if self.last is None or self.highest <= self.last:
            return None
        return self.last

    def _release(self) -> list[T]:
        if self.last is None:
            return []
        out = []
        while (item := self._held.pop(self.last + 1, None)) is not None:
            self.last += 1
            out.append(item)
        self.highest = max(self.highest, self.last)
        return out
