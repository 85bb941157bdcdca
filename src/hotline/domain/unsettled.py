"""What a node has given to the database and not yet been answered: it may be committed, and seen by others.

In come entries by their key, before they are written and when it is known what became of them; out comes
where an entry was from, for a message that is read before that, or instead of it. Bounded; keeps no words.
"""

from __future__ import annotations

from typing import Any

Key = tuple[str, str, str, str]
"""Organisation, room, sender and nonce: what makes it the same entry, however often it is said."""


class Unsettled:
    """One node's: the newest `most` of them (0: all)."""

    __slots__ = ("_entries", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: dict[Key, tuple[Any, int, bool]] = {}

    def begin(self, key: Key, text: str, origin: Any) -> None:
        """From now on it may be committed."""
        entries = self._entries
        entries[key] = (origin, hash(text), key in entries)
        if 0 < self._most < len(entries):
            del entries[next(iter(entries))]

    def settle(self, key: Key) -> bool:
        """It is known what became of it. Whether that was unknown of an earlier attempt."""
        entry = self._entries.pop(key, None)
        return entry is not None and entry[2]

    def find_origin(self, key: Key, text: str) -> Any:
        """Where it is from; None: it is no entry of this node, or settled."""
        entry = self._entries.get(key)
        return None if entry is None or entry[1] != hash(text) else entry[0]
