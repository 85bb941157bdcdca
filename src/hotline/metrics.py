"""What a node tells Prometheus, on an endpoint of its own.

In come the parts of a node and times they are told of, out goes one page of figures. No label names an
organisation or a person; nothing is counted anew for it, but what the database is asked when somebody looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from hotline.discreet import DiscreetRequest
from hotline.domain.model import Message
from hotline.errors import HotlineError
from hotline.relay import Emit
from hotline.store.database import Database
from hotline.store.journal import Entry, Journal, Offer
from hotline.store.totals import Totals

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One node's figures.

    :param counts: what has only grown since the start, by name: what it is, and how to ask for it.
    :param levels: what goes up and down, likewise.
    :param totals: asks the database.
    """

    def __init__(
        self,
        counts: Mapping[str, tuple[str, Callable[[], float]]],
        levels: Mapping[str, tuple[str, Callable[[], float]]],
        totals: Callable[[], Awaitable[Totals]],
    ) -> None:
        self._counts = counts
        self._totals = totals
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(self)
        for name, (help_, ask) in levels.items():
            Gauge(f"hotline_{name}", help_, registry=self._registry).set_function(ask)
        self._stored = self._histogram("journal_seconds", "From a message's arrival to its commit.")
        self._told = self._histogram("relay_lag_seconds", "From a message's commit to its subscribers here.")
        self._answers = {
            name: Gauge(f"hotline_{name}", help_, registry=self._registry)
            for name, help_ in (
                ("waiting", "Rooms whose client waits, on all nodes; -1: the database is away."),
                ("active", "Rooms being served, on all nodes; -1: the database is away."),
                ("mails", "Mails not yet taken by a mail server; -1: the database is away."),
            )
        }

    def _histogram(self, name: str, help_: str) -> Histogram:
        return Histogram(f"hotline_{name}", help_, buckets=_BUCKETS, registry=self._registry)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Asked by the registry."""
        for name, (help_, ask) in self._counts.items():
            yield CounterMetricFamily(f"hotline_{name}", help_, value=ask())

    def stored(self, seconds: float) -> None:
        """A message was committed after so long."""
        self._stored.observe(seconds)

    def told(self, seconds: float) -> None:
        """A message was let out so long after its commit."""
        self._told.observe(max(0.0, seconds))

    async def page(self) -> bytes:
        """All figures as Prometheus reads them."""
        try:
            totals = await self._totals()
            found = {"waiting": totals.waiting, "active": totals.active, "mails": totals.mails}
        except HotlineError:
            found = dict.fromkeys(self._answers, -1)
        for name, value in found.items():
            self._answers[name].set(value)
        return generate_latest(self._registry)


class MeasuredJournal(Journal):
    """A journal that says how long each message took."""

    def __init__(
        self,
        database: Database,
        node: str,
        now: Callable[[], datetime],
        offer: Offer,
        clock: Any,
        stored: Callable[[float], None],
        *,
        most_doubted: int,
    ) -> None:
        super().__init__(database, node, now, offer, most_doubted=most_doubted)
        self._clock = clock
        self._stored = stored

    def appended(self, entry: Entry) -> Deferred[Message]:
        return super().appended(entry).addCallback(self._measured, self._clock.seconds())

    def _measured(self, message: Message, began: float) -> Message:
        self._stored(self._clock.seconds() - began)
        return message


def measured(emit: Emit, told: Callable[[float], None], now: Callable[[], datetime]) -> Emit:
    """The same, telling how long ago each message was committed."""

    def emit_and_tell(organisation_id: str, room_id: str, message: Message, origin: Any) -> None:
        emit(organisation_id, room_id, message, origin)
        told((now() - message.at).total_seconds())

    return emit_and_tell


def metrics_site(metrics: Metrics) -> Site:
    """What listens: `/metrics` and nothing else, without an access log."""
    root = Resource()
    root.putChild(b"metrics", _Page(metrics))
    site = Site(root, requestFactory=DiscreetRequest, parsePOSTFormSubmission=False)
    site.noisy = False
    site.log = lambda request: None  # type: ignore[method-assign]  # nobody is noted
    return site


class _Page(Resource):
    _log = Logger()

    def __init__(self, metrics: Metrics) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._metrics = metrics

    def render_GET(self, request: Any) -> int:
        gone: list[None] = []
        request.notifyFinish().addErrback(lambda _: gone.append(None))

        async def answer() -> None:
            page = await self._metrics.page()
            if not gone:
                request.setHeader("Content-Type", CONTENT_TYPE_LATEST)
                request.write(page)
                request.finish()

        def failed(failure: Any) -> None:
            self._log.failure("the metrics could not be gathered", failure=failure)
            if not gone:
                request.setResponseCode(500)
                request.finish()

        Deferred.fromCoroutine(answer()).addErrback(failed)
        return NOT_DONE_YET
