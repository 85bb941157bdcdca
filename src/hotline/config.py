"""What the operator wants, from command line, environment and file, as one frozen value.

In come the parsed options, the environment and the TOML file they name, out comes `Settings` or a StartError
of one line that names the culprit. Never opens a socket, a database or any file but that one.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_type_hints

import msgspec

from hotline.checked import (
    WILDCARD,
    Given,
    TransportSetting,
    check_data,
    check_database,
    check_endpoint,
    check_log_format,
    check_mail,
    check_open_realm,
    check_public_url,
    check_registration,
    check_transport,
)
from hotline.domain.limits import DomainLimits
from hotline.errors import StartError
from hotline.exposed import exposed
from hotline.leaked import LeakedPasswords
from hotline.limits import problem_of
from hotline.protocols.limits import NodeLimits, SessionLimits
from hotline.settable import CONFIG, LIMITS, OPTIONS

_BY_NAME = {option.name: option for option in OPTIONS}
_LIMITS_TABLE = "limits"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set, checked. `database` and `mail` may hold passwords and are not shown."""

    data: Path
    database: str = field(repr=False)
    http: tuple[str, ...]
    transports: tuple[TransportSetting, ...]
    public_url: str
    """scheme://host[:port], without a slash at the end."""
    own_addresses: bool
    """Whether each organisation is also at <slug>. before that host."""
    has_own_public_url: bool
    """Whether the operator gave it; else it follows from the first endpoint."""
    mail: str = field(repr=False)
    master_keys: Path
    leaked: LeakedPasswords | None
    """What nobody may choose as a password."""
    log_format: Literal["text", "json"]
    metrics: str | None
    open_realm: str | None
    registers_by_mail: bool
    """Whether an organisation is made by a link that is mailed."""
    exposed: tuple[str, ...]
    """What is wrong with where a password was given, in sentences."""
    session_limits: SessionLimits
    domain_limits: DomainLimits
    node_limits: NodeLimits

    @property
    def is_embedded(self) -> bool:
        """Whether hotline runs its own PostgreSQL."""
        return self.database == "embedded:"

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages by https, directly or through a proxy."""
        return self.public_url.startswith("https:")


def load_settings(options: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Command line beats environment beats file beats default.

    :param options: what the command line gave, by name with `_` or `-`; None and empty: not given.
    :raises StartError: something is unknown, of the wrong kind or impossible.
    """
    from_line = _read_options(options)
    from_environment = _read_environment(environ)
    config = from_line.pop("config", None) or from_environment.pop("config", None)
    from_file, limits = _read_file(Path(config.value), config.source) if config else ({}, {})
    given = {
        **{option.name: Given(option.flag, option.default) for option in OPTIONS},
        **from_file,
        **from_environment,
        **from_line,
    }
    data = check_data(given["data"])
    http = tuple(check_endpoint(given["http"].source, text) for text in given["http"].value)
    if not http:
        raise StartError(f"{given['http'].source}: at least one endpoint is needed")
    transports = tuple(check_transport(given["transport"].source, text) for text in given["transport"].value)
    public_url = check_public_url(given["public_url"], http[0])
    mail = check_mail(given["mail"], data)
    metrics = (
        check_endpoint(given["metrics"].source, given["metrics"].value) if given["metrics"].value else None
    )
    endpoints = (*http, *(each.endpoint for each in transports), *([metrics] if metrics else []))
    return Settings(
        data=data,
        database=check_database(given["database"]),
        http=http,
        transports=transports,
        public_url=public_url,
        own_addresses=WILDCARD in str(given["public_url"].value or ""),
        has_own_public_url=bool(given["public_url"].value),
        mail=mail,
        master_keys=Path(given["master_keys"].value or data / "master_keys").expanduser().absolute(),
        leaked=LeakedPasswords(Path(given["leaked_passwords"].value).expanduser().absolute())
        if given["leaked_passwords"].value
        else None,
        log_format=check_log_format(given["log_format"]),
        metrics=metrics,
        open_realm=check_open_realm(given["open_realm"], endpoints),
        registers_by_mail=check_registration(
            given["registration"],
            default=public_url.startswith("https:") and not mail.startswith("maildir:"),
        ),
        exposed=exposed((given["database"], given["mail"]), Path(config.value) if config else None),
        session_limits=_convert(limits, SessionLimits),
        domain_limits=_convert(limits, DomainLimits),
        node_limits=_convert(limits, NodeLimits),
    )


def _read_options(options: Mapping[str, Any]) -> dict[str, Given]:
    given = {}
    for key, value in options.items():
        name = key.replace("-", "_")
        if value is None or value == [] or value == ():
            continue
        option = CONFIG if name == CONFIG.name else _BY_NAME.get(name)
        if option is None:
            raise StartError(f"unknown option --{key}{_suggestion(name, _BY_NAME)}")
        given[name] = Given(option.flag, tuple(value) if option.repeatable else value)
    return given


def _read_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    given = {}
    variables = {option.variable: option for option in (*OPTIONS, CONFIG)}
    for variable in sorted(environ):
        if not variable.startswith("HOTLINE_"):
            continue
        option = variables.get(variable)
        if option is None:
            raise StartError(
                f"unknown variable {variable} in the environment{_suggestion(variable, variables)}"
            )
        if value := environ[variable].strip():
            given[option.name] = Given(variable, tuple(value.split()) if option.repeatable else value)
    return given


def _read_file(path: Path, source: str) -> tuple[dict[str, Given], dict[str, Given]]:
    try:
        with path.expanduser().open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise StartError(f"{source}: cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: not valid TOML: {error}") from error
    limits = content.pop(_LIMITS_TABLE, {})
    if not isinstance(limits, dict):
        raise StartError(f"{path}: {_LIMITS_TABLE} has to be a table")
    given = {}
    for name, value in content.items():
        option = _BY_NAME.get(name)
        if option is None:
            raise StartError(f"{path}: unknown key {name}{_suggestion(name, (*_BY_NAME, _LIMITS_TABLE))}")
        texts = value if option.repeatable and isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            kind = "a text or a list of texts" if option.repeatable else "a text"
            raise StartError(f"{path}: {name} has to be {kind}")
        given[name] = Given(f"{path}: {name}", tuple(texts) if option.repeatable else value)
    return given, dict(_check_limits(path, limits))


def _check_limits(path: Path, limits: Mapping[str, Any]) -> Iterable[tuple[str, Given]]:
    for name, value in limits.items():
        if name not in LIMITS:
            raise StartError(f"{path}: unknown key {name} in [limits]{_suggestion(name, LIMITS)}")
        given = Given(f"{path}: [limits] {name}", value)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or value < 0
        ):
            raise StartError(f"{given.source} has to be a number, 0 or more")
        default, limit = LIMITS[name]
        if isinstance(default, int) and not isinstance(value, int):
            raise StartError(f"{given.source} has to be a whole number")
        if (problem := problem_of(name, limit, value)) is not None:
            raise StartError(f"{given.source} {problem}")
        yield name, given


def _convert(limits: Mapping[str, Given], kind: type[T]) -> T:
    names = get_type_hints(kind)
    mine = {name: given.value for name, given in limits.items() if name in names}
    return msgspec.convert(mine, kind)


def _suggestion(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f": did you mean {near[0]}?" if near else ""
