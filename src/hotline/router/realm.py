"""One organisation's sessions and subscriptions: realms never meet, so isolation is by construction.

In: sessions that join and leave, topics, events of the outside. Out: frames on links, news for the watcher,
meta events. It never authorizes: whoever calls it has asked before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from hotline.logs import SampledLogger
from hotline.protocols.interfaces import Encoding, Link, TooLong
from hotline.protocols.limits import SessionLimits
from hotline.router import meta, ports, uris
from hotline.router.broker import EXACT, Broker, Change, Subscription
from hotline.router.ids import new_id
from hotline.router.messages import Event, Message
from hotline.router.options import Args, Details, Kwargs, Roles
from hotline.router.registrations import Enrolment
from hotline.router.switchboard import Party, Switchboard


class Member(ports.Session, Protocol):
    """A session as its realm needs it."""

    @property
    def link(self) -> Link: ...

    @property
    def roles(self) -> Roles: ...

    def send(self, message: Message) -> None: ...


class Realm:
    """Appears with its first session and goes with its last."""

    log = SampledLogger()

    def __init__(
        self,
        *,
        name: str,
        tenant: Any,
        watcher: ports.Watcher,
        policy: ports.Policy,
        clock: ports.Clock,
        limits: SessionLimits,
    ) -> None:
        self.name = name
        self.tenant = tenant
        self._watcher = watcher
        self._policy = policy
        self._clock = clock
        self.broker: Broker[Member] = Broker(new_id, clock.seconds)
        self.switchboard = Switchboard(clock=clock, limits=limits)
        self._sessions: dict[int, Member] = {}

    @property
    def sessions(self) -> Collection[Member]:
        return self._sessions.values()

    def find_session(self, session: int) -> Member | None:
        """The session with this id."""
        return self._sessions.get(session)

    def join(self, session: Member) -> None:
        """A session is in from now on."""
        self._sessions[session.id] = session
        self._announce(meta.ON_JOIN, lambda: [meta.details_of(session)])
        self._tell(self._watcher.session_joined, session)

    def leave(self, session: Member) -> None:
        """A session and all of its subscriptions, registrations and calls are gone."""
        changes = self.broker.leave(session)
        if self._sessions.pop(session.id, None) is None:
            return
        self._abandon(session, changes)
        self._withdraw(session, self.switchboard.leave(session))
        identity = session.identity
        self._announce(meta.ON_LEAVE, [session.id, identity.authid, identity.authrole])
        self._tell(self._watcher.session_left, session)

    # Subscriptions

    def subscribe(self, session: Member, topic: str, match: str = EXACT) -> Change[Member]:
        """Subscribe a session; whoever answers it calls `announce` right after."""
        change = self.broker.subscribe(session, topic, match)
        # Before the answer, which may be what ends a session that reads too slowly.
        if change.turned and match == EXACT:
            self._tell(self._watcher.topic_observed, self, topic)
        return change

    def announce(self, session: Member, change: Change[Member]) -> None:
        """Tell of a new subscription, after SUBSCRIBED went out; not of one that has ended with that."""
        subscription = change.subscription
        if not session.is_open:
            return
        if change.turned:
            self._announce(
                meta.SUBSCRIPTION_ON_CREATE,
                lambda: [session.id, meta.subscription_details(subscription)],
                subscription.topic,
            )
        if change.is_new:
            self._announce(meta.ON_SUBSCRIBE, [session.id, subscription.id], subscription.topic)

    def unsubscribe(self, session: Member, subscription: int) -> Change[Member] | None:
        """End one subscription of this session; None if it has none of that id."""
        change = self.broker.unsubscribe(session, subscription)
        if change is not None:
            self._abandon(session, [change])
        return change

    def drop(
        self, session: Member, predicate: Callable[[Subscription[Member]], bool]
    ) -> list[Change[Member]]:
        """End the subscriptions of this session which the predicate picks."""
        changes = self.broker.drop(session, predicate)
        self._abandon(session, changes)
        return changes

    def topics_of(self, session: Member) -> list[str]:
        """The topics a session is subscribed to."""
        return self.broker.topics_of(session)

    def count_of(self, session: Member) -> int:
        """How many topics a session is subscribed to."""
        return self.broker.count_of(session)

    def is_observed(self, topic: str) -> bool:
        """Whether anybody is subscribed to this very topic."""
        return self.broker.is_observed(topic)

    # Registrations

    def register(self, session: Member, procedure: str, invoke: str) -> Enrolment[Party] | str:
        """Offer a procedure; whoever answers calls `enrolled` right after. A URI instead says why not."""
        return self.switchboard.dealer.registrations.register(
            session, procedure, invoke, self._clock.seconds()
        )

    def enrolled(self, session: Member, enrolment: Enrolment[Party]) -> None:
        """Tell of a new registration, after REGISTERED went out; not of one that has ended with that."""
        registration = enrolment.registration
        if not session.is_open:
            return
        if enrolment.turned:
            self._announce(
                meta.REGISTRATION_ON_CREATE,
                lambda: [session.id, meta.registration_details(registration)],
                registration.procedure,
            )
        self._announce(meta.ON_REGISTER, [session.id, registration.id], registration.procedure)

    def unregister(self, session: Member, registration: int) -> bool:
        """End one registration of this session; False if it has none of that id."""
        enrolment = self.switchboard.dealer.registrations.unregister(session, registration)
        self._withdraw(session, [] if enrolment is None else [enrolment])
        return enrolment is not None

    def drop_registrations(self, session: Member, predicate: Callable[[str], bool]) -> list[int]:
        """End the registrations of this session whose procedures the predicate picks."""
        enrolments = self.switchboard.dealer.registrations.drop(session, predicate)
        self._withdraw(session, enrolments)
        return [each.registration.id for each in enrolments]

    # Events

    def publish(
        self,
        topic: str,
        args: Args,
        kwargs: Kwargs,
        exclude: int | None = None,
        publication: int | None = None,
    ) -> int:
        """Send an EVENT to every subscriber but the session with the id `exclude`; gives to how many."""
        excluded = None if exclude is None else self._sessions.get(exclude)
        return self.deliver(topic, args, kwargs, excluded, publication=publication)[1]

    def deliver(
        self,
        topic: str,
        args: Args,
        kwargs: Kwargs,
        exclude: Member | None,
        is_meant: Callable[[Member], bool] | None = None,
        details: Details | None = None,
        publication: int | None = None,
    ) -> tuple[int, int]:
        """As `publish`, to those who are meant; gives the id of the publication too."""
        publication, events = self.broker.publish(
            topic, args, kwargs, exclude, is_meant, details, publication
        )
        count = 0
        for event, recipients in events:
            self._send(event, recipients)
            count += len(recipients)
        return publication, count

    def _send(self, event: Event, recipients: Sequence[Member]) -> None:
        # One frame per kind of link: encoding costs more than writing, and recipients may be hundreds.
        frames: dict[Encoding, bytes | None] = {}
        for session in recipients:
            link = session.link
            encoding = link.encoding
            if encoding in frames:
                frame = frames[encoding]
            else:
                frame = frames[encoding] = self._frame(encoding, event)
            if frame is not None:
                try:
                    link.write(frame)
                except TooLong:
                    self.log.warn("an event is longer than its subscriber takes")

    def _frame(self, encoding: Encoding, event: Event) -> bytes | None:
        try:
            return encoding.encode(event)
        except Exception:
            # What one serializer can carry (a huge integer, a lone surrogate), another may not.
            self.log.failure("an event cannot be expressed in {encoding}", encoding=encoding)
            return None

    # News

    def _abandon(self, session: Member, changes: Sequence[Change[Member]]) -> None:
        for change in changes:
            topic, ids = change.topic, [session.id, change.id]
            self._announce(meta.ON_UNSUBSCRIBE, ids, topic)
            if change.turned:
                self._announce(meta.SUBSCRIPTION_ON_DELETE, ids, topic)
                if change.subscription.match == EXACT:
                    self._tell(self._watcher.topic_abandoned, self, topic)

    def _withdraw(self, session: Member, enrolments: Sequence[Enrolment[Party]]) -> None:
        for enrolment in enrolments:
            procedure, ids = enrolment.registration.procedure, [session.id, enrolment.registration.id]
            self._announce(meta.ON_UNREGISTER, ids, procedure)
            if enrolment.turned:
                self._announce(meta.REGISTRATION_ON_DELETE, ids, procedure)

    def _announce(self, topic: str, args: Args | Callable[[], Args], about: str | None = None) -> None:
        # Nearly always nobody listens: nothing is made then.
        if (about is not None and about.startswith(uris.RESERVED)) or not any(self.broker.matching(topic)):
            return

        def may_know(session: Member) -> bool:
            return self._policy.may_inspect(session) and (
                about is None or self._policy.may_be_shown(session, about)
            )

        self.deliver(topic, args if isinstance(args, list) else args(), {}, None, may_know)

    def _tell(self, news: Callable[..., None], *facts: Any) -> None:
        try:
            news(*facts)
        except Exception:
            self.log.failure("the watcher failed")
