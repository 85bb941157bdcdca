"""A router on real loopback sockets, over every transport."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_twisted

from hotline.protocols.limits import SessionLimits
from tests.wire.server import Server


@pytest.fixture(scope="module")
def limits() -> SessionLimits:
    """The limits of the server; a test module may have its own."""
    return SessionLimits()


@pytest_twisted.async_yield_fixture(scope="module")
async def listening(
    reactor: Any, tmp_path_factory: pytest.TempPathFactory, limits: SessionLimits
) -> AsyncIterator[Server]:
    """One that listens for all tests of a module."""
    listening = Server(reactor, tmp_path_factory.mktemp("wire"), limits)
    await listening.listen()
    yield listening
    await listening.stop()


@pytest_twisted.async_yield_fixture
async def server(listening: Server) -> AsyncIterator[Server]:
    """It, with a house of the test's own that is left with nothing in it."""
    listening.move_in()
    yield listening
    router = listening.house.router
    await router.close_all()
    assert not router.sessions
    assert not router.realms
    assert not len(router.tasks)
