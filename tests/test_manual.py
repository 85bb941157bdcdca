"""The tables of the manual that are made of the code are those of the code, and no limit is left out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from hotline import manual
from hotline.limits import FIXED, Limit, Per, fixed
from hotline.settable import LIMITS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "operators.md"
LOOKS_LIKE_A_LIMIT = re.compile(r"_?(MOST|LONGEST|[A-Z_]+_LIMIT)(_[A-Z]+)*")
# What bounds memory, bits or what a single field looks like, and costs nobody anything.
NO_LIMITS = {
    "_MOST_FAILURES",
    "_LONGEST_ANSWER",
    "_LONGEST_AUTHID",
    "_LONGEST_ID",
    "_LONGEST_LINE",
    "_LONGEST_SECRET",
    "_DEFAULT_LIMIT",
    "_LONGEST_PAUSE_SECONDS",
    "LONGEST_BIT",
    "LONGEST_EXPONENT",
    "LONGEST_FRAME",
    "LONGEST_RETENTION_HOURS",
    "MOST_AT_ONCE",
    "MOST_SECONDS_APART",
    "MOST_TAGS",
    "_MOST_DEVICES",
    "_MOST_OPENINGS",
    "_MOST_REMEMBERED",
}


def test_the_page_has_the_limits_of_the_code() -> None:
    """`python -m hotline.manual docs/operators.md` writes them; another number there is another page."""
    text = PAGE.read_text()
    assert manual.written_into(text) == text
    number = next(iter(FIXED.values()))
    fixed(number.value + 1, number.where, number.limit, number.because)
    try:
        assert manual.written_into(text) != text
    finally:
        fixed(number.value, number.where, number.limit, number.because)
    assert manual.written_into(text) == text
    with pytest.raises(ValueError, match="begin"):
        manual.written_into("no place")


def test_every_key_says_what_it_is() -> None:
    """All keys of `[limits]`, and none without words."""
    for name, (_, limit) in LIMITS.items():
        assert limit.bounds, name
        assert limit.beyond, name
        assert "|" not in limit.bounds + limit.beyond, name


def test_what_is_asked_for_is_bounded_for_everybody() -> None:
    """For each that can cost somebody something there is a limit."""
    manual.tables()
    counted = {each.limit.per for each in FIXED.values()} | {limit.per for _, limit in LIMITS.values()}
    assert counted == set(Per)


def test_costs_are_bounded_for_everybody() -> None:
    """The table of docs/security.md names keys that there are, and leaves nobody out without a reason."""
    page = (ROOT / "docs" / "security.md").read_text()
    section = page.partition("## Who may cost how much\n")[2].partition("\n## ")[0]
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line
    ]
    assert head[1:] == ["session", "client or person", "network", "organisation", "node"]
    assert [row[0] for row in rows] == ["entering", "messages", "histories", "logins", "invitations", "mails"]
    for cost, *cells in rows:
        assert len(cells) == 5, cost
        for cell in cells:
            keys = set(re.findall(r"`(\w+)`", cell))
            assert keys <= set(LIMITS), cell
            assert keys or len(cell) > 10, cost


def test_a_number_is_enforced_and_written_down_at_once() -> None:
    """Who enforces a limit gets the very value that the manual shows."""
    limit = Limit(Per.NODE, "of a test", "nothing")
    try:
        assert fixed(7, __name__, limit, "of nothing") == 7 == FIXED[__name__, limit].value
    finally:
        del FIXED[__name__, limit]


def test_no_limit_is_left_out() -> None:
    """A constant with a limit's name is written down, or is said to be none."""
    left_out = set()
    for path in (ROOT / "src" / "hotline").rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.BinOp):
                names = {target.id for target in node.targets if isinstance(target, ast.Name)}
                left_out |= {name for name in names if LOOKS_LIKE_A_LIMIT.fullmatch(name)}
    assert left_out - NO_LIMITS == set()
