"""What commands print: for people in columns and sentences, with --json for programs.

In come plain values, out go lines on standard output. Never lets a text of somebody else steer the
terminal.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, TextIO

from hotline.domain.times import wire_time

_UNPRINTABLE = {"Cc", "Cs", "Cf", "Zl", "Zp"}


class Output:
    """Standard output in one of two manners, and standard error for what is beside the result."""

    def __init__(self, stream: TextIO, as_json: bool, notes: TextIO) -> None:
        self._stream = stream
        self.as_json = as_json
        self._notes = notes

    def value(self, value: Any, sentence: str | None = None) -> None:
        """One result: itself as JSON, or the sentence (without one: the value) for people."""
        if self.as_json:
            self._write(json.dumps(_simple(value)))
        elif sentence is not None:
            self._write(sentence)
        else:
            self._write(json.dumps(_simple(value), indent=2, ensure_ascii=False))

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        """Many alike: a list as JSON, or columns for people."""
        if self.as_json:
            self._write(json.dumps(_simple(list(rows))))
            return
        shown = [[_cell(row[column]) for column in columns] for row in rows]
        widths = [max(map(len, column)) for column in zip(columns, *shown, strict=True)]
        for line in ([name.upper().replace("_", " ") for name in columns], *shown):
            self._write(
                "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            )

    def note(self, sentence: str) -> None:
        """Something people should know that is no part of the result."""
        self._notes.write(f"{plain(sentence)}\n")
        self._notes.flush()

    def _write(self, line: str) -> None:
        self._stream.write("\n".join(map(plain, line.split("\n"))) + "\n")
        self._stream.flush()


def plain(text: str) -> str:
    """The text with everything escaped that could move a cursor or hide something."""
    return "".join(
        c.encode("unicode_escape", "surrogatepass").decode() if unicodedata.category(c) in _UNPRINTABLE else c
        for c in text
    )


def _cell(value: Any) -> str:
    return "-" if value is None else plain(str(_simple(value)))


def _simple(value: Any) -> Any:
    """The value with times and enums as they stand on the wire."""
    if isinstance(value, datetime):
        return wire_time(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _simple(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_simple(item) for item in value]
    return value
