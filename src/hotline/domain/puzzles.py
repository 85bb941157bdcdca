"""Work that proves an effort: cheap to check, dear to do often, and nobody is asked who they are.

In comes a puzzle and an answer to it, out comes whether it took the work. A puzzle of n bits takes 2**n
SHA-256 in the mean.
"""

from __future__ import annotations

import re
from hashlib import sha256

from hotline.errors import Invalid

_ANSWER = re.compile(r"[0-9A-Za-z]{0,64}")


def check_answer(answer: str) -> None:
    """:raises Invalid: nothing that anybody would try."""
    if not _ANSWER.fullmatch(answer):
        raise Invalid(proof="must be up to 64 letters and digits")


def is_solved(puzzle: str, bits: int, answer: str) -> bool:
    """Whether SHA-256 of `<puzzle>:<answer>` begins with that many zero bits."""
    digest = sha256(f"{puzzle}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (8 * len(digest) - bits) == 0
