"""Ids in WAMP's global scope: uniform and random in 1..2^53, so that they tell nothing and cannot be guessed.

In: nothing. Out: an integer. It never remembers what it gave.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container


def new_id() -> int:
    """A random id in 1..2^53."""
    # 53 bits of 56; one for every publication, so `secrets` with its second tries would be felt.
    return (int.from_bytes(os.urandom(7)) >> 3) + 1


def unused_id(new: Callable[[], int], used: Container[int]) -> int:
    """One of `new` that is not among these."""
    while (candidate := new()) in used:
        pass
    return candidate
