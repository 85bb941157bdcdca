"""Starts that cannot work: one clear line on standard error, exit code 1 or 2, never a traceback.

What the line says of each option and key, tests/test_config.py knows.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from pytest_twisted import ensureDeferred

from hotline.store.database import Database
from tests.helpers import make_house
from tests.system.conftest import dsn_url
from tests.system.daemon import Daemon

Fails = Callable[..., Awaitable[str]]


@pytest.fixture
def fails(reactor: Any, directory: Path) -> Fails:
    """Start with these options; gives the one line that says why not."""

    async def start(*options: str, config: str = "", port: int | None = None) -> str:
        daemon = Daemon(reactor, directory, *options, config=config)
        if port is not None:
            daemon.port = port
        daemon.spawn()
        code, output, errors = await daemon.ended()
        assert code in (1, 2), daemon.log
        assert "Traceback" not in daemon.log
        assert "is ready" not in output
        if code == 1:
            (line,) = [line for line in errors.splitlines() if line.startswith("hotline cannot start: ")] or [
                ""
            ]
            if line:
                return line.removeprefix("hotline cannot start: ")
        # twistd shows how it is used, and then what was wrong.
        last: str = (errors + output).strip().splitlines()[-1]
        return last

    return start


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--nonsense", "1"], "nonsense"),
        (["--transport", "pigeon:tcp:0"], "there is no transport pigeon"),
        (["--log-format", "xml"], "text or json"),
    ],
)
@ensureDeferred
async def test_wrong_options(fails: Fails, dsn: str, options: list[str], expected: str) -> None:
    """Each names the option and what it has to be."""
    assert expected in await fails("--database", dsn_url(dsn), *options)


@ensureDeferred
async def test_a_wrong_file(fails: Fails) -> None:
    """The line names the file and the key."""
    line = await fails(config="[limits]\nburts = 3")
    assert "did you mean burst?" in line
    assert "hotline.toml" in line


@ensureDeferred
async def test_unreachable_database(fails: Fails) -> None:
    """No server at this address."""
    line = await fails("--database", "postgresql://nobody:secret@127.0.0.1:9/nothing")
    assert line.startswith("the database cannot be reached: ")
    assert "secret" not in line


@ensureDeferred
async def test_an_open_realm_of_an_organisations_name(fails: Fails, dsn: str, database: Database) -> None:
    """It would stand before the organisation's own realm."""
    house = await make_house(database, datetime.now(UTC))
    line = await fails("--database", dsn_url(dsn), "--open-realm", house.slug)
    assert line.startswith(f"--open-realm cannot be {house.slug}: ")


@ensureDeferred
async def test_taken_port(fails: Fails, dsn: str) -> None:
    """Somebody else listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = await fails("--database", dsn_url(dsn), port=port)
    assert line == f"cannot listen on tcp:{port}:interface=127.0.0.1: Address already in use"


@ensureDeferred
async def test_taken_port_with_embedded_database(
    fails: Fails, directory: Path, bring_postgres: Callable[[Path], None]
) -> None:
    """The PostgreSQL that was started for nothing is stopped again: the next start finds all in order."""
    bring_postgres(directory)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "Address already in use" in await fails(port=port)
        assert "Address already in use" in await fails(port=port)


@ensureDeferred
async def test_newer_schema(fails: Fails, dsn: str) -> None:
    """A database that a newer hotline has migrated is left alone."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO schema_version (version) VALUES (9999)")
    connection.close()
    line = await fails("--database", dsn_url(dsn))
    assert line.startswith("the database has schema 9999")


@ensureDeferred
async def test_data_is_a_file(fails: Fails, directory: Path) -> None:
    """The data directory is no directory."""
    (directory / "file").write_text("")
    assert "is not a directory" in await fails("--data", str(directory / "file"))
