"""Data keys: one for each room, client, survey and block, wrapped by its organisation's key.

In come ids of their owners, out come ciphers, from memory or from the transaction; what a transaction made or
read is remembered when it is committed. No key is ever given to PostgreSQL unwrapped.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from hotline.errors import NotFound, Unavailable
from hotline.store.database import Transaction
from hotline.store.keys import Owner
from hotline.store.seals import Broken, Cipher, about, new_key

TABLES = ("organisation_keys", "data_keys")
"""Where keys are, and nothing else is."""
# With a room's key comes how far the room is: what is said next is sealed for the number after that.
FIND = """
SELECT d.organisation_id, d.owner_id, d.wrapped, o.wrapped AS above, r.last_seq FROM data_keys d
JOIN unnest(%(organisations)s::text[], %(owners)s::text[]) AS e (organisation_id, owner_id)
    USING (organisation_id, owner_id)
JOIN organisation_keys o USING (organisation_id)
LEFT JOIN LATERAL (SELECT last_seq FROM rooms
    WHERE organisation_id = d.organisation_id AND room_id = d.owner_id OFFSET 0) r ON true
"""
OF_ORGANISATION = "SELECT wrapped FROM organisation_keys WHERE organisation_id = %(organisation)s"
# Of two who make it at once, the second waits for the first, and finds what that made.
MAKE_OF_ORGANISATION = """
INSERT INTO organisation_keys (organisation_id, master, wrapped)
VALUES (%(organisation)s, %(master)s, %(wrapped)s) ON CONFLICT DO NOTHING
"""
NEW = """key AS (
    INSERT INTO data_keys (organisation_id, owner_id, wrapped)
    VALUES (%(organisation)s, %(owner)s, %(wrapped_key)s))"""
"""For the statement that stores the owner, with what `make` gave as parameters."""
MASTERS_IN_USE = "SELECT master FROM masters_in_use()"
# Who takes master keys out of their file waits for who wraps with one, and the other way round.
SHARE_MASTERS = f"SELECT pg_advisory_xact_lock_shared(7405114201); {MASTERS_IN_USE}"
HOLD_MASTERS = f"SELECT pg_advisory_xact_lock(7405114201); {MASTERS_IN_USE}"
UNDER_OTHERS = "SELECT organisation_id FROM organisations_under_other_masters(%(newest)s)"
LOCK_OF_ORGANISATION = f"{OF_ORGANISATION} FOR UPDATE"
REWRAP = """
UPDATE organisation_keys SET master = %(master)s, wrapped = %(wrapped)s
WHERE organisation_id = %(organisation)s
"""


async def load(tx: Transaction, owners: Iterable[Owner]) -> dict[Owner, Cipher]:
    """The ciphers of all of these that have one. One query for those that are not in memory."""
    found: dict[Owner, Cipher] = {}
    missing: list[Owner] = []
    for owner in owners:
        cipher = tx.find_key(owner)
        if cipher is None:
            missing.append(owner)
        else:
            found[owner] = cipher
    if missing:
        rows = await tx.rows(FIND, organisations=[o for o, _ in missing], owners=[o for _, o in missing])
        for row in rows:
            cipher = take(tx, (row.organisation_id, row.owner_id), row.wrapped, row.above, row.last_seq)
            if cipher is not None:
                found[row.organisation_id, row.owner_id] = cipher
    return found


def take(
    tx: Transaction, owner: Owner, wrapped: memoryview, above: memoryview, last_seq: int | None = None
) -> Cipher | None:
    """An owner's, of what this transaction has read of it and the organisation's; None: it is not.

    :param last_seq: of a room, how far it is.
    """
    try:
        cipher = unwrapped(_of_organisation(tx, owner[0], above), owner, bytes(wrapped))
    except Broken:
        return None  # as if there were none: what it sealed cannot be read
    # May be this transaction's own, which may yet come to nothing.
    tx.made_keys[owner] = cipher
    if last_seq is not None:
        tx.last_seqs[owner] = last_seq
    return cipher


def bring(tx: Transaction, owner: Owner, row: Any, last_seq: int | None = None) -> None:
    """Keep an owner's that a query brought along, as `wrapped` and `above`: somebody is going to need it."""
    if row.wrapped is not None and tx.has_keys and tx.find_key(owner) is None:
        with suppress(Unavailable):  # who needs it is told
            take(tx, owner, row.wrapped, row.above, last_seq)


def unwrapped(above: Cipher, owner: Owner, wrapped: bytes) -> Cipher:
    """An owner's, of what is stored of it and the organisation's. :raises Broken: it is not."""
    return Cipher(above.unwrap(wrapped, about("data key", *owner)))


async def find(tx: Transaction, organisation_id: str, owner_id: str) -> Cipher | None:
    """One owner's, or None."""
    owner = (organisation_id, owner_id)
    return (await load(tx, [owner])).get(owner)


async def get(tx: Transaction, organisation_id: str, owner_id: str) -> Cipher:
    """One owner's, for what is to be stored. :raises NotFound: it has none."""
    cipher = await find(tx, organisation_id, owner_id)
    if cipher is None:
        raise NotFound()
    return cipher


async def make(tx: Transaction, organisation_id: str, owner_id: str) -> tuple[Cipher, dict[str, Any]]:
    """A key for a new owner, and the parameters for NEW, which stores it."""
    above = await of_organisation(tx, organisation_id)
    key = new_key()
    cipher = tx.made_keys[organisation_id, owner_id] = Cipher(key)
    wrapped = above.wrap(key, about("data key", organisation_id, owner_id))
    return cipher, {"owner": owner_id, "wrapped_key": wrapped}


async def find_of_organisation(tx: Transaction, organisation_id: str) -> Cipher | None:
    """The organisation's key, or None."""
    cipher = tx.find_key((organisation_id, ""))
    if cipher is None:
        row = await tx.find(OF_ORGANISATION, organisation=organisation_id)
        if row is not None:
            cipher = _of_organisation(tx, organisation_id, row.wrapped)
    return cipher


async def of_organisation(tx: Transaction, organisation_id: str) -> Cipher:
    """The organisation's key, made if there is none yet."""
    cipher = await find_of_organisation(tx, organisation_id)
    if cipher is None:
        # By one that wraps others already: all nodes have it, and nobody has taken it out of the file.
        in_use = [each.master for each in await tx.rows(SHARE_MASTERS)]
        master, wrapped = tx.keys.wrap_organisation(organisation_id, new_key(), in_use)
        await tx.run(MAKE_OF_ORGANISATION, organisation=organisation_id, master=master, wrapped=wrapped)
        row = await tx.get(OF_ORGANISATION, organisation=organisation_id)
        cipher = _of_organisation(tx, organisation_id, row.wrapped)
    return cipher


def _of_organisation(tx: Transaction, organisation_id: str, wrapped: memoryview) -> Cipher:
    owner = (organisation_id, "")
    cipher = tx.find_key(owner)
    if cipher is None:
        cipher = Cipher(tx.keys.unwrap_organisation(organisation_id, bytes(wrapped)))
        tx.made_keys[owner] = cipher
    return cipher


async def list_masters(tx: Transaction) -> list[str]:
    """The ids of the master keys without which something could not be read."""
    return [row.master for row in await tx.rows(MASTERS_IN_USE)]


async def hold_masters(tx: Transaction) -> list[str]:
    """The same, and until the transaction ends nothing comes to be wrapped by another one."""
    return [row.master for row in await tx.rows(HOLD_MASTERS)]


async def list_under_others(tx: Transaction, newest: str) -> list[str]:
    """Organisations whose key is wrapped by another master key than the newest."""
    return [row.organisation_id for row in await tx.rows(UNDER_OTHERS, newest=newest)]


async def rewrap(tx: Transaction, organisation_id: str) -> None:
    """The organisation's key, the same one, under the newest master key from now on."""
    row = await tx.find(LOCK_OF_ORGANISATION, organisation=organisation_id)
    if row is not None:
        key = tx.keys.unwrap_organisation(organisation_id, bytes(row.wrapped))
        newest = [tx.keys.masters.newest.id]
        master, wrapped = tx.keys.wrap_organisation(organisation_id, key, newest)
        await tx.run(REWRAP, organisation=organisation_id, master=master, wrapped=wrapped)
