"""The way of a backup into a database: all of it, and its keys if they are given, or nothing.

In come the files of `hotline backup` and a database, whose content they replace in one transaction. Keys are
counted and summed before they are let in, and only those come in whose organisation does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hotline.commands import archive, programs
from hotline.errors import StartError
from hotline.store.data_keys import TABLES as KEY_TABLES
from hotline.store.sums import SUM, Sum

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
_SCHEMA_OF_KEYS = re.compile(r"^CREATE TABLE public\.data_keys \(", re.MULTILINE)
_COPY_OF_KEYS = re.compile(rf"^COPY public\.({'|'.join(KEY_TABLES)}) ")
_BESIDE = "CREATE TEMPORARY TABLE {table} (LIKE public.{table});\n"
# Another moment's keys may be of organisations that were not there yet, or not any more.
_LET_IN = """
DO $$
BEGIN
    IF ROW({rows}::bigint, '{sum}'::text) <> ({sums}) THEN
        RAISE EXCEPTION 'the keys are not what they were: {table}';
    END IF;
END $$;
INSERT INTO public.{table} SELECT k.* FROM pg_temp.{table} k
WHERE EXISTS (SELECT FROM public.organisations o WHERE o.organisation_id = k.organisation_id)
    AND NOT EXISTS (SELECT FROM public.{table} h WHERE {same});
"""


async def put_back(
    reactor: Any, dsn: str, source: Path, keys: Path | None, directory: Path
) -> dict[str, Sum] | None:
    """What the tables must add up to now, if the file says so. :raises StartError: nothing has changed."""
    dump, tables = archive.unpack(source, directory)
    scripts = []
    for section in ("pre-data", "data", "post-data"):
        scripts.append(await _script(reactor, dsn, dump, directory / f"{section}.sql", section))
    made = scripts[0].read_text()
    if "CREATE TABLE public.schema_version" not in made:
        raise StartError(f"{source} is not a backup of hotline")
    scripts[2].write_text(_OWNER_POLICY.sub(r"\1CURRENT_USER\2", scripts[2].read_text()))
    if keys is not None:
        if _SCHEMA_OF_KEYS.search(made) is None:
            raise StartError(f"{source} was made before there were keys: restore it without {keys}")
        # Before the walls stand, which are in the last script.
        scripts.insert(2, await _script_of_keys(reactor, dsn, keys, directory))
    await programs.run(
        reactor, dsn, "psql",
        "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--command={_CLEAR}",
        *(f"--file={script}" for script in scripts),
    )  # fmt: skip
    return tables


async def _script_of_keys(reactor: Any, dsn: str, keys: Path, directory: Path) -> Path:
    """What brings the keys into the tables that are there by then."""
    below = directory / "keys"
    below.mkdir()
    dump, sums = archive.unpack(keys, below)
    if sums is None or sums.keys() != set(KEY_TABLES):
        raise StartError(f"{keys} is not what hotline backup --keys made")
    plain = await _script(reactor, dsn, dump, below / "data.sql", "data")
    script = below / "all.sql"
    with plain.open(encoding="utf-8") as lines, script.open("w", encoding="utf-8") as written:
        for table in KEY_TABLES:
            written.write(_BESIDE.format(table=table))
        written.writelines(_COPY_OF_KEYS.sub(r"COPY pg_temp.\1 ", line) for line in lines)
        written.writelines(_let_in(sums))
    return script


def _let_in(sums: Mapping[str, Sum]) -> list[str]:
    same = {
        "organisation_keys": "h.organisation_id = k.organisation_id",
        "data_keys": "h.organisation_id = k.organisation_id AND h.owner_id = k.owner_id",
    }
    return [
        _LET_IN.format(
            table=table,
            sums=SUM.format(table=f"pg_temp.{table}"),
            rows=sums[table].rows,
            sum=int(sums[table].sum),
            same=same[table],
        )
        for table in KEY_TABLES
    ]


async def _script(reactor: Any, dsn: str, dump: Path, script: Path, section: str) -> Path:
    """One section of the dump as SQL."""
    await programs.run(
        reactor, dsn, "pg_restore",
        "--no-owner", f"--section={section}", f"--file={script}", str(dump),
        connects=False,
    )  # fmt: skip
    return script
