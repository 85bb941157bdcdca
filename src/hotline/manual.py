"""The tables of the manual that are made of the code: `python -m hotline.manual docs/operators.md`.

In come the limits as they are enforced, out comes the text between two marks of a page. Tests hold the page
against it.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

import hotline
from hotline.limits import FIXED, Per
from hotline.settable import LIMITS

BEGIN = "<!-- begin: made by python -m hotline.manual -->"
END = "<!-- end -->"

_SETTABLE = "| key | default | per | what it bounds | at it |\n|---|---|---|---|---|\n"
_FIXED = "| per | what it bounds | limit | at it | because it is | where |\n|---|---|---|---|---|---|\n"


def tables() -> str:
    """Both tables: what can be set, and what is fixed."""
    for module in pkgutil.walk_packages(hotline.__path__, "hotline."):
        importlib.import_module(module.name)
    rows = [
        f"| `{name}` | {_number(default)} | {limit.per.value} | {limit.bounds} | {limit.beyond} |\n"
        for name, (default, limit) in LIMITS.items()
    ]
    order = list(Per)
    listed = sorted(FIXED.values(), key=lambda each: (order.index(each.limit.per), each.where))
    fixed_rows = [
        f"| {each.limit.per.value} | {each.limit.bounds} | {_number(each.value)} | {each.limit.beyond} | "
        f"{each.because} | `{each.where.removeprefix('hotline.').replace('.', '/')}.py` |\n"
        for each in listed
    ]
    return (
        f"{_SETTABLE}{''.join(rows)}\nThese are no limits of a server, but what the protocol, a format or a "
        "promise says, and cannot be set; the last column is the file below `src/hotline` that holds it.\n\n"
        f"{_FIXED}{''.join(fixed_rows)}"
    )


def written_into(page: str) -> str:
    """The page with its tables as they should be. :raises ValueError: it has no place for them."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"there is no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else str(value)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        path = Path(argument)
        path.write_text(written_into(path.read_text()))
