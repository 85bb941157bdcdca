"""Groups in the database: what was said of each, and who is or was in it.

In come groups, clients and times, out come values. Code, name and text stand sealed, with the room's key;
a code is found by its hash. The caller holds the room's row for whatever it changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hotline.domain import checks
from hotline.domain.groups import Group, ListedGroup, Participant
from hotline.domain.model import Role
from hotline.store import clients, counts, data_keys, members
from hotline.store.database import Transaction
from hotline.store.ids import secret_hash
from hotline.store.sealed import open_, seal
from hotline.store.seals import Cipher

ADD = f"""
WITH {data_keys.NEW},
room AS (
    INSERT INTO rooms (organisation_id, room_id, status, entered_at, claimed_at)
    VALUES (%(organisation)s, %(room)s, 'active', %(now)s, %(now)s))
INSERT INTO groups
    (organisation_id, room_id, code_hash, code, name, text, opens_at, ends_at, most_clients, listed)
VALUES (%(organisation)s, %(room)s, %(code_hash)s, %(code)s, %(name)s, %(text)s, %(opens_at)s, %(ends_at)s,
    %(most_clients)s, %(listed)s)
"""
_COLUMNS = (
    "g.organisation_id, g.room_id, g.code, g.name, g.text, g.opens_at, g.ends_at, g.most_clients, g.listed"
)
GET = f"SELECT {_COLUMNS} FROM groups g WHERE organisation_id = %(organisation)s AND room_id = %(room)s"
BY_CODE = "SELECT room_id FROM groups WHERE organisation_id = %(organisation)s AND code_hash = %(code_hash)s"
_LINES = f"""
SELECT {_COLUMNS}, r.status, r.muted, r.closed_at,
    (SELECT count(*) FROM members m WHERE m.organisation_id = g.organisation_id AND m.room_id = g.room_id
        AND m.role = 'client' AND m.left_at IS NULL) AS clients,
    (SELECT json_agg(json_build_array(k.consultant_id, k.name) ORDER BY m.joined_at, k.consultant_id)
     FROM members m
     JOIN consultants k ON k.organisation_id = m.organisation_id AND k.consultant_id = m.member_id
     WHERE m.organisation_id = g.organisation_id AND m.room_id = g.room_id
         AND m.role = 'consultant' AND m.left_at IS NULL) AS leaders,
    ARRAY(SELECT a.consultant_id FROM asked a
     WHERE a.organisation_id = g.organisation_id AND a.room_id = g.room_id
     ORDER BY a.asked_at, a.consultant_id) AS asked
FROM groups g JOIN rooms r USING (organisation_id, room_id)
WHERE organisation_id = %(organisation)s
"""
LIST = f"""
{_LINES} AND (NOT %(open_only)s OR r.status <> 'closed')
ORDER BY r.closed_at DESC NULLS FIRST, g.opens_at, g.room_id LIMIT %(most)s
"""
LINE = f"{_LINES} AND room_id = %(room)s"
COUNT_OPEN = """
SELECT count(*) AS count FROM groups g JOIN rooms r USING (organisation_id, room_id)
WHERE organisation_id = %(organisation)s AND r.status <> 'closed'
"""
ANY_SHOWN = """
SELECT EXISTS (SELECT FROM groups g JOIN rooms r USING (organisation_id, room_id)
    WHERE organisation_id = %(organisation)s AND listed AND ends_at > %(now)s AND status <> 'closed') AS found
"""
CHANGE = """
UPDATE groups SET name = %(name)s, text = %(text)s, opens_at = %(opens_at)s, ends_at = %(ends_at)s,
    most_clients = %(most_clients)s, listed = %(listed)s
WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
SET_MUTED = """
UPDATE rooms SET muted = %(muted)s WHERE organisation_id = %(organisation)s AND room_id = %(room)s
"""
PARTICIPANTS = """
SELECT g.client_id, c.name, g.removed, g.device_hash, m.left_at IS NULL AS is_here
FROM group_clients g
JOIN members m
    ON m.organisation_id = g.organisation_id AND m.room_id = g.room_id AND m.member_id = g.client_id
LEFT JOIN clients c ON c.organisation_id = g.organisation_id AND c.client_id = g.client_id
WHERE g.organisation_id = %(organisation)s AND g.room_id = %(room)s ORDER BY m.joined_at, g.client_id
"""
ADD_CLIENT = """
INSERT INTO group_clients (organisation_id, room_id, client_id, device_hash)
VALUES (%(organisation)s, %(room)s, %(client)s, %(device)s)
"""
REMOVE_CLIENT = """
UPDATE group_clients SET removed = true
WHERE organisation_id = %(organisation)s AND room_id = %(room)s AND client_id = %(client)s
"""
OF_CLIENT = """
SELECT room_id FROM group_clients
WHERE organisation_id = %(organisation)s AND client_id = %(client)s
"""


async def add(tx: Transaction, organisation_id: str, group: Group, now: datetime) -> None:
    """A group with nobody in it, and its room."""
    cipher, key = await data_keys.make(tx, organisation_id, group.room_id)
    await tx.run(
        ADD,
        code_hash=secret_hash(group.code),
        code=_seal(cipher, organisation_id, group.room_id, "code", group.code),
        now=now,
        **_said(cipher, organisation_id, group),
        **key,
    )


async def change(tx: Transaction, organisation_id: str, group: Group) -> None:
    """What is said of a group from now on; its code stays."""
    cipher = await data_keys.get(tx, organisation_id, group.room_id)
    await tx.run(CHANGE, **_said(cipher, organisation_id, group))


def _said(cipher: Cipher, organisation_id: str, group: Group) -> dict[str, Any]:
    return {
        "organisation": organisation_id,
        "room": group.room_id,
        "name": _seal(cipher, organisation_id, group.room_id, "name", group.name),
        "text": _seal(cipher, organisation_id, group.room_id, "text", group.text),
        "opens_at": group.opens_at,
        "ends_at": group.ends_at,
        "most_clients": group.most_clients,
        "listed": group.is_listed,
    }


def _seal(cipher: Cipher, organisation_id: str, room_id: str, column: str, text: str) -> str:
    return seal(cipher, f"groups.{column}", organisation_id, room_id, text=text)


def _group(cipher: Cipher | None, row: Any) -> Group:
    def opened(column: str) -> str:
        where = (f"groups.{column}", row.organisation_id, row.room_id)
        return open_(cipher, *where, stored=getattr(row, column))

    return Group(
        room_id=row.room_id,
        code=opened("code"),
        name=opened("name"),
        text=opened("text"),
        opens_at=row.opens_at,
        ends_at=row.ends_at,
        most_clients=row.most_clients,
        is_listed=row.listed,
    )


def _listed(cipher: Cipher | None, row: Any) -> ListedGroup:
    return ListedGroup(
        group=_group(cipher, row),
        is_muted=row.muted,
        closed_at=row.closed_at,
        clients=row.clients,
        leaders=tuple((consultant_id, name) for consultant_id, name in row.leaders or ()),
        asked=tuple(row.asked),
    )


async def get(tx: Transaction, organisation_id: str, room_id: str) -> Group:
    """:raises NotFound: the room is no group, or not there."""
    row = await tx.get(GET, organisation=organisation_id, room=room_id)
    return _group(await data_keys.find(tx, organisation_id, room_id), row)


async def get_listed(tx: Transaction, organisation_id: str, room_id: str) -> ListedGroup:
    """Its line of the list. :raises NotFound: the room is no group, or not there."""
    row = await tx.get(LINE, organisation=organisation_id, room=room_id)
    return _listed(await data_keys.find(tx, organisation_id, room_id), row)


async def find_by_code(tx: Transaction, organisation_id: str, code: str) -> str:
    """The room to which a code leads. :raises NotFound."""
    row = await tx.get(BY_CODE, organisation=organisation_id, code_hash=secret_hash(code))
    return row.room_id  # type: ignore[no-any-return]  # rows are Any


async def list_all(tx: Transaction, organisation_id: str, *, open_only: bool = False) -> list[ListedGroup]:
    """Those that go on or are to come, in order of their beginning, then ended ones, the last one first."""
    rows = await tx.rows(LIST, organisation=organisation_id, open_only=open_only, most=checks.MOST_LISTED)
    ciphers = await data_keys.load(tx, [(organisation_id, row.room_id) for row in rows])
    return [_listed(ciphers.get((organisation_id, row.room_id)), row) for row in rows]


async def count_open(tx: Transaction, organisation_id: str) -> int:
    """How many have not ended."""
    count: int = (await tx.get(COUNT_OPEN, organisation=organisation_id)).count
    return count


async def any_shown(tx: Transaction, organisation_id: str, now: datetime) -> bool:
    """Whether there is a group that everybody who comes may see, and that has not ended."""
    return (await tx.get(ANY_SHOWN, organisation=organisation_id, now=now)).found  # type: ignore[no-any-return]  # rows are Any


async def set_muted(tx: Transaction, organisation_id: str, room_id: str, is_muted: bool) -> None:
    """Whether only consultants write."""
    await tx.run(SET_MUTED, organisation=organisation_id, room=room_id, muted=is_muted)


async def list_participants(tx: Transaction, organisation_id: str, room_id: str) -> list[Participant]:
    """All clients who are or were in the group, in order of coming in."""
    rows = await tx.rows(PARTICIPANTS, organisation=organisation_id, room=room_id)
    stored = {row.client_id: row.name for row in rows if row.name is not None}
    names = await clients.open_names(tx, organisation_id, stored)
    return [
        Participant(
            client_id=row.client_id,
            name=names.get(row.client_id),
            is_here=row.is_here,
            is_removed=row.removed,
            device_hash=None if row.device_hash is None else bytes(row.device_hash),
        )
        for row in rows
    ]


async def add_client(
    tx: Transaction,
    organisation_id: str,
    room_id: str,
    client_id: str,
    device_hash: bytes | None,
    now: datetime,
) -> None:
    """A client who has just been made comes in."""
    await tx.run(ADD_CLIENT, organisation=organisation_id, room=room_id, client=client_id, device=device_hash)
    await members.add(tx, organisation_id, room_id, client_id, Role.CLIENT, now)
    await counts.add(tx, organisation_id, now, {("group_clients", ""): 1})


async def remove_client(
    tx: Transaction, organisation_id: str, room_id: str, client_id: str, now: datetime
) -> None:
    """The client is in the group no more, and is not let in again."""
    await tx.run(REMOVE_CLIENT, organisation=organisation_id, room=room_id, client=client_id)
    await members.remove(tx, organisation_id, room_id, client_id, now)


async def find_of_client(tx: Transaction, organisation_id: str, client_id: str) -> str | None:
    """The group that a client is or was in, which is all it may see."""
    row = await tx.find(OF_CLIENT, organisation=organisation_id, client=client_id)
    return row and row.room_id
