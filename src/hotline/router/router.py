"""All realms and all sessions of this process.

In: links that transports accept. Out: sessions on them; realms that come and go. The one place of the router
where its parts are built; it never looks into a message.
"""

from __future__ import annotations

import math
from typing import Any

from twisted.internet.defer import Deferred, succeed

from hotline.protocols.departures import Departures
from hotline.protocols.interfaces import Link
from hotline.protocols.limits import NodeLimits, SessionLimits
from hotline.router import messages, uris
from hotline.router.entrance import Entrance, busy
from hotline.router.handshake import Handshake
from hotline.router.inspection import Inspection
from hotline.router.ports import Authenticator, Calls, Clock, Policy, Topics, Watcher
from hotline.router.pubsub import PubSub
from hotline.router.realm import Realm
from hotline.router.rpc import Rpc
from hotline.router.session import Session, State, Transitions
from hotline.router.tasks import Tasks
from hotline.router.testaments import Testaments

_DRAIN_STEP_SECONDS = 0.05


class Router:
    """Where every session begins."""

    def __init__(
        self,
        *,
        clock: Clock,
        limits: SessionLimits,
        authenticator: Authenticator,
        calls: Calls,
        topics: Topics,
        policy: Policy,
        watcher: Watcher,
        node_limits: NodeLimits | None = None,
    ) -> None:
        self.realms: dict[str, Realm] = {}
        self.sessions: set[Session] = set()
        """Every session with a link, joined or not."""
        self.tasks = Tasks()
        self._clock = clock
        self._limits = limits
        self._node_limits = NodeLimits() if node_limits is None else node_limits
        self._entrance = Entrance(tasks=self.tasks, limits=self._node_limits)
        self._watcher = watcher
        self._policy = policy
        self._is_draining = False
        self._emptied: list[Deferred[None]] = []
        self._pubsub = PubSub(topics=topics, policy=policy, tasks=self.tasks)
        self._testaments = Testaments(topics=topics, pubsub=self._pubsub, tasks=self.tasks)
        inspection = Inspection(
            policy=policy,
            topics=topics,
            testaments=self._testaments,
            departures=Departures(clock),
        )
        self._rpc = Rpc(calls=calls, inspection=inspection, policy=policy, tasks=self.tasks, clock=clock)
        self.refused = 0
        """Sessions that were turned away because there were too many."""
        self._transitions = self._make_transitions(authenticator)

    def accept(self, link: Link) -> Session:
        """A transport has a new link: the session on it, which awaits HELLO."""
        session = Session(
            link=link,
            transitions=self._transitions,
            clock=self._clock,
            limits=self._limits,
            changed=self._session_changed,
            left=self._session_left,
            lost=self._session_lost,
        )
        self.sessions.add(session)
        if self._is_draining:
            session.close(uris.SYSTEM_SHUTDOWN)
        elif 0 < self._node_limits.sessions < len(self.sessions):
            self.refused += 1
            session.abort(busy(self._node_limits.retry_seconds))
        else:
            self._entrance.await_word_of(session)
        return session

    @property
    def joined_count(self) -> int:
        """How many sessions are welcomed and not gone."""
        return sum(len(realm.sessions) for realm in self.realms.values())

    def close_all(self, seconds: float = 0.0) -> Deferred[None]:
        """GOODBYE to everybody, evenly over so many seconds, and to newcomers at once.

        Fires when the last link is gone and all is done.
        """
        self._is_draining = True
        self._close_some(list(self.sessions), self._clock.seconds() + seconds)
        emptied: Deferred[None] = Deferred() if self.sessions else succeed(None)
        if self.sessions:
            self._emptied.append(emptied)
        return emptied.addCallback(lambda _: self.tasks.when_idle())

    def _close_some(self, waiting: list[Session], until: float) -> None:
        steps = max(0, math.ceil((until - self._clock.seconds()) / _DRAIN_STEP_SECONDS))
        for _ in range(round(len(waiting) / (steps + 1))):
            waiting.pop().close(uris.SYSTEM_SHUTDOWN)
        if waiting:
            self._clock.callLater(_DRAIN_STEP_SECONDS, self._close_some, waiting, until)

    def _make_transitions(self, authenticator: Authenticator) -> Transitions:
        handshake = Handshake(
            authenticator=authenticator,
            entrance=self._entrance,
            clock=self._clock,
            realm_for=self._realm_for,
        )
        rpc, pubsub = self._rpc, self._pubsub
        return {
            State.CONNECTED: {
                messages.Hello: handshake.hello_received,
                messages.Aborted: handshake.abort_received,
            },
            State.ASKING: {messages.Aborted: handshake.abort_received},
            State.CHALLENGED: {
                messages.Authenticate: handshake.authenticate_received,
                messages.Aborted: handshake.abort_received,
            },
            State.OPEN: {
                messages.Publish: pubsub.publish_received,
                messages.Call: rpc.call_received,
                messages.Subscribe: pubsub.subscribe_received,
                messages.Unsubscribe: pubsub.unsubscribe_received,
                messages.Goodbye: handshake.goodbye_received,
                messages.Aborted: handshake.abort_received,
                messages.Cancel: rpc.cancel_received,
                messages.Register: rpc.register_received,
                messages.Unregister: rpc.unregister_received,
                messages.Yield: rpc.yield_received,
                messages.Failed: rpc.failed_received,
            },
            State.CLOSED: {},
        }

    def _realm_for(self, name: str, tenant: Any) -> Realm | None:
        realm = self.realms.get(name)
        if realm is None:
            realm = Realm(
                name=name,
                tenant=tenant,
                watcher=self._watcher,
                policy=self._policy,
                clock=self._clock,
                limits=self._limits,
            )
            self.realms[name] = realm
        return realm if realm.tenant == tenant else None

    def _session_changed(self, session: Session) -> None:
        self._rpc.recheck(session)
        self._pubsub.recheck(session)

    def _session_left(self, session: Session) -> None:
        self._testaments.open(session)
        realm = session.realm
        if not realm.sessions and self.realms.get(realm.name) is realm:
            del self.realms[realm.name]

    def _session_lost(self, session: Session) -> None:
        self.sessions.discard(session)
        self._entrance.forget(session)
        if not self.sessions:
            waiting, self._emptied = self._emptied, []
            for emptied in waiting:
                emptied.callback(None)
