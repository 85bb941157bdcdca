"""ejabberd: the XMPP server, with the archive of its rooms in a PostgreSQL like hotline's.

In comes an empty directory, out comes a running server with users. Debian's packages are unpacked beside the
bench, never installed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg2

from bench.postgres import Server, postgres
from bench.systems.base import Running, Unavailable, bring, free_port, process

NAME = "ejabberd"
FIRST_RATE = 800.0
USERS = 12_000
_PASSWORD = "bench"
_PACKAGES = ("ejabberd", "erlang-p1-pgsql")

_CONFIGURATION = """
hosts: [localhost]
loglevel: warning
auth_method: sql
default_db: sql
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {database_port}
sql_database: hotline
sql_username: {role}
sql_password: "{password}"
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    starttls: false
    shaper: none
modules:
  mod_disco: {{}}
  mod_ping: {{}}
  mod_mam:
    db_type: sql
  mod_muc:
    db_type: mnesia
    max_users: 1000
    history_size: 0
    default_room_options:
      mam: true
      max_users: 1000
"""
_USERS = """
INSERT INTO users (username, password)
SELECT 'u' || n, %(password)s FROM generate_series(1, %(users)s) n
"""
_HISTORY = """
INSERT INTO archive (username, timestamp, peer, bare_peer, xml, txt, kind, nick)
SELECT %(room)s, 1700000000000000 + n, %(room)s || '/robin', %(room)s,
    '<message from=''' || %(room)s || '/robin'' type=''groupchat'' id=''h' || n || '''><body>'
        || %(text)s || n || '</body></message>',
    %(text)s || n, 'groupchat', 'robin'
FROM generate_series(1, %(messages)s) n
"""
_TEXT = "I have been thinking about what you said yesterday, and I believe "


def install(place: Path) -> str:
    """Bring it, once; gives its name and version. :raises Unavailable: with the reason."""
    if not (place / ".made").exists():
        if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
            raise Unavailable("it is taken from Debian's packages, and this is no Debian")
        shutil.rmtree(place, ignore_errors=True)
        if os.geteuid() == 0:
            bring(["apt-get", "update", "--quiet"])
        packages = place / "packages"
        packages.mkdir(parents=True)
        bring(["apt-get", "download", *_wanted()], packages)
        for package in sorted(packages.glob("*.deb")):
            bring(["dpkg", "--extract", str(package), str(place)], place)
        shutil.rmtree(packages)
        (place / ".made").touch()
    found = sorted(place.glob("usr/lib/*/ejabberd-*"))
    if not found:
        raise Unavailable("its package has no ejabberd in it")
    return f"ejabberd {found[0].name.partition('-')[2]}"


def _wanted() -> list[str]:
    """Its packages, Erlang's, and whatever else this machine has not got."""
    install = ["apt-get", "install", "--no-install-recommends", "--dry-run", *_PACKAGES]
    missing = _installed_by(install)
    every = _installed_by([install[0], "-o", "Dir::State::status=/dev/null", *install[1:]])
    return sorted({*missing, *(name for name in every if name.startswith(("erlang-", "ejabberd")))})


def _installed_by(command: list[str]) -> list[str]:
    lines = bring(command).splitlines()
    return [line.split()[1] for line in lines if line.startswith("Inst ")]


@contextlib.contextmanager
def started(place: Path, directory: Path) -> Iterator[Running]:
    """The server and its PostgreSQL, on one core."""
    port = free_port()
    directory.mkdir(mode=0o755)
    with postgres(directory / "database") as server:
        (directory / "ejabberd.yml").write_text(
            _CONFIGURATION.format(
                port=port, database_port=server.port, role=server.role, password=server.password
            )
        )
        _fill(server, place)
        erlang = place / "usr" / "lib" / "erlang"
        binaries = next(erlang.glob("erts-*")) / "bin"
        libraries = next(place.glob("usr/lib/*/ejabberd-*")).parent
        variables = {
            "ROOTDIR": str(erlang),
            "BINDIR": str(binaries),
            "EMU": "beam",
            "PROGNAME": "erl",
            "HOME": str(directory),
            "ERL_LIBS": str(libraries),
            "LD_LIBRARY_PATH": f"{libraries}:{place / 'lib' / libraries.name}",
            "EJABBERD_CONFIG_PATH": str(directory / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(directory / "ejabberd.log"),
        }
        # Without waiting in a loop for work, which on one core takes from PostgreSQL.
        quiet = ["+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"]
        mnesia = ["-mnesia", "dir", f'"{directory / "mnesia"}"']
        command = [str(binaries / "erlexec"), "+K", "true", "+P", "250000", *quiet, *mnesia]
        with process(
            [*command, "-noinput", "-s", "ejabberd"],
            directory,
            port=port,
            end=signal.SIGTERM,
            variables=variables,
        ) as beam:
            yield Running(
                system=NAME,
                ports=[port],
                server_pids=[beam.pid],
                database_pid=server.pid,
                database_url=server.url,
                known={"users": USERS, "password": _PASSWORD},
            )


def _fill(server: Server, place: Path) -> None:
    schema = (place / "usr" / "share" / "ejabberd" / "sql" / "pg.sql").read_text()
    _execute(server.url, schema, {})
    _execute(server.url, _USERS, {"password": _PASSWORD, "users": USERS})


def add_history(running: Running, messages: int) -> None:
    """The archive of a room with so many messages."""
    values = {"room": f"history{messages}@conference.localhost", "messages": messages, "text": _TEXT}
    _execute(running.database_url, _HISTORY, values)


def _execute(url: str, statement: str, values: dict[str, object]) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            cursor.execute("VACUUM ANALYZE")
    finally:
        connection.close()
