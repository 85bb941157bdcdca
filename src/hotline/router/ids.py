"""Ids in WAMP's global scope: uniform and random in 1..2^53, so that they tell nothing and cannot be guessed.

In: nothing. Out: an integer. It never remembers what it gave.
"""

from __future__ import annotations

import secrets

from hotline.router.messages import LARGEST_ID


def new_id() -> int:
    """A random id in 1..2^53."""
    return secrets.randbelow(LARGEST_ID) + 1
