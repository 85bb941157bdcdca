"""What scripts may do, and what managers may look into: every decision, by actor and name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.domain.model import Actor, Role
from hotline.procedures import scripts

MANAGER = Actor(organisation_id="o", id="m", name="Mara", role=Role.MANAGER, login_id="l")
SCRIPT = replace(MANAGER, login_id=None, token_id="t")
STAFF = replace(MANAGER, role=Role.STAFF)
STAFF_TOKEN = replace(SCRIPT, role=Role.STAFF)
CLIENT = replace(MANAGER, role=Role.CLIENT, login_id=None)
OTHERS = (MANAGER, STAFF, STAFF_TOKEN, CLIENT)


def test_names_of_their_own() -> None:
    """A manager's token offers and talks under its organisation's names, and nobody else does."""
    for decide in (scripts.may_offer, scripts.may_use_topic):
        assert decide(SCRIPT, "haven", "org.haven.add")
        for name in ("org.haven", "org.havens.add", "org.other.add", "org.add", "hotline.haven.add", ""):
            assert not decide(SCRIPT, "haven", name)
        assert not any(decide(actor, "haven", "org.haven.add") for actor in OTHERS)


def test_who_calls_scripts() -> None:
    """Consultants do, however they came in; clients never."""
    for actor in (SCRIPT, MANAGER, STAFF, STAFF_TOKEN):
        assert scripts.may_call(actor, "haven", "org.haven.add")
        assert not scripts.may_call(actor, "haven", "org.other.add")
    assert not scripts.may_call(CLIENT, "haven", "org.haven.add")


@pytest.mark.parametrize(
    ("pattern", "match"),
    [
        ("org.haven.", "prefix"),
        ("org.haven.a", "prefix"),
        ("org.haven.", "wildcard"),
        ("org.haven..x", "wildcard"),
        ("org.haven.a..", "wildcard"),
        ("hotline.clientlist", "prefix"),
        ("hotline.staff", "wildcard"),
        ("wamp.session.", "prefix"),
        ("wamp.subscription.", "wildcard"),
        ("wamp.registration.on", "prefix"),
    ],
)
def test_patterns_for_scripts(pattern: str, match: str) -> None:
    """What can only match what a script may see is granted, to scripts alone."""
    assert scripts.may_match(SCRIPT, "haven", pattern, match)
    assert not any(scripts.may_match(actor, "haven", pattern, match) for actor in OTHERS)


@pytest.mark.parametrize(
    ("pattern", "match"),
    [
        ("", "prefix"),
        ("", "wildcard"),
        ("..", "wildcard"),
        ("o", "prefix"),
        ("org.", "prefix"),
        ("org.haven", "prefix"),
        ("org..add", "wildcard"),
        ("org.other.", "prefix"),
        (".haven.add", "wildcard"),
        ("hotline.", "prefix"),
        ("hotline.", "wildcard"),
        ("hotline..", "wildcard"),
        ("hotline.room.", "prefix"),
        ("hotline.room.", "wildcard"),
        ("hotline.room.abc", "prefix"),
        ("hotline.room.abc.", "wildcard"),
        ("hotline.room..typing", "wildcard"),
        ("wamp.", "prefix"),
        ("wamp..on_join", "wildcard"),
    ],
)
def test_patterns_for_nobody(pattern: str, match: str) -> None:
    """What could match a room, or somebody else's names, is granted to no one."""
    assert not any(scripts.may_match(actor, "haven", pattern, match) for actor in (SCRIPT, *OTHERS))


def test_inspection() -> None:
    """Managers look, others do not; rooms are not shown."""
    assert [scripts.may_inspect(actor) for actor in (SCRIPT, MANAGER, STAFF, STAFF_TOKEN, CLIENT)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not scripts.may_be_shown("hotline.room.abc")
    assert not scripts.may_be_shown("hotline.room.abc.typing")
    assert scripts.may_be_shown("hotline.clientlist")
    assert scripts.may_be_shown("org.haven.add")
