"""A client leaves by an ordinary request, where no session is there to say it: the page is going, or cannot
reach its session.

In comes what the client's page still knows, out comes nothing: whoever asks with a wrong key, or of a room
that has ended, is told the same. It does what `hotline.room.leave` does for a client, and nothing else.
"""

from __future__ import annotations

from hotline.domain import checks
from hotline.domain import rooms as life
from hotline.errors import NotFound, RoomClosed
from hotline.people.base import AccountsBase
from hotline.store import members, rooms, shown
from hotline.store.ids import secret_hash


class Leaving(AccountsBase):
    """The part of Accounts about clients who leave without a session."""

    async def leave_room(
        self,
        organisation_id: str,
        *,
        client: object,
        key: str,
        room: object,
        quickly: bool,
        network: str | None,
    ) -> None:
        """End the client's part in the room, if this is its key. :raises TooFast: too many from there."""
        self._spend(("leaving", network, self._limits.leavings_per_network))
        client_id, room_id = checks.identifier(client, "client"), checks.identifier(room, "room")
        now = self._now()
        async with self._database.transaction(organisation_id) as tx:
            found = await shown.find(tx, organisation_id, client_id, secret_hash(key), now)
            if found is None or found.means is not shown.Means.KEY or found.actor is None:
                return
            try:
                locked = await rooms.lock(tx, organisation_id, room_id)
                standing = await members.get_standing(tx, organisation_id, room_id, client_id)
                if standing.is_member:
                    sender = life.sender_of(found.actor)
                    await rooms.leave(tx, organisation_id, locked, sender, now, quickly=quickly)
            except (NotFound, RoomClosed):
                # It has left before, by its session or in another window.
                return
