"""News of appointments: what the doorbell rang for, as events to the client whose appointment it is.

In come ids of clients, each one's appointment is read, and out go places in the queue with the appointment as
it is now. Consultants hear of it by the clientlist, not from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hotline.aids_news import Listeners
from hotline.domain import wire
from hotline.domain.topics import place_topic
from hotline.errors import NotFound
from hotline.store import appointments, clientlist
from hotline.store.database import Database


async def tell_appointments(
    database: Database, listeners: Listeners, organisation_id: str, client_ids: Sequence[str], now: datetime
) -> None:
    """To those who follow a room of theirs just now."""
    for client_id in client_ids:
        async with database.reading(organisation_id) as tx:
            concerned = [
                room_id
                for room_id in await clientlist.list_rooms_of_clients(tx, organisation_id, [client_id])
                if listeners.is_observed(organisation_id, place_topic(room_id))
            ]
        if not concerned:
            continue
        try:
            async with database.transaction(organisation_id) as tx:
                queue = await clientlist.get_queue(tx, organisation_id)
                appointment = await appointments.find(tx, organisation_id, client_id)
                has_code = await appointments.has_code(tx, organisation_id, client_id)
        except NotFound:
            continue
        told = wire.own_appointment(appointment, has_code=has_code)
        for room_id in concerned:
            topic = place_topic(room_id)
            listeners.publish(organisation_id, topic, wire.place(queue, room_id, now) | told)
