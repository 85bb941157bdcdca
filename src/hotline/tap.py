"""How the daemon is started and stopped: its parts in the order in which they need each other.

In come twistd's options, out comes a service. The only module that imports the reactor; what needs the
database is put together in `node.py`.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from twisted.internet import reactor
from twisted.internet.endpoints import serverFromString
from twisted.logger import Logger
from twisted.plugin import getPlugins

from hotline import running
from hotline.config import Settings
from hotline.descriptors import connections_within, raise_limit
from hotline.errors import StartError
from hotline.metrics import Metrics, metrics_site
from hotline.networks import Networks
from hotline.node import Node
from hotline.options import Options
from hotline.origins import origin_policy, own_addresses
from hotline.protocols.channel import punctual
from hotline.protocols.door import Door
from hotline.protocols.interfaces import Hub, ITransport
from hotline.protocols.limits import NodeLimits
from hotline.protocols.longpoll import LongPollResource
from hotline.protocols.ports import Ports
from hotline.protocols.serializers import make_serializers
from hotline.protocols.upgrade import websocket_resource
from hotline.protocols.websocket import WampWebSocketFactory
from hotline.router import messages
from hotline.service import HotlineService, Part
from hotline.store import guardian, totals
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.keys import Keys
from hotline.store.migrations import migrate
from hotline.web import app
from hotline.web.request import site

__all__ = ["Options", "makeService"]

_log = Logger()
# Sessions that end are told so at this pace, so that not all come back to another node in the same moment;
# faster when they are too many for drain_seconds.
_GOODBYES_PER_SECOND = 100.0
# After the last GOODBYE. Longer than the default of closing_seconds, and no longer with another one.
_GOODBYE_SECONDS = 6.0
# What is being stored has so long, then what is written down about who is here. All in all, with the
# default of drain_seconds and a PostgreSQL that hangs, less than 25 seconds.
_JOURNAL_SECONDS = 5.0
_UPKEEP_SECONDS = 2.0
_ASIDE_SECONDS = 2.0


def makeService(options: Options) -> HotlineService:
    """The daemon for these options, not yet started. (Twisted calls it by this name.)"""
    settings = options.settings
    return HotlineService(
        reactor,
        _House(settings, reactor).parts(),
        ready_line=f"hotline is ready on {settings.public_url}",
        log_json=settings.log_format == "json",
    )


def _now() -> datetime:
    return datetime.now(UTC)


class _House:
    """One daemon's parts. Its node, which needs the database, is built when the address of that is known."""

    def __init__(self, settings: Settings, reactor: Any) -> None:
        self._settings = settings
        self._reactor = reactor
        self._name = secrets.token_hex(4)
        self._embedded = EmbeddedPostgres(reactor, settings.data, Logger()) if settings.is_embedded else None
        self._dsn = settings.database
        self._door = self._make_door(raise_limit(), settings.node_limits)
        self._ports = Ports(self._door)
        self._is_draining = False
        self._metrics = None if settings.metrics is None else self._make_metrics()

    def parts(self) -> list[Part]:
        """In the order in which they need each other."""
        return [
            Part(name="data directory", start=self._make_directory),
            Part(name="postgres", start=self._start_postgres, stop=self._stop_postgres),
            Part(name="schema", start=self._migrate),
            Part(name="master keys", start=self._open_keys),
            Part(name="database", start=self._build, stop=self._close_database),
            Part(name="unsealed texts", start=self._seal),
            Part(name="passwords", start=self._start_passwords, stop=self._stop_passwords),
            Part(name="asides", stop=lambda: self._node.accounts.settled(), stop_seconds=_ASIDE_SECONDS),
            Part(name="mail", start=lambda: self._node.mailer.start(), stop=lambda: self._node.mailer.stop()),
            Part(name="push", start=lambda: self._node.pusher.start(), stop=lambda: self._node.pusher.stop()),
            Part(
                name="assigning",
                start=lambda: self._node.assigner.start(),
                stop=lambda: self._node.assigner.stop(),
            ),
            Part(name="relay", start=self._start_relay, stop=self._stop_relay),
            Part(name="doorbell", start=lambda: self._node.doorbell.start(), stop=self._stop_doorbell),
            Part(
                name="upkeep",
                start=self._start_upkeep,
                stop=lambda: self._node.upkeep.stop(),
                stop_seconds=_UPKEEP_SECONDS,
            ),
            Part(name="journal", stop=lambda: self._node.journal.drained(), stop_seconds=_JOURNAL_SECONDS),
            Part(name="sessions", stop=self._close_sessions),
            Part(name="listeners", start=self._listen, stop=self._stop_listening),
            Part(name="metrics", start=self._serve_metrics),
            Part(name="note", start=self._note, stop=self._forget),
            Part(name="exposed passwords", start=self._tell_exposed),
        ]

    async def _make_directory(self) -> None:
        try:
            self._settings.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(
                f"the data directory {self._settings.data} cannot be used: {error.strerror}"
            ) from error

    async def _note(self) -> None:
        try:
            running.note(self._settings.data, self._settings.public_url)
        except OSError:
            # Only commands that write links miss it.
            _log.failure("where hotline runs could not be noted")

    async def _forget(self) -> None:
        running.forget(self._settings.data)

    async def _tell_exposed(self) -> None:
        for exposed in self._settings.exposed:
            _log.warn("{exposed}: `hotline doctor` says what mends it", exposed=exposed)

    async def _start_postgres(self) -> None:
        if self._embedded is not None:
            self._dsn = await self._embedded.start()

    async def _stop_postgres(self) -> None:
        if self._embedded is not None:
            await self._embedded.stop()

    async def _migrate(self) -> None:
        await migrate(self._reactor, self._dsn)

    async def _open_keys(self) -> None:
        masters = await guardian.open_masters(self._reactor, self._dsn, self._settings.master_keys)
        self._keys = Keys(masters)

    async def _seal(self) -> None:
        await guardian.seal_all(self._node.database)

    async def _build(self) -> None:
        node = Node(
            settings=self._settings,
            reactor=self._reactor,
            name=self._name,
            dsn=self._dsn,
            keys=self._keys,
            metrics=self._metrics,
            now=_now,
        )
        # Opened now: the first message is stored even if there is no descriptor left by then.
        await node.writer.ping()
        self._node = node
        name = self._settings.open_realm
        if name is not None and await node.realms.find(name) is not None:
            raise StartError(f"--open-realm cannot be {name}: this is the name of an organisation")

    async def _close_database(self) -> None:
        if hasattr(self, "_node"):
            self._node.writer.close()
            self._node.database.close()

    async def _start_passwords(self) -> None:
        self._node.passwords.start()

    async def _stop_passwords(self) -> None:
        self._node.passwords.stop()

    async def _start_relay(self) -> None:
        self._node.relay.start()

    async def _stop_relay(self) -> None:
        self._node.relay.stop()

    async def _stop_doorbell(self) -> None:
        self._node.doorbell.stop()
        self._node.news.stop()

    async def _start_upkeep(self) -> None:
        self._node.upkeep.start()

    async def _listen(self) -> None:
        hub = Hub(
            serializers=make_serializers(messages.Incoming),
            limits=self._settings.session_limits,
            accept=self._node.router.accept,
            allowed_origin=origin_policy(self._settings),
            network_of=Networks().mark_of,
        )
        websockets = WampWebSocketFactory(hub, self._reactor)
        pages = app.resource(
            accounts=self._node.accounts,
            database=self._node.database,
            public_url=self._settings.public_url,
            own_addresses=own_addresses(self._settings),
            secure=self._settings.is_https,
            now=_now,
            websocket=websocket_resource(websockets),
            longpoll=LongPollResource(hub, self._reactor),
            registers_by_mail=self._settings.registers_by_mail,
            ready=self._unready_because,
            upkept=lambda: self._node.upkeep.chores.state,
        )
        channel = punctual(self._settings.session_limits, websockets)
        for endpoint in self._settings.http:
            limits, message_bytes = self._settings.domain_limits, self._settings.session_limits.message_bytes
            served = site(pages, self._reactor, channel, limits, message_bytes)
            listening = serverFromString(self._reactor, endpoint).listen(served)
            await self._ports.open(endpoint, listening)
        transports = {transport.name: transport for transport in getPlugins(ITransport)}
        for setting in self._settings.transports:
            if setting.name not in transports:
                known = ", ".join(sorted(transports))
                raise StartError(f"there is no transport {setting.name}; there are: {known}")
            transport = transports[setting.name]
            await self._ports.open(setting.endpoint, transport.listen(self._reactor, setting.endpoint, hub))

    async def _serve_metrics(self) -> None:
        if self._metrics is not None and self._settings.metrics is not None:
            endpoint = serverFromString(self._reactor, self._settings.metrics)
            listening = endpoint.listen(metrics_site(self._metrics))
            await self._ports.open(self._settings.metrics, listening, is_counted=False)

    def _make_door(self, files: int, limits: NodeLimits) -> Door:
        possible = connections_within(files, 0)
        if (wanted := limits.connections or limits.sessions) > possible:
            _log.warn(
                "the limit of open files is {files}: {possible} connections, where [limits] allows {wanted}",
                files=files,
                possible=possible,
                wanted=wanted,
            )
        return Door(connections_within(files, limits.connections), self._reactor)

    def _make_metrics(self) -> Metrics:
        return Metrics(
            counts={
                "messages": ("Messages committed by this node.", lambda: self._node.journal.entries),
                "groups": ("Commits of messages by this node.", lambda: self._node.journal.groups),
                "refused": (
                    "Connections and sessions turned away because there were too many.",
                    lambda: self._door.refused + self._node.router.refused,
                ),
            },
            levels={
                "sessions": (
                    "Sessions that are welcome and not gone.",
                    lambda: self._node.router.joined_count,
                ),
                "connections": ("Connections, of whatever kind.", lambda: self._door.count),
                "upkeep_lateness_seconds": (
                    "Since nothing overdue was left, or since the oldest of it is; far above "
                    "upkeep_seconds: it is not done.",
                    lambda: self._node.upkeep.chores.lateness,
                ),
                "upkeep_failing": (
                    "How much of the last upkeep could not be done; not 0: the log says what.",
                    lambda: self._node.upkeep.chores.failing.total(),
                ),
            },
            totals=lambda: totals.count(self._node.database),
        )

    async def _stop_listening(self) -> None:
        self._is_draining = True
        await self._ports.close()

    async def _close_sessions(self) -> None:
        count = len(self._node.router.sessions)
        seconds = min(self._settings.node_limits.drain_seconds, count / _GOODBYES_PER_SECOND)
        _log.info("draining {count} sessions within {seconds:.1f} s", count=count, seconds=seconds)
        closed = self._node.router.close_all(seconds=seconds)
        late = self._reactor.callLater(seconds + _GOODBYE_SECONDS, closed.cancel)
        closed.addErrback(lambda failure: _log.warn("some sessions did not end in time"))
        await closed
        if late.active():
            late.cancel()

    async def _unready_because(self) -> list[str]:
        reasons = []
        if self._is_draining:
            reasons.append("draining")
        if not self._node.doorbell.is_listening:
            reasons.append("not listening to PostgreSQL")
        try:
            await self._node.database.ping()
        except Exception:
            reasons.append("the database does not answer")
        return reasons
