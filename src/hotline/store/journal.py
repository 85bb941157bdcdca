"""The journal: what people say, committed in groups.

In come entries of all rooms; what arrives in one turn of the reactor, or while a commit is under way, is the
next group, so that a lone entry waits for nobody and many share one commit. Out comes, per entry and after
the commit, its place in the room's sequence, or why it was refused; refused entries fail alone. What was
stored is offered to `offer`, in commit order. Sends nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from hotline.domain.access import outsider
from hotline.domain.limits import DEFAULTS
from hotline.domain.model import Actor, Kind, Message, Sender, Status
from hotline.domain.numbering import assign, foresee
from hotline.domain.rooms import sender_of
from hotline.domain.unsettled import Key, Unsettled
from hotline.errors import HotlineError, NonceReused, NotAllowed, NotFound, RoomClosed, Unavailable
from hotline.store import appending, data_keys
from hotline.store.arrays import array
from hotline.store.database import Database
from hotline.store.keys import Keys, Owner
from hotline.store.messages import open_words, seal_message
from hotline.store.sealed import stamp
from hotline.store.seals import Cipher

# The ring of one group must fit PostgreSQL's 8000 bytes: at most 53 of them an entry.
GROUP_SIZE = 128


class Entry(Struct, frozen=True, kw_only=True, gc=False):
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
    def key(self) -> Key:
        """What makes it the same entry, however often it is sent."""
        return (self.actor.organisation_id, self.room_id, self.actor.id, self.nonce)


Offer = Callable[[str, str, Message, Any], None]


class _Waiting(Struct, frozen=True):
    """An entry, what is asked of it again and again, and whoever is to hear what becomes of it."""

    entry: Entry
    room: Owner
    key: Key
    sender: Sender
    done: Deferred[Message]


class Journal:
    """One node's writer. `offer(organisation_id, room_id, message, origin)` is told of each new message."""

    _log = Logger()

    def __init__(
        self,
        database: Database,
        node: str,
        now: Callable[[], datetime],
        offer: Offer,
        *,
        most_doubted: int = DEFAULTS.doubted_messages,
    ) -> None:
        self._database = database
        self._node = node
        self._now = now
        self._offer = offer
        self._gathered: list[_Waiting] = []
        self._writing: Deferred[None] | None = None
        # Some stay there: nobody here is told any more what became of them, unless they are said again.
        self._unsettled = Unsettled(most_doubted)
        self.groups = 0
        self.entries = 0

    async def append(self, entry: Entry) -> Message:
        """The message as it was committed, now or under the same nonce earlier.

        :raises RoomClosed, NotFound, NotAllowed, NonceReused: refused, nothing stored.
        :raises Unavailable: not known to be stored; send it again with the same nonce.
        """
        return await self.appended(entry)

    def appended(self, entry: Entry) -> Deferred[Message]:
        """The same for who does not wait: it fires with the message, or fails."""
        done: Deferred[Message] = Deferred()
        self._gathered.append(_Waiting(entry, entry.room, entry.key, sender_of(entry.actor), done))
        if self._writing is None:
            self._writing = Deferred()
            Deferred.fromCoroutine(self._write())
        return done

    def find_origin(self, organisation_id: str, room_id: str, message: Message) -> Any:
        """Of a message that was read in the database: the offer that would have said so may still come, or
        not any more. None: it was not said here, or was offered."""
        key = (organisation_id, room_id, message.sender.id, message.nonce or "")
        return self._unsettled.find_origin(key, message.text)

    async def drained(self) -> None:
        """Returns when everything gathered so far was written or failed."""
        if self._writing is not None:
            waiting: Deferred[None] = Deferred()
            self._writing.addBoth(lambda _: waiting.callback(None))
            await waiting

    async def _write(self) -> None:
        while self._gathered:
            # All that came in this turn is one group. And what the last one has set off is written to the
            # sockets before PostgreSQL begins again, which may have the same core.
            await self._database.turn()
            group = _next_group(self._gathered)
            self._gathered = self._gathered[len(group) :]
            try:
                await self._commit(group)
            except Unavailable as error:
                # What came meanwhile has waited as long as may be, and would only wait once more.
                waited, self._gathered = self._gathered, []
                _fail(group + waited, error)
            except Exception:
                self._log.failure("a group of {count} entries could not be written", count=len(group))
                _fail(group, Unavailable())
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.callback(None)

    @property
    def _keys(self) -> Keys:
        if self._database.keys is None:
            raise RuntimeError("this database was opened without keys")
        return self._database.keys

    async def _find(self, rooms: set[Owner]) -> tuple[dict[Owner, Cipher], dict[Owner, int]]:
        """The ciphers of those that have one, and how far these rooms are believed to be."""
        found = {room: cipher for room in rooms if (cipher := self._keys.find(room)) is not None}
        if len(found) == len(rooms):
            return found, {room: self._keys.find_last_seq(room) for room in rooms}
        async with self._database.reading(*{organisation_id for organisation_id, _ in rooms}) as tx:
            found = await data_keys.load(tx, rooms)
            return found, {room: tx.find_last_seq(room) for room in found}

    async def _commit(self, whole: list[_Waiting]) -> None:
        ciphers, last_seqs = await self._find({each.room for each in whole})
        group = [each for each in whole if each.room in ciphers]
        _fail([each for each in whole if each.room not in ciphers], NotFound())
        for each in group:
            self._unsettled.begin(each.key, each.entry.text, each.entry.origin)
        # As is believed; as the answer to that says; at last as it is, and stays, under the locks. These are
        # not taken earlier, because whoever hangs while it has them stops others.
        for _ in range(2):
            if group:
                group = await self._commit_foreseen(group, ciphers, last_seqs)
        if group:
            await self._commit_surely(group, ciphers)

    async def _commit_foreseen(
        self, group: list[_Waiting], ciphers: dict[Owner, Cipher], last_seqs: dict[Owner, int]
    ) -> list[_Waiting]:
        """Those that come back were foreseen wrongly: somebody else wrote in their room, or something before
        them was not new. `last_seqs` is then as it should have been."""
        now = self._now()
        rooms = [each.room for each in group]
        rows = await self._database.prepared(
            appending.PREPARE,
            appending.APPEND,
            allowed=",".join({organisation_id for organisation_id, _ in rooms}),
            **_columns(group, foresee(rooms, last_seqs), ciphers, now),
            now=now,
            node=self._node,
        )
        self.groups += 1
        misjudged = []
        for each, row in zip(group, rows, strict=True):
            if row.last_seq is None:
                self._settle(each, row, row.seq, now, ciphers)
            else:
                misjudged.append(each)
        if misjudged:
            for reached in ([row.last_seq for row in rows], [row.seq for row in rows]):
                last_seqs.update((room, seq) for room, seq in zip(rooms, reached, strict=True) if seq)
        return misjudged

    async def _commit_surely(self, group: list[_Waiting], ciphers: dict[Owner, Cipher]) -> None:
        """In one transaction that locks the rooms, looks, and stores: it cannot be wrong."""
        rooms = [each.room for each in group]
        async with self._database.transaction(*{organisation_id for organisation_id, _ in rooms}) as tx:
            rows = await tx.rows(
                appending.LOOK,
                organisations=array(organisation_id for organisation_id, _ in rooms),
                rooms=array(room_id for _, room_id in rooms),
                sender_ids=array(each.sender.id for each in group),
                nonces=array(each.entry.nonce for each in group),
            )
            now = self._now()
            last_seqs = {room: row.last_seq for room, row in zip(rooms, rows, strict=True)}
            seqs = assign(rooms, last_seqs, [row.is_new for row in rows])
            new = [(each, seq) for each, seq in zip(group, seqs, strict=True) if seq is not None]
            if new:
                columns = _columns([each for each, _ in new], [seq for _, seq in new], ciphers, now)
                await tx.finish(appending.STORE, **columns, now=now, node=self._node)
        self.groups += 1
        for each, row, seq in zip(group, rows, seqs, strict=True):
            self._settle(each, row, seq, now, ciphers)

    def _settle(
        self, waiting: _Waiting, row: Any, seq: int | None, now: datetime, ciphers: dict[Owner, Cipher]
    ) -> None:
        """Acknowledge what was stored, now as `seq` or earlier, or say why nothing was."""
        entry, room, sender, done = waiting.entry, waiting.room, waiting.sender, waiting.done
        self.entries += 1
        was_doubted = self._unsettled.settle(waiting.key)
        if seq is not None:
            self._keys.saw_seq(room, seq)
            message = _message(entry, sender, seq, now)
            # Acknowledge first: what the offer sets off must not delay it.
            done.callback(message)
            self._offer(*room, message, entry.origin)
        elif row.known_seq is not None and _is_same(ciphers[room], entry, row):
            message = _message(entry, sender, row.known_seq, row.known_at)
            done.callback(message)
            if was_doubted and not row.is_corrected:
                self._keys.saw_seq(room, message.seq)
                self._offer(*room, message, entry.origin)
        else:
            done.errback(Failure(_refusal(entry, row)))


def _next_group(gathered: list[_Waiting]) -> list[_Waiting]:
    """The longest start of what was gathered in which no entry stands twice, at most GROUP_SIZE of it.

    A repetition and what follows wait for the next group, which then finds the first one stored.
    """
    seen: set[Key] = set()
    for count, each in enumerate(gathered[:GROUP_SIZE]):
        if each.key in seen:
            return gathered[:count]
        seen.add(each.key)
    return gathered[:GROUP_SIZE]


def _columns(
    group: Sequence[_Waiting], seqs: Sequence[int], ciphers: dict[Owner, Cipher], now: datetime
) -> dict[str, str]:
    """What to store of the entries, sealed for these numbers: an array of PostgreSQL for each column."""
    at = stamp(now)
    texts = [
        seal_message(
            ciphers[each.room], *each.room, seq, "message", at, each.sender, each.entry.nonce, each.entry.text
        )
        for each, seq in zip(group, seqs, strict=True)
    ]
    return {
        "organisations": array([each.room[0] for each in group]),
        "rooms": array([each.room[1] for each in group]),
        # Of base64, and of digits: nothing in them to quote.
        "texts": "{" + ",".join(texts) + "}",
        "seqs": "{" + ",".join(map(str, seqs)) + "}",
        "sender_ids": array([each.sender.id for each in group]),
        "sender_roles": array([each.sender.role.value for each in group]),
        "nonces": array([each.entry.nonce for each in group]),
    }


def _message(entry: Entry, sender: Sender, seq: int, at: datetime) -> Message:
    return Message(seq=seq, at=at, kind=Kind.MESSAGE, text=entry.text, sender=sender, nonce=entry.nonce)


def _is_same(cipher: Cipher, entry: Entry, row: Any) -> bool:
    """Whether what is known under the nonce was this; of what was corrected since nobody can tell."""
    if row.known_kind != Kind.MESSAGE:
        return False
    if row.is_corrected:
        return True
    _, text = open_words(
        cipher, *entry.room, row.known_seq, row.known_kind, row.known_at, entry.actor.id, row.known_role,
        entry.nonce, stored=row.known_text,
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
    for each in group:
        if not each.done.called:
            each.done.errback(Failure(error))
