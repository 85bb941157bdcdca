"""Everything that fuzzing has found interesting, and what Hypothesis makes of it."""

from __future__ import annotations

import pytest

from tests.fuzz.corpus import TARGETS, inputs_of


@pytest.mark.parametrize("target", TARGETS)
def test_kept_inputs(target: str) -> None:
    """Nothing breaks, nothing is told, nothing is left."""
    for data in inputs_of(target):
        TARGETS[target](data)
