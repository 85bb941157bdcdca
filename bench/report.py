"""The table: medians of all samples, plain for the terminal and as a page's section.

In come samples, out comes text.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import middle
from bench.rows import Row, Sizes

BEGIN, END = "<!-- bench: from here -->", "<!-- bench: to here -->"
_BUSY_GENERATOR = 90.0


@dataclass(slots=True, kw_only=True)
class Results:
    """All samples, by row and system."""

    notes: list[str]
    sizes: Sizes
    minutes: float = 0.0
    samples: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    systems: list[str] = field(default_factory=list)

    def add(self, system: str, samples: dict[str, float]) -> None:
        if system not in self.systems:
            self.systems.append(system)
        for key, value in samples.items():
            self.samples.setdefault(key, {}).setdefault(system, []).append(value)

    def compare(self, found: dict[str, float], ratio: str, with_system: str) -> None:
        """How many times each other system's figure of a round goes into this one's, where both have one."""
        for system, theirs in found.items():
            if system != with_system and with_system in found:
                self.add(system, {ratio: found[with_system] / theirs})

    def of(self, key: str, system: str) -> list[float]:
        return self.samples.get(key, {}).get(system, [])

    def as_json(self) -> dict[str, Any]:
        return {"about": about(self), "samples": self.samples}


def cell(row: Row, results: Results, system: str) -> str:
    """The median, and from where to where the samples went."""
    values = results.of(row.key, system)
    if not values:
        return "-"
    text = f"{middle(values):,.{row.places}f}"
    if len(values) > 1:
        text += f" ({min(values):,.{row.places}f}-{max(values):,.{row.places}f})"
    is_busy = row.group in ("throughput", "cpu") and middle(results.of("generator", system)) > _BUSY_GENERATOR
    return f"{text} *" if is_busy else text


def cells(results: Results, rows: list[Row]) -> list[list[str]]:
    """The whole table, its head first."""
    head = ["", "unit", "goal", *results.systems]
    body = [
        [row.title, row.unit, row.goal, *(cell(row, results, system) for system in results.systems)]
        for row in rows
    ]
    return [head, *body]


def plain(results: Results, rows: list[Row]) -> str:
    table = cells(results, rows)
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    return "\n".join([*lines, "", *about(results)])


def section(results: Results, rows: list[Row]) -> str:
    head, *body = ["| " + " | ".join(line) + " |" for line in cells(results, rows)]
    rule = "|" + "---|" * len(results.systems) + "---|---|---|"
    return "\n".join([*(f"- {line}" for line in about(results)), "", head, rule, *body])


def write(page: Path, results: Results, rows: list[Row]) -> None:
    """Put the section between the page's marks. :raises SystemExit: it has none."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page} has not both {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{section(results, rows)}\n\n{END}{after}")


def about(results: Results) -> list[str]:
    """When, where, what."""
    most = max((len(values) for row in results.samples.values() for values in row.values()), default=0)
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, {results.minutes:.0f} minutes; {_machine()}",
        "; ".join(results.notes),
        f"medians of up to {most} rounds (smallest-largest); * the generator had more than"
        f" {_BUSY_GENERATOR:.0f} % of its core to do, the server may be faster",
    ]


def revision(root: Path) -> str:
    """Which hotline this is."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "of unknown revision"
    return done.stdout.strip() or "of unknown revision"


def _machine() -> str:
    model = ""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
    return (
        f"{os.cpu_count()} cores {model}, {platform.system()} {platform.release().partition('-')[0]},"
        f" Python {sys.version.partition(' ')[0]}"
    )
