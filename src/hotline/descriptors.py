"""How many files and connections this process may have open.

In: what the operating system allows. Out: a limit as high as it may be, and what of it is left for
connections. It never lowers a limit.
"""

from __future__ import annotations

import resource

RESERVED = 128
"""For PostgreSQL, files, mails, pipes: with these left over, accepting a connection never fails."""

ENOUGH = 4096
"""Fewer than this are too few for more than a small organisation."""

_HIGHEST = 1_048_576
# What macOS takes where the hard limit is infinite.
_UNIVERSAL = 10_240


def raise_limit() -> int:
    """As many open files as an ordinary process may have; gives how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = _HIGHEST if hard == resource.RLIM_INFINITY else min(hard, _HIGHEST)
    for limit in (highest, _UNIVERSAL):
        if soft != resource.RLIM_INFINITY and soft < limit <= highest:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            except (OSError, ValueError):
                continue
            return limit
    return _HIGHEST if soft == resource.RLIM_INFINITY else soft


def connections_within(limit: int, wanted: int) -> int:
    """How many connections there may be with so many descriptors, of those wanted (0: all there are)."""
    possible = max(limit - RESERVED, limit // 2, 1)
    return min(possible, wanted) if wanted else possible
