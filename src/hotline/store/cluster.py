"""One embedded PostgreSQL on disk: its places, passwords, settings and command lines.

In come the places that `places.py` found, out come the commands to run and what `postmaster.pid` says of
a running server. Starts no server and talks to none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

OWNER_ROLE = "hotline_owner"
ADMINISTRATOR_ROLE = "postgres"
DATABASE = "hotline"
SOCKET_NAME = ".s.PGSQL.5432"

# Chosen by hotline at every start. Errors of single statements are left out of the log (they reach the
# caller anyway) because PostgreSQL quotes the statement, and with it what people wrote.
_ENFORCED = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
}

# Written into postgresql.conf once, where an operator may change them.
_FIRST_SETTINGS = {
    "max_connections": "50",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Another user to run the server as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """All places and names of one embedded server."""

    home: Path
    """Everything below is in here; `<data directory>/postgres`, or where that link points to."""

    binaries: Path
    """The `bin` directory with `postgres` and `initdb`."""

    socket: Path
    """The directory of the Unix socket; only the server's user and root can enter it."""

    user: User | None
    """None: the server runs as whoever runs hotline."""

    passwords: dict[str, str]

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log_directory(self) -> Path:
        return self.home / "log"

    @property
    def is_initialised(self) -> bool:
        return self.data.exists()

    def url(self, role: str = OWNER_ROLE) -> str:
        """A libpq connection string; it holds the password, so it must not be logged."""
        socket = quote(str(self.socket), safe="")
        return f"postgresql://{role}:{self.passwords[role]}@/{DATABASE}?host={socket}&port=5432"

    def command(self, program: str, *arguments: str) -> list[str]:
        """A command line that runs `program` as the right user and lets it end with this process."""
        uid, gid = ("-", "-") if self.user is None else (str(self.user.uid), str(self.user.gid))
        launch = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py"))]
        return [*launch, str(os.getpid()), uid, gid, str(self.binaries / program), *arguments]

    def server_command(self) -> list[str]:
        settings = {**_ENFORCED, "unix_socket_directories": _quoted_for_list(self.socket)}
        return self.command(
            "postgres", "-D", str(self.data), *(f"--{name}={value}" for name, value in settings.items())
        )

    def initdb_command(self, directory: Path) -> list[str]:
        """Nobody can log in to what this makes until `roles_sql` gave out passwords."""
        return self.command(
            "initdb", "-D", str(directory), "-U", ADMINISTRATOR_ROLE,
            "--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            *(f"--set={name}={value}" for name, value in _FIRST_SETTINGS.items()),
        )  # fmt: skip

    def roles_command(self, directory: Path) -> list[str]:
        """PostgreSQL's single-user mode, which reads `roles_sql` and ends at the first error."""
        return self.command(
            "postgres", "--single", "-D", str(directory), "-c", "exit_on_error=on",
            "-c", "log_min_messages=error", "-c", "log_min_error_statement=panic", ADMINISTRATOR_ROLE,
        )  # fmt: skip

    def roles_sql(self) -> str:
        """One statement a line, as the single-user mode wants it; token_urlsafe needs no quoting."""
        return "".join(
            f"{statement};\n"
            for statement in (
                f"ALTER ROLE {ADMINISTRATOR_ROLE} PASSWORD '{self.passwords[ADMINISTRATOR_ROLE]}'",
                f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEROLE PASSWORD '{self.passwords[OWNER_ROLE]}'",
                f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
            )
        )

    def new_directory(self) -> Path:
        """An empty directory for initdb, which `adopt` turns into the data directory in one step."""
        directory = self.home / "data.new"
        shutil.rmtree(directory, ignore_errors=True)
        self.make_own(directory)
        return directory

    def adopt(self, directory: Path) -> None:
        """From here on the server exists: before this moment a crash leaves nothing but `data.new`."""
        directory.rename(self.data)
        descriptor = os.open(self.home, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def clear_socket(self) -> None:
        """Remove what a killed server left: its lock file can name a process that is somebody else by now."""
        for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self.socket / name).unlink(missing_ok=True)

    def data_version(self) -> str:
        """The major version of the PostgreSQL that made the data."""
        return (self.data / "PG_VERSION").read_text().strip()

    def running_pid(self) -> int | None:
        """The process id of a server that works on our data, whoever started it."""
        pid, _ = self._postmaster()
        return pid if pid is not None and _works_in(pid, self.data) else None

    def is_ready(self, pid: int | None) -> bool:
        """Whether the server with this process id accepts connections."""
        return self._postmaster() == (pid, "ready")

    def disown_stale_pid(self) -> None:
        """Let PostgreSQL start although the pid in its lock file is alive as another program now (a container
        that starts over counts from 1 again).

        PostgreSQL passes over its parent's pid: so that is put in, and the rest of the file kept, with which
        it finds out whether server processes of the last life still have the shared memory.
        """
        path = self.data / "postmaster.pid"
        with suppress(FileNotFoundError):
            lines = path.read_text().splitlines(keepends=True)
            path.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))

    def _postmaster(self) -> tuple[int | None, str]:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
        except (OSError, ValueError, IndexError):
            return None, ""

    def make_own(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        if self.user is not None:
            os.chown(directory, self.user.uid, self.user.gid)


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL server on this data: a server's working directory is its data."""
    if os.path.isdir("/proc/self"):
        with suppress(OSError):
            return os.path.samefile(f"/proc/{pid}/cwd", data)
        return False
    listed = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return f"-D {data}" in listed.stdout


def _quoted_for_list(path: Path) -> str:
    """`unix_socket_directories` is a list: a path with a comma or space in it needs quotes."""
    return '"' + str(path).replace('"', '""') + '"'
