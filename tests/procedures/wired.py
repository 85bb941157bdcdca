"""The whole of WAMP without sockets: router, wiring, journal, relay and doorbell on a real database.

In come payloads as any client could send them, in each serializer; out come the arrays it would read. Also
gives the whole content of the database as a value, so that a test can say that nothing changed.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from hotline.accounts import Accounts
from hotline.admission import Admission
from hotline.assigner import Assigner
from hotline.domain.limits import DEFAULTS, DomainLimits
from hotline.news import News
from hotline.passwords import Passwords
from hotline.permissions import Permissions
from hotline.procedures.attempts import Attempts
from hotline.procedures.crowd import Crowd
from hotline.procedures.shares import Shares
from hotline.protocols.departures import Departures
from hotline.protocols.interfaces import Undecodable
from hotline.protocols.limits import SessionLimits
from hotline.relay import Relay
from hotline.rings import Rings
from hotline.router.router import Router
from hotline.store.database import Database
from hotline.store.doorbell import Doorbell
from hotline.store.journal import Journal
from hotline.store.realms import Realms
from hotline.upkeep import Upkeep
from hotline.wiring import Attendance, Offices, RoomTopics
from tests.keys import make_keys
from tests.router.outside import DUMPS, ROLES, ListLink

NEXT_SECONDS = 10.0
NO_LIMITS = SessionLimits(messages_per_second=0, burst=0, pending_calls=0)


class Wired:
    """One node without listeners."""

    def __init__(
        self,
        reactor: Any,
        dsn: str,
        directory: Path,
        now: Any,
        limits: SessionLimits = NO_LIMITS,
        domain_limits: DomainLimits = DEFAULTS,
        shares: Shares | None = None,
    ) -> None:
        self.reactor = reactor
        self.dsn = dsn
        keys = make_keys()
        self.database = Database(reactor, dsn, keys=keys)
        self.realms = Realms(self.database)
        self._writer = Database(reactor, dsn, size=1, keys=keys)
        self.passwords = Passwords(reactor, directory, cost=4)
        self.accounts = Accounts(self.database, self.passwords, domain_limits, "https://talk.example", now)
        self.crowd = Crowd(domain_limits.entries_per_minute)
        self.upkeep = Upkeep(reactor, self.database, "wired", domain_limits, now)
        self.attendance = Attendance(self.upkeep, Departures(reactor))
        self.relay = Relay(reactor, self.database, self.attendance.emit)
        self.attendance.relay = self.relay
        self.journal = Journal(self._writer, "wired", now, self.relay.offer)
        self.relay.find_origin = self.journal.find_origin
        self.news = News(reactor, self.database, self.attendance, now)
        self._doorbell = Doorbell(reactor, dsn, "wired")
        self.assigner = Assigner(reactor, self.database, now)
        rings = Rings(
            node="wired",
            keys=keys,
            realms=self.realms,
            relay=self.relay,
            news=self.news,
            wake_mailer=lambda: None,
            wake_pusher=lambda: None,
            wake_assigner=self.assigner.wake,
        )
        self._doorbell.rang, self._doorbell.regained = rings.rang, rings.look
        self.offices = Offices(
            database=self.database,
            accounts=self.accounts,
            attendance=self.attendance,
            now=now,
            crowd=self.crowd,
            attempts=Attempts(domain_limits),
            limits=domain_limits,
            shares=shares,
        )
        self.router = Router(
            clock=reactor,
            limits=limits,
            authenticator=Admission(self.realms, self.accounts),
            calls=self.offices,
            topics=RoomTopics(
                database=self.database,
                journal=self.journal,
                relay=self.relay,
                most_rooms=limits.rooms,
                now=now,
                shares=shares,
            ),
            policy=Permissions(),
            watcher=self.attendance,
        )

    async def start(self) -> None:
        self.passwords.start()
        self.relay.start()
        await self._doorbell.start()

    async def stop(self) -> None:
        for session in list(self.router.sessions):
            session.close("wamp.close.system_shutdown")
            session.link_lost()
        await self.router.tasks.when_idle()
        await self.upkeep.stop()
        self._doorbell.stop()
        self.news.stop()
        self.relay.stop()
        self.passwords.stop()
        self._writer.close()
        self.database.close()

    @asynccontextmanager
    async def deaf(self) -> AsyncIterator[None]:
        """What rings is not heard, as while the connection that listens is lost."""
        heard: list[str] = []
        rang, self._doorbell.rang = self._doorbell.rang, heard.extend
        yield
        # When this is heard, all that was rung before has gone by.
        async with self.database.transaction() as tx:
            await tx.run("SELECT pg_notify('hotline', 'over')")
        while "over" not in heard:
            await deferLater(self.reactor, 0.01)
        self._doorbell.rang = rang
        self._doorbell.regained()

    async def settled(self) -> None:
        """Until nothing is under way any more: marks of presence are written, rings have been told."""
        for _ in range(3):
            await self.router.tasks.when_idle()
            await deferLater(self.reactor, 0.05, lambda: None)

    async def join(
        self, realm: str, authid: str | None = None, ticket: str | None = None, *, serializer: str = "json"
    ) -> Guest:
        """A welcomed session."""
        guest = Guest(self, serializer)
        hello: dict[str, Any] = {"roles": ROLES}
        if ticket is None:
            guest.send(1, realm, hello)
        else:
            guest.send(1, realm, {**hello, "authmethods": ["ticket"], "authid": authid})
            await guest.next(lambda array: array[0] == 4)
            guest.send(5, ticket, {})
        await guest.next(lambda array: array[0] == 2)
        return guest

    def everything(self) -> dict[str, list[str]]:
        """All rows of all tables."""
        connection = psycopg2.connect(self.dsn)
        try:
            cursor = connection.cursor()
            cursor.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            )
            tables = [row[0] for row in cursor.fetchall()]
            content = {}
            for table in tables:
                cursor.execute(sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(table)))
                content[table] = [row[0] for row in cursor.fetchall()]
            return content
        finally:
            connection.close()


class Guest:
    """One client at message level."""

    def __init__(self, wired: Wired, serializer: str) -> None:
        self._wired = wired
        self._requests = itertools.count(1)
        self.serializer = serializer
        self.link = ListLink(serializer)
        self.link.wrote = self._look
        self._waiting: Deferred[None] | None = None
        self.session = wired.router.accept(self.link)

    @property
    def is_open(self) -> bool:
        return self.session.is_open and self.link.closed is None

    def send(self, *array: Any) -> None:
        self.send_bytes(DUMPS[self.serializer](list(array)))

    def send_bytes(self, payload: bytes) -> None:
        """What a transport does with a payload."""
        try:
            message = self.link.encoding.serializer.decode(payload)
        except Undecodable as problem:
            self.session.violated(str(problem))
        else:
            self.session.message_received(message)

    async def next(self, wanted: Callable[[list[Any]], bool]) -> list[Any]:
        """The first array that is like this; it is taken out of what was heard."""
        reactor = self._wired.reactor
        end = reactor.seconds() + NEXT_SECONDS
        while True:
            for array in self.link.sent:
                if wanted(array):
                    self.link.sent.remove(array)
                    return list(array)
            self._waiting = Deferred()
            late = reactor.callLater(max(end - reactor.seconds(), 0), self._look)
            await self._waiting
            if late.active():
                late.cancel()
            said = f"heard {self.link.sent}, closed: {self.link.closed}"
            assert reactor.seconds() < end, f"waited in vain; {said}"

    def _look(self) -> None:
        """Let `next` go on; not within the router's own call, as no network would."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._wired.reactor.callLater(0, waiting.callback, None)

    async def ask(self, code: int, *rest: Any) -> list[Any]:
        """A request and its answer."""
        request = next(self._requests)
        self.send(code, request, *rest)
        return await self.next(
            lambda array: (
                (array[0] == 8 and array[2] == request)
                or (array[0] in (17, 33, 35, 50) and array[1] == request)
                or array[0] in (3, 6)
            )
        )

    async def call(self, procedure: str, *args: Any, **kwargs: Any) -> list[Any]:
        """CALL: RESULT or ERROR."""
        return await self.ask(48, {}, procedure, list(args), kwargs)

    async def result(self, procedure: str, **kwargs: Any) -> Any:
        """What a call that goes well gives."""
        answer = await self.call(procedure, **kwargs)
        assert answer[0] == 50, answer
        return answer[3][0]

    async def subscribe(self, topic: str) -> list[Any]:
        return await self.ask(32, {}, topic)

    async def publish(self, topic: str, *args: Any, **kwargs: Any) -> list[Any]:
        return await self.ask(16, {"acknowledge": True}, topic, list(args), kwargs)

    @property
    def events(self) -> list[Any]:
        return [array for array in self.link.sent if array[0] == 36]


def uri_of(answer: list[Any]) -> str:
    """The URI of an ERROR, or what it is instead."""
    return str(answer[4]) if answer[0] == 8 else f"no error: {answer}"
