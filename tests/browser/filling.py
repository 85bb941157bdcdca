"""Much at once, and time that has passed: an administrator at the database of a daemon that runs.

In come a daemon and an organisation, out go rows as hotline itself would have written them, sealed texts
included; what is written rings like anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from hotline.domain.model import Role, Sender
from hotline.store import clients, data_keys, places, rooms
from hotline.store.cluster import ADMINISTRATOR_ROLE
from hotline.store.keys import Keys
from hotline.store.masters import Masters
from hotline.store.messages import seal_message
from hotline.store.sealed import stamp
from hotline.store.seals import Cipher, about, new_key
from tests.browser.daemon import Daemon

TOPIC = "Trouble at school, and nobody to talk with"
_ORGANISATION = """
SELECT o.organisation_id, k.wrapped FROM organisations o JOIN organisation_keys k USING (organisation_id)
WHERE o.slug = %(slug)s
"""
_ROOM = """
SELECT r.last_seq, r.client_id, r.served_by, k.wrapped FROM rooms r
JOIN data_keys k ON (k.organisation_id, k.owner_id) = (r.organisation_id, r.room_id)
WHERE r.organisation_id = %(organisation)s AND r.room_id = %(room)s
"""
_NUMBERED = """
UPDATE rooms SET last_seq = last_seq + %(messages)s
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
_MESSAGES = """
INSERT INTO messages (organisation_id, room_id, seq, at, kind, text, sender_id, sender_role, nonce) VALUES %s
"""
_KEYS = "INSERT INTO data_keys (organisation_id, owner_id, wrapped) VALUES %s"
_CLIENTS = """
INSERT INTO clients (organisation_id, client_id, key_hash, name, answers, entered_at, seen_at) VALUES %s
"""
_ROOMS = """
INSERT INTO rooms (organisation_id, room_id, client_id, topic, entered_at, entered_position) VALUES %s
"""
_WAITS = """
INSERT INTO waits (organisation_id, wait_id, hour, position, seconds)
SELECT %(organisation)s, gen_random_uuid()::text, date_trunc('hour', now()), 1, unnest(%(seconds)s)
"""
# Whoever has no session any more went so long ago.
_GONE = """
WITH clients_gone AS (
    UPDATE clients SET seen_at = seen_at - %(ago)s
    WHERE organisation_id = %(organisation)s AND node IS NULL RETURNING client_id),
consultants_gone AS (
    UPDATE consultants SET seen_at = seen_at - %(ago)s
    WHERE organisation_id = %(organisation)s AND node IS NULL RETURNING consultant_id)
UPDATE rooms SET served_at = served_at - %(ago)s
WHERE organisation_id = %(organisation)s AND served_by IN (SELECT consultant_id FROM consultants_gone)
"""


class Filler:
    """At one organisation."""

    def __init__(self, daemon: Daemon, slug: str) -> None:
        url = places.find_running_url(daemon.data, ADMINISTRATOR_ROLE)
        assert url
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True
        self.organisation_id, wrapped = self._row(_ORGANISATION, slug=slug)
        keys = Keys(Masters(daemon.data / "master_keys"))
        self._key = Cipher(keys.unwrap_organisation(self.organisation_id, bytes(wrapped)))

    def close(self) -> None:
        self._connection.close()

    def talk(self, room: str, messages: int) -> None:
        """Whoever serves the room and its client have said so much in it, one thing a minute."""
        last, client, consultant, wrapped = self._row(_ROOM, room=room)
        cipher = data_keys.unwrapped(self._key, (self.organisation_id, room), bytes(wrapped))
        robin = Sender(id=client, name="Robin", role=Role.CLIENT)
        mara = Sender(id=consultant, name="Mara", role=Role.MANAGER)
        now = datetime.now(UTC)
        rows = []
        for number in range(1, messages + 1):
            sender = mara if number % 3 == 0 else robin
            at = now - timedelta(minutes=messages - number)
            place = (self.organisation_id, room, last + number)
            nonce = f"n{number}"
            text = "I have been thinking about what you said. " * (1 + number % 4) + str(number)
            sealed = seal_message(cipher, *place, "message", stamp(at), sender, nonce, text)
            rows.append((*place, at, "message", sealed, sender.id, sender.role.value, nonce))
        with self._connection.cursor() as cursor:
            execute_values(cursor, _MESSAGES, rows)
        self.run(_NUMBERED, room=room, messages=messages)

    def arrive(self, numbers: Iterable[int]) -> None:
        """One more waits for each number, Client 00001 and so on, in this order; none is connected."""
        organisation, now = self.organisation_id, datetime.now(UTC)
        new_keys, new_clients, new_rooms = [], [], []

        def sealed_by(owner: str) -> Cipher:
            key = new_key()
            new_keys.append(
                (organisation, owner, self._key.wrap(key, about("data key", organisation, owner)))
            )
            return Cipher(key)

        for number in numbers:
            client, room = f"client{number:05}", f"room{number:05}"
            cipher = sealed_by(client)
            name = clients.seal_name(cipher, organisation, client, f"Client {number:05}")
            answers = clients.seal_answers(cipher, organisation, client, {"issues": TOPIC})
            topic = rooms.seal_topic(sealed_by(room), organisation, room, TOPIC)
            at = now + timedelta(microseconds=number)
            new_clients.append((organisation, client, b"nobody's", name, answers, at, at))
            new_rooms.append((organisation, room, client, topic, at, number + 1))
        with self._connection, self._connection.cursor() as cursor:
            execute_values(cursor, _KEYS, new_keys)
            execute_values(cursor, _CLIENTS, new_clients)
            execute_values(cursor, _ROOMS, new_rooms)

    def have_waited(self, *seconds: int) -> None:
        """So long the last ones waited who came when nobody else did."""
        self.run(_WAITS, seconds=list(seconds))

    def pass_time(self, **ago: float) -> None:
        """Whoever is gone has been so for this much longer."""
        self.run(_GONE, ago=timedelta(**ago))

    def run(self, sql: str, **values: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, {"organisation": self.organisation_id, **values})

    def _row(self, sql: str, **values: Any) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, {"organisation": getattr(self, "organisation_id", ""), **values})
            (row,) = cursor.fetchall()
            return row
