"""Migrations: numbered SQL files, forward only, each in a transaction, one node at a time.

In comes the owner's connection string, out comes a database of the newest schema. Never touches a
database that is newer than this program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

from hotline.errors import StartError
from hotline.store.connections import APPLICATION_ROLE, Connection, connect, within
from hotline.store.driver_errors import BROKEN, reason_of

# Any number, the same on all nodes: it stands for "somebody migrates this database".
_LOCK = 4_683_554_231
_MIGRATION_SECONDS = 3600
_FILE = re.compile(r"(\d{4})_\w+\.sql")

_TAKE_LOCK = "SELECT pg_advisory_lock(%(lock)s)"
_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (
    version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())
"""
_HAS_TABLE = "SELECT to_regclass('schema_version') IS NOT NULL AS has"
_CURRENT = "SELECT coalesce(max(version), 0) AS version FROM schema_version"
_READABLE = f"GRANT SELECT ON schema_version TO {APPLICATION_ROLE}"
_SERVER = """
SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
    current_setting('server_encoding') AS encoding
"""
_ROLE = """
SELECT owner.rolname AS owner,
    -- From PostgreSQL 16 on, a role that somebody else has made is not ours to use.
    owner.rolsuper OR owner.rolcreaterole
        AND (app.oid IS NULL OR current_setting('server_version_num')::int < 160000) AS may_make,
    app.oid IS NOT NULL AS exists, coalesce(pg_has_role(app.oid, 'MEMBER'), false) AS is_ours
FROM pg_roles owner LEFT JOIN pg_roles app ON app.rolname = %(role)s WHERE owner.rolname = current_user
"""
_OLDEST_SERVER = 140000


def migrations() -> Iterator[tuple[int, str]]:
    """All migrations of this program as (number, SQL), in order."""
    folder = resources.files("hotline.store") / "schema"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        match = _FILE.fullmatch(entry.name)
        if match:
            yield int(match[1]), entry.read_text(encoding="utf-8")


def newest() -> int:
    """The schema version this program works with."""
    return max(number for number, _ in migrations())


async def migrate(reactor: Any, dsn: str) -> int:
    """Bring the database to the newest schema; the number of migrations applied.

    :raises StartError: the database cannot be reached, is newer, or the role may not do it.
    """
    try:
        connection = await connect(reactor, dsn, role=None)
    except BROKEN as error:
        raise StartError(f"the database cannot be reached: {reason_of(error)}") from error
    try:
        return await _migrate(reactor, connection)
    except BROKEN as error:
        raise StartError(f"the database cannot be migrated: {reason_of(error)}") from error
    finally:
        connection.abandon()


async def _migrate(reactor: Any, connection: Connection) -> int:
    async def run(sql: str, **parameters: Any) -> Any:
        cursor = connection.cursor()
        # Without parameters the driver leaves % signs in the SQL files alone.
        await within(reactor, _MIGRATION_SECONDS, connection, cursor.execute(sql, parameters or None))
        return cursor

    server = (await run(_SERVER)).fetchone()
    if server.version < _OLDEST_SERVER:
        raise StartError(f"PostgreSQL is too old: 14 or newer is needed, this is {server.version // 10000}")
    if server.fsync != "on":
        raise StartError("PostgreSQL runs with fsync off: what it acknowledges could be lost; turn fsync on")
    if server.encoding != "UTF8":
        raise StartError(f"the database has the encoding {server.encoding}; hotline needs one with UTF8")
    _check_role((await run(_ROLE, role=APPLICATION_ROLE)).fetchone())
    await run(_TAKE_LOCK, lock=_LOCK)
    has_table = (await run(_HAS_TABLE)).fetchone().has
    current = (await run(_CURRENT)).fetchone().version if has_table else 0
    if current > newest():
        raise StartError(
            f"the database has schema {current}, this hotline knows up to {newest()}: use a newer hotline"
        )
    applied = 0
    for number, sql in migrations():
        if number > current:
            prelude = "" if has_table else _VERSION_TABLE + ";"
            readable = "" if has_table else ";" + _READABLE
            # Several statements sent together are one transaction.
            await run(f"{prelude}{sql}\n;INSERT INTO schema_version (version) VALUES ({number}){readable}")
            has_table = True
            applied += 1
    if applied:
        await run("ANALYZE")
    return applied


def _check_role(role: Any) -> None:
    if role.is_ours or role.may_make:
        return
    make = "" if role.exists else f"CREATE ROLE {APPLICATION_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS; "
    raise StartError(
        f"{role.owner} may not make or use the role {APPLICATION_ROLE}: "
        f"run this as a superuser: {make}GRANT {APPLICATION_ROLE} TO {role.owner};"
    )
