"""PostgreSQL as a supervised child process of the daemon.

In comes hotline's data directory, out comes the connection string of a server that runs and is started
again whenever it dies. Never opens a connection of its own, and leaves no server behind, also on kill -9.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.logfile import LogFile

from hotline.errors import StartError
from hotline.store import places
from hotline.store.child import Child
from hotline.store.cluster import OWNER_ROLE, Cluster

# Two looks at postmaster.pid, while something starts or stops.
_LOOK_SECONDS = 0.05

# How long each kind of shutdown may take: fast, immediate (recovery at the next start), none.
_STOP_STEPS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

# Processes of a server whose first process was killed go by themselves, but need a moment for it.
_SHARED_MEMORY_SECONDS = 10.0
_SHARED_MEMORY = "shared memory block"

# Before it is started again. Longer each time it does not start, never so long that people wait for nothing.
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 4.0

_SAY_SECONDS = 10.0

# What the child may see of our environment: nothing with PG in it, which changes defaults, and no secrets.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


class EmbeddedPostgres:
    """The server in `<directory>/postgres`.

    :param reactor: IReactorProcess and IReactorTime.
    """

    def __init__(self, reactor: Any, directory: Path, log: Logger) -> None:
        self._reactor = reactor
        self._directory = directory
        self._log = log
        self._lock: int | None = None
        self._cluster: Cluster | None = None
        self._log_file: Any = None  # LogFile, which is untyped
        self._child: Child | None = None
        self._pause: Deferred[None] | None = None
        self._supervision: Deferred[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process id of the running server."""
        return None if self._child is None else self._child.pid

    def url(self, role: str = OWNER_ROLE) -> str:
        """The connection string of a role; it holds the password."""
        assert self._cluster is not None, "not started"
        return self._cluster.url(role)

    async def start(self) -> str:
        """Begin to run and supervise; gives the owner role's connection string once connections are accepted.

        Waits as long as recovery takes. :raises StartError: PostgreSQL cannot run, with its reason.
        """
        cluster, self._lock = places.prepare(self._directory)
        self._cluster = cluster
        try:
            if cluster.home.parent != self._directory.resolve():
                self._log.info("the embedded PostgreSQL is in {home}", home=str(cluster.home))
            self._log_file = LogFile(
                "postgres.log",
                str(cluster.log_directory),
                rotateLength=10_000_000,
                maxRotatedFiles=5,
                defaultMode=0o600,
            )
            await self._stop_leftover(cluster)
            await self._check_version(cluster)
            if not cluster.is_initialised:
                await self._initialise(cluster)
            await self._launch(cluster)
        except BaseException:
            self._release()
            raise
        self._supervision = Deferred.fromCoroutine(self._supervise(cluster))
        return cluster.url()

    async def stop(self) -> None:
        """End the server in order; after this nothing of it runs."""
        self._stopping = True
        if self._pause is not None:
            self._pause.cancel()
        if self._child is not None:
            await self._end(self._child)
        if self._supervision is not None:
            await self._supervision
        self._release()

    async def _supervise(self, cluster: Cluster) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while self._child is not None:
            await self._child.wait()
            if self._stopping:
                return
            self._log.error("PostgreSQL has ended: {reason}", reason=self._child.reason)
            await self._sleep(pause)
            if self._stopping:
                return
            try:
                await self._launch(cluster)
            except StartError as error:
                self._log.error("{error}", error=str(error))
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                # One that did run was ended from outside: nobody gains from waiting, however often.
                pause = _FIRST_PAUSE_SECONDS

    async def _launch(self, cluster: Cluster) -> None:
        """Start the server and wait until it accepts connections."""
        began = said = self._reactor.seconds()
        while True:
            cluster.disown_stale_pid()
            cluster.clear_socket()
            child = self._child = self._spawn(cluster.server_command())
            while not child.ended and not cluster.is_ready(child.pid):
                await self._sleep(_LOOK_SECONDS)
                if self._reactor.seconds() - said > _SAY_SECONDS:
                    said = self._reactor.seconds()
                    self._log.info(
                        "PostgreSQL is starting, for {seconds:.0f} s: {last}",
                        seconds=said - began,
                        last=child.last_line,
                    )
            if not child.ended:
                self._log.info("PostgreSQL is running, process {pid}", pid=child.pid)
                return
            if self._stopping:
                raise StartError("PostgreSQL was stopped while it started")
            if _SHARED_MEMORY not in child.reason or self._reactor.seconds() - began > _SHARED_MEMORY_SECONDS:
                log = cluster.log_directory / "postgres.log"
                raise StartError(f"PostgreSQL does not start: {child.reason} (more in {log})")
            await self._sleep(_FIRST_PAUSE_SECONDS)

    async def _initialise(self, cluster: Cluster) -> None:
        """Make the data, roles and database beside their place, then put them there in one step."""
        self._log.info("making a new database in {home}", home=str(cluster.home))
        fresh = cluster.new_directory()
        await self._run("initdb", cluster.initdb_command(fresh))
        await self._run("making roles", cluster.roles_command(fresh), cluster.roles_sql())
        cluster.adopt(fresh)

    async def _check_version(self, cluster: Cluster) -> None:
        """The binaries work on this machine, and the data is of their major version."""
        said = await self._run("PostgreSQL", cluster.command("postgres", "-V"))
        version = said.rpartition(" ")[2].partition(".")[0]
        if cluster.is_initialised and (have := cluster.data_version()) != version:
            raise StartError(
                f"the data in {cluster.data} was made by PostgreSQL {have}, this hotline brings {version}: "
                "make a backup with the hotline that made it, and restore that here"
            )

    async def _stop_leftover(self, cluster: Cluster) -> None:
        """After a kill -9 of the daemon its server may still be there: end it, in order if it lets us."""
        for number, seconds in _STOP_STEPS:
            until = self._reactor.seconds() + seconds
            if (pid := cluster.running_pid()) is None:
                return
            self._log.warn("stopping a PostgreSQL left over from an earlier run, process {pid}", pid=pid)
            os.kill(pid, number)
            while cluster.running_pid() == pid and self._reactor.seconds() < until:
                await self._sleep(_LOOK_SECONDS)

    async def _run(self, what: str, command: list[str], entered: str = "") -> str:
        """Run a command to its end; gives its first line. :raises StartError: it failed."""
        child = self._child = self._spawn(command, entered)
        await child.wait()
        self._child = None
        if self._stopping:
            raise StartError("PostgreSQL was stopped while it started")
        if not child.succeeded:
            raise StartError(f"{what} failed: {child.reason}")
        return child.first_line

    async def _end(self, child: Child) -> None:
        for number, seconds in _STOP_STEPS:
            if child.ended:
                return
            child.signal(number)
            ended = child.wait()
            late = self._reactor.callLater(seconds, ended.cancel)
            try:
                await ended
            except CancelledError:
                self._log.warn(
                    "PostgreSQL did not end within {seconds} s after signal {number}",
                    seconds=seconds,
                    number=number,
                )
            finally:
                if late.active():
                    late.cancel()

    async def _sleep(self, seconds: float) -> None:
        """A pause that `stop` cuts short."""
        if self._stopping:
            seconds = 0
        self._pause = deferLater(self._reactor, seconds)
        try:
            await self._pause
        except CancelledError:
            pass
        finally:
            self._pause = None

    def _spawn(self, command: list[str], entered: str = "") -> Child:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        child = Child(self._hear, entered)
        # The root as working directory: ours may be closed to the user the server runs as.
        self._reactor.spawnProcess(child, command[0], command, env={**environment, "LC_ALL": "C"}, path="/")
        return child

    def _hear(self, line: str) -> None:
        if self._log_file is not None:
            self._log_file.write(f"{line}\n")

    def _release(self) -> None:
        if self._log_file is not None:
            self._log_file.close()
            self._log_file = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
