"""Rooms and messages, put into hotline's database by SQL: thousands who enter by the door take a minute.

In comes an administrator's connection string, out come names and keys for the clients. The rows are such
as the procedures would have left.
"""

from __future__ import annotations

from typing import Any

import psycopg2

TOKEN = "bench"
SECRET = "bench-secret"
_NOW = "date_trunc('milliseconds', now())"
_TEXT = "'I have been thinking about what you said yesterday, and I believe '"

# Rows in such numbers, without asking for each whether what it refers to is there, and without its bell.
_QUIETLY = "SET session_replication_role = replica"
_ORGANISATIONS = f"""
INSERT INTO organisations
    (organisation_id, slug, name, questions, created_at, rooms_per_consultant, vanished_seconds)
SELECT 'benchorg' || o, 'bench-' || o, 'Bench ' || o, '[]', {_NOW}, 0, 0
FROM generate_series(1, %(organisations)s) o
"""
_CONSULTANTS = f"""
INSERT INTO consultants (organisation_id, consultant_id, name, email, role, password, created_at)
SELECT 'benchorg' || o, 'sam', 'Sam', 'sam' || o || '@example.org', 'manager', 'none', {_NOW}
FROM generate_series(1, %(organisations)s) o
"""
_TOKENS = f"""
INSERT INTO tokens (organisation_id, token_id, consultant_id, name, secret_hash, created_at)
SELECT 'benchorg' || o, 'token', 'sam', %(token)s, sha256(convert_to(%(secret)s, 'UTF8')), {_NOW}
FROM generate_series(1, %(organisations)s) o
"""
_CLIENTS = f"""
INSERT INTO clients (organisation_id, client_id, key_hash, name, answers, entered_at, seen_at)
SELECT 'benchorg' || o, 'client' || r, sha256(convert_to('key-' || r, 'UTF8')), 'Robin', '{{}}',
    {_NOW}, {_NOW}
FROM generate_series(1, %(organisations)s) o, generate_series(1, %(rooms)s) r
"""
_ROOMS = f"""
INSERT INTO rooms (organisation_id, room_id, client_id, status, entered_at, claimed_at, served_by)
SELECT 'benchorg' || o, 'room' || o || 'x' || r, 'client' || r, 'active', {_NOW}, {_NOW}, 'sam'
FROM generate_series(1, %(organisations)s) o, generate_series(1, %(rooms)s) r
"""
_MEMBERS = f"""
INSERT INTO members (organisation_id, room_id, member_id, role, joined_at)
SELECT 'benchorg' || o, 'room' || o || 'x' || r, member_id, role, {_NOW}
FROM generate_series(1, %(organisations)s) o, generate_series(1, %(rooms)s) r,
    LATERAL (VALUES ('client' || r, 'client'), ('sam', 'consultant')) AS both_of_them (member_id, role)
"""
_HISTORY_CLIENT = f"""
INSERT INTO clients (organisation_id, client_id, key_hash, name, answers, entered_at, seen_at)
VALUES ('benchorg1', %(room)s || 'client', sha256(convert_to('key-' || %(room)s, 'UTF8')), 'Robin', '{{}}',
    {_NOW}, {_NOW})
"""
_HISTORY_ROOM = f"""
INSERT INTO rooms (organisation_id, room_id, client_id, status, last_seq, entered_at, claimed_at, served_by)
VALUES ('benchorg1', %(room)s, %(room)s || 'client', 'active', %(messages)s, {_NOW}, {_NOW}, 'sam')
"""
_HISTORY_MEMBERS = f"""
INSERT INTO members (organisation_id, room_id, member_id, role, joined_at)
VALUES ('benchorg1', %(room)s, %(room)s || 'client', 'client', {_NOW}),
    ('benchorg1', %(room)s, 'sam', 'consultant', {_NOW})
"""
_HISTORY = f"""
INSERT INTO messages
    (organisation_id, room_id, seq, at, kind, text, sender_id, sender_name, sender_role, nonce)
SELECT 'benchorg1', %(room)s, seq, {_NOW}, 'message', {_TEXT} || seq,
    %(room)s || 'client', 'Robin', 'client', %(room)s || 'n' || seq
FROM generate_series(1, %(messages)s) seq
"""
# Sealed by `hotline migrate`, as what was stored before texts were sealed.
_UNSEALED = """
INSERT INTO unsealed
SELECT organisation_id, room_id, 'room' FROM rooms r WHERE NOT EXISTS (SELECT FROM data_keys k
    WHERE k.organisation_id = r.organisation_id AND k.owner_id = r.room_id)
UNION ALL SELECT organisation_id, client_id, 'client' FROM clients c WHERE NOT EXISTS (SELECT FROM data_keys k
    WHERE k.organisation_id = c.organisation_id AND k.owner_id = c.client_id)
ON CONFLICT DO NOTHING
"""


def add_rooms(url: str, organisations: int, rooms: int, prepare: str = _QUIETLY) -> dict[str, Any]:
    """So many organisations, each with a consultant who has a token, and so many rooms with a client each."""
    _run(
        url,
        prepare,
        (_ORGANISATIONS, _CONSULTANTS, _TOKENS, _CLIENTS, _ROOMS, _MEMBERS, _UNSEALED),
        {"organisations": organisations, "rooms": rooms, "token": TOKEN, "secret": SECRET},
    )
    return {"organisations": organisations, "rooms": rooms, "token": TOKEN, "secret": SECRET}


def add_history(url: str, messages: int, prepare: str = _QUIETLY) -> str:
    """A room of the first organisation with so many messages; its name."""
    room = f"history{messages}"
    _run(
        url,
        prepare,
        (_HISTORY_CLIENT, _HISTORY_ROOM, _HISTORY_MEMBERS, _HISTORY, _UNSEALED),
        {"room": room, "messages": messages},
    )
    return room


def settle(url: str) -> None:
    """What a server that has run for a while has done of itself."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
    finally:
        connection.close()


def _run(url: str, prepare: str, statements: tuple[str, ...], values: dict[str, Any]) -> None:
    """All or nothing."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(prepare)
            for statement in statements:
                cursor.execute(statement, values)
    finally:
        connection.close()
