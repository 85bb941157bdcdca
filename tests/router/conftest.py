"""Fixtures of the router's tests: a house, and peers over each of the three serializers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.router.outside import SERIALIZERS, House, Peer


@pytest.fixture
def house() -> House:
    """A router with an outside of dicts and a clock that stands still."""
    return House()


@pytest.fixture(params=list(SERIALIZERS))
def serializer(request: pytest.FixtureRequest) -> str:
    """The serializer of peers; tests run once with each."""
    return str(request.param)


@pytest.fixture
def connect(serializer: str, house: House) -> Callable[[], Peer]:
    """Connect a peer that has said nothing yet; tests run once per serializer."""
    return lambda: Peer(house, serializer)
