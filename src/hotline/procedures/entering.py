"""Making a client of a visitor: once for each entry, however often it is asked for whose answer got lost.

In come what somebody filled in and what they call their entry, out come clients and the keys to come back
with. It puts nobody into a room.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotline.domain import checks
from hotline.domain.model import Actor, Role
from hotline.domain.questions import FilledIn
from hotline.errors import NotFound
from hotline.procedures.context import Context
from hotline.store import clients, groups, rooms
from hotline.store.database import Transaction
from hotline.store.ids import new_id, new_secret, secret_hash

Foretold = tuple[str, str]
"""Id and key of the client whom an entry makes."""


def entry_of(context: Context, procedure: str, nonce: object) -> Foretold | None:
    """What becomes of an entry of this name; None: it has none, or whoever asks is a client already.

    :raises Invalid: it cannot have this one.
    """
    checked = checks.word(nonce, "nonce")
    if context.actor.id:
        return None
    return context.accounts.entry(context.actor.organisation_id, procedure, checked)


async def entered_before(tx: Transaction, context: Context, entry: Foretold | None) -> dict[str, Any] | None:
    """If this entry was made before: the session is that client now, in its room, with its key.

    :raises NotFound: nothing is left of it but the client.
    """
    if entry is None:
        return None
    organisation_id, (client_id, key) = context.actor.organisation_id, entry
    client = await clients.find_entered(tx, organisation_id, client_id, secret_hash(key))
    if client is None:
        return None
    room_id = await groups.find_of_client(tx, organisation_id, client_id)
    if room_id is None:
        found = await rooms.list_of_client(tx, organisation_id, client_id)
        if not found:
            raise NotFound()
        room_id = found[0].room_id
    context.become(client)
    return {"client": client_id, "room": room_id, "key": key}


async def add_client(
    tx: Transaction, actor: Actor, filled_in: FilledIn, now: datetime, entry: Foretold | None
) -> tuple[Actor, str]:
    """A new client for a visitor, or the client who came back with what they filled in now; with the key."""
    client_id, key = entry or (actor.id or new_id(), new_secret())
    store = clients.enter_again if actor.id else clients.add
    client = Actor(
        organisation_id=actor.organisation_id,
        id=client_id,
        name=filled_in.name,
        role=Role.CLIENT,
    )
    await store(tx, client.organisation_id, client.id, filled_in, secret_hash(key), now)
    return client, key
