"""The tables of the manual that are made of the code: `python -m hotline.manual docs/operators.md`.

In come the limits as they are enforced, out comes the text between two marks of a page. Tests hold the page
against it.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

import hotline
from hotline.domain.limits import DomainLimits
from hotline.limits import FIXED, Limit, Per
from hotline.protocols.limits import NodeLimits, SessionLimits

BEGIN = "<!-- begin: made by python -m hotline.manual -->"
END = "<!-- end -->"

_SETTABLE = "| key | default | per | what it bounds | at it |\n|---|---|---|---|---|\n"
_FIXED = "| per | what it bounds | limit | at it | where |\n|---|---|---|---|---|\n"


def settable() -> dict[str, tuple[float, Limit]]:
    """Each key of the table `[limits]` with its default and what it says of itself.

    :raises LookupError: it says nothing.
    """
    found = {}
    for kind in (SessionLimits, NodeLimits, DomainLimits):
        hints = get_type_hints(kind, include_extras=True)
        for name, default in _defaults(kind):
            limit = next((each for each in hints[name].__metadata__ if isinstance(each, Limit)), None)
            if limit is None:
                raise LookupError(f"{kind.__name__}.{name} says nothing of itself")
            found[name] = (default, limit)
    return found


def tables() -> str:
    """Both tables: what can be set, and what is fixed."""
    for module in pkgutil.walk_packages(hotline.__path__, "hotline."):
        importlib.import_module(module.name)
    rows = [
        f"| `{name}` | {_number(default)} | {limit.per.value} | {limit.bounds} | {limit.beyond} |\n"
        for name, (default, limit) in settable().items()
    ]
    order = list(Per)
    listed = sorted(FIXED.values(), key=lambda each: (order.index(each.limit.per), each.where))
    fixed_rows = [
        f"| {each.limit.per.value} | {each.limit.bounds} | {_number(each.value)} | {each.limit.beyond} | "
        f"`{each.where.removeprefix('hotline.').replace('.', '/')}.py` |\n"
        for each in listed
    ]
    return (
        f"{_SETTABLE}{''.join(rows)}\nThese cannot be set; the last column is the file below `src/hotline` "
        f"that holds them.\n\n{_FIXED}{''.join(fixed_rows)}"
    )


def written_into(page: str) -> str:
    """The page with its tables as they should be. :raises ValueError: it has no place for them."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"there is no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def _defaults(kind: Any) -> Iterable[tuple[str, Any]]:
    listed: Iterable[Any] = fields(kind) if is_dataclass(kind) else msgspec.structs.fields(kind)
    return [(each.name, each.default) for each in listed]


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else str(value)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        path = Path(argument)
        path.write_text(written_into(path.read_text()))
