"""What an organisation takes along: something of each of its tables, or it is said here why not."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import psycopg2
from pytest_twisted import ensureDeferred

from hotline.domain.aids import check_answer
from hotline.domain.export import AsJson
from hotline.store import ready_answers
from hotline.store.database import Database
from hotline.store.export import pieces
from tests.conftest import Now
from tests.store.full_house import WORD, fill

# By table, where to look for it: a section, and what is there of it.
TAKEN = {
    "organisations": ("organisation", "slug"),
    "consultants": ("consultants", "name"),
    "invitations": ("invitations", "email"),
    "ready_answers": ("ready_answers", "text"),
    "referrals": ("referrals", "contact"),
    "blocks": ("blocks", "reason"),
    "rooms": ("conversations", "left_message"),
    "clients": ("conversations", "client"),
    "members": ("conversations", "members"),
    "messages": ("conversations", "text"),
    "notes": ("conversations", "among"),
    "records": ("conversations", "record"),
    "appointments": ("conversations", "appointment"),
    "groups": ("conversations", "group"),
    "surveys": ("surveys", "answers"),
    "counts": ("counts", "count"),
    "receipts": ("receipts", "counts"),
    "audit": ("audit", "said"),
}
# What proves who somebody is, or is on its way.
SECRET = {
    "authenticators",
    "data_keys",
    "logins",
    "mails",
    "organisation_keys",
    "passkeys",
    "push_subscriptions",
    "recovery_codes",
    "resets",
    "steps",
    "tickets",
    "tokens",
    "used_challenges",
}
# What is worth nothing elsewhere: marks, heads of rows, what waits for a moment, or is a person's own draft.
PASSING = {
    "asked",
    "audit_heads",
    "blocked_devices",
    "drafts",
    "group_clients",
    "pushes",
    "receipt_heads",
    "unsealed",
    "waits",
}


@ensureDeferred
async def test_something_of_everything(database: Database, dsn: str, now: Now) -> None:
    """Of an organisation that has something in every table; whatever a migration adds is to be thought of."""
    ids = await fill(database, now)
    async with database.transaction(ids.organisation_id) as tx:
        shared = check_answer("shared", "organisation", "welcome", WORD, None)
        await ready_answers.add(tx, ids.organisation_id, None, shared)
    owner = psycopg2.connect(dsn)
    cursor = owner.cursor()
    cursor.execute(
        "SELECT table_name FROM information_schema.columns JOIN pg_tables ON tablename = table_name"
        " WHERE schemaname = current_schema() AND column_name = 'organisation_id'"
    )
    tables = {table for (table,) in cursor.fetchall()}
    owner.close()
    assert TAKEN.keys() | SECRET | PASSING == tables
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    document = AsJson()
    written = document.begin("x", now())
    async for piece in pieces(database, ids.organisation_id, now()):
        found[piece.section].append(dict(piece.value))
        written += document.add(piece)
    missing = {
        table
        for table, (section, name) in TAKEN.items()
        if not any(each.get(name) for each in found[section])
    }
    assert missing == set()
    for text in (f"{WORD} code", ids.endpoint, ids.secret.hex(), "sealed"):
        assert text not in written
