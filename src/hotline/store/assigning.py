"""Waiting clients given to consultants without anybody choosing: found in all organisations, done one by one.

In come ids, out come those who wait and those who are here, and rooms served. Each is asked about again
under its locks, so that one of several nodes does it. Decides nothing: the domain does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hotline.domain import rooms as life
from hotline.domain.assignment import Here, Waiting
from hotline.domain.audit import Action
from hotline.domain.model import Presence, Status
from hotline.store import audit, consultants, data_keys, members, rooms, workload
from hotline.store.clientlist import TURN
from hotline.store.database import Transaction

LOST_SECONDS = 30
"""Whoever has been without connection for longer is given to nobody before they are back."""

TO_ASSIGN = "SELECT organisation_id FROM organisations_to_assign()"
WAITING = f"""
SELECT w.room_id, w.language, w.topic, w.consultant_id, ARRAY(
    SELECT m.member_id FROM members m
    WHERE m.organisation_id = w.organisation_id AND m.room_id = w.room_id
        AND m.role = 'consultant' AND m.left_at IS NOT NULL
        AND (m.member_id IS DISTINCT FROM w.consultant_id OR m.left_at >= w.kept_at)) AS left_by
FROM (
    SELECT r.*, c.language, a.consultant_id, a.kept_at,
        row_number() OVER (PARTITION BY c.language ORDER BY {TURN.format("r")}) AS place
    FROM rooms r JOIN clients c USING (organisation_id, client_id)
    LEFT JOIN appointments a ON a.organisation_id = r.organisation_id AND a.room_id = r.room_id
        AND a.kept_at IS NOT NULL
    WHERE r.organisation_id = %(organisation)s AND r.status = 'waiting' AND NOT r.left_message
        AND (c.node IS NOT NULL OR c.seen_at > %(since)s)
) AS w WHERE w.place <= coalesce(%(most)s, w.place) ORDER BY {TURN.format("w")}
"""
HERE = """
SELECT c.consultant_id, c.languages, c.topics, c.assigned_at, o.rooms_per_consultant AS room_limit, (
    SELECT count(*) FROM rooms r WHERE r.organisation_id = c.organisation_id
        AND r.status = 'active' AND r.served_by = c.consultant_id AND NOT r.left_message) AS rooms
FROM consultants c JOIN organisations o USING (organisation_id)
WHERE organisation_id = %(organisation)s AND o.automatic_assignment
    AND c.node IS NOT NULL AND c.presence = 'here'
"""
ASSIGNED = """
UPDATE consultants SET assigned_at = %(now)s
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s
"""
PUT_SKILLS = """
UPDATE consultants SET languages = %(languages)s::text[], topics = %(topics)s::text[]
WHERE organisation_id = %(organisation)s AND consultant_id = %(consultant)s
"""


async def list_due(tx: Transaction) -> list[str]:
    """The organisations that give clients to consultants by themselves, and have some waiting."""
    return [row.organisation_id for row in await tx.rows(TO_ASSIGN)]


async def list_waiting(tx: Transaction, organisation_id: str, now: datetime, most: int) -> list[Waiting]:
    """Those who wait for their turn and are there, in their turn: so many (0: all) of each language, so that
    who waits for those who speak one holds up nobody who speaks another."""
    since = now - timedelta(seconds=LOST_SECONDS)
    found = await tx.rows(WAITING, organisation=organisation_id, since=since, most=most or None)
    ciphers = await data_keys.load(tx, [(organisation_id, row.room_id) for row in found if row.topic])
    return [
        Waiting(
            room_id=row.room_id,
            language=row.language,
            topic=rooms.open_topic(
                ciphers.get((organisation_id, row.room_id)), organisation_id, row.room_id, row.topic
            ),
            left_by=frozenset(row.left_by),
            appointed_with=row.consultant_id,
        )
        for row in found
    ]


async def list_here(tx: Transaction, organisation_id: str) -> list[Here]:
    """The consultants who take clients just now; none where nobody is to be given any."""
    return [
        Here(
            consultant_id=row.consultant_id,
            languages=tuple(row.languages),
            topics=tuple(row.topics),
            rooms=row.rooms,
            limit=row.room_limit,
            assigned_at=row.assigned_at,
        )
        for row in await tx.rows(HERE, organisation=organisation_id)
    ]


async def give(
    tx: Transaction, organisation_id: str, room_id: str, consultant_id: str, now: datetime
) -> None:
    """The consultant serves the room from now on, if it still waits and they still take clients.

    :raises NotFound: one of them is gone. :raises NotAllowed: they serve as many as they may.
    """
    await workload.engage(tx, organisation_id, consultant_id)
    room = await rooms.lock(tx, organisation_id, room_id)
    consultant = await consultants.get(tx, organisation_id, consultant_id)
    if room.status is not Status.WAITING or consultant.shown_presence is not Presence.HERE:
        return
    await workload.check_limit(tx, organisation_id, consultant_id)
    actor = consultant.actor()
    outcome = life.claim(room, actor, None)
    if outcome is not None:
        await members.add(tx, organisation_id, room_id, actor.id, actor.role, now)
        await rooms.apply(tx, organisation_id, room, outcome, life.sender_of(actor), now, note=room.note)
        await tx.run(ASSIGNED, organisation=organisation_id, consultant=consultant_id, now=now)
        await audit.add(
            tx,
            organisation_id,
            audit.person_of(actor),
            Action.ROOM_CLAIMED,
            now,
            kind="room",
            subject=room_id,
            automatic=True,
        )


async def put_skills(
    tx: Transaction, organisation_id: str, consultant_id: str, languages: Sequence[str], topics: Sequence[str]
) -> None:
    """What somebody is best at; nothing: anything."""
    await tx.run(
        PUT_SKILLS,
        organisation=organisation_id,
        consultant=consultant_id,
        languages=list(languages),
        topics=list(topics),
    )
