"""`hotline migrate` and `hotline doctor`: is everything in order, and what mends it.

In come settings, out come findings, each with the command that mends it. The doctor changes nothing.
"""

from __future__ import annotations

import importlib.resources
import os
import shutil
import stat
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol

from hotline.commands.finding import Finding, of_bell, of_disk, of_exposed, of_keys, of_log
from hotline.commands.house import owner_dsn
from hotline.commands.output import Output
from hotline.config import Settings
from hotline.delivery import delivery_of
from hotline.descriptors import ENOUGH, RESERVED, connections_within, raise_limit
from hotline.errors import StartError
from hotline.leaked import PLACES
from hotline.store import condition, guardian, keyless, migrations, probes
from hotline.store.condition import Condition

_MAIL_TIMEOUT_SECONDS = 5
_OLDEST_SERVER = 140000


async def migrate(reactor: Any, settings: Settings, arguments: Namespace, output: Output) -> None:
    async with owner_dsn(reactor, settings) as dsn:
        applied = await migrations.migrate(reactor, dsn)
        seconds = settings.domain_limits.statement_seconds
        sealed = await guardian.seal(reactor, dsn, settings.master_keys, seconds)
    output.value(
        {"applied": applied, "schema": migrations.newest(), "sealed": sealed},
        f"The database has schema {migrations.newest()}" + (", as it had." if not applied else " now."),
    )


async def examine(reactor: Any, settings: Settings, arguments: Namespace, output: Output) -> int:
    findings = [
        *_data_directory(settings),
        *await _database(reactor, settings),
        *await _master_keys(reactor, settings),
        *await _mail(reactor, settings),
        *_leaked(settings),
        of_exposed(settings.exposed),
        _descriptors(settings),
        _app(),
    ]
    if output.as_json:
        output.value([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mend = "" if finding.mend is None else f"\n      mend: {finding.mend}"
            output.value(
                None, f"{'ok  ' if finding.ok else 'BAD '}  {finding.check}: {finding.finding}{mend}"
            )
    return 0 if all(finding.ok for finding in findings) else 1


def _data_directory(settings: Settings) -> Iterator[Finding]:
    data = settings.data
    if not data.is_dir():
        yield Finding(
            check="data directory", ok=False, finding=f"{data} does not exist", mend=f"mkdir -p {data}"
        )
        return
    writable = os.access(data, os.R_OK | os.W_OK | os.X_OK)
    yield Finding(
        check="data directory",
        ok=writable,
        finding=f"{data} {'can' if writable else 'cannot'} be used",
        mend=None if writable else f"chown -R $(id -u) {data}",
    )
    yield of_disk(data, shutil.disk_usage(data).free)
    pepper = data / "pepper"
    if not pepper.exists():
        yield Finding(check="pepper", ok=True, finding=f"{pepper} is made at the first start")
    else:
        yield _private("pepper", pepper)


def _private(check: str, path: Path) -> Finding:
    private = not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return Finding(
        check=check,
        ok=private,
        finding=f"{path} can be read by {'its owner only' if private else 'others'}",
        mend=None if private else f"chmod 600 {path}",
    )


async def _master_keys(reactor: Any, settings: Settings) -> list[Finding]:
    path = settings.master_keys
    if path.exists() and not (found := _private("master keys", path)).ok:
        return [found]
    try:
        async with owner_dsn(reactor, settings) as dsn:
            newest = (await condition.examine(reactor, dsn)).schema == migrations.newest()
            needed = await guardian.list_needed(reactor, dsn) if newest else []
            findings = [Finding(check="master keys", ok=True, finding=guardian.check(path, needed))]
            if newest and path.exists():
                seconds = settings.domain_limits.statement_seconds
                missing = keyless.told(await keyless.count(reactor, dsn, seconds))
                opened = await probes.open_all_keys(reactor, dsn, path)
                findings.append(of_keys(opened, missing, path))
        return findings
    except StartError as error:
        return [Finding(check="master keys", ok=False, finding=str(error), mend=f"bring back {path}")]


async def _database(reactor: Any, settings: Settings) -> list[Finding]:
    if settings.is_embedded and not (settings.data / "postgres").exists():
        return [Finding(check="database", ok=False, finding="there is none yet", mend="hotline migrate")]
    try:
        async with owner_dsn(reactor, settings) as dsn:
            found = list(_conditions(await condition.examine(reactor, dsn)))
            bell = await probes.try_bell(reactor, dsn, lambda: datetime.now(UTC))
            return [*found, *of_bell(bell)]
    except StartError as error:
        mend = (
            "look into the log in the data directory"
            if settings.is_embedded
            else "check --database and the server"
        )
        return [Finding(check="database", ok=False, finding=str(error), mend=mend)]


def _conditions(found: Condition) -> Iterator[Finding]:
    recent = found.server_version >= _OLDEST_SERVER
    yield Finding(
        check="PostgreSQL",
        ok=recent,
        finding=f"version {found.server_version // 10000}",
        mend=None if recent else "use PostgreSQL 14 or newer",
    )
    durable = found.fsync and found.synchronous_commit != "off"
    yield Finding(
        check="durability",
        ok=durable,
        finding="what is acknowledged is on disk" if durable else "acknowledged messages can be lost",
        mend=None if durable else "ALTER SYSTEM SET fsync = on; ALTER SYSTEM SET synchronous_commit = on;",
    )
    yield of_log(found.logged_by)
    newest = migrations.newest()
    yield Finding(
        check="schema",
        ok=found.schema == newest,
        finding=f"{found.schema}, this hotline works with {newest}",
        mend=None
        if found.schema == newest
        else "hotline migrate"
        if found.schema < newest
        else "use a newer hotline",
    )
    if not found.schema:
        return
    bounded = found.role_is_usable and not found.role_is_unbounded
    yield Finding(
        check="application role",
        ok=bounded,
        finding="hotline_app " + ("is bound by the rules" if bounded else "is missing, or above the rules"),
        mend=None
        if bounded
        else "ALTER ROLE hotline_app NOSUPERUSER NOBYPASSRLS; GRANT hotline_app TO CURRENT_USER;",
    )
    walled = not found.tables_without_wall
    yield Finding(
        check="organisations apart",
        ok=walled,
        finding="in every table" if walled else f"not in {', '.join(found.tables_without_wall)}",
        mend=None
        if walled
        else " ".join(
            f"ALTER TABLE {t} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
            for t in found.tables_without_wall
        ),
    )
    yield Finding(
        check="mails",
        ok=not found.mails_that_failed,
        finding=f"{found.mails_that_failed} wait after a failed attempt",
        mend="check --mail; the log says why" if found.mails_that_failed else None,
    )


async def _mail(reactor: Any, settings: Settings) -> list[Finding]:
    try:
        delivery_of(reactor, settings.mail, settings.data)
    except StartError as error:
        return [Finding(check="mail", ok=False, finding=str(error), mend="correct --mail")]
    parts = urlsplit(settings.mail)
    if parts.scheme == "maildir":
        return [
            Finding(check="mail", ok=True, finding=f"is put into {settings.mail.partition(':')[2]}, not sent")
        ]
    host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 587)
    try:
        endpoint = HostnameEndpoint(reactor, host, port, timeout=_MAIL_TIMEOUT_SECONDS)
        connected = await connectProtocol(endpoint, Protocol())
    except Exception as error:
        reason = str(error).strip() or type(error).__name__
        return [Finding(check="mail", ok=False, finding=f"{host}:{port}: {reason}", mend="correct --mail")]
    assert connected.transport is not None
    connected.transport.loseConnection()
    return [Finding(check="mail", ok=True, finding=f"{host}:{port} can be reached")]


def _leaked(settings: Settings) -> Iterator[Finding]:
    if settings.leaked is None:
        return
    try:
        settings.leaked.check()
    except StartError as error:
        yield Finding(
            check="leaked passwords", ok=False, finding=str(error), mend="correct --leaked-passwords"
        )
    else:
        told = f"{settings.leaked} can be read, and is sorted at {PLACES} places looked at"
        yield Finding(check="leaked passwords", ok=True, finding=told)


def _descriptors(settings: Settings) -> Finding:
    # The daemon raises its own limit in the same way; that of a service manager may be another.
    limit, limits = raise_limit(), settings.node_limits
    possible = connections_within(limit, 0)
    finding = f"{limit} at most, of connections {possible}"
    if (wanted := limits.connections or limits.sessions) > possible:
        finding += f", where [limits] allows {wanted}"
    enough = max(ENOUGH, limits.connections + RESERVED)
    mend = f"LimitNOFILE={max(65536, enough)} in the unit of systemd, or ulimit -Hn {max(65536, enough)}"
    return Finding(
        check="open files", ok=limit >= enough, finding=finding, mend=None if limit >= enough else mend
    )


def _app() -> Finding:
    built = (importlib.resources.files("hotline.web") / "static" / "manifest.json").is_file()
    return Finding(
        check="browser app",
        ok=built,
        finding="is there" if built else "was not built",
        mend=None if built else "make web",
    )
