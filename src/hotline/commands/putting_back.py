"""The way of a backup into a database: all of it, and its keys if they are given, or nothing.

In come the files of `hotline backup` and a database, whose content they replace in one transaction. Keys are
counted and summed before they are let in, and only those come in whose organisation does; an organisation
whose key is not there can be left out with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
# Each of these was sealed, or is a row of what is. Who has none of them never had a key, and so lost none.
_SEALED_ONES = {
    "rooms": "AND NOT EXISTS (SELECT FROM public.unsealed u WHERE (u.organisation_id, u.owner_id) ="
    " (t.organisation_id, t.room_id))",
    "clients": "AND NOT EXISTS (SELECT FROM public.unsealed u WHERE (u.organisation_id, u.owner_id) ="
    " (t.organisation_id, t.client_id))",
    "surveys": "AND NOT EXISTS (SELECT FROM public.unsealed u WHERE (u.organisation_id, u.owner_id) ="
    " (t.organisation_id, t.survey_id))",
    "receipt_heads": "",
    "audit_heads": "",
}
_HAS_SEALED = "EXISTS (SELECT FROM public.{table} t WHERE t.organisation_id = o.organisation_id {but})"
_WITHOUT_KEY = """
CREATE TEMPORARY TABLE without_key AS SELECT o.organisation_id, o.slug FROM public.organisations o
WHERE NOT EXISTS (SELECT FROM public.organisation_keys k WHERE k.organisation_id = o.organisation_id)
    AND ({sealed});
SELECT 'without a key: ' || slug FROM pg_temp.without_key ORDER BY slug;
"""
# As long as no table knows of another, nor keeps anybody from a row.
_LEAVE_OUT = """
DO $$
DECLARE
    target text;
BEGIN
    FOR target IN SELECT format('public.%I', c.relname) FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE 'DELETE FROM ' || target || ' WHERE organisation_id IN (SELECT organisation_id'
            || ' FROM pg_temp.without_key)';
    END LOOP;
END $$;
"""
_NAMED = re.compile(r"^without a key: ([a-z0-9-]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """What has come back."""

    tables: dict[str, Sum] | None
    """What the tables must add up to now, if the file says so and nothing is left out."""
    without_key: list[str]
    """Slugs of organisations of which something is sealed, and whose key is not among those given."""


async def put_back(
    reactor: Any, dsn: str, source: Path, keys: Path | None, directory: Path, *, leaves_out: bool
) -> PutBack:
    """Put it there instead of what is there.

    :param leaves_out: organisations whose key is not among those given do not come back.
    :raises StartError: nothing has changed.
    """
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
        script = await _script_of_keys(reactor, dsn, keys, directory)
        with script.open("a", encoding="utf-8") as written:
            written.write(_without_key(made) + (_LEAVE_OUT if leaves_out else ""))
        scripts.insert(2, script)
    said = await programs.run(
        reactor, dsn, "psql",
        "--no-psqlrc", "--quiet", "--no-align", "--tuples-only",
        "--single-transaction", "--set=ON_ERROR_STOP=1", f"--command={_CLEAR}",
        *(f"--file={script}" for script in scripts),
    )  # fmt: skip
    return PutBack(tables=tables, without_key=_NAMED.findall(said))


def _without_key(made: str) -> str:
    """For the tables there are: an older hotline had fewer."""
    sealed = [
        _HAS_SEALED.format(table=table, but=but)
        for table, but in _SEALED_ONES.items()
        if f"CREATE TABLE public.{table} (" in made
    ]
    return _WITHOUT_KEY.format(sealed=" OR ".join(sealed))


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
