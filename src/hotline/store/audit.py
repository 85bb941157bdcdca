"""The audit log: who did what, when, to whom or what; an entry can be added, and read, and nothing else.

In come actions with names and counts, out come entries. Never texts, addresses, answers or secrets: what says
who somebody is stands sealed. An entry is the last thing its transaction writes (store/chain.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg2.extras import Json

from hotline.domain.audit import Action, Entry, Subject
from hotline.domain.model import Actor, Person
from hotline.store import data_keys
from hotline.store.chain import Anchor, Chain, Link
from hotline.store.database import Transaction
from hotline.store.due import Due
from hotline.store.sealed import open_, seal, stamp
from hotline.store.seals import Cipher

CHAIN = Chain("audit", "audit", entries="audit", heads="audit_heads")

ADD = f"""
WITH {CHAIN.move}
INSERT INTO audit (organisation_id, number, at, actor_id, actor_name, action, subject_kind, subject_id,
    details, seal)
VALUES (%(organisation)s, %(number)s, %(now)s, %(actor)s, %(name)s, %(action)s, %(kind)s, %(subject)s,
    %(details)s, %(seal)s)
"""
# Of the last one, however many there are.
LATELY = """
SELECT FROM (
    SELECT at FROM audit WHERE organisation_id = %(organisation)s AND subject_id = %(subject)s
        AND actor_id = %(actor)s AND action = %(action)s ORDER BY number DESC LIMIT 1
) AS last WHERE at > %(since)s
"""
_COLUMNS = "number, at, actor_id, actor_name, action, subject_kind, subject_id, details, seal"
LIST = f"""
SELECT {_COLUMNS} FROM audit
WHERE organisation_id = %(organisation)s AND number < %(before)s
    AND (%(actions)s::text[] IS NULL OR action = ANY (%(actions)s))
    AND (%(actor)s::text IS NULL OR actor_id = %(actor)s)
    AND (%(subject)s::text IS NULL OR subject_id = %(subject)s)
ORDER BY number DESC LIMIT %(limit)s
"""
ALL = f"""
SELECT {_COLUMNS} FROM audit
WHERE organisation_id = %(organisation)s AND number > %(after)s ORDER BY number LIMIT 1000
"""
ANCHOR = """
SELECT cut_number, cut_seal, cut_proof FROM audit_heads
WHERE organisation_id = %(organisation)s AND cut_number IS NOT NULL
"""
OLD = Due("""
SELECT a.organisation_id AS key, min(a.at) AS due_at FROM audit a JOIN audit_heads h USING (organisation_id)
WHERE a.at < %(now)s AND a.number < h.number GROUP BY a.organisation_id
""")
"""Organisations whose log has something to be cut off, of what was done before that time."""
# All before the first one that is to stay; the last one of all stays in any case.
LAST_TO_CUT = """
SELECT number, seal,
    number - (SELECT min(number) FROM audit WHERE organisation_id = %(organisation)s) + 1 AS count
FROM audit WHERE organisation_id = %(organisation)s AND number = (
    SELECT min(number) - 1 FROM audit
    WHERE organisation_id = %(organisation)s AND (at >= %(before)s OR number = %(end)s))
"""
CUT = "SELECT cut_audit(%(organisation)s, %(number)s) AS count"
PUT_ANCHOR = """
UPDATE audit_heads SET cut_number = %(number)s, cut_seal = %(seal)s, cut_proof = %(proof)s
WHERE organisation_id = %(organisation)s
"""
_ALL = 2**62
ONCE = timedelta(hours=1)
"""Whoever looks at a page again within this time has opened it once."""


OPERATOR = Person(id="", name="operator")
CLIENT = Person(id="", name="client")
TIME = Person(id="", name="time")
"""What ends by itself."""


def person_of(actor: Actor) -> Person:
    """Who it was, as the log has it: of clients neither name nor id; at the command line, an operator."""
    if actor.is_operator:
        return OPERATOR
    return Person(id=actor.id, name=actor.name) if actor.is_consultant else CLIENT


async def begin(tx: Transaction, organisation_id: str) -> None:
    """The log of a new organisation, which has a key with it: so that a backup in which it stands without one
    is known to be of an organisation that was deleted."""
    await CHAIN.hold(tx, organisation_id)


async def add(
    tx: Transaction,
    organisation_id: str,
    by: Person,
    action: Action,
    now: datetime,
    *,
    kind: str = "",
    subject: str = "",
    **details: Any,
) -> None:
    """Say that this was done in this transaction, which locks nothing after it.

    :param details: counts, names of settings, roles, ids of people.
    """
    place = await CHAIN.hold(tx, organisation_id)
    name = seal(place.cipher, "audit.actor_name", organisation_id, str(place.number), text=by.name)
    seals = place.seals(*_parts(now, by.id, name, action.value, kind, subject, details))
    await tx.run(
        ADD,
        now=now,
        actor=by.id,
        name=name,
        action=action.value,
        kind=kind,
        subject=subject,
        details=Json(details),
        **seals,
    )


async def add_opening(tx: Transaction, actor: Actor, action: Action, room_id: str, now: datetime) -> None:
    """The actor looked at something of a room; not once more for the same within an hour."""
    await add_once(tx, actor, action, now, kind="room", subject=room_id)


async def add_once(
    tx: Transaction, actor: Actor, action: Action, now: datetime, *, kind: str, subject: str
) -> None:
    """As `add`, but not once more for the same within an hour."""
    lately = await tx.find(
        LATELY,
        organisation=actor.organisation_id,
        subject=subject,
        actor=actor.id,
        action=action.value,
        since=now - ONCE,
    )
    if lately is None:
        by = person_of(actor)
        await add(tx, actor.organisation_id, by, action, now, kind=kind, subject=subject)


async def list_before(
    tx: Transaction,
    organisation_id: str,
    before: int | None = None,
    limit: int = 50,
    *,
    actions: Sequence[Action] | None = None,
    actor_id: str | None = None,
    subject_id: str | None = None,
) -> tuple[list[Entry], bool]:
    """The newest first; whether there are more. Of these actions, by this person, about this subject."""
    rows = await tx.rows(
        LIST,
        organisation=organisation_id,
        before=_ALL if before is None else before,
        actions=None if actions is None else [action.value for action in actions],
        actor=actor_id,
        subject=subject_id,
        limit=limit + 1,
    )
    cipher = await data_keys.of_organisation(tx, organisation_id)
    return [_entry(cipher, organisation_id, row) for row in rows[:limit]], len(rows) > limit


async def list_all(tx: Transaction, organisation_id: str) -> list[Entry]:
    """In the order in which it was done."""
    cipher = await data_keys.of_organisation(tx, organisation_id)
    return [_entry(cipher, organisation_id, row) for row in await _rows(tx, organisation_id)]


async def list_after(tx: Transaction, organisation_id: str, after: int | None) -> list[Entry]:
    """Some that were done next; none: there are no more."""
    cipher = await data_keys.of_organisation(tx, organisation_id)
    rows = await _rows_after(tx, organisation_id, after)
    return [_entry(cipher, organisation_id, row) for row in rows]


async def verify(tx: Transaction, organisation_id: str) -> list[str]:
    """What is wrong with an organisation's log, in sentences; nothing: each entry is as it was written."""
    row = await tx.find(ANCHOR, organisation=organisation_id)
    anchor = row and Anchor(number=row.cut_number, last=bytes(row.cut_seal), proof=bytes(row.cut_proof))
    links = [_link(row) for row in await _rows(tx, organisation_id)]
    return await CHAIN.verify(tx, organisation_id, links, anchor)


async def _rows(tx: Transaction, organisation_id: str) -> list[Any]:
    found: list[Any] = []
    while rows := await _rows_after(tx, organisation_id, found[-1].number if found else None):
        found += rows
    return found


async def _rows_after(tx: Transaction, organisation_id: str, after: int | None) -> list[Any]:
    return await tx.rows(ALL, organisation=organisation_id, after=-(2**63) if after is None else after)


async def cut(tx: Transaction, organisation_id: str, before: datetime) -> int:
    """Cut off what was done before, so that the rest can still be verified; how many entries."""
    place = await CHAIN.hold(tx, organisation_id)
    last = await tx.find(LAST_TO_CUT, organisation=organisation_id, before=before, end=place.number - 1)
    if last is None:
        return 0
    proof = place.cipher.seal(b"", CHAIN.about_anchor(organisation_id, last.number, bytes(last.seal)))
    await tx.run(PUT_ANCHOR, organisation=organisation_id, number=last.number, seal=last.seal, proof=proof)
    count = (await tx.get(CUT, organisation=organisation_id, number=last.number)).count
    if count != last.count:
        raise RuntimeError("the database keeps some entries that the clock of this node takes for old")
    return int(count)


def _entry(cipher: Cipher, organisation_id: str, row: Any) -> Entry:
    name = open_(cipher, "audit.actor_name", organisation_id, str(row.number), stored=row.actor_name)
    return Entry(
        number=row.number,
        at=row.at,
        actor=Person(id=row.actor_id, name=name),
        action=row.action,
        subject=Subject(kind=row.subject_kind, id=row.subject_id) if row.subject_kind else None,
        details=row.details,
    )


def _link(row: Any) -> Link:
    parts = _parts(
        row.at, row.actor_id, row.actor_name, row.action, row.subject_kind, row.subject_id, row.details
    )
    return Link(number=row.number, parts=parts, seal=bytes(row.seal))


def _parts(
    at: datetime,
    actor_id: str,
    name: str,
    action: str,
    kind: str,
    subject: str,
    details: dict[str, Any],
) -> tuple[str, ...]:
    told = msgspec.json.encode(details, order="sorted").decode()
    return stamp(at), actor_id, name, action, kind, subject, told
