"""How much Hypothesis tries: little and always the same in `make test`, much and by a seed in `make fuzz`.

In: the environment variable FUZZ_EXAMPLES. Out: settings. It never decides what is tried.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings


def paced(examples: int) -> settings:
    """So many examples; in `make fuzz` as many as that says."""
    many = int(os.environ.get("FUZZ_EXAMPLES", "0"))
    return settings(
        max_examples=many or examples,
        derandomize=not many,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
