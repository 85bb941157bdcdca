"""Rows of fields in a form: days, places, questions; added, moved and removed without JavaScript.

Posted fields and the button that was pressed come in, rows in their new order go out, to be shown again.
Knows only how rows are numbered and named; whether what stands in them is right is their page's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hotline.errors import Invalid

R = TypeVar("R")

Cells = Mapping[str, str]
"""What was typed in one row, by its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """One kind of rows: `day` has fields `day-0-date` and so on, and their number in `days`."""

    noun: str
    most: int
    parts: Mapping[str, str] = field(default_factory=dict)
    """The names of a row's fields, and what each is called in problems, before the row's number."""

    @property
    def counter(self) -> str:
        """The field with the number of rows."""
        return f"{self.noun}s"

    def field(self, number: int, part: str) -> str:
        """The name of a field of the row with this number, counted from 0."""
        return f"{self.noun}-{number}-{part}"

    def labels(self, count: int) -> dict[str, str]:
        """What the fields of so many rows are called in problems."""
        return {
            self.field(n, part): f"{label} {n + 1}"
            for n in range(count)
            for part, label in self.parts.items()
        }

    def read(self, fields: Mapping[str, str]) -> list[Cells]:
        """The rows that were posted, as they were numbered. :raises Invalid: their number is not one."""
        return [
            {part: fields.get(self.field(n, part), "") for part in self.parts}
            for n in range(count(fields, self))
        ]

    def empty(self) -> Cells:
        """A row in which nothing stands yet."""
        return dict.fromkeys(self.parts, "")

    def filled(self, rows: Sequence[Cells]) -> list[tuple[int, Cells]]:
        """The rows in which anything stands, with their numbers."""
        return [(n, row) for n, row in enumerate(rows) if any(typed.strip() for typed in row.values())]


def count(fields: Mapping[str, str], kind: RowKind) -> int:
    """How many rows were posted. :raises Invalid: more than there may be, or no number."""
    said = fields.get(kind.counter, "0")
    if not re.fullmatch(r"[0-9]{1,3}", said) or int(said) > kind.most:
        raise Invalid(**{kind.counter: f"must be at most {kind.most}"})
    return int(said)


def edited(rows: list[R], kind: RowKind, button: str, order: str, empty: R) -> tuple[list[R], bool]:
    """The rows in the order they were dragged into, after what a button does; whether it was such a button.

    :param button: `add-question`, or `remove-question-<n>`, `raise-question-<n>`, `lower-question-<n>`.
    :param order: the numbers of the rows in their new order, such as `2,0,1`.
    """
    places = _places(order, len(rows))
    ordered = [rows[place] for place in places]
    if button == f"add-{kind.noun}":
        return ([*ordered, empty] if len(rows) < kind.most else ordered), True
    match = re.fullmatch(rf"(remove|raise|lower)-{re.escape(kind.noun)}-([0-9]{{1,3}})", button)
    if match is None:
        return ordered, False
    if int(match[2]) >= len(rows):
        return ordered, True
    place = places.index(int(match[2]))
    row = ordered.pop(place)
    if match[1] != "remove":
        ordered.insert(max(place - 1, 0) if match[1] == "raise" else place + 1, row)
    return ordered, True


def _places(order: str, rows: int) -> list[int]:
    given = [int(each) for each in re.findall(r"[0-9]{1,3}", order)]
    return given if sorted(given) == list(range(rows)) else list(range(rows))
