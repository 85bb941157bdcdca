"""Realms: which organisation the name of a realm stands for.

In comes a name, out comes the id of the organisation whose slug it is, from memory or from the directory.
What is rung for is forgotten, and a name that is nobody's is never remembered.
"""

from __future__ import annotations

from hotline.domain.limits import DEFAULTS
from hotline.store import organisations
from hotline.store.database import Database


class Realms:
    """Those in use, of one process. An organisation keeps its slug for as long as it is there."""

    def __init__(self, database: Database, most: int = DEFAULTS.remembered) -> None:
        self._database = database
        self._most = most
        self._known: dict[str, str] = {}
        self._forgotten = 0

    async def find(self, name: str) -> str | None:
        """The organisation whose slug this is."""
        known = self._known.get(name)
        if known is not None or not name.isascii() or "\x00" in name:
            return known
        before = self._forgotten
        async with self._database.reading() as tx:
            found = await organisations.find_by_slug(tx, name)
        # If one was deleted meanwhile, it may be this one.
        if found is not None and self._forgotten == before:
            if 0 < self._most <= len(self._known):
                del self._known[next(iter(self._known))]
            self._known[name] = found
        return found

    def forget(self, organisation_id: str) -> None:
        """It was changed, or is deleted."""
        self._forgotten += 1
        for name in [name for name, known in self._known.items() if known == organisation_id]:
            del self._known[name]

    def forget_all(self) -> None:
        """It is not known which ones are deleted."""
        self._forgotten += 1
        self._known.clear()
