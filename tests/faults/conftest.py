"""What the tests of faults share with those of the whole system."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tests.system.conftest import daemon, directory, make_daemon

__all__ = ["daemon", "directory", "make_daemon"]


@pytest.fixture(autouse=True)
def no_requests_left_over(no_logged_failures: list[str]) -> Iterator[None]:
    """What Autobahn says of requests that nobody waits for any more is not of interest."""
    yield
    gc.collect()
    no_logged_failures[:] = [
        each for each in no_logged_failures if "autobahn.wamp.exception.TransportLost" not in each
    ]
