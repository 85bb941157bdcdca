"""Whatever somebody does too much of: the daemon stays small, its log short, and everybody else is served.

The short form of `make floods`, each flood at a small share of its size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred

from hotline.protocols.limits import SessionLimits
from hotline.store.database import Database
from tests.floods.bounds import broken
from tests.floods.run import FLOODS, Flood, Outcome, come_back, play
from tests.system.conftest import dsn_url

pytestmark = pytest.mark.slow

SHARE = 0.005
COMERS = 40
# So that nothing takes long. Those who come in stand in one line with those who flood, on a busy machine.
QUICK = {"hello_seconds": 6, "ping_seconds": 1, "ping_timeout_seconds": 1}

# Far above what is measured (docs/guarantees.md), since the machine is busy with other tests.
MOST_MILLISECONDS = 2000.0


@ensureDeferred
async def test_floods(directory: Path, dsn: str, database: Database, reactor: Any) -> None:
    """Each of them, one after the other, on a daemon that serves others meanwhile."""
    seen: list[Flood] = []

    def judged(flood: Flood, outcome: Outcome) -> None:
        assert not broken(flood, outcome, SessionLimits(**QUICK), most_deliver_ms=MOST_MILLISECONDS), outcome
        seen.append(flood)

    await play(reactor, directory, dsn_url(dsn), database, FLOODS, judged, share=SHARE, limits=QUICK)
    assert tuple(seen) == FLOODS


@ensureDeferred
async def test_everybody_comes_back(directory: Path, dsn: str, database: Database, reactor: Any) -> None:
    """The clients of a killed node are back, by themselves, and those of another one hardly notice."""
    told = await come_back(reactor, directory, dsn_url(dsn), database, COMERS)
    assert told["back"] == COMERS
    assert told["all_seconds"] < 30.0
    assert told["deliver_ms"]["p99"] < MOST_MILLISECONDS
    assert told["joins"]
    assert not told["not_let_in"]
    assert not told["lost"]
    assert not told["problems"]
