"""Every promise is kept under every fault.

The short form of `make faults`, which takes a new schedule each time; here FAULTS_SEED chooses another one.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.store import organisations
from hotline.store.database import Database
from tests.faults.__main__ import main, make_parser
from tests.faults.nemesis import FAULTS
from tests.faults.run import play
from tests.helpers import make_house
from tests.system.conftest import dsn_url

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("FAULTS_SEED", "1"))

# Shorter than by hand: people here are less patient, too.
HANG_SECONDS = 3.75


@ensureDeferred
async def test_every_fault_once(directory: Path, reactor: Any) -> None:
    """Two nodes, forty clients, each fault once, in an order of chance: every promise is kept."""
    outcome = await play(reactor, directory, seed=SEED, hang=HANG_SECONDS, calm=0.0)
    assert not outcome.problems, "\n".join([*outcome.problems, *outcome.daemon_logs])
    assert {fault["name"] for fault in outcome.faults} == set(FAULTS)
    assert outcome.messages > 500


@ensureDeferred
async def test_by_hand_on_a_given_database(
    dsn: str, database: Database, tmp_path: Path, reactor: Any
) -> None:
    """What would stop somebody else's server is left out, the result is kept, and nothing is left behind."""
    other = await make_house(database, datetime.now(UTC))
    path = tmp_path / "result.json"
    await main(
        reactor,
        make_parser().parse_args(
            [
                "--database",
                dsn_url(dsn),
                "--clients",
                "8",
                "--report",
                str(path),
                "listen_cut",
                "postgres_killed",
            ]
        ),
    )
    result = json.loads(path.read_text())
    assert [fault["name"] for fault in result["faults"]] == ["listen_cut"]
    assert result["left_out"] == ["postgres_killed"]
    assert result["problems"] == []
    sums = result["latency"]["broken"]["acknowledged"]
    assert 0 < sums["count"] <= result["messages"]
    assert 0 < sums["p50"] <= sums["p99"] <= sums["longest"]
    async with database.transaction() as tx:
        assert [each.slug for each in await organisations.list_all(tx)] == [other.slug]
