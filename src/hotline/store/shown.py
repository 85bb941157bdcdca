"""What somebody shows to come in over WAMP: a ticket, a client's key or an API token's secret, told apart.

In come an authid and the hash of what was shown, out comes who that would be. It changes nothing: what is
used up by being shown, or noted as used, is for `logins` and `tokens`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.domain.audit import Action
from hotline.domain.model import Actor, Role
from hotline.store import audit, clients, data_keys, tokens
from hotline.store.database import Transaction
from hotline.store.prepared import prepared


class Means(StrEnum):
    """What was shown."""

    TICKET = "ticket"
    KEY = "key"
    TOKEN = "token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was found; of a ticket not who has it: that is told by using it."""

    means: Means
    actor: Actor | None = None
    is_noted: bool = True
    """Whether it is written down already that the token is used."""


# Planned once: of three looks in four tables, planning is by far the most.
_FIND = prepared(
    "shown",
    f"""
SELECT 'ticket' AS means, '' AS id, '' AS name, '' AS role, '' AS token_id, NULL::text[] AS scopes,
    true AS is_noted, NULL::bytea AS wrapped, NULL::bytea AS above
FROM tickets WHERE organisation_id = %(organisation)s AND ticket_hash = %(hash)s
UNION ALL
SELECT 'key', c.client_id, c.name, '', '', NULL, true, d.wrapped, o.wrapped
FROM clients c
LEFT JOIN data_keys d ON d.organisation_id = c.organisation_id AND d.owner_id = c.client_id
LEFT JOIN organisation_keys o ON o.organisation_id = d.organisation_id
WHERE c.organisation_id = %(organisation)s AND c.client_id = %(authid)s
    AND %(hash)s IN (c.key_hash, c.return_hash)
UNION ALL
SELECT 'token', c.consultant_id, c.name, c.role, t.token_id, t.scopes,
    t.used_at IS NOT DISTINCT FROM {tokens.DAY} AND %(since)s < (
        SELECT at FROM audit a WHERE a.organisation_id = t.organisation_id AND a.subject_id = t.token_id
            AND a.actor_id = c.consultant_id AND a.action = '{Action.TOKEN_USED.value}'
        ORDER BY a.number DESC LIMIT 1), NULL, NULL
FROM tokens t JOIN consultants c USING (organisation_id, consultant_id)
WHERE t.organisation_id = %(organisation)s AND t.name = %(authid)s AND t.secret_hash = %(hash)s
    AND {tokens.GOOD}
""",
    organisation="text",
    authid="text",
    hash="bytea",
    now="timestamptz",
    since="timestamptz",
)


async def find(
    tx: Transaction, organisation_id: str, authid: str, shown_hash: bytes, now: datetime
) -> Shown | None:
    """What this is, if it is anything; nothing of it is used by that."""
    rows = await tx.rows(
        _FIND,
        organisation=organisation_id,
        authid=authid,
        hash=shown_hash,
        now=now,
        since=now - audit.ONCE,
    )
    if not rows:
        return None
    row: Any = rows[0]
    if row.means == Means.TICKET:
        return Shown(means=Means.TICKET)
    if row.means == Means.KEY:
        data_keys.bring(tx, (organisation_id, row.id), row)
        names = await clients.open_names(tx, organisation_id, {row.id: row.name})
        client = Actor(organisation_id=organisation_id, id=row.id, name=names[row.id], role=Role.CLIENT)
        return Shown(means=Means.KEY, actor=client)
    owner = Actor(
        organisation_id=organisation_id,
        id=row.id,
        name=row.name,
        role=Role(row.role),
        token_id=row.token_id,
        scopes=tokens.scopes_of(row),
    )
    return Shown(means=Means.TOKEN, actor=owner, is_noted=bool(row.is_noted))
