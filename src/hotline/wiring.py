"""The seams between the router and the rest: what the router asks for, answered by procedures and store.

In come sessions with what they want; out come results, decisions about topics, and the view of all sessions
that the news is told to. Only `node` builds these; they are here so that it stays short. Who comes in at all
is told by `admission`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred

from hotline.accounts import Accounts
from hotline.domain import wire
from hotline.domain.limits import DEFAULTS, DomainLimits
from hotline.domain.model import Actor, Message, Scope
from hotline.domain.topics import parse_room_topic, room_topic
from hotline.errors import NotAllowed, NotFound
from hotline.logs import SampledLogger
from hotline.procedures import events, scripts, topics
from hotline.procedures.attempts import Attempts
from hotline.procedures.context import Context
from hotline.procedures.crowd import Crowd
from hotline.procedures.shares import Shares
from hotline.procedures.table import PROCEDURES
from hotline.protocols.departures import Departures
from hotline.relay import Relay
from hotline.router.ports import Realm, Session
from hotline.store.database import Database
from hotline.store.journal import Entry, Journal
from hotline.store.members import Standing
from hotline.upkeep import Upkeep

_refusals = SampledLogger(namespace="hotline.refusals")
_KILLED = "wamp.close.killed"


def actor_of(session: Session) -> Actor:
    """Who a session is."""
    actor: Actor = session.identity.principal
    return actor


class Attendance:
    """All sessions of this node by organisation: the router tells of them, the news speaks to them."""

    def __init__(self, upkeep: Upkeep, departures: Departures) -> None:
        self._upkeep = upkeep
        self._departures = departures
        self.relay: Relay | None = None
        self._realms: dict[str, Realm] = {}

    # What the router tells.

    def session_joined(self, session: Session) -> None:
        self._realms[session.realm.tenant] = session.realm
        if actor_of(session).id:
            self._upkeep.present(actor_of(session))

    def session_left(self, session: Session) -> None:
        if not session.realm.sessions:
            self._realms.pop(session.realm.tenant, None)
        if actor_of(session).id:
            self._upkeep.absent(actor_of(session))

    def topic_observed(self, realm: Realm, topic: str) -> None:
        parsed = parse_room_topic(topic)
        if parsed and not parsed[1] and self.relay:
            self.relay.follow(realm.tenant, parsed[0])

    def topic_abandoned(self, realm: Realm, topic: str) -> None:
        parsed = parse_room_topic(topic)
        if parsed and not parsed[1] and self.relay:
            self.relay.unfollow(realm.tenant, parsed[0])

    # What a procedure may do with the session that called.

    def change_actor(self, session: Session, actor: Actor) -> None:
        """The session goes on as this actor."""
        before = actor_of(session)
        if before == actor:
            return
        authid = session.identity.authid if before.id else actor.id
        session.become(replace(session.identity, authid=authid, authrole=actor.role.value, principal=actor))
        if before.is_manager and not actor.is_manager:
            # Managers follow the notes of rooms they are not in; of their own ones they may ask again.
            session.drop_subscriptions(_is_notes_topic)
        if session.is_open:
            self._upkeep.present(actor)
            if before.id:
                self._upkeep.absent(before)

    # What the relay and the news say.

    def emit(self, organisation_id: str, room_id: str, message: Message, origin: int | None) -> None:
        """A room's next message, to all who follow it but the session it came from, if that asked so."""
        realm = self._realms.get(organisation_id)
        if realm is not None:
            realm.publish(
                room_topic(room_id),
                [message.text],
                wire.message_event(message),
                origin,
                events.publication_of(room_id, message.seq),
            )

    def organisations(self) -> Iterable[str]:
        return self._realms.keys()

    def actors(self, organisation_id: str) -> list[Actor]:
        return [actor_of(session) for session in self._sessions(organisation_id)]

    def followed(self, organisation_id: str) -> set[tuple[str, str]]:
        return {
            (actor_of(session).id, room_id)
            for session in self._sessions(organisation_id)
            for room_id in (session.grants or set()) | _noted(session)
        }

    def publish(self, organisation_id: str, topic: str, kwargs: dict[str, Any]) -> None:
        realm = self._realms.get(organisation_id)
        if realm is not None:
            realm.publish(topic, [], kwargs)

    def is_observed(self, organisation_id: str, topic: str) -> bool:
        realm = self._realms.get(organisation_id)
        return realm is not None and realm.is_observed(topic)

    def become(self, organisation_id: str, change: Callable[[Actor], Actor]) -> None:
        for session in self._sessions(organisation_id):
            self.change_actor(session, change(actor_of(session)))

    def close(self, organisation_id: str, concerned: Callable[[Actor], bool], message: str) -> None:
        for session in self._sessions(organisation_id):
            if concerned(actor_of(session)):
                # At once, unless it is a whole organisation with very many.
                self._departures.add(partial(session.close, _KILLED, message))

    def expel(self, organisation_id: str, actor_id: str, room_id: str) -> None:
        for session in self._sessions(organisation_id):
            if actor_of(session).id == actor_id:
                if session.grants:
                    session.grants.discard(room_id)
                session.drop_subscriptions(lambda topic: (parse_room_topic(topic) or ("",))[0] == room_id)

    def _sessions(self, organisation_id: str) -> list[Session]:
        realm = self._realms.get(organisation_id)
        return [] if realm is None else list(realm.sessions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """The built-in procedures, for the router."""

    database: Database
    accounts: Accounts
    attendance: Attendance
    now: Callable[[], datetime]
    crowd: Crowd
    attempts: Attempts = field(default_factory=Attempts)
    limits: DomainLimits = DEFAULTS
    shares: Shares | None = None

    def knows(self, uri: str) -> bool:
        return uri in PROCEDURES

    async def call(self, session: Session, uri: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        context = Context(
            actor=actor_of(session),
            database=self.database,
            accounts=self.accounts,
            now=self.now,
            become=lambda actor: self.attendance.change_actor(session, actor),
            session=session.id,
            network=session.network,
            attempts=self.attempts,
            crowd=self.crowd,
            limits=self.limits,
            shares=self.shares,
        )
        try:
            return await PROCEDURES[uri](context, args, kwargs)
        except NotAllowed:
            _refusals.info("{uri} was refused to a {role}", uri=uri, role=context.actor.role.value)
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomTopics:
    """The topics, for the router."""

    database: Database
    journal: Journal
    relay: Relay
    most_rooms: int
    """That one session may follow; 0: any number."""
    now: Callable[[], datetime]
    shares: Shares | None = None

    def is_durable(self, topic: str) -> bool:
        return topics.is_durable(topic)

    async def may_subscribe(self, session: Session, topic: str) -> bool:
        actor = actor_of(session)
        if not actor.may(Scope.READ):
            return False
        if topics.may_follow_list(actor, topic):
            return True
        if scripts.may_use_topic(actor, session.realm.name, topic):
            return True
        parsed = parse_room_topic(topic)
        if parsed is None:
            return False
        self._check_count(session, parsed[0])
        if parsed[1] == "notes":
            return await topics.may_follow_notes(self.database, actor, parsed[0])
        return await self._may_follow(session, actor, *parsed)

    def _check_count(self, session: Session, room_id: str) -> None:
        granted = _granted(session)
        if 0 < self.most_rooms <= len(granted) and room_id not in granted:
            followed = (parse_room_topic(topic) for topic in session.topics)
            granted.intersection_update({room for room, _ in filter(None, followed)})
            if len(granted) >= self.most_rooms:
                raise NotAllowed(rooms=self.most_rooms)

    async def _may_follow(self, session: Session, actor: Actor, room_id: str, kind: str) -> bool:
        # Followed before asking where the room stands, so that nothing committed in between is missed.
        self.relay.follow(actor.organisation_id, room_id)
        try:
            standing = await self._standing(session, actor, room_id)
            if standing is not None and kind == "":
                self.relay.begin(actor.organisation_id, room_id, standing.last_seq)
            return standing is not None
        finally:
            self.relay.unfollow(actor.organisation_id, room_id)

    async def _standing(self, session: Session, actor: Actor, room_id: str) -> Standing | None:
        before = session.revocations
        standing = await topics.find_standing(self.database, actor, room_id)
        # What was taken away while the answer was on its way must not be remembered as granted.
        if standing is not None and session.revocations == before:
            _granted(session).add(room_id)
        return standing

    async def may_publish(
        self, session: Session, topic: str, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]] | None:
        actor = actor_of(session)
        if not actor.may(Scope.SPEAK):
            return None
        parsed = parse_room_topic(topic)
        if scripts.may_use_topic(actor, session.realm.name, topic):
            return args, kwargs
        if parsed is None or parsed[1] not in ("typing", "seen"):
            return None
        room_id, kind = parsed
        if room_id not in _granted(session) and await self._standing(session, actor, room_id) is None:
            return None
        return [], topics.check_sign(kind, actor, args, kwargs)

    def append(
        self, session: Session, topic: str, args: list[Any], kwargs: dict[str, Any], exclude_me: bool
    ) -> Deferred[int | None]:
        actor = actor_of(session)
        parsed = parse_room_topic(topic)
        text, nonce = topics.check_spoken(args, kwargs)
        if parsed is None or not actor.id:
            raise NotFound()
        if not actor.may(Scope.SPEAK):
            raise NotAllowed(reason="this token is not for that")
        if self.shares is not None:
            self.shares.message(actor_of(session))
        origin = session.id if exclude_me else None
        entry = Entry(actor=actor, room_id=parsed[0], text=text, nonce=nonce, origin=origin)
        return self.journal.appended(entry).addCallback(_publication_of, parsed[0])

    async def history(self, session: Session, topic: str, filters: dict[str, Any]) -> list[dict[str, Any]]:
        parsed = parse_room_topic(topic)
        if parsed is None:
            raise NotFound()
        if not actor_of(session).may(Scope.READ):
            raise NotAllowed(reason="this token is not for that")
        if self.shares is not None:
            self.shares.history(session.id, actor_of(session))
        return await events.history(self.database, actor_of(session), parsed[0], filters, self.now())


def _publication_of(message: Message, room_id: str) -> int | None:
    return events.publication_of(room_id, message.seq)


def _is_notes_topic(topic: str) -> bool:
    return (parse_room_topic(topic) or ("", ""))[1] == "notes"


def _noted(session: Session) -> set[str]:
    """The rooms whose notes this session follows as a member: managers need not be in them."""
    if actor_of(session).is_manager:
        return set()
    followed = (parse_room_topic(topic) for topic in session.topics)
    return {room_id for room_id, kind in filter(None, followed) if kind == "notes"}


def _granted(session: Session) -> set[str]:
    """The rooms this session is known to be in; what is taken away again is taken from here."""
    if session.grants is None:
        session.grants = set()
    granted: set[str] = session.grants
    return granted
