"""A whole node without sockets, for the tests that speak WAMP with the real procedures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.conftest import Now
from tests.procedures.wired import Wired


@pytest.fixture
def wired(reactor: Any, dsn: str, tmp_path: Path, now: Now) -> Iterator[Wired]:
    """A node that runs on a fresh database."""
    wired = Wired(reactor, dsn, tmp_path, now)
    pytest_twisted.blockon(Deferred.fromCoroutine(wired.start()))
    yield wired
    pytest_twisted.blockon(Deferred.fromCoroutine(wired.stop()))
