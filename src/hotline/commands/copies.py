"""`hotline backup` and `hotline restore`: the database in one file, its keys in another, while hotline runs.

In comes a database or such files, out comes the other. A backup is whole or not there, and can be
proved; a restore happens completely or not at all. Neither the pepper nor the master keys are in it.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.logger import Logger

from hotline.commands import archive, programs
from hotline.commands.house import owner_dsn
from hotline.commands.output import Output
from hotline.commands.people import confirm
from hotline.commands.putting_back import put_back
from hotline.config import Settings
from hotline.errors import StartError
from hotline.store import condition, guardian, keyless, migrations
from hotline.store.data_keys import TABLES as KEY_TABLES
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.sums import Snapshot, snapshot

_ALL_BUT_KEYS = [f"--exclude-table-data={table}" for table in KEY_TABLES]
_KEYS_ALONE = ["--data-only", *(f"--table={table}" for table in KEY_TABLES)]


async def backup(reactor: Any, settings: Settings, arguments: Namespace, output: Output) -> None:
    file, keys = _path(arguments.file), _path(arguments.keys)
    if arguments.verify:
        if file is None:
            raise StartError("which FILE is to be proved?")
        await verify(reactor, file, keys, output)
    elif file is None and keys is None:
        raise StartError("give a FILE for the database, --keys KEYFILE for its keys, or both")
    elif file == keys:
        raise StartError("FILE and KEYFILE are to be two files: whoever has both can read more than either")
    else:
        await _make(reactor, settings, file, keys, output)


async def _make(
    reactor: Any, settings: Settings, file: Path | None, keys: Path | None, output: Output
) -> None:
    """Both, if both are wanted, are of the same moment."""
    wanted = KEY_TABLES if file is None else None
    async with owner_dsn(reactor, settings) as dsn, snapshot(reactor, dsn, wanted) as moment:
        if keys is not None:
            await _dump(reactor, dsn, moment, keys, _KEYS_ALONE, of_keys=True)
        if file is not None:
            await _dump(reactor, dsn, moment, file, _ALL_BUT_KEYS, of_keys=False)
    pepper, master_keys = settings.data / "pepper", settings.master_keys
    sentences = []
    if file is not None:
        sentences.append(
            f"{file} holds everything ({file.stat().st_size} bytes) but keys, {pepper} and {master_keys}: "
            "keep copies elsewhere; without the pepper no password is right, without the others nothing can "
            "be read."
        )
    if keys is not None:
        sentences.append(f"{keys} holds the keys: keep it apart from the rest, and only the newest one.")
    elif file is not None:
        sentences.append("hotline backup --keys KEYFILE makes the copy of the keys.")
    output.value(
        {
            "file": None if file is None else str(file),
            "bytes": None if file is None else file.stat().st_size,
            "keys": None if keys is None else str(keys),
            "keep_too": [str(pepper), str(master_keys)],
        },
        " ".join(sentences),
    )


async def _dump(
    reactor: Any, dsn: str, moment: Snapshot, target: Path, what: list[str], *, of_keys: bool
) -> None:
    with _beside(target) as fresh:
        # Row-level security is on for the owner too, whose policy shows all rows: without this
        # option pg_dump refuses to begin.
        await programs.run(
            reactor, dsn, "pg_dump",
            "--format=custom", "--enable-row-security", "--no-owner", *what,
            f"--snapshot={moment.name}", f"--file={fresh / 'dump'}",
        )  # fmt: skip
        await programs.run(reactor, dsn, "pg_restore", "--list", str(fresh / "dump"))
        sums = {name: one for name, one in moment.tables.items() if (name in KEY_TABLES) is of_keys}
        archive.pack(fresh / "packed", fresh / "dump", sums, fresh)
        (fresh / "packed").chmod(0o600)
        (fresh / "packed").rename(target)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A directory for what is in between, where there is room for it and everything stays on one disk."""
    if not target.parent.is_dir():
        raise StartError(f"there is no directory {target.parent}")
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        fresh.mkdir(mode=0o700)
    except OSError as error:
        raise StartError(f"cannot write to {target.parent}: {error.strerror}") from error
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh)


async def verify(reactor: Any, source: Path, keys: Path | None, output: Output) -> None:
    """Put the backup back into a PostgreSQL made for it alone, and hold it against what it was made of."""
    _check_files(source, keys)
    with tempfile.TemporaryDirectory(prefix="hotline-verify-") as name:
        server = EmbeddedPostgres(reactor, Path(name), Logger())
        dsn = await server.start()
        try:
            await condition.make_application_role(reactor, dsn)
            back = await put_back(reactor, dsn, source, keys, Path(name), leaves_out=False)
            async with snapshot(reactor, dsn) as moment:
                found = moment.tables
            applied = await migrations.migrate(reactor, dsn)
            # Nobody else waits for this PostgreSQL: it may take its time.
            missing = await keyless.count(reactor, dsn, statement_seconds=0)
        finally:
            await server.stop()
    expected = back.tables
    if expected is None:
        raise StartError(f"{source} can be put back, but does not tell what it should hold: pg_dump made it")
    # The keys' own sums were asked when they were let in; those of another moment's organisations were not.
    compared = {name for name in expected.keys() | found.keys() if name in expected or name not in KEY_TABLES}
    if wrong := sorted(name for name in compared if expected.get(name) != found.get(name)):
        raise StartError(f"{source} does not hold what the database held: {', '.join(wrong)}")
    rows = sum(one.rows for one in found.values())
    what = f"{source} holds" if keys is None else f"{source} and {keys} hold"
    output.value(
        {"file": str(source), "keys": None if keys is None else str(keys), "tables": len(found)}
        | {"rows": rows, "migrations": applied, "without_keys": missing}
        | {"organisations_without_keys": back.without_key},
        f"{what} what the database held: {rows} rows in {len(found)} tables, put back and compared."
        + (f" {keyless.told(missing)} without a key here." if any(missing.values()) else "")
        + (f" Organisations without a key here: {', '.join(back.without_key)}." if back.without_key else ""),
    )


def _path(given: str | None) -> Path | None:
    return None if given is None else Path(given).absolute()


def _check_files(*files: Path | None) -> None:
    for file in files:
        if file is not None and not file.is_file():
            raise StartError(f"there is no file {file}")


async def restore(reactor: Any, settings: Settings, arguments: Namespace, output: Output) -> None:
    source, keys = Path(arguments.file).absolute(), _path(arguments.keys)
    _check_files(source, keys)
    async with owner_dsn(reactor, settings) as dsn:
        before = await condition.examine(reactor, dsn)
        if before.organisations:
            confirm(
                arguments,
                f"What is there now ({_counted(before.organisations)}) will be replaced.",
                "replace",
            )
        await condition.make_application_role(reactor, dsn)
        with tempfile.TemporaryDirectory(prefix="hotline-restore-") as directory:
            # Whose key was destroyed after the dump was made, was deleted: it does not come to life again.
            back = await put_back(reactor, dsn, source, keys, Path(directory), leaves_out=True)
        ended = await condition.end_connections(reactor, dsn)
        applied = await migrations.migrate(reactor, dsn)
        seconds = settings.domain_limits.statement_seconds
        sealed = await guardian.seal(reactor, dsn, settings.master_keys, seconds)
        missing = await keyless.count(reactor, dsn, seconds)
        unreadable = await _unreadable_because(reactor, dsn, settings.master_keys)
        if keys is not None and unreadable is None and any(missing.values()):
            # Their keys were destroyed after the dump was made: so that they are, too.
            await keyless.delete(reactor, dsn, settings.master_keys, datetime.now(UTC), seconds)
        elif unreadable is None and any(missing.values()):
            unreadable = (
                f"{keyless.told(missing)} without a key: hotline restore FILE --keys KEYFILE brings them back"
            )
        after = await condition.examine(reactor, dsn)
    running = " Start hotline anew, so that nothing of before is left in its memory." if ended else ""
    if keys is None:
        told = f" What was said cannot be read: {unreadable}." if unreadable else ""
    else:
        told = f" Nothing that was said can be read yet: {unreadable}." if unreadable else ""
        if any(missing.values()):
            told += f" Left out, because their keys are not in {keys}: {keyless.told(missing)}."
        if back.without_key:
            told += f" Left out whole, because their keys are not in {keys}: {', '.join(back.without_key)}."
    output.value(
        {"organisations": after.organisations, "migrations": applied, "restart": ended > 0}
        | {"sealed": sealed, "unreadable": unreadable, "without_keys": missing}
        | {"organisations_left_out": back.without_key},
        f"The database is back, with {_counted(after.organisations)}.{running}{told}",
    )


async def _unreadable_because(reactor: Any, dsn: str, master_keys: Path) -> str | None:
    """What is wrong with the master keys, for this database."""
    try:
        guardian.check(master_keys, await guardian.list_needed(reactor, dsn))
    except StartError as error:
        return str(error)
    return None


def _counted(organisations: int) -> str:
    return "1 organisation" if organisations == 1 else f"{organisations} organisations"
