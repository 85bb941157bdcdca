"""When an appointment may be, and what it means for its client: for any of them at any moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain.appointments import (
    EARLY,
    FURTHEST_DAYS,
    LAPSE,
    Appointment,
    Coming,
    check_span,
    coming,
    has_lapsed,
    is_due,
    may_change,
)
from hotline.domain.assignment import Here, Waiting, assigned
from hotline.domain.model import Actor, Role, Room, Status
from hotline.domain.rooms import dismiss
from hotline.errors import Invalid

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.timedeltas(min_value=timedelta(hours=-5), max_value=timedelta(hours=5)).map(NOW.__add__)
APPOINTMENTS = st.builds(
    lambda at, minutes, kept, served, cancelled: Appointment(
        consultant_id="anna",
        begins_at=at,
        ends_at=at + timedelta(minutes=minutes),
        is_kept=kept or served,
        is_served=served,
        is_cancelled=cancelled,
    ),
    MOMENTS,
    st.integers(5, 240),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
ROOMS = st.builds(
    lambda status, left, appointed: Room(
        room_id="room",
        client_id="client",
        status=status,
        last_seq=1,
        entered_at=NOW,
        closed_at=NOW if status is Status.CLOSED else None,
        served_by="anna" if status is Status.ACTIVE else None,
        note=None,
        left_message=left,
        is_appointed=appointed,
    ),
    st.sampled_from(Status),
    st.booleans(),
    st.booleans(),
)


@given(APPOINTMENTS, ROOMS, MOMENTS)
def test_only_at_its_time(appointment: Appointment, room: Room, now: datetime) -> None:
    """From ten minutes before until its end, unless cancelled; never before, never after, never without."""
    within = appointment.begins_at - EARLY <= now <= appointment.ends_at
    assert is_due(appointment, now) == (within and not appointment.is_cancelled)
    if not is_due(appointment, now):
        assert coming(appointment, room, now) is Coming.STAY
    assert coming(None, room, now) is Coming.STAY
    assert coming(appointment, None, now) is Coming.STAY


@given(APPOINTMENTS, ROOMS)
def test_at_its_time(appointment: Appointment, room: Room) -> None:
    """Nobody who has not come yet stays behind; a room goes on if it can; who has talked is not called again;
    and who has come once comes no second time by the same room."""
    appointment = replace(appointment, is_cancelled=False)
    found = coming(appointment, room, appointment.begins_at)
    if room.status is Status.CLOSED:
        assert found is (Coming.STAY if appointment.is_served else Coming.ANEW)
    else:
        assert found is not Coming.ANEW
    if not appointment.is_kept:
        assert found is not Coming.STAY
    if found is Coming.FIRST:
        kept = replace(appointment, is_kept=True)
        assert coming(kept, replace(room, is_appointed=True), appointment.begins_at) is Coming.STAY


@given(APPOINTMENTS, ROOMS)
def test_while_they_still_talk(appointment: Appointment, room: Room) -> None:
    """Until it begins a conversation is not what the appointment was given for: who goes before may come."""
    early = appointment.begins_at - EARLY
    talking = replace(room, status=Status.ACTIVE, left_message=False)
    assert coming(appointment, talking, early) is Coming.STAY


@given(APPOINTMENTS, MOMENTS)
def test_what_has_lapsed_lets_nobody_in(appointment: Appointment, now: datetime) -> None:
    """It is forgotten an hour after its end, when it has long been good for nothing."""
    assert has_lapsed(appointment, now) == (now >= appointment.ends_at + LAPSE)
    assert not (has_lapsed(appointment, now) and is_due(appointment, now))


@given(ROOMS)
def test_who_has_an_appointment_is_not_sent_away(room: Room) -> None:
    """At closing time all who wait for their turn are told to come again, but for those."""
    if room.is_appointed:
        assert dismiss(room) is None


@given(
    st.lists(st.sampled_from(["anna", "ben", "cleo"]), unique=True),
    st.sampled_from(["anna", "ben"]),
    st.integers(0, 2),
    st.sets(st.sampled_from(["anna", "ben"])),
)
def test_given_to_whom_it_is_with(here: list[str], whose: str, rooms: int, left_by: set[str]) -> None:
    """Who is here and has room gets the client whose appointment is with them, whatever language and topic
    say; else it is given as any other; and never to who left the room."""
    known = [
        Here(consultant_id=each, languages=("tr",), rooms=rooms if each == whose else 0, limit=2)
        for each in here
    ]
    client = Waiting(
        room_id="room", language="de", topic=None, left_by=frozenset(left_by), appointed_with=whose
    )
    found = assigned([client], known, NOW)
    if whose in here and rooms < 2 and whose not in left_by:
        assert found == [("room", whose)]
    else:
        assert found == assigned([replace(client, appointed_with=None)], known, NOW)


def test_who_may_change_it() -> None:
    """Who is in the room; of one that there is also whose it is, and managers."""
    made = Appointment(
        consultant_id="anna",
        begins_at=NOW,
        ends_at=NOW,
        is_kept=False,
        is_served=False,
        is_cancelled=False,
    )
    anna, ben = [Actor(organisation_id="o", id=each, name=each, role=Role.STAFF) for each in ("anna", "ben")]
    manager = Actor(organisation_id="o", id="m", name="m", role=Role.MANAGER)
    assert may_change(ben, None, True)
    assert may_change(ben, made, True)
    assert may_change(anna, made, False)
    assert may_change(manager, made, False)
    assert not may_change(ben, made, False)
    assert not may_change(manager, None, False)


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        ("2026-03-03T15:00:00Z", "2026-03-03T15:00"),
        ("2026-03-03T15:00:00.000Z", "2026-03-03T15:00"),
        ("2026-03-03T15:00", "2026-03-03T14:00"),
        ("2026-03-30T15:00", "2026-03-30T13:00"),
        ("2026-03-03T15:00+05:30", None),
        ("2026-03-03T22:00+05:30", "2026-03-03T16:30"),
    ],
)
def test_times(at: str, begins: str | None) -> None:
    """With an offset as it says, without one by the organisation's clocks, summer time included; not before
    now."""
    if begins is None:
        with pytest.raises(Invalid) as refused:
            check_span(at, 30, BERLIN, NOW)
        assert refused.value.details == {"at": "must lie ahead"}
    else:
        expected = datetime.fromisoformat(f"{begins}Z")
        assert check_span(at, 30, BERLIN, NOW) == (expected, expected + timedelta(minutes=30))


@pytest.mark.parametrize(
    "at", ["", "tomorrow", "2026-03-03", "2026-02-30T15:00", "9999-12-31T23:59", "1\x00"]
)
def test_wrong_times(at: str) -> None:
    """What is no time, or none within the days to come, is refused by name; and so are minutes."""
    with pytest.raises(Invalid) as refused:
        check_span(at, 1000, UTC, NOW)
    assert refused.value.details.keys() == {"at", "minutes"}


def test_moving_it_keeps_a_conversation_no_longer() -> None:
    """What has ended is kept for an appointment within 60 days of its end, however often that is moved."""
    ended_at = NOW - timedelta(days=59)
    begins_at, _ = check_span((NOW + timedelta(hours=23)).isoformat(), 30, UTC, NOW, ended_at)
    assert begins_at == NOW + timedelta(hours=23)
    with pytest.raises(Invalid) as refused:
        check_span((NOW + timedelta(hours=25)).isoformat(), 30, UTC, NOW, ended_at)
    assert refused.value.details == {"at": "must be within 60 days of the end of the conversation"}


@given(st.text(max_size=40))
def test_any_text(at: str) -> None:
    """Whatever is typed is a time within bounds, or refused."""
    try:
        begins_at, ends_at = check_span(at, 30, BERLIN, NOW)
    except Invalid:
        return
    assert NOW <= begins_at <= NOW + timedelta(days=FURTHEST_DAYS) < ends_at + timedelta(days=FURTHEST_DAYS)
