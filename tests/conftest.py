"""Shared fixtures: one PostgreSQL server per run, a fresh database per test, a clock that tests move.

Every test that leaves an unhandled failure in Twisted's log fails.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import pytest_twisted
from autobahn.wamp.exception import TransportLost
from psycopg2.extensions import make_dsn, parse_dsn
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, Logger, LogLevel, globalLogPublisher
from zope.interface import implementer

from hotline import logs
from hotline.passwords import Passwords
from hotline.store.cluster import ADMINISTRATOR_ROLE
from hotline.store.database import Database
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.migrations import migrate
from tests.keys import make_keys

_numbers = itertools.count(1)

# What takes long begins first, so that all processes end together; stories in the browser all together, since
# they share a daemon. (xdist itself would begin with the files of many tests.)
_FIRST = ("browser", "floods", "faults", "system", "interop", "test_cli.py", "wire", "procedures", "store")

# How many there were. To have PostgreSQL wait for their end takes a tenth of a second for each.
_END_OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_LOOK_SECONDS = 0.002
_SHAPE = """
SELECT md5(string_agg(concat_ws(' ', kind, words), E'\n' ORDER BY kind, words)) FROM (
SELECT 'version' AS kind, version::text AS words FROM schema_version
UNION ALL SELECT 'relation', concat_ws(' ', relname, relacl, relrowsecurity, relforcerowsecurity)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'column', concat_ws(' ', relname, attname, atttypid)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
UNION ALL SELECT 'function', concat_ws(' ', proname, prosrc, proacl)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', concat_ws(' ', tgname, tgrelid::regclass, tgenabled)
    FROM pg_trigger WHERE NOT tgisinternal
) AS shape
"""
# Each connection proves its password; the usual 4096 rounds take longer than most statements of tests.
_QUICK_PASSWORD = "SET scram_iterations = 1; ALTER ROLE {} PASSWORD '{}'"


class Now:
    """Wall-clock time for code that is given `now`; stands still until a test moves it."""

    def __init__(self) -> None:
        self.value = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.value

    def advance(self, **delta: float) -> None:
        self.value += timedelta(**delta)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """See `_FIRST`."""
    ranks = {name: rank for rank, name in enumerate(_FIRST)}
    last = len(ranks)
    items.sort(key=lambda item: ranks.get(item.path.name, ranks.get(item.path.parent.name, last)))


@pytest.fixture
def now() -> Now:
    """The time as the code under test sees it."""
    return Now()


@implementer(ILogObserver)
class _Failures:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, event: dict[str, Any]) -> None:
        if event.get("log_level") is not LogLevel.critical:
            return
        failure = event.get("log_failure")
        if failure is None:
            # Of a Deferred nobody looks at, Twisted tells in two events: the second has the failure.
            if event.get("log_namespace") != "twisted.internet.defer":
                self.seen.append(str(event))
        elif not failure.check(TransportLost):  # requests that a client of Autobahn's left behind
            self.seen.append(failure.getTraceback())


@pytest.fixture(autouse=True)
def no_logged_failures() -> Iterator[list[str]]:
    """Failures nobody handled make the test fail; a test that provokes some clears the list."""
    failures = _Failures()
    logs.recent.clear()
    globalLogPublisher.addObserver(failures)
    yield failures.seen
    globalLogPublisher.removeObserver(failures)
    assert not failures.seen, "\n".join(failures.seen)


@pytest.fixture(scope="session")
def reactor() -> Any:
    """The reactor that pytest-twisted runs."""
    return installed_reactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """This run's PostgreSQL: connection strings of whoever makes databases, and of whoever owns them."""

    administrator: str
    owner: str
    emptied: list[str] = field(default_factory=list)

    def make(self, template: str = "template1") -> str:
        """A new database's name."""
        name = f"hotline_test_{os.getpid()}_{next(_numbers)}"
        owner = parse_dsn(self.owner)["user"]
        administer(self.administrator, f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        administer(self.administrator, f"DROP DATABASE {name} WITH (FORCE)")

    def empty(self, name: str) -> Any:
        """Delete every row and end every connection; what is left, to be compared with that of another."""
        connection = psycopg2.connect(make_dsn(self.administrator, dbname=name))
        connection.autocommit = True
        try:
            cursor = connection.cursor()
            cursor.execute(_END_OTHERS)
            while cursor.fetchone() != (0,):
                time.sleep(_LOOK_SECONDS)
                cursor.execute(_END_OTHERS)
            cursor.execute("DELETE FROM organisations")
            cursor.execute(_SHAPE)
            return cursor.fetchone()
        except psycopg2.Error as error:
            return error  # like nothing else
        finally:
            connection.close()


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user can reach: as root, an embedded PostgreSQL in it runs as somebody else."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.fixture(scope="session")
def bring_postgres(reactor: Any) -> Iterator[Callable[[Path], None]]:
    """Puts an embedded PostgreSQL that has run and ended in order into a data directory.

    A first start takes much longer than most tests. Those that are not about it begin with the second.
    """
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as directory:
        Path(directory).chmod(0o755)  # as root, PostgreSQL runs as somebody else
        embedded = EmbeddedPostgres(reactor, Path(directory), Logger())
        pytest_twisted.blockon(Deferred.fromCoroutine(embedded.start()))
        pytest_twisted.blockon(Deferred.fromCoroutine(embedded.stop()))

        def bring(data_directory: Path) -> None:
            data_directory.mkdir(exist_ok=True)
            # With the owner of each file, which no function of Python's copies.
            subprocess.run(["cp", "-Rp", f"{directory}/postgres", str(data_directory)], check=True)

        yield bring


@pytest.fixture(scope="session")
def postgres(reactor: Any, request: pytest.FixtureRequest) -> Iterator[Server]:
    """One server per run; TEST_DATABASE_URL names one that runs, as a role that may make databases."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Server(administrator=given, owner=given)
        return
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as directory:
        Path(directory).chmod(0o755)
        request.getfixturevalue("bring_postgres")(Path(directory))
        embedded = EmbeddedPostgres(reactor, Path(directory), Logger())
        owner = pytest_twisted.blockon(Deferred.fromCoroutine(embedded.start()))
        administrator = embedded.url(ADMINISTRATOR_ROLE)
        for url in (owner, administrator):
            parts = parse_dsn(url)
            administer(administrator, _QUICK_PASSWORD.format(parts["user"], parts["password"]))
        yield Server(administrator=administrator, owner=owner)
        pytest_twisted.blockon(Deferred.fromCoroutine(embedded.stop()))


def administer(dsn: str, sql: str) -> None:
    """One statement outside of any transaction."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        connection.cursor().execute(sql)
    finally:
        connection.close()


@pytest.fixture(scope="session")
def template(postgres: Server, reactor: Any) -> str:
    """The name of a migrated database that each test's own is copied from."""
    name = postgres.make()
    pytest_twisted.blockon(Deferred.fromCoroutine(migrate(reactor, make_dsn(postgres.owner, dbname=name))))
    return name


@pytest.fixture(scope="session")
def shape(postgres: Server, template: str) -> Any:
    """What is left of a database that has nothing but rows, and has lost them."""
    return postgres.empty(template)


@pytest.fixture
def empty_dsn(postgres: Server) -> Iterator[str]:
    """The owner's connection string of a new database without any table."""
    name = postgres.make()
    yield make_dsn(postgres.owner, dbname=name)
    postgres.drop(name)


@pytest.fixture
def dsn(postgres: Server, template: str, shape: Any) -> Iterator[str]:
    """The owner's connection string of a fresh, migrated database.

    Making one takes longer than most tests: one left with nothing but rows is emptied and used again.
    """
    name = postgres.emptied.pop() if postgres.emptied else postgres.make(template)
    yield make_dsn(postgres.owner, dbname=name)
    if postgres.empty(name) == shape:
        postgres.emptied.append(name)
    else:
        postgres.drop(name)


@pytest.fixture
def database(dsn: str, reactor: object) -> Iterator[Database]:
    """A fresh, migrated database as the application sees it."""
    database = Database(reactor, dsn, keys=make_keys())
    yield database
    database.close()


@pytest.fixture
def passwords(reactor: Any, tmp_path: Path) -> Iterator[Passwords]:
    """Real hashing at the least cost."""
    passwords = Passwords(reactor, tmp_path / "data", cost=4)
    passwords.start()
    yield passwords
    passwords.stop()
