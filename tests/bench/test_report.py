"""The table, from samples to the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.report import BEGIN, END, Results, cells, plain, write
from bench.rows import GROUPS, QUICK, Sizes, rows

ROWS = [row for row in rows(Sizes()) if row.key in ("rate", "server_ms", "database_ms")]


@pytest.fixture
def results() -> Results:
    results = Results(notes=["hotline abc", "ejabberd left out: this is no Debian"], sizes=Sizes())
    for rate in (5000.4, 4000.0, 6000.0):
        results.add("hotline", {"rate": rate, "server_ms": 0.1234, "generator": 50})
    results.add("crossbar", {"rate": 1234.0, "generator": 95})
    return results


def test_cells(results: Results) -> None:
    """Medians with what they lie between; one sample alone; none; and a generator that was too busy."""
    head, rate, server, database = cells(results, ROWS)
    assert head == ["", "unit", "goal", "hotline", "crossbar"]
    assert rate[3:] == ["5,000 (4,000-6,000)", "1,234 *"]
    assert server[3:] == ["0.123 (0.123-0.123)", "-"]
    assert database[3:] == ["-", "-"]


def test_ratios_are_of_the_same_round(results: Results) -> None:
    """A round in which one of the two has nothing gives none."""
    results.compare({"hotline": 6000.0}, "ratio", "hotline")
    results.compare({"crossbar": 2000.0}, "ratio", "hotline")
    assert results.of("ratio", "crossbar") == []
    results.compare({"hotline": 6000.0, "crossbar": 1500.0}, "ratio", "hotline")
    assert results.of("ratio", "crossbar") == [4.0]
    assert results.of("ratio", "hotline") == []


def test_who_was_left_out_is_said(results: Results) -> None:
    """Below the table, with the reason."""
    assert "ejabberd left out: this is no Debian" in plain(results, ROWS)


def test_written_between_the_marks(results: Results, tmp_path: Path) -> None:
    """What a person wrote around it stays; the section before is gone."""
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n{BEGIN}\nold\n{END}\n# After\n")
    write(page, results, ROWS)
    text = page.read_text()
    assert text.startswith(f"# Before\n{BEGIN}\n")
    assert text.endswith(f"{END}\n# After\n")
    assert "| 5,000 (4,000-6,000) | 1,234 * |" in text
    assert "old" not in text


def test_a_page_without_marks_is_left_alone(results: Results, tmp_path: Path) -> None:
    """Rather than overwritten."""
    page = tmp_path / "page.md"
    page.write_text("mine")
    with pytest.raises(SystemExit, match="has not both"):
        write(page, results, ROWS)
    assert page.read_text() == "mine"


@pytest.mark.parametrize("sizes", [Sizes(), QUICK], ids=["full", "quick"])
def test_each_group_has_rows(sizes: Sizes) -> None:
    """Whatever `--only` may ask for is in the table, under keys of their own."""
    table = rows(sizes)
    assert {row.group for row in table} == set(GROUPS)
    assert len({row.key for row in table}) == len(table)
