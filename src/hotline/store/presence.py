"""Whose sessions are where: a node says of its clients and consultants that they are connected, and beats.

`node` is the node of the newest session, NULL when there is none; `seen_at` is when they were last known to
be connected. A node that died stops beating, and whoever it had is marked lost by any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hotline.domain.model import Actor
from hotline.store.database import Transaction
from hotline.store.due import Due
from hotline.store.prepared import Prepared, prepared

# Always in the same order: marks and beats of many at once must not wait for each other in a circle.
_HELD = """
WITH held AS (
    SELECT {key} FROM {table} WHERE organisation_id = %(organisation)s AND {key} = ANY(%(ids)s)
    ORDER BY {key} FOR NO KEY UPDATE)
UPDATE {table} t SET"""
_OF_HELD = """
FROM held WHERE t.organisation_id = %(organisation)s AND t.{key} = held.{key}"""
_ATTACH = f"{_HELD} node = %(node)s, seen_at = %(now)s {_OF_HELD}"
_DETACH = f"{_HELD} node = NULL, seen_at = %(now)s {_OF_HELD} AND t.node = %(node)s"
# A session on another node may be newer: it keeps the row as long as it beats.
_BEAT = f"{_HELD} seen_at = %(now)s, node = coalesce(t.node, %(node)s) {_OF_HELD}"
_MARK_LOST = """
UPDATE {table} SET node = NULL
WHERE organisation_id = %(organisation)s AND {key} = %(id)s AND node IS NOT NULL AND seen_at < %(before)s
"""
# By whether it is about consultants.
_TABLES = {
    False: {"table": "clients", "key": "client_id"},
    True: {"table": "consultants", "key": "consultant_id"},
}


def _planned(name: str, sql: str) -> dict[bool, Prepared]:
    types = {"organisation": "text", "ids": "text[]", "node": "text", "now": "timestamptz"}
    return {
        is_consultant: prepared(f"{name}_{names['table']}", sql.format(**names), **types)
        for is_consultant, names in _TABLES.items()
    }


ATTACH = _planned("attach", _ATTACH)
DETACH = _planned("detach", _DETACH)
BEAT = _planned("beat", _BEAT)
MARK_LOST = {is_consultant: _MARK_LOST.format(**names) for is_consultant, names in _TABLES.items()}

BEAT_LOGINS = """
UPDATE logins SET seen_at = %(now)s WHERE organisation_id = %(organisation)s AND login_id = ANY(%(ids)s)
"""
_LOST = """
SELECT organisation_id || ' ' || {key} AS key, seen_at AS due_at FROM {table}
WHERE node IS NOT NULL AND seen_at < %(now)s
"""
LOST_CLIENTS, LOST_CONSULTANTS = (Due(_LOST.format(**names)) for names in _TABLES.values())
"""Those whose node has not beaten since."""
VALID = """
SELECT 'login' AS kind, login_id AS id FROM logins
WHERE organisation_id = %(organisation)s AND login_id = ANY(%(logins)s)
UNION ALL
SELECT 'token', token_id FROM tokens WHERE organisation_id = %(organisation)s AND token_id = ANY(%(tokens)s)
"""


async def attach(
    tx: Transaction, organisation_id: str, is_consultant: bool, ids: Sequence[str], node: str, now: datetime
) -> None:
    """Sessions of these people are on this node."""
    await tx.run(ATTACH[is_consultant], organisation=organisation_id, ids=list(ids), node=node, now=now)


async def detach(
    tx: Transaction, organisation_id: str, is_consultant: bool, ids: Sequence[str], node: str, now: datetime
) -> None:
    """These people's last sessions on this node are gone."""
    await tx.run(DETACH[is_consultant], organisation=organisation_id, ids=list(ids), node=node, now=now)


async def beat(
    tx: Transaction, organisation_id: str, actors: Sequence[Actor], node: str, now: datetime
) -> None:
    """These still have sessions on this node; an open console counts as use of its login."""
    for is_consultant in (False, True):
        ids = [actor.id for actor in actors if actor.is_consultant is is_consultant]
        if ids:
            await tx.run(BEAT[is_consultant], organisation=organisation_id, ids=ids, node=node, now=now)
    logins = [actor.login_id for actor in actors if actor.login_id is not None]
    if logins:
        await tx.run(BEAT_LOGINS, organisation=organisation_id, ids=logins, now=now)


async def mark_client_lost(tx: Transaction, organisation_id: str, client_id: str, before: datetime) -> None:
    """Their node is gone; nobody else has seen them since."""
    await tx.run(MARK_LOST[False], organisation=organisation_id, id=client_id, before=before)


async def mark_consultant_lost(
    tx: Transaction, organisation_id: str, consultant_id: str, before: datetime
) -> None:
    """Their node is gone; nobody else has seen them since."""
    await tx.run(MARK_LOST[True], organisation=organisation_id, id=consultant_id, before=before)


async def list_ended(tx: Transaction, organisation_id: str, actors: Sequence[Actor]) -> set[str]:
    """Of the logins and tokens by which these actors came in: the ids of those that are no more."""
    logins = {actor.login_id for actor in actors if actor.login_id is not None}
    tokens = {actor.token_id for actor in actors if actor.token_id is not None}
    rows = await tx.rows(VALID, organisation=organisation_id, logins=list(logins), tokens=list(tokens))
    return (logins | tokens) - {row.id for row in rows}
