"""A router on real loopback sockets, over every transport."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from hotline.protocols.limits import SessionLimits
from tests.wire.server import Server


@pytest.fixture
def limits() -> SessionLimits:
    """The limits of the server; a test module or class may have its own."""
    return SessionLimits()


@pytest_twisted.async_yield_fixture
async def server(reactor: Any, tmp_path: Path, limits: SessionLimits) -> AsyncIterator[Server]:
    """A server that listens, and is stopped with nothing left over."""
    server = Server(reactor, tmp_path, limits)
    await server.listen()
    yield server
    await server.stop()
    assert not server.house.router.sessions
    assert not server.house.router.realms
    assert not len(server.house.router.tasks)
