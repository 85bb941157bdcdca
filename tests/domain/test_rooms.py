"""The life of a room, over every status, role and step."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from hotline.domain import entries, rooms
from hotline.domain.model import Actor, Kind, Role, Room, Sender, Status
from hotline.errors import AlreadyClaimed, NotAllowed, RoomClosed

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def room(status: Status, served_by: str | None = None) -> Room:
    return Room(
        room_id="r",
        client_id="client",
        status=status,
        last_seq=1,
        entered_at=NOW,
        closed_at=NOW if status is Status.CLOSED else None,
        served_by=served_by,
        note=None,
    )


def actor(name: str, role: Role = Role.STAFF) -> Actor:
    return Actor(organisation_id="o", id=name, name=name.title(), role=role)


def member(name: str, role: Role = Role.STAFF) -> Sender:
    return Sender(id=name, name=name.title(), role=role)


def test_every_step_from_every_status_is_in_the_table_or_refused() -> None:
    """A closed room refuses everything as closed; what the table lacks is not allowed."""
    for status, step in itertools.product(Status, rooms.Step):
        if status is Status.CLOSED:
            with pytest.raises(RoomClosed):
                rooms.next_status(status, step)
        elif step in rooms.LIFE[status]:
            assert rooms.next_status(status, step) in Status
        else:
            with pytest.raises(NotAllowed):
                rooms.next_status(status, step)


def test_claiming_a_waiting_room_makes_it_active() -> None:
    """The consultant who claims serves the room, and the members read so."""
    outcome = rooms.claim(room(Status.WAITING), actor("anna"), None)
    assert outcome is not None
    assert (outcome.status, outcome.served_by) == (Status.ACTIVE, "anna")
    assert [entry.kind for entry in outcome.entries] == [Kind.CLAIMED]


def test_claiming_anothers_room_says_whose_it_is() -> None:
    """The second of two learns who was first."""
    with pytest.raises(AlreadyClaimed) as caught:
        rooms.claim(room(Status.ACTIVE, "bert"), actor("anna"), "Bert")
    assert caught.value.details == {"by": {"id": "bert", "name": "Bert"}}


def test_claiming_ones_own_room_again_changes_nothing() -> None:
    """A claim whose answer was lost can be repeated."""
    assert rooms.claim(room(Status.ACTIVE, "anna"), actor("anna"), "Anna") is None


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER])
def test_only_its_consultant_or_a_manager_hands_over(role: Role) -> None:
    """Staff may not hand over somebody else's room, a manager may."""
    if role is Role.MANAGER:
        assert (
            rooms.transfer(room(Status.ACTIVE, "bert"), actor("anna", role), "carl", "Carl").served_by
            == "carl"
        )
    else:
        with pytest.raises(NotAllowed):
            rooms.transfer(room(Status.ACTIVE, "bert"), actor("anna", role), "carl", "Carl")


@pytest.mark.parametrize(("role", "may"), [(Role.STAFF, False), (Role.MANAGER, True)])
def test_only_its_consultant_or_a_manager_gives_back(role: Role, may: bool) -> None:
    """Then the client waits again, at no better place than before."""
    if may:
        outcome = rooms.release(room(Status.ACTIVE, "bert"), actor("anna", role), "Bert")
        assert (outcome.status, outcome.served_by, outcome.has_vanished) == (Status.WAITING, None, False)
        assert [entry.kind for entry in outcome.entries] == [Kind.RELEASED]
        assert outcome.entries[0].text.startswith("Bert ")
    else:
        with pytest.raises(NotAllowed):
            rooms.release(room(Status.ACTIVE, "bert"), actor("anna", role), "Bert")
    assert rooms.release(room(Status.ACTIVE, "anna"), actor("anna"), "Anna").status is Status.WAITING


def test_taking_over_ones_own_room_changes_nothing() -> None:
    """And of another's, the members read who goes on."""
    assert rooms.take_over(room(Status.ACTIVE, "anna"), actor("anna", Role.MANAGER)) is None
    outcome = rooms.take_over(room(Status.ACTIVE, "bert"), actor("anna", Role.MANAGER))
    assert outcome is not None
    assert (outcome.served_by, outcome.entries[0].kind) == ("anna", Kind.TRANSFERRED)
    with pytest.raises(NotAllowed):
        rooms.take_over(room(Status.WAITING), actor("anna", Role.MANAGER))


def test_whose_consultant_vanished() -> None:
    """Another consultant in the room goes on; without one the client waits again, before all others."""
    outcome = rooms.vanish(room(Status.ACTIVE, "anna"), "Anna", ["bert"])
    assert (outcome.status, outcome.served_by, outcome.has_vanished) == (Status.ACTIVE, "bert", False)
    outcome = rooms.vanish(room(Status.ACTIVE, "anna"), "Anna", [])
    assert (outcome.status, outcome.served_by, outcome.has_vanished) == (Status.WAITING, None, True)
    assert [entry.kind for entry in outcome.entries] == [Kind.VANISHED]


@pytest.mark.parametrize(
    ("limit", "served", "may"), [(3, 2, True), (3, 3, False), (3, 9, False), (1, 0, True), (0, 500, True)]
)
def test_the_limit(limit: int, served: int, may: bool) -> None:
    """Whoever serves as many as the limit says may have no more; 0 is no limit."""
    if may:
        rooms.check_limit(limit, served)
    else:
        with pytest.raises(NotAllowed) as caught:
            rooms.check_limit(limit, served)
        assert caught.value.details == {"reason": "limit", "limit": limit}


def test_the_client_leaving_closes_the_room() -> None:
    """No empty room stays: who left is told, and the last entry says that it has ended."""
    for status, served_by in ((Status.WAITING, None), (Status.ACTIVE, "anna")):
        outcome = rooms.leave(room(status, served_by), member("client", Role.CLIENT), ["anna"])
        assert (outcome.status, outcome.served_by) == (Status.CLOSED, None)
        assert [entry.kind for entry in outcome.entries] == [Kind.LEFT, Kind.CLOSED]
        hurried = rooms.leave(room(status, served_by), member("client", Role.CLIENT), [], quickly=True)
        assert [entry.kind for entry in hurried.entries] == [Kind.LEFT_QUICKLY, Kind.CLOSED]
        assert (hurried.status, hurried.served_by) == (outcome.status, outcome.served_by)


def test_only_clients_leave_quickly() -> None:
    """For a consultant it is a going like any other."""
    outcome = rooms.leave(room(Status.ACTIVE, "anna"), member("anna"), [], quickly=True)
    assert [entry.kind for entry in outcome.entries] == [Kind.LEFT]


def test_the_consultant_leaving_lets_another_go_on() -> None:
    """A second consultant in the room takes over; without one the client waits again."""
    outcome = rooms.leave(room(Status.ACTIVE, "anna"), member("anna"), ["bert"])
    assert (outcome.status, outcome.served_by) == (Status.ACTIVE, "bert")
    outcome = rooms.leave(room(Status.ACTIVE, "anna"), member("anna"), [])
    assert (outcome.status, outcome.served_by) == (Status.WAITING, None)


def test_a_second_consultant_leaving_changes_nothing_for_the_client() -> None:
    """Only the entry tells of it."""
    outcome = rooms.leave(room(Status.ACTIVE, "anna"), member("bert"), ["anna"])
    assert (outcome.status, outcome.served_by) == (Status.ACTIVE, "anna")


def test_nothing_happens_to_a_closed_room() -> None:
    """Every step is refused as closed."""
    closed = room(Status.CLOSED)
    for step in (
        lambda: rooms.claim(closed, actor("anna"), None),
        lambda: rooms.take_over(closed, actor("anna", Role.MANAGER)),
        lambda: rooms.release(closed, actor("anna"), "Anna"),
        lambda: rooms.vanish(closed, "Anna", []),
        lambda: rooms.transfer(closed, actor("anna"), "b", "B"),
        lambda: rooms.close(closed, "Anna"),
        lambda: rooms.abandon(closed, "Robin"),
        lambda: rooms.leave(closed, member("anna"), []),
        lambda: rooms.leave(closed, member("client", Role.CLIENT), []),
    ):
        with pytest.raises(RoomClosed):
            step()


def test_whoever_serves_matches_the_status() -> None:
    """An active room has a consultant, any other has none: as the database demands."""
    for status, served_by in ((Status.WAITING, None), (Status.ACTIVE, "anna")):
        for who, others in itertools.product(
            (member("anna"), member("bert"), member("client", Role.CLIENT)), ([], ["bert"], ["anna"])
        ):
            if who.id not in others:
                outcome = rooms.leave(room(status, served_by), who, others)
                assert (outcome.status is Status.ACTIVE) == (outcome.served_by is not None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Zoë", "Zoë came in."),
        ("\u202eKim", "Kim came in."),
        ("\u2069\u202eKim", "Kim came in."),
        ("\u05d3\u05e0\u05d4", "\u2068\u05d3\u05e0\u05d4\u2069 came in."),
    ],
)
def test_a_name_does_not_turn_the_sentence_round_it(name: str, text: str) -> None:
    """Names from right to left stand apart from ours; characters that only steer the direction go."""
    assert entries.entered(name).text == text
