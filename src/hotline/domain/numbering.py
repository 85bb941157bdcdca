"""Which numbers the entries of a group get: foreseen, or known under the rooms' locks.

In come the rooms of the entries, in order, and the last number of each room; out come numbers. It never says
what is stored: whether a number that was foreseen is the right one is seen where the room is locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Room = tuple[str, str]
"""Organisation and room."""


def foresee(rooms: Iterable[Room], last_seqs: Mapping[Room, int]) -> list[int]:
    """Each entry's number, if its room is where it is believed to be, and takes all that comes before it.

    Of one room they grow from entry to entry by one: whoever stores what fits, and nothing after what does
    not, leaves no gap.
    """
    reached = dict(last_seqs)
    numbers = []
    for room in rooms:
        reached[room] = number = reached[room] + 1
        numbers.append(number)
    return numbers


def assign(rooms: Iterable[Room], last_seqs: Mapping[Room, int], are_new: Iterable[bool]) -> list[int | None]:
    """The numbers of those that are new; the others get none."""
    reached = dict(last_seqs)
    numbers: list[int | None] = []
    for room, is_new in zip(rooms, are_new, strict=True):
        if is_new:
            reached[room] += 1
        numbers.append(reached[room] if is_new else None)
    return numbers
