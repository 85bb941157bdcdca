"""The checker notices when a promise is not kept: daemons that each break one are found out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from tests.faults.run import Outcome, play
from tests.faults.test_faults import SEED
from tests.system.conftest import dsn_url

pytestmark = pytest.mark.slow


def promises(outcome: Outcome) -> set[str]:
    """The names of those that were broken."""
    return {problem.partition(":")[0] for problem in outcome.problems}


@pytest.mark.parametrize(
    ("mutation", "faults", "promise"),
    [
        ("acknowledge_before_commit", ["node_killed"] * 2, "durable"),
        ("forget_nonces", ["network_loses_answers"], "once"),
        ("never_look", ["listen_cut"], "delivery"),
        ("skip_gaps", ["listen_cut"] * 3, "delivery"),
        ("forget_who_said_it", ["listen_cut"], "excluded"),
    ],
)
@ensureDeferred
async def test_the_checker_notices(
    mutation: str, faults: list[str], promise: str, directory: Path, dsn: str, reactor: Any
) -> None:
    """A daemon that breaks a promise is found out, by that promise's name."""
    outcome = await play(
        reactor,
        directory,
        seed=SEED,
        clients=16,
        pace=0.2,
        faults=faults,
        mutation=mutation,
        database=dsn_url(dsn),
        # Nobody will ever be live again, or know everything.
        patience=3.0,
        calm=0.0,
    )
    assert promise in promises(outcome), outcome.problems
