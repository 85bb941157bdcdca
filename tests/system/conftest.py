"""Daemons on the run's PostgreSQL or on an embedded one of their own, and a house with API tokens."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_twisted
from psycopg2.extensions import make_dsn, parse_dsn
from twisted.internet.defer import Deferred, DeferredList

from hotline.domain.model import Actor
from hotline.store import tokens
from hotline.store.database import Database
from hotline.store.ids import new_id, secret_hash
from tests.conftest import Server
from tests.helpers import House, make_house
from tests.keys import make_keys
from tests.system.daemon import Daemon
from tests.system.peers import Peer, connect

NO_LIMITS = """
[limits]
messages_per_second = 0
burst = 0
pending_calls = 0
outgoing_bytes = 0
messages_per_client = 0
"""

MakeDaemon = Callable[..., Daemon]
Nodes = tuple[Daemon, Daemon]


@contextmanager
def made_directory() -> Iterator[Path]:
    """A data directory that PostgreSQL's own user can reach when the tests run as root."""
    path = Path(tempfile.mkdtemp(prefix="hotline-system-"))
    os.chmod(path, 0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def making_daemons(
    reactor: Any, directory: Path, bring_postgres: Callable[[Path], None] = lambda directory: None
) -> Iterator[MakeDaemon]:
    """Makes daemons; in the end they are stopped, and must not have written a traceback."""
    made: list[Daemon] = []

    def make(
        *options: str,
        config: str = NO_LIMITS,
        name: str = "",
        program: Sequence[str] = (),
        path: Sequence[Path] = (),
        empty: bool = False,
    ) -> Daemon:
        own = directory / (name or f"node{len(made)}")
        own.mkdir(mode=0o755)
        if not empty and "--database" not in options:
            bring_postgres(own)
        daemon = Daemon(reactor, own, *options, config=config, program=program, path=path)
        made.append(daemon)
        return daemon

    yield make
    for daemon in made:
        if daemon.is_running:
            pytest_twisted.blockon(Deferred.fromCoroutine(daemon.stop()))
        print(f"--- {daemon.directory.name}\n{daemon.log}")
    problems = [problem for daemon in made for problem in daemon.problems()]
    assert not problems, problems


@pytest.fixture
def directory() -> Iterator[Path]:
    """A test's own."""
    with made_directory() as path:
        yield path


@pytest.fixture
def make_daemon(
    reactor: Any, directory: Path, bring_postgres: Callable[[Path], None]
) -> Iterator[MakeDaemon]:
    """A test's own. Those without `--database` have a PostgreSQL that has run before, unless `empty`."""
    with making_daemons(reactor, directory, bring_postgres) as make:
        yield make


@pytest.fixture(scope="module")
def shared_dsn(postgres: Server, template: str) -> Iterator[str]:
    """A database for all tests of a module; each makes houses of its own in it."""
    name = postgres.make(template)
    yield make_dsn(postgres.owner, dbname=name)
    postgres.drop(name)


@pytest.fixture
def shared_database(shared_dsn: str, reactor: Any) -> Iterator[Database]:
    """The module's database as the application sees it."""
    database = Database(reactor, shared_dsn, keys=make_keys())
    yield database
    database.close()


@pytest.fixture(scope="module")
def nodes(shared_dsn: str, reactor: Any) -> Iterator[Nodes]:
    """Two daemons that run on the module's database, without limits."""
    with made_directory() as directory, making_daemons(reactor, directory) as make:
        both = make("--database", dsn_url(shared_dsn)), make("--database", dsn_url(shared_dsn))
        starting = [Deferred.fromCoroutine(node.start()) for node in both]
        pytest_twisted.blockon(DeferredList(starting, fireOnOneErrback=True))
        yield both


@pytest.fixture(scope="module")
def daemon(shared_dsn: str, reactor: Any) -> Iterator[Daemon]:
    """One that runs on the module's database, without limits."""
    with made_directory() as directory, making_daemons(reactor, directory) as make:
        daemon = make("--database", dsn_url(shared_dsn))
        pytest_twisted.blockon(Deferred.fromCoroutine(daemon.start()))
        yield daemon


def dsn_url(dsn: str) -> str:
    """What `--database` takes, of a libpq connection string."""
    return dsn if dsn.startswith("postgresql:") else "postgresql:///?" + "&".join(_parameters(dsn))


def _parameters(dsn: str) -> Iterator[str]:
    for name, value in parse_dsn(dsn).items():
        yield f"{name}={quote(str(value), safe='')}"


async def house_with_tokens(database: Database, slug: str | None = None) -> House:
    """A house with API tokens `manager`, `staff`, `colleague`, each with the secret `<name>-secret`, and no
    limit of rooms."""
    now = datetime.now(UTC)
    house = await make_house(database, now, slug or f"haven{new_id()[:6]}", rooms_per_consultant=0)
    people: dict[str, Actor] = {"manager": house.manager, "staff": house.staff, "colleague": house.colleague}
    async with database.transaction(house.organisation_id) as tx:
        for name, person in people.items():
            await tokens.add(
                tx,
                house.organisation_id,
                person.id,
                name=name,
                secret_hash=secret_hash(f"{name}-secret"),
                now=now,
            )
    return house


async def as_consultant(
    reactor: Any, daemon: Daemon, house: House, name: str = "staff", **options: Any
) -> Peer:
    """A session of one of the house's people, by API token."""
    return await connect(reactor, daemon.url, house.slug, authid=name, ticket=f"{name}-secret", **options)


async def enter(
    reactor: Any, daemon: Daemon, house: House, name: str = "Robin"
) -> tuple[Peer, dict[str, Any]]:
    """A session that went through the anteroom, and what it was given."""
    peer = await connect(reactor, daemon.url, house.slug)
    return peer, await peer.call("hotline.anteroom.enter", name=name, answers={"age": "12"})
