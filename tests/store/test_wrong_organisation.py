"""Every function of the store, called in one organisation's transaction with ids and secrets of another.

Made by walking the store: a new function is called as well, with what its parameters are named; one whose
name is not known here fails. Each is called at home first: there it has to find or change something.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import fields
from typing import Any

import psycopg2
from psycopg2 import errors as pg
from pytest_twisted import ensureDeferred

from hotline import store
from hotline.errors import HotlineError
from hotline.store import logins
from hotline.store.database import Database, Transaction
from hotline.store.due import Due
from hotline.store.seals import Cipher
from tests.conftest import Now
from tests.helpers import make_house
from tests.store.full_house import WORD, Ids, fill
from tests.store.given import NODE_GONE, OF_FUNCTION, VALUES

# What is found before an organisation is known, or for all of them: ids, and what leads to one is an id or a
# secret already. Of the list of organisations, which the command line shows, their addresses and names.
DIRECTORY = {
    "assigning.list_due",
    "consultants.list_organisations",
    "data_keys.hold_masters",
    "data_keys.list_masters",
    "data_keys.list_under_others",
    "invitations.find_organisation",
    "logins.find_organisation",
    "mails.due",
    "organisations.find_by_slug",
    "organisations.free_slug",
    "organisations.list_all",
    "passkeys.find_organisation",
    "pushes.list_due",
    "pushes.list_organisations",
    "pushes.list_unheard",
    "resets.find_organisation",
    "steps.find_organisation",
    "unsealed.list_some",
}
# They hold a row until the transaction ends, or say nothing when all is well; and a new organisation is made
# in a transaction of its own.
SILENT = {
    "organisations.add",
    "audit.begin",
    "consultants.lock",
    "workload.check_limit",
    "workload.check_successor",
    "workload.engage",
    "workload.engage_others",
}


def functions() -> dict[str, Any]:
    """All public functions of the store that work in a transaction, by module and name, and what lists what
    is due."""
    found = {"logins.over": logins.over(30).list}
    for module in pkgutil.iter_modules(store.__path__):
        content = vars(importlib.import_module(f"{store.__name__}.{module.name}"))
        for name, value in content.items():
            if inspect.iscoroutinefunction(value) and value.__module__ == f"{store.__name__}.{module.name}":
                parameters = list(inspect.signature(value).parameters)
                if not name.startswith("_") and parameters and parameters[0] == "tx":
                    found[f"{module.name}.{name}"] = value
            if isinstance(value, Due):
                found[f"{module.name}.{name}"] = value.list
    return found


def arguments(name: str, function: Any, ids: Ids) -> tuple[list[Any], dict[str, Any]]:
    """What to call it with; what it need not be given it is not given."""
    given: tuple[list[Any], dict[str, Any]] = ([], {})
    makers = VALUES | OF_FUNCTION.get(name, {})
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.default is not parameter.empty or parameter.kind is parameter.VAR_KEYWORD:
            continue
        value: Any = makers[parameter.name](ids)
        is_listed = name in DIRECTORY or isinstance(getattr(function, "__self__", None), Due)
        if is_listed and parameter.name == "now" and name not in OF_FUNCTION:
            value = NODE_GONE
        if parameter.kind is parameter.KEYWORD_ONLY:
            given[1][parameter.name] = value
        else:
            given[0].append(value)
    return given


async def outcome_of(tx: Transaction, name: str, function: Any, ids: Ids) -> str:
    """What it gives or raises, as a text that is the same for the same outcome."""
    positional, named = arguments(name, function, ids)
    try:
        return shown(await function(tx, *positional, **named))
    except (HotlineError, pg.InsufficientPrivilege) as error:
        return f"{type(error).__name__}: {error}"


def shown(value: Any) -> str:
    if isinstance(value, Cipher):
        return "a key"
    if isinstance(value, dict):
        return str({shown(key): shown(each) for key, each in value.items()})
    if isinstance(value, tuple | list) and any(isinstance(each, Cipher) for each in value):
        return str([shown(each) if isinstance(each, Cipher) else "..." for each in value])
    return repr(value)


class Undone(Exception):
    """Ends a transaction that is to leave nothing."""


def test_every_function_has_arguments() -> None:
    """A new function whose parameters are not known by name needs them here, and old ones go."""
    found = functions()
    assert len(found) > 200
    unknown = {
        name: parameter.name
        for name, function in found.items()
        for parameter in list(inspect.signature(function).parameters.values())[1:]
        if parameter.default is parameter.empty
        and parameter.kind is not parameter.VAR_KEYWORD
        and parameter.name not in VALUES | OF_FUNCTION.get(name, {})
    }
    assert unknown == {}
    assert (DIRECTORY | SILENT | set(OF_FUNCTION)) - set(found) == set()


@ensureDeferred
async def test_nothing_comes_back_and_nothing_changes(database: Database, dsn: str, now: Now) -> None:
    """Ids and secrets of another organisation are as good as those of nobody, whatever they are given to."""
    ids = await fill(database, now)
    strangers = ids.of_nobody()
    own = await make_house(database, now(), "own")
    owner = psycopg2.connect(dsn)
    owner.autocommit = True
    try:
        cursor = owner.cursor()
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_name = 'organisation_id'"
            " AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = current_schema())"
        )
        tables = sorted(name for (name,) in cursor.fetchall())
        rows_of = " UNION ALL ".join(
            f"SELECT '{table}', count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t"
            " WHERE organisation_id = %(of)s"
            for table in tables
        )

        def rows() -> list[Any]:
            cursor.execute(rows_of, {"of": ids.organisation_id})
            return cursor.fetchall()

        before = rows()
        assert [table for table, count, _ in before if not count] == [], "the house has something of all"
        for name, function in functions().items():
            at_home, changed = "", before
            try:
                async with database.transaction(ids.organisation_id) as tx:
                    at_home = await outcome_of(tx, name, function, ids)
                    if name not in SILENT:
                        changed = [tuple(row) for row in await tx.rows(rows_of, of=ids.organisation_id)]
                    raise Undone
            except Undone:
                pass
            async with database.transaction(own.organisation_id) as tx:
                nobodys = await outcome_of(tx, name, function, strangers)
            async with database.transaction(own.organisation_id) as tx:
                theirs = await outcome_of(tx, name, function, ids)
            assert rows() == before, f"{name} changed something of another organisation"
            if name in DIRECTORY:
                assert theirs == at_home, name
                assert words_in(theirs) == [], name
            else:
                assert theirs == as_if_of(ids, strangers, nobodys), f"{name} tells something"
                if name not in SILENT:
                    assert (at_home, changed) != (theirs, before), f"{name}: the call proves nothing"
    finally:
        owner.close()


def as_if_of(ids: Ids, strangers: Ids, outcome: str) -> str:
    """What nobody was told, as it would be said to whoever has these ids."""
    for each in fields(ids):
        outcome = outcome.replace(repr(getattr(strangers, each.name)), repr(getattr(ids, each.name)))
    return outcome


def words_in(outcome: str) -> list[str]:
    """What people wrote, beyond an organisation's own name and address."""
    return re.findall(rf"{WORD}[ @.]\S+", outcome)
