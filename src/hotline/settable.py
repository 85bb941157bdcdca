"""What can be set: one table for command line, environment and file, and one of the keys of `[limits]`.

Out of them come twistd's --help, the names that are known and what a limit may be; docs/operators.md is made
of the one and checked against the other. What an option's value may be is not said here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_type_hints

import msgspec

from hotline.domain.limits import DomainLimits
from hotline.limits import Limit
from hotline.protocols.limits import NodeLimits, SessionLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be set: `--name`, `HOTLINE_NAME` and `name` in the file."""

    name: str
    metavar: str
    help: str
    default: str | tuple[str, ...] | None = None
    repeatable: bool = False

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return "HOTLINE_" + self.name.upper()


OPTIONS: tuple[Option, ...] = (
    Option(name="data", metavar="DIR", default="var", help="Directory of everything hotline keeps on disk."),
    Option(
        name="database",
        metavar="URL",
        default="embedded:",
        help="embedded: (a PostgreSQL of our own in the data directory) or postgresql://user:password@host/name.",
    ),
    Option(
        name="http",
        metavar="ENDPOINT",
        default=("tcp:8080:interface=127.0.0.1",),
        repeatable=True,
        help="Twisted endpoint of the pages and of /ws; may be given more than once.",
    ),
    Option(
        name="transport",
        metavar="NAME:ENDPOINT",
        default=(),
        repeatable=True,
        help="More ways in for WAMP, as rawsocket:unix:/run/hotline.sock; may be given more than once.",
    ),
    Option(
        name="public_url",
        metavar="URL",
        help="Address under which people reach the pages (default: that of the first http endpoint); "
        "with *. before the host each organisation has one of its own.",
    ),
    Option(
        name="mail",
        metavar="URL",
        default="maildir:",
        help="maildir:DIR (without DIR: mail in the data directory), smtp://host:port?starttls=require "
        "or smtps://user:password@host.",
    ),
    Option(
        name="master_keys",
        metavar="FILE",
        help="Keys without which no text in the database can be read (default: master_keys in the data "
        "directory, made at the first start); the same for all nodes.",
    ),
    Option(
        name="leaked_passwords",
        metavar="FILE",
        help="Passwords that nobody may choose: SHA-1 hashes, sorted, as Have I Been Pwned gives them out.",
    ),
    Option(name="metrics", metavar="ENDPOINT", help="Where to serve /metrics for Prometheus."),
    Option(name="log_format", metavar="text|json", default="text", help="How the log is written."),
    Option(
        name="registration",
        metavar="at-once|by-mail",
        help="Whether an organisation is there as soon as its form is sent, or when the link mailed to its "
        "manager is used (default: by-mail with https and a mail server, else at-once).",
    ),
    Option(
        name="open_realm",
        metavar="NAME",
        help="A realm without rules, for development and conformance tests; on loopback only.",
    ),
)

CONFIG = Option(
    name="config", metavar="FILE", help="TOML file with these options as keys, and the table [limits]."
)

LIMIT_KINDS = (SessionLimits, NodeLimits, DomainLimits)
"""For a session's connection, for the node's door, for what people do: each part of hotline gets its own."""


def _limits() -> dict[str, tuple[float, Limit]]:
    found = {}
    for kind in LIMIT_KINDS:
        hints = get_type_hints(kind, include_extras=True)
        for name, default in _defaults(kind):
            limit = next((each for each in hints[name].__metadata__ if isinstance(each, Limit)), None)
            if limit is None:
                raise LookupError(f"{kind.__name__}.{name} says nothing of itself")
            found[name] = (default, limit)
    return found


def _defaults(kind: Any) -> Iterable[tuple[str, Any]]:
    listed: Iterable[Any] = fields(kind) if is_dataclass(kind) else msgspec.structs.fields(kind)
    return [(each.name, each.default) for each in listed]


LIMITS = _limits()
"""Each key of the table `[limits]`, with its default and what it says of itself."""
