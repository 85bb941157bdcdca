"""Where faults happen: a PostgreSQL, own or given, two nodes, two organisations, everybody in their rooms.

In come how many clients, a seed and a mutation, out come running processes and talkers that do not talk yet.
It breaks nothing by itself.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from hotline.store.cluster import ADMINISTRATOR_ROLE
from hotline.store.data_keys import unwrapped
from hotline.store.database import Database
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.keys import Owner
from hotline.store.messages import open_words
from hotline.store.seals import Cipher
from tests.faults.checker import Stored
from tests.faults.proxy import Line
from tests.faults.record import History
from tests.faults.talker import Seat, Talker
from tests.helpers import Entered, House, make_client
from tests.keys import make_keys
from tests.system.conftest import house_with_tokens
from tests.system.daemon import Daemon, sleep
from tests.system.peers import connect

NODES = 2
SEATS = 4
"""Sessions in each room: the client twice, as in two tabs, a consultant and a manager."""

_POSTGRES = "max_notify_queue_pages = 64\nmax_connections = 100\n"
# As in production, but for the pace, which is ours to choose.
_CONFIG = "[limits]\nmessages_per_second = 0\nburst = 0\nmessages_per_client = 0\n"
# Said in words: a superuser would see everybody's.
_DELETE_OURS = (
    "DELETE FROM organisations"
    " WHERE organisation_id = ANY (string_to_array(current_setting('hotline.organisations'), ','))"
)
_MUTANT = Path(__file__).with_name("mutant.py")


class Stage:
    """One run's processes and people."""

    def __init__(
        self,
        reactor: Any,
        directory: Path,
        history: History,
        random: Random,
        *,
        clients: int,
        pace: float,
        mutation: str = "",
        database: str = "",
        hang: float = 6.0,
    ) -> None:
        self.reactor = reactor
        self.directory = directory
        self.history = history
        self.random = random
        self._rooms = max(2, clients // SEATS)
        self._pace = pace
        self._mutation = mutation
        self.hang = hang
        """How long what hangs does so: longer than anybody here waits for an answer."""
        self.postgres: EmbeddedPostgres | None = None
        """Of our own; None when the run was given a database."""
        self.administrator = self._owner = database
        """Connection strings: as superuser if PostgreSQL is our own."""
        self.nodes: list[Daemon] = []
        self.talkers: list[Talker] = []
        self.strangers: list[tuple[Seat, list[Seat]]] = []
        """Clients with rooms of others, which must stay closed to them."""
        self.houses: list[House] = []
        self.rooms: list[tuple[House, str]] = []
        self.target = self._alternate()
        """The ports to connect to, one after the other."""
        self.between_nodes = 0.0
        """How long a rolling restart waits before it goes on to the next node."""

    async def open(self) -> None:
        """Start everything."""
        if not self._owner:
            await self._start_postgres()
        self.nodes = [self._make_node(number) for number in range(NODES)]
        await DeferredList(
            [Deferred.fromCoroutine(node.start()) for node in self.nodes], fireOnOneErrback=True
        )
        if self._mutation == "forget_nonces":
            self.administer("DROP INDEX messages_nonce")
        database = Database(self.reactor, self._owner, keys=make_keys())
        try:
            self.houses = [await house_with_tokens(database) for _ in range(2)]
            for number in range(self._rooms):
                await self._furnish(database, self.houses[number % 2], number)
            await self._let_strangers_in(database)
        finally:
            database.close()

    async def close(self) -> None:
        """Stop everything, in order."""
        for talker in self.talkers:
            await talker.end()
        for node in self.nodes:
            if node.is_running:
                await node.stop()
        if self.postgres is not None:
            await self.postgres.stop()
        else:
            self.administer(_DELETE_OURS)

    def stored(self) -> dict[str, list[Stored]]:
        """What the database holds, room by room."""
        rows: dict[str, list[Stored]] = {room: [] for _, room in self.rooms}
        ciphers = self._ciphers()
        for row in self.administer(
            "SELECT organisation_id, room_id, at, seq, kind, text, sender_id, sender_role, nonce"
            " FROM messages ORDER BY room_id, seq"
        ):
            organisation, room, at, seq, kind, sealed, sender, role, nonce = row
            if room in rows:
                about = (organisation, room, seq, kind, at, sender, role, nonce or "")
                _, text = open_words(ciphers[organisation, room], *about, stored=sealed)
                rows[room].append(Stored(seq, text, nonce))
        return rows

    def _ciphers(self) -> dict[Owner, Cipher]:
        """Of all rooms, read as the database holds them."""
        keys = make_keys()
        above = {
            organisation: Cipher(keys.unwrap_organisation(organisation, bytes(wrapped)))
            for organisation, wrapped in self.administer(
                "SELECT organisation_id, wrapped FROM organisation_keys"
            )
        }
        return {
            (organisation, owner): unwrapped(above[organisation], (organisation, owner), bytes(wrapped))
            for organisation, owner, wrapped in self.administer(
                "SELECT organisation_id, owner_id, wrapped FROM data_keys"
            )
            if organisation in above
        }

    def administer(self, sql: str) -> list[Any]:
        """For our organisations; gives the rows. Blocks."""
        with closing(
            psycopg2.connect(self.administrator, connect_timeout=2, application_name="test")
        ) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            ours = ",".join(house.organisation_id for house in self.houses)
            cursor.execute("SELECT set_config('hotline.organisations', %s, false)", (ours,))
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    async def postgres_answers(self, seconds: float = 30.0) -> None:
        """Returns when PostgreSQL accepts connections."""
        until = self.reactor.seconds() + seconds
        while True:
            try:
                self.administer("SELECT 1")
            except psycopg2.Error:
                assert self.reactor.seconds() < until, "PostgreSQL did not come back"
                await sleep(self.reactor, 0.05)
            else:
                return

    def postgres_processes(self) -> list[int]:
        """All processes of our own server."""
        if self.postgres is None:
            return []
        data = (self.directory / "postgres" / "data").resolve()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.readlink(entry / "cwd") == str(data):
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def signal_postgres(self, number: int) -> None:
        """A signal to the server's first process."""
        if self.postgres is not None and (pid := self.postgres.pid) is not None:
            os.kill(pid, number)

    async def _start_postgres(self) -> None:
        first = EmbeddedPostgres(self.reactor, self.directory, Logger())
        await first.start()
        await first.stop()
        with (self.directory / "postgres" / "data" / "postgresql.conf").open("a") as file:
            file.write(_POSTGRES)
        self.postgres = EmbeddedPostgres(self.reactor, self.directory, Logger())
        self._owner = await self.postgres.start()
        self.administrator = make_dsn(self.postgres.url(ADMINISTRATOR_ROLE), dbname="hotline")

    def _make_node(self, number: int) -> Daemon:
        own = self.directory / f"node{number}"
        own.mkdir(mode=0o755)
        program = (sys.executable, str(_MUTANT), self._mutation) if self._mutation else ()
        return Daemon(self.reactor, own, "--database", self._owner, config=_CONFIG, program=program)

    async def _furnish(self, database: Database, house: House, number: int) -> None:
        client = await make_client(database, house, datetime.now(UTC), f"Robin {number}")
        for name, call in (("staff", "hotline.room.claim"), ("manager", "hotline.room.join")):
            peer = await connect(
                self.reactor, self.nodes[0].url, house.slug, authid=name, ticket=f"{name}-secret"
            )
            await peer.call(call, room=client.room_id)
            await peer.end()
        self.rooms.append((house, client.room_id))
        seats = [
            _seat(f"r{number}-client", house, client.room_id, client.actor.id, client.key),
            _seat(f"r{number}-tab", house, client.room_id, client.actor.id, client.key),
            _seat(f"r{number}-staff", house, client.room_id, "staff", "staff-secret"),
            _seat(f"r{number}-manager", house, client.room_id, "manager", "manager-secret"),
        ]
        self.history.write(
            "room", room=client.room_id, organisation=house.slug, members=[seat.who for seat in seats]
        )
        for seat in seats:
            random = Random(self.random.random())
            line = Line(self.reactor, lambda: next(self.target))
            self.talkers.append(
                Talker(
                    self.reactor,
                    self.history,
                    seat,
                    line,
                    random,
                    pace=self._pace,
                    patience=self.hang * 2 / 3,
                )
            )

    async def _let_strangers_in(self, database: Database) -> None:
        for house in self.houses:
            client: Entered = await make_client(database, house, datetime.now(UTC), "Stranger")
            seat = _seat(f"stranger-{house.slug}", house, client.room_id, client.actor.id, client.key)
            self.strangers.append((seat, [_seat("", of, room, "", "") for of, room in self.rooms]))

    def _alternate(self) -> Iterator[int]:
        while True:
            for node in self.nodes:
                yield node.port

    def connections_to(self, port: int) -> int:
        """How many sessions a node should have, as far as the lines to it know."""
        return sum(talker.line.connections_to(port) for talker in self.talkers)

    def signal_node(self, node: Daemon, number: int) -> None:
        os.kill(node.pid, number)

    def resume_all(self) -> None:
        """Whatever was stopped goes on; for the end of a run that failed."""
        nodes = [node.pid for node in self.nodes if node.is_running]
        for pid in [*nodes, *self.postgres_processes()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _seat(who: str, house: House, room: str, authid: str, ticket: str) -> Seat:
    return Seat(
        who=who, organisation=house.organisation_id, slug=house.slug, room=room, authid=authid, ticket=ticket
    )
