"""Calling consultants by web push when no page of theirs is open: "somebody is waiting", and nothing else.

In come rings of the doorbell, out go encrypted requests to the push services that the browsers named. At most
one a minute for each person, by one of several nodes. Never raises out, and logs no address.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, DeferredSemaphore, succeed
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.web.client import Agent
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory, IBodyProducer
from zope.interface import implementer

from hotline.domain.limits import DEFAULTS, DomainLimits
from hotline.errors import HotlineError
from hotline.rounds import Rounds
from hotline.store import pushes
from hotline.store.database import Database
from hotline.store.pushes import Subscription
from hotline.webpush import VapidKey, encrypt

LOOK_SECONDS = 10.0
"""How often it is asked, without a ring, who is due and whose client has written."""
REQUEST_SECONDS = 20.0

# A call that comes later than this is not worth coming.
_TTL_SECONDS = 300
_MOST_FAILURES = 10
_GONE = (404, 410)


class Pusher:
    """One node's sender; `wake` it when there may be somebody to call."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        database: Database,
        key: VapidKey,
        hosts: IAgentEndpointFactory,
        now: Callable[[], datetime],
        limits: DomainLimits = DEFAULTS,
    ) -> None:
        self._reactor = reactor
        self._database = database
        self._key = key
        self._agent = Agent.usingEndpointFactory(reactor, hosts)
        self._now = now
        self._at_once = limits.pushes_at_once
        self._between = timedelta(seconds=limits.push_seconds)
        self._requests: set[Deferred[Any]] = set()
        self._rounds = Rounds(
            reactor,
            LOOK_SECONDS,
            self.send_due,
            self._log,
            away="who is to be called cannot be read just now",
            failed="calling consultants failed",
        )

    async def start(self) -> None:
        """Begin with who is due already."""
        self._rounds.start()

    async def stop(self) -> None:
        """Break off; who was not called is called by another node, or later."""
        self._rounds.end()
        for request in list(self._requests):
            request.cancel()
        await self._rounds.ended()

    def wake(self) -> None:
        """There may be somebody to call."""
        self._rounds.wake()

    async def send_due(self) -> None:
        """Call everybody who is to be called now, once."""
        async with self._database.transaction() as tx:
            unheard = await pushes.list_unheard(tx)
        for organisation_id, consultant_id in unheard:
            async with self._database.transaction(organisation_id) as tx:
                await pushes.want(tx, organisation_id, consultant_id)
        async with self._database.transaction() as tx:
            due = await pushes.list_due(tx, self._now())
        tokens = DeferredSemaphore(self._at_once or max(1, len(due)))
        await DeferredList([tokens.run(self._call, *who) for who in due])

    async def _call(self, organisation_id: str, consultant_id: str) -> None:
        try:
            async with self._database.transaction(organisation_id) as tx:
                push = await pushes.take(tx, organisation_id, consultant_id, self._now(), self._between)
                browsers = await pushes.list_of(tx, organisation_id, consultant_id) if push else []
            if push is None:
                return
            payload = json.dumps({"kind": "test" if push.is_test else "waiting"}).encode()
            reached = not browsers
            for browser in browsers:
                status = await self._post(browser, payload)
                worked = 200 <= status < 300
                reached = reached or worked or status in _GONE
                async with self._database.transaction(organisation_id) as tx:
                    if status in _GONE:
                        await pushes.remove(tx, organisation_id, consultant_id, browser.endpoint)
                    else:
                        await pushes.note_result(
                            tx,
                            organisation_id,
                            consultant_id,
                            browser.endpoint,
                            worked=worked,
                            most=_MOST_FAILURES,
                        )
            if reached or push.is_test:
                async with self._database.transaction(organisation_id) as tx:
                    await pushes.done(tx, organisation_id, consultant_id, push)
        except HotlineError:
            pass  # the database is away: it is due again in a minute
        except Exception:
            self._log.failure("calling a consultant failed")

    async def _post(self, browser: Subscription, payload: bytes) -> int:
        """What the push service says; 0: it cannot be reached, or must not be."""
        if self._rounds.is_ending:
            return 0
        headers = Headers(
            {
                "Authorization": [self._key.authorization(browser.endpoint, self._now())],
                "Content-Encoding": ["aes128gcm"],
                "Content-Type": ["application/octet-stream"],
                "TTL": [str(_TTL_SECONDS)],
                "Urgency": ["high"],
                # A later one takes the place of an earlier one that was not delivered.
                "Topic": ["hotline"],
            }
        )
        body = encrypt(payload, browser.p256dh, browser.auth)
        try:
            request = self._agent.request(b"POST", browser.endpoint.encode("ascii"), headers, _Body(body))
            self._requests.add(request)
            request.addTimeout(REQUEST_SECONDS, self._reactor)
            try:
                response = await request
            finally:
                self._requests.discard(request)
        except Exception as error:
            # Its text could hold the address.
            self._log.warn("a push service could not be reached ({kind})", kind=type(error).__name__)
            return 0
        response.deliverBody(_Unread())
        if not 200 <= response.code < 300:
            self._log.warn("a push service answered {code}", code=response.code)
        return int(response.code)


@implementer(IBodyProducer)
class _Body:
    """A few hundred bytes, written at once."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.length = len(body)

    def startProducing(self, consumer: Any) -> Deferred[None]:
        consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:
        """It is written already."""

    def resumeProducing(self) -> None:
        """Likewise."""

    def stopProducing(self) -> None:
        """Likewise."""


class _Unread(Protocol):
    """Nobody reads what else a push service has to say."""

    def connectionMade(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()
