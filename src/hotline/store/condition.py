"""What state a database is in, asked as its owner: for `hotline doctor` and other commands.

In comes the owner's connection string, out come plain facts. Writes only when a backup is put back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from hotline.errors import StartError
from hotline.store.connections import (
    APPLICATION_ROLE,
    Connection,
    connect,
)
from hotline.store.database import execute
from hotline.store.driver_errors import BROKEN, reason_of

_HAS_SCHEMA = "SELECT to_regclass('schema_version') IS NOT NULL AS has"
_VERSION = "SELECT coalesce(max(version), 0) AS version FROM schema_version"
_SERVER = """
SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') = 'on' AS fsync,
    current_setting('synchronous_commit') AS synchronous_commit
"""
_ROLE = """
SELECT rolsuper OR rolbypassrls AS is_unbounded, pg_has_role(current_user, oid, 'MEMBER') AS is_ours
FROM pg_roles WHERE rolname = %(role)s
"""
_UNWALLED = """
SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attname = 'organisation_id'
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY c.relname
"""
# By which of PostgreSQL's settings statements, with what stands in them, come into its log; and which values
# keep them out of it. Of what is loaded in addition, if it is.
_LOGGING = {
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_transaction_sample_rate": ("0",),
    "log_min_error_statement": ("panic", "fatal"),
    "log_error_verbosity": ("terse",),
    "auto_explain.log_min_duration": ("-1",),
    "pgaudit.log": ("none", "ddl", ""),
}
_LOGGED = """
SELECT name, current_setting(name, true) AS value, format('%%I', current_database()) AS database
FROM unnest(%(names)s::text[]) AS name
"""
_COUNT_ORGANISATIONS = "SELECT count(*) AS number FROM organisations"
_COUNT_WAITING_MAILS = "SELECT count(*) AS number FROM mails WHERE attempts > 0"
_COUNT_OTHERS = """
SELECT count(*) AS number FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'hotline'
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'hotline'
"""
_MAKE_ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APPLICATION_ROLE}') THEN
        CREATE ROLE {APPLICATION_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    EXECUTE format('GRANT {APPLICATION_ROLE} TO %I', current_user);
END $$
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A setting by which statements come into PostgreSQL's log."""

    name: str
    value: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What there is to know about a database."""

    server_version: int
    fsync: bool
    synchronous_commit: str
    logged_by: tuple[Logged, ...]
    schema: int
    """0: hotline was never here."""
    role_is_usable: bool
    role_is_unbounded: bool
    tables_without_wall: tuple[str, ...]
    organisations: int
    mails_that_failed: int
    connections: int
    """Of hotline, daemons and commands, besides the one that asked."""


async def examine(reactor: Any, dsn: str) -> Condition:
    """:raises StartError: the database cannot be reached."""
    async with _opened(reactor, dsn) as connection:

        async def row(sql: str, **parameters: Any) -> Any:
            return (await execute(reactor, connection, sql, parameters or None)).fetchone()

        server = await row(_SERVER)
        logging = await execute(reactor, connection, _LOGGED, {"names": list(_LOGGING)})
        schema = (await row(_VERSION)).version if (await row(_HAS_SCHEMA)).has else 0
        role = await row(_ROLE, role=APPLICATION_ROLE)
        unwalled = await execute(reactor, connection, _UNWALLED)
        return Condition(
            server_version=server.version,
            fsync=server.fsync,
            synchronous_commit=server.synchronous_commit,
            logged_by=tuple(_logged(each) for each in logging.fetchall() if not _is_discreet(each)),
            schema=schema,
            role_is_usable=role is not None and role.is_ours,
            role_is_unbounded=role is not None and role.is_unbounded,
            tables_without_wall=tuple(table.name for table in unwalled.fetchall()),
            organisations=(await row(_COUNT_ORGANISATIONS)).number if schema else 0,
            mails_that_failed=(await row(_COUNT_WAITING_MAILS)).number if schema else 0,
            connections=(await row(_COUNT_OTHERS)).number,
        )


def _is_discreet(setting: Any) -> bool:
    return setting.value is None or setting.value in _LOGGING[setting.name]


def _logged(setting: Any) -> Logged:
    mend = f"ALTER DATABASE {setting.database} SET {setting.name} = '{_LOGGING[setting.name][0]}';"
    return Logged(name=setting.name, value=setting.value, mend=mend)


async def make_application_role(reactor: Any, dsn: str) -> None:
    """The role that a backup speaks of exists. :raises StartError: it cannot be made."""
    async with _opened(reactor, dsn) as connection:
        await execute(reactor, connection, _MAKE_ROLE)


async def end_connections(reactor: Any, dsn: str) -> int:
    """Cut all of hotline's connections, so that daemons look at everything anew; how many there were."""
    async with _opened(reactor, dsn) as connection:
        return (await execute(reactor, connection, _END_OTHERS)).rowcount  # type: ignore[no-any-return]  # the cursor is untyped


@asynccontextmanager
async def _opened(reactor: Any, dsn: str) -> AsyncIterator[Connection]:
    try:
        connection = await connect(reactor, dsn, role=None)
        try:
            yield connection
        finally:
            connection.abandon()
    except BROKEN as error:
        raise StartError(f"the database cannot be used: {reason_of(error)}") from error
