"""The keys in use, of one process, and how far the rooms have come that they seal.

In come ciphers with the ids of their owners, out come the same from memory, and keys wrapped and unwrapped
with the master keys. Bounded; knows no database.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

from twisted.logger import Logger

from hotline.errors import Unavailable
from hotline.store.masters import Masters
from hotline.store.seals import Cipher, about, key_id

Owner = tuple[str, str]
"""Organisation and room, client, survey or block; or "" for the organisation's own key."""

_CACHED = 32_768
"""About 3 kB each: enough for ten thousand conversations in use, whose rooms and clients have one each. Where
there are more, most groups of messages have one among them that has to be fetched first."""


class Keys:
    """Those in use, of one process: so many at most, the least used of which is forgotten."""

    _log = Logger()

    def __init__(self, masters: Masters, most: int = _CACHED) -> None:
        self.masters = masters
        self._most = most
        self._cached: OrderedDict[Owner, Cipher] = OrderedDict()
        self._last_seqs: dict[Owner, int] = {}
        self.forgotten = 0
        """How often something was forgotten because it is deleted."""

    def find(self, owner: Owner) -> Cipher | None:
        """If it is in memory."""
        cipher = self._cached.get(owner)
        if cipher is not None:
            self._cached.move_to_end(owner)
        return cipher

    def remember(self, ciphers: dict[Owner, Cipher], since: int) -> None:
        """Of a transaction that began when `forgotten` was `since`. If a key was deleted meanwhile it may be
        one of these: they are looked for again when they are needed."""
        if since != self.forgotten:
            return
        self._cached.update(ciphers)
        while len(self._cached) > self._most:
            owner, _ = self._cached.popitem(last=False)
            self._last_seqs.pop(owner, None)

    def find_last_seq(self, owner: Owner) -> int:
        """The last number of a room, as far as this process has heard; 0: nothing yet."""
        return self._last_seqs.get(owner, 0)

    def saw_seq(self, owner: Owner, seq: int) -> None:
        """A room has come so far: kept as long as its key is."""
        if owner in self._cached and seq > self._last_seqs.get(owner, 0):
            self._last_seqs[owner] = seq

    def forget(self, organisation_id: str, *owner_ids: str) -> None:
        """Keys that are deleted; without an owner, all of the organisation's."""
        self.forgotten += 1
        owners = [(organisation_id, owner_id) for owner_id in owner_ids] or [
            owner for owner in self._cached if owner[0] == organisation_id
        ]
        for owner in owners:
            self._cached.pop(owner, None)
            self._last_seqs.pop(owner, None)

    def forget_all(self) -> None:
        """It is not known which ones are deleted."""
        self.forgotten += 1
        self._cached.clear()
        self._last_seqs.clear()

    def unwrap_organisation(self, organisation_id: str, wrapped: bytes) -> bytes:
        """:raises Unavailable: the file of the master keys does not have the one that is needed."""
        master = self.masters.find(key_id(wrapped))
        if master is None:
            raise self._lacking(key_id(wrapped))
        return master.unwrap(wrapped, about("organisation key", organisation_id))

    def wrap_organisation(
        self, organisation_id: str, key: bytes, among: Collection[str]
    ) -> tuple[str, bytes]:
        """The id of the newest of these master keys, or of all if none is named, and the organisation's key
        wrapped by it. :raises Unavailable: the file has none of them."""
        master = self.masters.find_newest(among)
        if master is None:
            raise self._lacking(", ".join(sorted(among)))
        return master.id, master.wrap(key, about("organisation key", organisation_id))

    def _lacking(self, key: str) -> Unavailable:
        self._log.error(
            "{path} lacks the master key {key}: copy the file of another node",
            path=str(self.masters.path), key=key,
        )  # fmt: skip
        return Unavailable()
