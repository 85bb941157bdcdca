"""Who may open a group, come in, come back and go; as pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain import groups, rooms
from hotline.domain.groups import Group, Participant
from hotline.domain.model import Actor, Kind, Role, Room, Sender, Status
from hotline.errors import Invalid, NotAllowed, NotFound, RoomClosed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GROUP = Group(
    room_id="r",
    code="c",
    name="Evening",
    text="",
    opens_at=NOW,
    ends_at=NOW + timedelta(hours=1),
    most_clients=3,
    is_listed=False,
)
LEADER = Actor(organisation_id="o", id="l", name="Lee", role=Role.STAFF)
MANAGER = Actor(organisation_id="o", id="m", name="Mia", role=Role.MANAGER)
CLIENT = Actor(organisation_id="o", id="c", name="Robin", role=Role.CLIENT)


def room(status: Status = Status.ACTIVE, **more: Any) -> Room:
    return Room(
        room_id="r",
        client_id=None,
        status=status,
        last_seq=1,
        entered_at=NOW,
        closed_at=NOW if status is Status.CLOSED else None,
        served_by=None,
        note=None,
        **more,
    )


def participant(name: str | None, *, here: bool = True, removed: bool = False) -> Participant:
    return Participant(
        client_id=f"id of {name}",
        name=name,
        is_here=here and not removed,
        is_removed=removed,
        device_hash=f"device of {name}".encode(),
    )


times = st.timedeltas(min_value=timedelta(days=-200), max_value=timedelta(days=200))


@given(begin=st.none() | times, end=times)
def test_a_span_is_ahead_and_short(begin: timedelta | None, end: timedelta) -> None:
    """Whatever is asked for: what is accepted begins soon enough and lasts no longer than it may."""
    wanted = max(begin or timedelta(), timedelta())
    is_good = wanted <= timedelta(days=groups.DAYS_AHEAD)
    is_good = is_good and timedelta() < end - wanted <= timedelta(hours=groups.LONGEST_HOURS)
    asked = (None if begin is None else NOW + begin, NOW + end, NOW)
    if not is_good:
        with pytest.raises(Invalid):
            groups.span(*asked)
    else:
        opens_at, ends_at = groups.span(*asked)
        assert NOW <= opens_at <= NOW + timedelta(days=groups.DAYS_AHEAD)
        assert timedelta() < ends_at - opens_at <= timedelta(hours=groups.LONGEST_HOURS)
        assert ends_at == NOW + end


@given(begin=st.none() | times, end=st.none() | times, elapsed=times)
def test_what_has_begun_keeps_its_beginning(
    begin: timedelta | None, end: timedelta | None, elapsed: timedelta
) -> None:
    """Whatever a group's times are changed to: they are as they might have been said at first, and none of
    what was is changed afterwards."""
    now = NOW + elapsed
    asked = [None if each is None else NOW + each for each in (begin, end)]
    try:
        opens_at, ends_at = groups.changed_span(GROUP, *asked, now)
    except Invalid:
        assert asked != [None, None] or now >= GROUP.ends_at or now < NOW - timedelta(groups.DAYS_AHEAD)
        return
    assert timedelta() < ends_at - opens_at <= timedelta(hours=groups.LONGEST_HOURS)
    assert opens_at == (GROUP.opens_at if now >= GROUP.opens_at else max(asked[0] or GROUP.opens_at, now))
    assert ends_at == (asked[1] or GROUP.ends_at)
    assert asked[1] is None or ends_at > now


def test_a_group_that_goes_on_can_end_at_another_time() -> None:
    """Later, sooner, but neither in the past nor more than a day after its beginning."""
    now = NOW + timedelta(minutes=30)
    for hours in (0.6, 24):
        ends_at = NOW + timedelta(hours=hours)
        assert groups.changed_span(GROUP, None, ends_at, now) == (NOW, ends_at)
        assert groups.changed_span(GROUP, NOW, ends_at, now) == (NOW, ends_at)
    for hours in (0.5, 0.4, 24.1):
        with pytest.raises(Invalid) as refused:
            groups.changed_span(GROUP, None, NOW + timedelta(hours=hours), now)
        assert list(refused.value.details) == ["ends_at"]
    with pytest.raises(Invalid) as begun:
        groups.changed_span(GROUP, now, None, now)
    assert list(begun.value.details) == ["opens_at"]


def test_times_at_the_edge_of_all_times() -> None:
    """The first and last moments there are, are refused like others."""
    for extreme in (datetime.min, datetime.max):
        with pytest.raises(Invalid):
            groups.span(None, extreme.replace(tzinfo=UTC), NOW)
    with pytest.raises(Invalid):
        groups.span(datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), NOW)


def test_clients_are_in_it_from_its_beginning_to_its_end() -> None:
    """Not before, told when; not after, and not once it was closed."""
    groups.check_open(room(), GROUP, NOW)
    with pytest.raises(NotAllowed) as early:
        groups.check_open(room(), GROUP, NOW - timedelta(seconds=1))
    assert early.value.details == {"reason": "not_yet", "opens_at": "2026-11-22T12:00:00.000Z"}
    for closed, moment in ((room(), GROUP.ends_at), (room(Status.CLOSED), NOW)):
        with pytest.raises(RoomClosed):
            groups.check_open(closed, GROUP, moment)


LOOKS = (
    "Robin",
    "robin",
    " ROBIN ",
    "Ｒobin",
    "Ro\u200bbin",
    "LEE",
    "R\u043ebin",
    "Ro\u034fbin",
    "Robin\u3164",
    "R0bin",
)


@pytest.mark.parametrize("name", [*LOOKS, "LEE", "L\u0415\u0415"])
def test_names_are_given_out_once(name: str) -> None:
    """Also those that only look alike, those of who has left, and consultants'."""
    for inside in ([participant("Robin")], [participant("Robin", here=False)]):
        with pytest.raises(Invalid):
            groups.check_newcomer(GROUP, inside, ["Lee"], name, None)
    groups.check_newcomer(GROUP, [participant(None, here=False)], ["Mia"], name, None)


@pytest.mark.parametrize("name", ["\u3164", "\u2800\ufe0f"])
def test_a_name_is_seen(name: str) -> None:
    """Nobody is in a group under nothing."""
    with pytest.raises(Invalid) as refused:
        groups.check_newcomer(GROUP, [], [], name, None)
    assert refused.value.details == {"name": "must have something in it that can be seen"}


def test_who_was_removed_and_who_finds_no_place() -> None:
    """A device of somebody removed is known; who has left, or was removed, takes no place."""
    inside = [
        participant("A"),
        participant("B"),
        participant("C", removed=True),
        participant("D", here=False),
    ]
    groups.check_newcomer(GROUP, inside, [], "E", b"device of D")
    with pytest.raises(NotAllowed) as removed:
        groups.check_newcomer(GROUP, inside, [], "E", b"device of C")
    assert removed.value.details == {"reason": "removed"}
    with pytest.raises(NotAllowed) as full:
        groups.check_newcomer(GROUP, [*inside, participant("E")], [], "F", None)
    assert full.value.details == {"reason": "full"}


def test_coming_back() -> None:
    """Who has left, as long as there is a place; who is in it changes nothing; nobody else."""
    inside = [participant("A"), participant("B", here=False), participant("C", removed=True)]
    assert groups.check_return(GROUP, inside, "id of B")
    assert not groups.check_return(GROUP, inside, "id of A")
    with pytest.raises(NotAllowed):
        groups.check_return(GROUP, inside, "id of C")
    with pytest.raises(NotFound):
        groups.check_return(GROUP, inside, "id of D")
    with pytest.raises(NotAllowed):
        groups.check_return(GROUP, [*inside, participant("D"), participant("E")], "id of B")


def test_nobody_serves_a_group() -> None:
    """It is not claimed, handed over, given back or taken over, whoever asks; it is closed."""
    for step in (
        lambda: rooms.claim(room(), MANAGER, None),
        lambda: rooms.transfer(room(), MANAGER, "l", "Lee"),
        lambda: rooms.take_over(room(), MANAGER),
        lambda: rooms.release(room(), MANAGER, "Mia"),
    ):
        with pytest.raises(NotAllowed) as refused:
            step()
        assert refused.value.details == {"reason": "group"}
    assert rooms.close(room(), "Mia").status is Status.CLOSED


def test_leaving_a_group() -> None:
    """It goes on for as long as somebody leads it."""
    for who, others, expected in (
        (CLIENT, [], Status.ACTIVE),
        (CLIENT, ["l"], Status.ACTIVE),
        (LEADER, ["m"], Status.ACTIVE),
        (LEADER, [], Status.CLOSED),
    ):
        outcome = rooms.leave(room(), Sender(id=who.id, name=who.name, role=who.role), others)
        assert (outcome.status, outcome.served_by) == (expected, None)
        kind = Kind.CLOSED if expected is Status.CLOSED else Kind.LEFT
        assert [entry.kind for entry in outcome.entries] == [kind]
    groups.check_leaving(room(), Role.STAFF, 1)
    groups.check_leaving(room(), Role.CLIENT, 0)
    groups.check_leaving(room(Status.CLOSED), Role.STAFF, 0)
    with pytest.raises(NotAllowed):
        groups.check_leaving(room(), Role.STAFF, 0)
