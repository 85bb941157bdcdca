"""One node: all that needs the database, built and introduced to each other.

In come settings, keys and the database's address, out come parts that are not yet started. It starts and
stops none of them: the order of that is in `tap.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hotline.accounts import Accounts
from hotline.admission import Admission
from hotline.assigner import Assigner
from hotline.config import Settings
from hotline.mail import Mailer, sender_of
from hotline.metrics import MeasuredJournal, Metrics, measured
from hotline.news import News
from hotline.open_realm import OpenRealm
from hotline.passwords import Passwords
from hotline.permissions import Permissions
from hotline.procedures.attempts import Attempts
from hotline.procedures.crowd import Crowd
from hotline.procedures.shares import Shares
from hotline.protocols.departures import Departures
from hotline.public_hosts import PublicHosts
from hotline.pusher import Pusher
from hotline.relay import Emit, Relay
from hotline.rings import Rings
from hotline.router.router import Router
from hotline.store.database import Database
from hotline.store.doorbell import Doorbell
from hotline.store.journal import Journal
from hotline.store.keys import Keys
from hotline.store.realms import Realms
from hotline.upkeep import Upkeep
from hotline.webpush import read_key
from hotline.wiring import Attendance, Offices, RoomTopics


class Node:
    """The parts of one node.

    :param name: by which other nodes tell its rings and marks from theirs.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        reactor: Any,
        name: str,
        dsn: str,
        keys: Keys,
        metrics: Metrics | None,
        now: Callable[[], datetime],
    ) -> None:
        limits = settings.domain_limits
        seconds = limits.statement_seconds
        self.database = Database(
            reactor, dsn, size=limits.database_connections, keys=keys, statement_seconds=seconds
        )
        self.realms = Realms(self.database, limits.remembered)
        # One writer connection a node: the journal's groups follow each other.
        self.writer = Database(reactor, dsn, size=1, keys=keys, statement_seconds=seconds)
        self.passwords = Passwords(
            reactor,
            settings.data,
            threads=limits.password_threads,
            queue=limits.password_queue,
            leaked=settings.leaked,
        )
        self.accounts = Accounts(self.database, self.passwords, limits, settings.public_url, now)
        self.mailer = Mailer(
            reactor,
            self.database,
            settings.mail,
            settings.data,
            sender_of(settings.public_url),
            now,
            most_posted=limits.registration_mails,
        )
        self.accounts.post = self.mailer.post
        push_key = read_key(settings.data, f"mailto:{sender_of(settings.public_url)}")
        self.accounts.push_key = push_key.public
        self.pusher = Pusher(reactor, self.database, push_key, PublicHosts(reactor), now, limits)
        self.assigner = Assigner(reactor, self.database, now, most=limits.given_per_round)
        self.upkeep = Upkeep(reactor, self.database, name, limits, now)
        self._attendance = Attendance(self.upkeep, Departures(reactor))
        emit: Emit = self._attendance.emit
        if metrics is not None:
            emit = measured(emit, metrics.told, now)
        self.relay = Relay(reactor, self.database, emit)
        self._attendance.relay = self.relay
        offer = self.relay.offer
        self.journal = Journal(self.writer, name, now, offer, most_doubted=limits.doubted_messages)
        if metrics is not None:
            self.journal = MeasuredJournal(
                self.writer, name, now, offer, reactor, metrics.stored, most_doubted=limits.doubted_messages
            )
        self.relay.find_origin = self.journal.find_origin
        self.news = News(reactor, self.database, self._attendance, now)
        self.doorbell = Doorbell(reactor, dsn, name)
        rings = Rings(
            node=name,
            keys=keys,
            realms=self.realms,
            relay=self.relay,
            news=self.news,
            wake_mailer=self.mailer.wake,
            wake_pusher=self.pusher.wake,
            wake_assigner=self.assigner.wake,
        )
        self.doorbell.rang, self.doorbell.regained = rings.rang, rings.look
        self.router = Router(
            clock=reactor,
            limits=settings.session_limits,
            node_limits=settings.node_limits,
            **self._answerers(settings, reactor, now),
        )

    def _answerers(self, settings: Settings, reactor: Any, now: Callable[[], datetime]) -> dict[str, Any]:
        limits = settings.domain_limits
        shares = Shares(limits, reactor.seconds)
        ports: dict[str, Any] = {
            "authenticator": Admission(
                self.realms,
                self.accounts,
                settings.node_limits.joins_per_network,
                reactor.seconds,
                limits.remembered,
            ),
            "calls": Offices(
                database=self.database,
                accounts=self.accounts,
                attendance=self._attendance,
                now=now,
                crowd=Crowd(
                    per_minute=limits.entries_per_minute,
                    per_network=limits.entries_per_network,
                    per_node=limits.entries_per_node,
                    limits=limits,
                ),
                attempts=Attempts(limits),
                limits=limits,
                shares=shares,
            ),
            "topics": RoomTopics(
                database=self.database,
                journal=self.journal,
                relay=self.relay,
                most_rooms=settings.session_limits.rooms,
                now=now,
                shares=shares,
            ),
            "policy": Permissions(),
            "watcher": self._attendance,
        }
        if settings.open_realm is None:
            return ports
        return dict.fromkeys(ports, OpenRealm(settings.open_realm, **ports))
