"""How long a block holds, and who may agree to it or end it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import blocks
from hotline.domain.model import Actor, Block, Person, Role
from hotline.errors import NotAllowed

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def person(person_id: str, role: Role = Role.STAFF) -> Actor:
    return Actor(organisation_id="o", id=person_id, name=person_id, role=role)


def block(*, agreed: bool = False) -> Block:
    return Block(
        block_id="b",
        client_name=None,
        room_id=None,
        reason="insults",
        blocked_by=Person(id="first", name="first"),
        blocked_at=NOW,
        until=NOW + timedelta(hours=1),
        wanted_until=None if agreed else NOW + timedelta(hours=5),
        agreed_by=Person(id="second", name="second") if agreed else None,
    )


@given(hours=st.integers(1, blocks.MOST_HOURS), needs_second=st.booleans())
def test_nobody_blocks_for_long_alone(hours: int, needs_second: bool) -> None:
    """Without a second person it is an hour at most, where one is wanted; else what was asked."""
    until, wanted = blocks.ends(hours, NOW, needs_second=needs_second)
    assert (wanted or until) == NOW + timedelta(hours=hours)
    assert (wanted is not None) == (needs_second and hours > 1)
    if needs_second:
        assert until == NOW + timedelta(hours=1)


def test_who_agrees() -> None:
    """Anybody but who blocked, and only once."""
    assert blocks.check_agreeable(block(), person("second")) == NOW + timedelta(hours=5)
    with pytest.raises(NotAllowed) as own:
        blocks.check_agreeable(block(), person("first", Role.MANAGER))
    with pytest.raises(NotAllowed) as done:
        blocks.check_agreeable(block(agreed=True), person("third"))
    assert (own.value.details, done.value.details) == ({"reason": "own"}, {"reason": "agreed"})


def test_who_lifts() -> None:
    """Those who decided on it, and managers."""
    for allowed in (person("first"), person("second"), person("third", Role.MANAGER)):
        blocks.check_liftable(block(agreed=True), allowed)
    for unagreed in (person("second"), person("third")):
        with pytest.raises(NotAllowed):
            blocks.check_liftable(block(), unagreed)
