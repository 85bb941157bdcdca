"""Web push in the database: who wants to be called in which browsers, and who is to be called now.

In come subscriptions and times, out come Subscription values and who is due, to one sender at a time. Whether
there is still anything to call for is asked when it is sent, not when it was wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hotline.store.database import Transaction
from hotline.store.ids import secret_hash

PUT = """
INSERT INTO push_subscriptions
    (organisation_id, endpoint_hash, consultant_id, endpoint, p256dh, auth, created_at)
VALUES (%(organisation)s, %(hash)s, %(consultant)s, %(endpoint)s, %(p256dh)s, %(auth)s, %(now)s)
ON CONFLICT (organisation_id, endpoint_hash) DO UPDATE SET consultant_id = excluded.consultant_id,
    p256dh = excluded.p256dh, auth = excluded.auth, created_at = excluded.created_at, failures = 0
"""
COUNT_OTHERS = """
SELECT count(*) AS count FROM push_subscriptions
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s AND endpoint_hash <> %(hash)s
"""
REMOVE = """
DELETE FROM push_subscriptions
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s AND endpoint_hash = %(hash)s
"""
REMOVE_ALL = """
DELETE FROM push_subscriptions WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s
"""
OF_BROWSER = "SELECT organisation_id FROM organisations_of_push(%(hash)s)"
TAKE_OUT = """
DELETE FROM push_subscriptions WHERE organisation_id = %(organisation)s AND endpoint_hash = %(hash)s
RETURNING consultant_id
"""
OF_CONSULTANT = """
SELECT endpoint, p256dh, auth, created_at FROM push_subscriptions
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s ORDER BY created_at, endpoint
"""
FAILED = """
UPDATE push_subscriptions SET failures = failures + 1
WHERE organisation_id = %(organisation)s AND endpoint_hash = %(hash)s RETURNING failures
"""
WORKED = """
UPDATE push_subscriptions SET failures = 0
WHERE organisation_id = %(organisation)s AND endpoint_hash = %(hash)s AND failures > 0
"""
WANT = """
INSERT INTO pushes AS p (organisation_id, consultant_id, due_at, is_test)
VALUES (%(organisation)s, %(consultant)s, '-infinity', %(is_test)s)
ON CONFLICT (organisation_id, consultant_id) DO UPDATE
    SET due_at = '-infinity', is_test = p.is_test OR excluded.is_test
"""
DUE = "SELECT organisation_id, consultant_id FROM due_pushes(%(now)s)"
UNHEARD = "SELECT organisation_id, consultant_id FROM unheard_consultants()"
# Due is asked again: another node may have sent it since it was listed.
TAKE = """
SELECT p.is_test, p.sent_at, c.seen_at, c.node IS NULL AND c.presence = 'here' AND (EXISTS (
        SELECT FROM rooms r
        WHERE r.organisation_id = c.organisation_id AND r.status = 'waiting' AND NOT r.left_message)
    OR EXISTS (
        SELECT FROM rooms r JOIN messages m USING (organisation_id, room_id)
        WHERE r.organisation_id = c.organisation_id AND r.served_by = c.consultant_id
            AND r.status = 'active' AND m.seq = r.last_seq AND m.sender_role = 'client'
            AND m.at > greatest(c.seen_at, p.sent_at))) AS is_wanted
FROM pushes p JOIN consultants c USING (organisation_id, consultant_id)
WHERE p.organisation_id = %(organisation)s AND p.consultant_id = %(consultant)s AND p.due_at <= %(now)s
FOR UPDATE OF p SKIP LOCKED
"""
SET_DUE = """
UPDATE pushes SET due_at = %(due_at)s, is_test = is_test AND %(is_test)s,
    sent_at = coalesce(%(sent_at)s, sent_at)
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s
"""
# What was wanted meanwhile is due at another time, and stays.
DONE = """
UPDATE pushes SET due_at = NULL
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s AND due_at = %(due_at)s
"""

_BETWEEN_TESTS = timedelta(seconds=5)
# Whoever loads a page anew is gone for a moment.
_GONE = timedelta(seconds=15)
_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One browser that wants to be called."""

    endpoint: str
    p256dh: bytes
    auth: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A call to be made now, by whoever holds this; nobody else does before `due_at`."""

    is_test: bool
    due_at: datetime


async def put(
    tx: Transaction, organisation_id: str, consultant_id: str, subscription: Subscription, most: int
) -> bool:
    """This browser calls this consultant from now on; False: they have `most` already (0: any number)."""
    key = {"organisation": organisation_id, "consultant": consultant_id, "hash": _hash(subscription.endpoint)}
    if 0 < most <= (await tx.get(COUNT_OTHERS, **key)).count:
        return False
    await _put(tx, organisation_id, consultant_id, subscription)
    return True


async def list_organisations(tx: Transaction, mark: str) -> list[str]:
    """The organisations whose consultants are called in the browser with this mark."""
    return [row.organisation_id for row in await tx.rows(OF_BROWSER, hash=bytes.fromhex(mark))]


async def renew(tx: Transaction, organisation_id: str, mark: str, subscription: Subscription) -> None:
    """The browser with this mark is called there from now on; nothing, if it is not called any more."""
    row = await tx.find(TAKE_OUT, organisation=organisation_id, hash=bytes.fromhex(mark))
    if row is not None:
        await _put(tx, organisation_id, row.consultant_id, subscription)


async def _put(tx: Transaction, organisation_id: str, consultant_id: str, subscription: Subscription) -> None:
    await tx.run(
        PUT,
        organisation=organisation_id,
        consultant=consultant_id,
        hash=_hash(subscription.endpoint),
        endpoint=subscription.endpoint,
        p256dh=subscription.p256dh,
        auth=subscription.auth,
        now=subscription.created_at,
    )


async def remove(tx: Transaction, organisation_id: str, consultant_id: str, endpoint: str) -> bool:
    """Whether there was such a one."""
    key = {"organisation": organisation_id, "consultant": consultant_id, "hash": _hash(endpoint)}
    return await tx.run(REMOVE, **key) == 1


async def remove_all(tx: Transaction, organisation_id: str, consultant_id: str) -> int:
    """Call this consultant nowhere any more; in how many browsers that was."""
    return await tx.run(REMOVE_ALL, organisation=organisation_id, consultant=consultant_id)


async def list_of(tx: Transaction, organisation_id: str, consultant_id: str) -> list[Subscription]:
    """All browsers of a consultant, the oldest first."""
    rows = await tx.rows(OF_CONSULTANT, organisation=organisation_id, consultant=consultant_id)
    return [
        Subscription(
            endpoint=row.endpoint, p256dh=bytes(row.p256dh), auth=bytes(row.auth), created_at=row.created_at
        )
        for row in rows
    ]


async def note_result(
    tx: Transaction, organisation_id: str, consultant_id: str, endpoint: str, *, worked: bool, most: int
) -> None:
    """Whether this browser could be called; after so many failures in a row it is forgotten."""
    key: dict[str, Any] = {"organisation": organisation_id, "hash": _hash(endpoint)}
    if worked:
        await tx.run(WORKED, **key)
        return
    row = await tx.find(FAILED, **key)
    if row is not None and row.failures >= most:
        await remove(tx, organisation_id, consultant_id, endpoint)


async def want(tx: Transaction, organisation_id: str, consultant_id: str, *, is_test: bool = False) -> None:
    """Call this consultant, once the transaction is committed."""
    await tx.run(WANT, organisation=organisation_id, consultant=consultant_id, is_test=is_test)


async def list_unheard(tx: Transaction) -> list[tuple[str, str]]:
    """(organisation, consultant) whose clients have written to nobody."""
    return [(row.organisation_id, row.consultant_id) for row in await tx.rows(UNHEARD)]


async def list_due(tx: Transaction, now: datetime) -> list[tuple[str, str]]:
    """(organisation, consultant) of all who are to be called now, at most 100."""
    return [(row.organisation_id, row.consultant_id) for row in await tx.rows(DUE, now=now)]


async def take(
    tx: Transaction, organisation_id: str, consultant_id: str, now: datetime, between: timedelta
) -> Push | None:
    """The call to be made now, no sooner than `between` after the last one; None: somebody else makes it,
    it is not time yet, or nobody waits any more."""
    key: dict[str, Any] = {"organisation": organisation_id, "consultant": consultant_id}
    row = await tx.find(TAKE, **key, now=now)
    if row is None:
        return None
    if not row.is_test and not row.is_wanted:
        await tx.run(SET_DUE, **key, due_at=None, is_test=False, sent_at=None)
        return None
    earliest = [now]
    if row.sent_at is not None:
        earliest.append(row.sent_at + (_BETWEEN_TESTS if row.is_test else between))
    if row.seen_at is not None and not row.is_test:
        earliest.append(row.seen_at + _GONE)
    if max(earliest) > now:
        await tx.run(SET_DUE, **key, due_at=max(earliest), is_test=row.is_test, sent_at=None)
        return None
    await tx.run(SET_DUE, **key, due_at=now + _AGAIN, is_test=False, sent_at=now)
    return Push(is_test=row.is_test, due_at=now + _AGAIN)


async def done(tx: Transaction, organisation_id: str, consultant_id: str, push: Push) -> None:
    """Some browser has it. A call wanted meanwhile remains."""
    await tx.run(DONE, organisation=organisation_id, consultant=consultant_id, due_at=push.due_at)


def mark_of(endpoint: str) -> str:
    """By which a browser can be known again; where it is called cannot be found from it."""
    return _hash(endpoint).hex()


def _hash(endpoint: str) -> bytes:
    return secret_hash(endpoint)
