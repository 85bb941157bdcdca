"""Arrays for PostgreSQL, as one text each.

In come texts, out comes what PostgreSQL reads as an array of them: one value to quote and to parse, instead
of hundreds. It never makes NULLs.
"""

from __future__ import annotations

from collections.abc import Iterable


def array(texts: Iterable[str]) -> str:
    """The literal of an array."""
    return "{" + ",".join([_quoted(text) for text in texts]) + "}"


def _quoted(text: str) -> str:
    if text.isalnum():
        return f'"{text}"'
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
