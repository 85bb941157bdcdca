"""Event history of rooms: what `wamp.subscription.get_events` gives, read from the stored messages.

In come an actor, a room and the filters of the specification; out come events as they were sent, with the
ids under which they were published. Members only, as with `hotline.room.history`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from hotline.domain import checks, wire
from hotline.domain.access import check_member
from hotline.domain.audit import Action
from hotline.domain.model import Actor
from hotline.domain.times import wire_time
from hotline.domain.topics import room_topic
from hotline.errors import Invalid
from hotline.store import audit, events, members
from hotline.store.database import Database
from hotline.store.events import Bounds

_DEFAULT_LIMIT = 10
_LAST = 2**53

# A publication's id is its seq, moved about in 1..2**53 in a way of the room's own: the same on every node
# and for ever, and the seq can be found again.
_FACTOR = 0x1B8735_93A5B1C7 % _LAST | 1
_INVERSE = pow(_FACTOR, -1, _LAST)


@lru_cache(maxsize=4096)
def _offset(room_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(room_id.encode(), digest_size=7).digest()) % _LAST


def publication_of(room_id: str, seq: int) -> int:
    """The id under which a message of a room is published."""
    return (seq * _FACTOR + _offset(room_id)) % _LAST + 1


def seq_of(room_id: str, publication: int) -> int:
    """Which message was published under this id; a number beyond all messages, if none was."""
    return (publication - 1 - _offset(room_id)) * _INVERSE % _LAST


_Publication = Annotated[int, msgspec.Meta(ge=1, le=_LAST)] | None
_Time = Annotated[datetime, msgspec.Meta(tz=True)] | None


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keyword arguments of `wamp.subscription.get_events`."""

    limit: int = _DEFAULT_LIMIT
    reverse: bool = False
    topic: str | None = None
    from_time: _Time = None
    after_time: _Time = None
    before_time: _Time = None
    until_time: _Time = None
    from_publication: _Publication = None
    after_publication: _Publication = None
    before_publication: _Publication = None
    until_publication: _Publication = None

    def names_only(self, room_id: str, last_seq: int) -> bool:
        """Whether each publication that is named is one of the room's."""
        named = (
            self.from_publication,
            self.after_publication,
            self.before_publication,
            self.until_publication,
        )
        return all(1 <= seq_of(room_id, each) <= last_seq for each in named if each is not None)

    def bounds(self, room_id: str) -> Bounds:
        """The same as bounds of seq and time."""

        def seq(publication: int | None, otherwise: int, beyond: int = 0) -> int:
            return otherwise if publication is None else seq_of(room_id, publication) + beyond

        return Bounds(
            first_seq=max(seq(self.from_publication, 1), seq(self.after_publication, 1, 1)),
            last_seq=min(seq(self.until_publication, _LAST), seq(self.before_publication, _LAST, -1)),
            from_time=self.from_time,
            after_time=self.after_time,
            before_time=self.before_time,
            until_time=self.until_time,
        )


async def history(
    database: Database, actor: Actor, room_id: str, filters: dict[str, Any], now: datetime
) -> list[dict[str, Any]]:
    """Events of a room, each `{timestamp, publication, details, args, kwargs}`.

    :raises Invalid: a filter is unknown or of the wrong kind.
    :raises NotFound, NotAllowed: the actor is not in the room.
    """
    try:
        wanted = msgspec.convert(filters, Filters)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else "filters"
        raise Invalid(**{field: "is not a filter of this kind"}) from None
    limit = checks.limit(wanted.limit)
    organisation_id = actor.organisation_id
    async with database.transaction(organisation_id) as tx:
        standing = await members.get_standing(tx, organisation_id, room_id, actor.id)
        check_member(actor, standing.is_member)
        if standing.is_closed and actor.is_consultant:
            await audit.add_opening(tx, actor, Action.ROOM_READ, room_id, now)
        is_other_topic = wanted.topic is not None and wanted.topic != room_topic(room_id)
        if is_other_topic or not wanted.names_only(room_id, standing.last_seq):
            return []
        found = await events.list_between(
            tx, organisation_id, room_id, wanted.bounds(room_id), limit, is_reverse=wanted.reverse
        )
    return [
        {
            "timestamp": wire_time(message.at),
            "publication": publication_of(room_id, message.seq),
            "details": {},
            "args": [message.text],
            "kwargs": wire.message_event(message),
        }
        for message in found
    ]
