"""The embedded PostgreSQL: real servers, started, stopped, killed and found again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from hotline.errors import StartError
from hotline.store import places
from hotline.store.cluster import ADMINISTRATOR_ROLE, Cluster
from hotline.store.embedded import EmbeddedPostgres

_LOG = Logger()


@pytest.fixture
def directory() -> Iterator[Path]:
    """A data directory that is not there yet, in a place another user can reach."""
    with tempfile.TemporaryDirectory(prefix="hotline-embedded-") as parent:
        os.chmod(parent, 0o755)
        yield Path(parent) / "var"


@pytest.fixture
def used_directory(directory: Path, bring_postgres: Callable[[Path], None]) -> Path:
    """A data directory whose PostgreSQL has run before, and ended in order."""
    bring_postgres(directory)
    return directory


@pytest_twisted.async_yield_fixture
async def server(used_directory: Path, reactor: Any) -> AsyncIterator[EmbeddedPostgres]:
    """A running server."""
    server = EmbeddedPostgres(reactor, used_directory, _LOG)
    await server.start()
    yield server
    await server.stop()


def ask(url: str, sql: str) -> Any:
    """The first value of the answer."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(reactor: Any, holds: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        await deferLater(reactor, 0.05)


def prepared(directory: Path) -> Cluster:
    """Everything in place, held by nobody."""
    cluster, lock = places.prepare(directory)
    os.close(lock)
    return cluster


async def started(reactor: Any, directory: Path) -> EmbeddedPostgres:
    server = EmbeddedPostgres(reactor, directory, _LOG)
    await server.start()
    return server


@pytest_twisted.ensureDeferred
async def test_data_survives_a_restart_and_nothing_keeps_running(directory: Path, reactor: Any) -> None:
    """What was committed is there after stop and start, and a stopped server leaves no process."""
    first = await started(reactor, directory)
    pid = first.pid
    assert pid is not None
    ask(first.url(), "CREATE TABLE kept AS SELECT 42 AS x")
    await first.stop()
    assert not is_alive(pid)
    assert first.pid is None

    second = await started(reactor, directory)
    assert ask(second.url(), "SELECT x FROM kept") == 42
    await second.stop()


@pytest_twisted.ensureDeferred
async def test_the_server_is_safe_and_private(server: EmbeddedPostgres, directory: Path) -> None:
    """No TCP, no superuser for the application, durable commits, socket and passwords for us alone."""
    url = server.url()
    assert ask(url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
    assert ask(url, "SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user") is True
    assert (
        ask(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'hotline'")
        == "hotline_owner"
    )
    administrator = server.url(ADMINISTRATOR_ROLE)
    settings = {
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "max_connections": "50",
        "idle_in_transaction_session_timeout": "30s",
        "server_encoding": "UTF8",
        "data_checksums": "on",
    }
    found = {name: ask(administrator, f"SHOW {name}") for name in settings}
    assert found == settings
    home = directory / "postgres"
    assert (home / "socket").stat().st_mode & 0o777 == 0o700
    assert (home / "passwords").stat().st_mode & 0o777 == 0o600
    assert (home / "data").stat().st_mode & 0o777 == 0o700
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.replace("hotline_owner:", "hotline_owner:x"))


@pytest_twisted.ensureDeferred
async def test_a_server_that_dies_is_started_again(
    server: EmbeddedPostgres, reactor: Any, no_logged_failures: list[str]
) -> None:
    """After kill -9 of PostgreSQL it comes back under the same address with everything committed."""
    ask(server.url(), "CREATE TABLE kept AS SELECT 42 AS x")
    died = server.pid
    assert died is not None
    os.kill(died, signal.SIGKILL)
    await until(reactor, lambda: server.pid not in (None, died))

    def answers() -> bool:
        try:
            return bool(ask(server.url(), "SELECT x FROM kept") == 42)
        except psycopg2.OperationalError:
            return False

    await until(reactor, answers)


@pytest_twisted.ensureDeferred
async def test_kill_of_the_daemon_leaves_a_state_that_just_starts(used_directory: Path, reactor: Any) -> None:
    """After kill -9 of the parent PostgreSQL goes by itself, and the next start has it back in 5 seconds."""
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import sys
                from pathlib import Path
                from twisted.internet import reactor
                from twisted.internet.defer import Deferred
                from twisted.logger import Logger
                from hotline.store.embedded import EmbeddedPostgres
                server = EmbeddedPostgres(reactor, Path(sys.argv[1]), Logger())
                Deferred.fromCoroutine(server.start()).addCallback(lambda _: print(server.pid, flush=True))
                reactor.run()
                """
            ),
            str(used_directory),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stdout is not None
    orphan = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    began = time.monotonic()
    server = await started(reactor, used_directory)
    assert time.monotonic() - began < 5
    assert not is_alive(orphan)
    assert ask(server.url(), "SELECT 1") == 1
    await server.stop()


@pytest_twisted.ensureDeferred
async def test_a_left_over_server_is_stopped_first(used_directory: Path, reactor: Any) -> None:
    """Where the kernel did not end the orphan (macOS), the next start finds it and ends it in order."""
    cluster = prepared(used_directory)
    left_over = subprocess.Popen(cluster.server_command(), stderr=subprocess.DEVNULL)
    await until(reactor, lambda: cluster.is_ready(left_over.pid))
    assert places.find_running_url(used_directory) == cluster.url()

    server = await started(reactor, used_directory)
    assert left_over.wait(timeout=5) == 0
    assert server.pid != left_over.pid
    await server.stop()
    assert places.find_running_url(used_directory) is None


@pytest_twisted.ensureDeferred
async def test_a_lock_file_that_names_a_stranger_is_no_obstacle(used_directory: Path, reactor: Any) -> None:
    """postmaster.pid of an earlier life may name what is another process by now; that is left alone."""
    cluster = prepared(used_directory)
    stranger = subprocess.Popen(["sleep", "60"])
    (cluster.data / "postmaster.pid").write_text(
        f"{stranger.pid}\n{cluster.data}\n1\n5432\n{cluster.socket}\n\n\nready\n"
    )
    (cluster.socket / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")

    server = await started(reactor, used_directory)
    assert ask(server.url(), "SELECT 1") == 1
    assert stranger.poll() is None
    await server.stop()
    stranger.kill()
    stranger.wait()


@pytest_twisted.ensureDeferred
async def test_a_first_start_that_was_cut_short_is_begun_anew(directory: Path, reactor: Any) -> None:
    """What a killed initdb left behind is thrown away: until it is whole, data has another name."""
    cluster = prepared(directory)
    (cluster.new_directory() / "PG_VERSION").write_text("18\n")
    server = await started(reactor, directory)
    assert ask(server.url(), "SELECT 1") == 1
    assert not (directory / "postgres" / "data.new").exists()
    await server.stop()


@pytest_twisted.ensureDeferred
async def test_only_one_hotline_has_the_data(server: EmbeddedPostgres, directory: Path, reactor: Any) -> None:
    """A second daemon on the same directory is refused and harms nothing."""
    with pytest.raises(StartError, match="another hotline is running"):
        await EmbeddedPostgres(reactor, directory, _LOG).start()
    assert ask(server.url(), "SELECT 1") == 1


@pytest_twisted.ensureDeferred
async def test_a_deep_directory_has_its_socket_elsewhere(directory: Path, reactor: Any) -> None:
    """Paths of Unix sockets are short: a deep data directory works, each time with the same short address."""
    deep = directory.joinpath(*["quite-a-deep-directory"] * 6)
    deep.parent.mkdir(parents=True)
    server = await started(reactor, deep)
    address = server.url()
    assert ask(address, "SELECT 1") == 1
    await server.stop()
    server = await started(reactor, deep)
    assert server.url() == address
    await server.stop()
    short = Path(os.readlink(deep / "postgres" / "socket"))
    assert short.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(short)


@pytest_twisted.ensureDeferred
async def test_a_start_that_fails_says_why_in_one_line(used_directory: Path, reactor: Any) -> None:
    """What PostgreSQL itself gives as the reason is the message, and afterwards nothing is locked."""
    settings = used_directory / "postgres" / "data" / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "\nmax_connections = plenty\n")
    with pytest.raises(StartError, match=r"postgresql.conf.* contains errors \(more in .*\)") as caught:
        await EmbeddedPostgres(reactor, used_directory, _LOG).start()
    assert "\n" not in str(caught.value)

    settings.write_text(good)
    await (await started(reactor, used_directory)).stop()


@pytest_twisted.ensureDeferred
async def test_data_of_another_version_is_left_alone(used_directory: Path, reactor: Any) -> None:
    """PostgreSQL cannot read the data of another major version: said with both numbers."""
    (used_directory / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartError, match="made by PostgreSQL 17, this hotline brings 18"):
        await EmbeddedPostgres(reactor, used_directory, _LOG).start()


@pytest_twisted.ensureDeferred
async def test_stop_during_start_ends_both(directory: Path, reactor: Any) -> None:
    """Ctrl-C in the middle of the first start: nothing runs, and the next start works."""
    server = EmbeddedPostgres(reactor, directory, _LOG)
    starting = Deferred.fromCoroutine(server.start())
    await deferLater(reactor, 0.2)
    await server.stop()
    with pytest.raises(StartError, match="stopped while it started"):
        await starting
    server = await started(reactor, directory)
    await server.stop()


@pytest_twisted.ensureDeferred
async def test_the_log_holds_no_text_of_people(server: EmbeddedPostgres, directory: Path) -> None:
    """A failed statement quotes what somebody wrote; PostgreSQL's log does not repeat it."""
    with pytest.raises(psycopg2.DataError):
        ask(server.url(), "SELECT 'canary-in-the-statement'::int")
    log = (directory / "postgres" / "log" / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "canary" not in log


@pytest_twisted.ensureDeferred
async def test_a_closed_parent_directory_moves_the_data_of_root(
    directory: Path, reactor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root the server runs as somebody else, who cannot pass a 0700 directory: the data then lives
    elsewhere, with a link to it, and the closed directory stays closed. Other users' data stays in place."""
    elsewhere = directory.parent / "elsewhere"
    monkeypatch.setattr(places, "ELSEWHERE", elsewhere)
    closed = directory.parent / "closed"
    closed.mkdir(mode=0o700)
    (closed / "something").write_text("of somebody")
    server = await started(reactor, closed)
    assert ask(server.url(), "SELECT 1") == 1
    await server.stop()
    assert (closed / "postgres").is_symlink() == (os.geteuid() == 0)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_reachability_is_read_from_every_directory_above(tmp_path: Path) -> None:
    """One closed directory on the way is enough; its owner passes all the same."""
    file = tmp_path / "open" / "closed" / "file"
    file.parent.mkdir(parents=True)
    file.write_text("")
    for place in (tmp_path, tmp_path / "open", file.parent, file):
        place.chmod(0o755)
    stranger = 54321
    reachable_above = places.is_reachable(tmp_path, stranger, stranger)
    assert places.is_reachable(file, stranger, stranger) == reachable_above
    file.parent.chmod(0o700)
    assert not places.is_reachable(file, stranger, stranger)
    assert places.is_reachable(file, os.geteuid(), os.getegid()) or not reachable_above


def test_lost_passwords_are_not_made_anew(directory: Path) -> None:
    """New passwords would not fit the data that is there: refused, with the name of the missing file."""
    cluster = prepared(directory)
    cluster.data.mkdir()
    (cluster.home / "passwords").unlink()
    with pytest.raises(StartError, match="passwords is missing"):
        places.prepare(directory)


def test_a_link_to_nowhere_is_named(directory: Path) -> None:
    """Data that was moved elsewhere and is gone must not be replaced by an empty database."""
    directory.mkdir()
    (directory / "postgres").symlink_to(directory / "gone")
    with pytest.raises(StartError, match=r"leads to .*gone, which is gone"):
        places.prepare(directory)
