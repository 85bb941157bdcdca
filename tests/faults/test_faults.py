"""Every promise is kept under every fault, and the checker notices when one is not.

The short form of `make faults`. FAULTS_SEED chooses the schedule; otherwise it is a new one, and printed.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from tests.faults.nemesis import FAULTS
from tests.faults.run import Outcome, play

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("FAULTS_SEED", secrets.randbelow(1_000_000)))


def promises(outcome: Outcome) -> set[str]:
    """The names of those that were broken."""
    return {problem.partition(":")[0] for problem in outcome.problems}


@ensureDeferred
async def test_every_fault_once(directory: Path, reactor: Any) -> None:
    """Two nodes, forty clients, each fault once, in an order of chance: every promise is kept."""
    outcome = await play(reactor, directory, seed=SEED)
    assert not outcome.problems, "\n".join([*outcome.problems, *outcome.daemon_logs])
    assert set(outcome.faults) == set(FAULTS)
    assert outcome.messages > 500


@pytest.mark.parametrize(
    ("mutation", "faults", "promise"),
    [
        ("acknowledge_before_commit", ["node_killed"] * 2, "durable"),
        ("forget_nonces", ["network_flickers"] * 2, "once"),
        ("never_look", ["listen_cut"], "delivery"),
        ("skip_gaps", ["listen_cut"] * 3, "delivery"),
    ],
)
@ensureDeferred
async def test_the_checker_notices(
    mutation: str, faults: list[str], promise: str, directory: Path, reactor: Any
) -> None:
    """A daemon that breaks a promise is found out, by that promise's name."""
    outcome = await play(
        reactor, directory, seed=SEED, clients=16, pace=0.2, faults=faults, mutation=mutation
    )
    assert promise in promises(outcome), outcome.problems
