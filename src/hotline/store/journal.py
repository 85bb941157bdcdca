"""The journal: what people say, committed in groups.

In come entries of all rooms; what arrives while a commit is under way is the next group, so that a lone
entry waits for nobody and many share one commit. Out comes, per entry and after the commit, its place in
the room's sequence, or why it was refused; refused entries fail alone. What was stored is offered to
`offer`, in commit order. Sends nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from hotline.domain.access import outsider
from hotline.domain.model import Actor, Kind, Message, Sender, Status
from hotline.domain.rooms import sender_of
from hotline.errors import HotlineError, NonceReused, NotAllowed, NotFound, RoomClosed, Unavailable
from hotline.store import data_keys
from hotline.store.arrays import array
from hotline.store.database import Database
from hotline.store.keys import Owner
from hotline.store.messages import open_words, seal_message
from hotline.store.sealed import stamp
from hotline.store.seals import Cipher

# The ring of one group must fit PostgreSQL's 8000 bytes: at most 53 of them an entry.
GROUP_SIZE = 128

# Planned once a connection: planning costs three times what running does. The plan is made while tables may
# be empty and has to be right later, so there is one way only for each look: LATERAL and OFFSET 0 make it one
# per entry, all other indexes of rooms and members are partial, and the room in the look for the nonce is
# compared in a way the history's index cannot serve. Rooms, once locked, stay where they are: they are
# counted up by their place in the table, which without this random_page_cost is taken for dear while there
# are few rooms.
_PREPARE = """
SET plan_cache_mode = force_generic_plan;
SET random_page_cost = 0;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
PREPARE allow (text) AS SELECT set_config('hotline.organisations', $1, true);
PREPARE lock_rooms (text[], text[]) AS
SELECT FROM (SELECT DISTINCT * FROM unnest($1, $2) AS e (organisation_id, room_id) ORDER BY 1, 2) e,
    LATERAL (SELECT FROM rooms WHERE organisation_id = e.organisation_id AND room_id = e.room_id
        FOR NO KEY UPDATE OFFSET 0) r;
PREPARE append (text[], text[], text[], text[], text[], text[], timestamptz, text) AS
WITH entry AS (
    SELECT * FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY
        AS e (organisation_id, room_id, text, sender_id, sender_role, nonce, place)),
known AS (
    SELECT e.*, r.tid, r.status, r.last_seq, b.member_id IS NOT NULL AS is_member,
        m.seq AS known_seq, m.at AS known_at, m.kind AS known_kind, m.text AS known_text,
        m.sender_role AS known_role, m.edited OR m.withdrawn AS is_corrected,
        r.muted AND e.sender_role = 'client' AS is_muted,
        b.member_id IS NOT NULL AND r.status <> 'closed' AND m.seq IS NULL
            AND NOT (r.muted AND e.sender_role = 'client') AS is_fresh
    FROM entry e
    LEFT JOIN LATERAL (SELECT ctid AS tid, status, last_seq, muted FROM rooms
        WHERE organisation_id = e.organisation_id AND room_id = e.room_id OFFSET 0) r ON true
    LEFT JOIN LATERAL (SELECT member_id FROM members WHERE organisation_id = e.organisation_id
        AND room_id = e.room_id AND member_id = e.sender_id AND left_at IS NULL OFFSET 0) b ON true
    LEFT JOIN LATERAL (SELECT seq, at, kind, text, sender_role, edited, withdrawn FROM messages
        WHERE organisation_id = e.organisation_id AND coalesce(room_id, '') = e.room_id
        AND sender_id = e.sender_id AND nonce = e.nonce OFFSET 0) m ON true),
judged AS MATERIALIZED (
    SELECT k.*, CASE WHEN is_fresh THEN
        last_seq + row_number() OVER (PARTITION BY tid, is_fresh ORDER BY place) END AS seq
    FROM known k),
stored AS (
    INSERT INTO messages
        (organisation_id, room_id, seq, at, kind, text, sender_id, sender_role, nonce)
    SELECT organisation_id, room_id, seq, $7, 'message', text, sender_id, sender_role, nonce
    FROM judged WHERE is_fresh),
counted AS (
    UPDATE rooms r SET last_seq = f.seq
    FROM (SELECT tid, max(seq) AS seq FROM judged WHERE is_fresh GROUP BY 1) f WHERE r.ctid = f.tid),
rung AS (
    SELECT pg_notify('hotline', concat('messages ', $8, ' ',
        string_agg(concat(organisation_id, '/', room_id, ':', seq), ' ' ORDER BY place))) AS bell
    FROM judged WHERE is_fresh HAVING count(*) > 0
    UNION ALL
    SELECT pg_notify('hotline', concat('room ', organisation_id, ' ', room_id)) FROM judged
    WHERE is_fresh AND status = 'waiting' GROUP BY organisation_id, room_id)
SELECT status, is_member, is_muted, known_seq, known_at, known_kind, known_text, known_role, is_corrected,
    seq, (SELECT count(bell) FROM rung) AS rings
FROM judged ORDER BY place
"""

# All in one round trip and one transaction. The locks are taken first and in order, so that the last
# statement's snapshot sees all that was committed before it got them.
_APPEND = """
EXECUTE allow (%(allowed)s);
EXECUTE lock_rooms (%(organisations)s, %(rooms)s);
EXECUTE append (%(organisations)s, %(rooms)s, %(texts)s, %(sender_ids)s, %(sender_roles)s, %(nonces)s,
    %(now)s, %(node)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something a member says. `origin` is the caller's own and comes back with the offer."""

    actor: Actor
    room_id: str
    text: str
    nonce: str
    origin: Any = None

    @property
    def room(self) -> Owner:
        """Whose key seals it."""
        return (self.actor.organisation_id, self.room_id)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same entry, however often it is sent."""
        return (self.actor.organisation_id, self.room_id, self.actor.id, self.nonce)


Offer = Callable[[str, str, Message, Any], None]
_Waiting = tuple[Entry, Deferred[Message]]


class Journal:
    """One node's writer. `offer(organisation_id, room_id, message, origin)` is told of each new message."""

    _log = Logger()

    def __init__(self, database: Database, node: str, now: Callable[[], datetime], offer: Offer) -> None:
        self._database = database
        self._node = node
        self._now = now
        self._offer = offer
        self._gathered: list[_Waiting] = []
        self._writing: Deferred[None] | None = None
        self.groups = 0
        self.entries = 0

    async def append(self, entry: Entry) -> Message:
        """The message as it was committed, now or under the same nonce earlier.

        :raises RoomClosed, NotFound, NotAllowed, NonceReused: refused, nothing stored.
        :raises Unavailable: not known to be stored; send it again with the same nonce.
        """
        done: Deferred[Message] = Deferred()
        self._gathered.append((entry, done))
        if self._writing is None:
            # Before the writing begins: it may end at once, when no connection can be made.
            self._writing = Deferred()
            Deferred.fromCoroutine(self._write())
        return await done

    async def drained(self) -> None:
        """Returns when everything gathered so far was written or failed."""
        if self._writing is not None:
            waiting: Deferred[None] = Deferred()
            self._writing.addBoth(lambda _: waiting.callback(None))
            await waiting

    async def _write(self) -> None:
        while self._gathered:
            group = _next_group(self._gathered)
            self._gathered = self._gathered[len(group) :]
            try:
                await self._commit(group)
            except HotlineError as error:
                _fail(group, error)
            except Exception:
                self._log.failure("a group of {count} entries could not be written", count=len(group))
                _fail(group, Unavailable())
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.callback(None)

    async def _ciphers(self, group: list[_Waiting]) -> dict[Owner, Cipher]:
        keys = self._database.keys
        rooms = {entry.room for entry, _ in group}
        found = {room: keys.find(room) for room in rooms} if keys is not None else {}
        if None not in found.values():
            return found  # type: ignore[return-value]  # None was just looked for
        async with self._database.reading(*{organisation_id for organisation_id, _ in rooms}) as tx:
            return await data_keys.load(tx, rooms)

    async def _commit(self, whole: list[_Waiting]) -> None:
        ciphers = await self._ciphers(whole)
        group = [each for each in whole if each[0].room in ciphers]
        _fail([each for each in whole if each[0].room not in ciphers], NotFound())
        if not group:
            return
        entries = [entry for entry, _ in group]
        senders = [sender_of(entry.actor) for entry in entries]
        organisations = [entry.actor.organisation_id for entry in entries]
        now = self._now()
        at = stamp(now)
        texts = [
            seal_message(ciphers[entry.room], *entry.room, "message", at, sender, entry.nonce, entry.text)
            for entry, sender in zip(entries, senders, strict=True)
        ]
        rows = await self._database.prepared(
            _PREPARE,
            _APPEND,
            allowed=",".join(set(organisations)),
            organisations=array(organisations),
            rooms=array([entry.room_id for entry in entries]),
            # Of base64: nothing in them to quote.
            texts="{" + ",".join(texts) + "}",
            sender_ids=array([sender.id for sender in senders]),
            sender_roles=array([sender.role.value for sender in senders]),
            nonces=array([entry.nonce for entry in entries]),
            now=now,
            node=self._node,
        )
        self.groups += 1
        self.entries += len(entries)
        for (entry, done), sender, row in zip(group, senders, rows, strict=True):
            if row.seq is not None:
                message = _message(entry, sender, row.seq, now)
                # Acknowledge first: what the offer sets off must not delay it.
                done.callback(message)
                self._offer(entry.actor.organisation_id, entry.room_id, message, entry.origin)
            elif row.known_seq is not None and _is_same(ciphers[entry.room], entry, row):
                done.callback(_message(entry, sender, row.known_seq, row.known_at))
            else:
                done.errback(Failure(_refusal(entry, row)))


def _next_group(gathered: list[_Waiting]) -> list[_Waiting]:
    """The longest start of what was gathered in which no entry stands twice, at most GROUP_SIZE of it.

    A repetition and what follows wait for the next group, which then finds the first one stored.
    """
    seen: set[tuple[str, str, str, str]] = set()
    for count, (entry, _) in enumerate(gathered[:GROUP_SIZE]):
        if entry.key in seen:
            return gathered[:count]
        seen.add(entry.key)
    return gathered[:GROUP_SIZE]


def _message(entry: Entry, sender: Sender, seq: int, at: datetime) -> Message:
    return Message(seq=seq, at=at, kind=Kind.MESSAGE, text=entry.text, sender=sender, nonce=entry.nonce)


def _is_same(cipher: Cipher, entry: Entry, row: Any) -> bool:
    """Whether what is known under the nonce was this; of what was corrected since nobody can tell."""
    if row.known_kind != Kind.MESSAGE:
        return False
    if row.is_corrected:
        return True
    _, text = open_words(
        cipher, *entry.room, row.known_kind, row.known_at, entry.actor.id, row.known_role, entry.nonce,
        stored=row.known_text,
    )  # fmt: skip
    return text == entry.text


def _refusal(entry: Entry, row: Any) -> HotlineError:
    if row.status is None:
        return NotFound()
    if row.known_seq is not None:
        return NonceReused()
    if not row.is_member:
        return outsider(entry.actor)
    if row.is_muted and row.status != Status.CLOSED:
        return NotAllowed(reason="muted")
    return RoomClosed()


def _fail(group: list[_Waiting], error: HotlineError) -> None:
    for _, done in group:
        if not done.called:
            done.errback(Failure(error))
