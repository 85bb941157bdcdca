"""The page for reviewers (docs/asvs.md) is complete and true as far as a test can tell.

In comes the page: each requirement of the standard has its row, and each test named there exists.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "asvs.md").read_text()

# Of ASVS 5.0.0, by section: how many requirements of levels 1 and 2 there are, which come first in each.
REQUIRED = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
# Of level 3, those that matter for a helpline.
BEYOND = {
    "1.2.10", "1.3.12", "2.3.5", "3.4.7", "3.4.8", "3.5.8", "3.7.3", "4.1.4", "6.3.5", "6.3.7", "6.3.8",
    "6.4.6", "6.5.6", "6.5.7", "7.5.3", "8.3.2", "11.2.4", "11.3.4", "13.1.2", "13.4.6", "14.2.7", "15.4.2",
    "16.5.4",
}  # fmt: skip


def rows() -> list[tuple[list[str], str, list[str]]]:
    """Requirements, how they are met, and the tests that are named, row by row."""
    found = []
    for line in PAGE.splitlines():
        if re.match(r"\| \d", line):
            ids, how, tests = (cell.strip() for cell in line.strip("|").split(" | "))
            found.append((re.findall(r"\d+\.\d+\.\d+", ids), how, re.findall(r"`([^`]+)`", tests)))
    return found


def test_each_requirement_has_one_row() -> None:
    """Level 1 and 2 whole, of level 3 what was chosen; none twice."""
    expected = [f"{section}.{number + 1}" for section, count in REQUIRED.items() for number in range(count)]
    listed = [requirement for ids, _, _ in rows() for requirement in ids]
    assert sorted(listed) == sorted([*expected, *BEYOND])


def test_each_row_is_kept() -> None:
    """A test that is named exists; without one, the row says why or where it is written down."""
    for ids, how, tests in rows():
        assert how, ids
        if not tests:
            assert how.startswith("–") or "](" in how or how.endswith("(by reading)"), ids
        for name in tests:
            path, _, function = name.partition("::")
            if path.startswith("web/test/"):
                assert (ROOT / path).exists(), name
            else:
                code = (ROOT / "tests" / path).read_text()
                assert re.search(rf"^(async )?def {function}\(", code, re.MULTILINE), name


def test_tests_are_named_in_the_other_pages() -> None:
    """Of security.md and threats.md: `file` name, or `file::name`, below tests/."""
    for page in ("security.md", "threats.md"):
        for name in re.findall(r"`((?:\w+/)*test_\w+\.py(?:::\w+)?)`", (ROOT / "docs" / page).read_text()):
            path, _, function = name.partition("::")
            code = (ROOT / "tests" / path.removeprefix("tests/")).read_text()
            assert not function or re.search(rf"^(async )?def {function}\(", code, re.MULTILINE), name
