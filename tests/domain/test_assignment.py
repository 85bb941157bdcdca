"""Who gets which client, by tables and by chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain.assignment import Here, Waiting, assigned

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def here(
    name: str, languages: str = "", topics: str = "", rooms: int = 0, minutes: int | None = None
) -> Here:
    return Here(
        consultant_id=name,
        languages=tuple(languages.split()),
        topics=tuple(topics.split()),
        rooms=rooms,
        limit=2,
        assigned_at=None if minutes is None else NOW - timedelta(minutes=minutes),
    )


def waits(language: str | None = None, topic: str | None = None, left_by: str = "") -> Waiting:
    return Waiting(room_id="room", language=language, topic=topic, left_by=frozenset(left_by.split()))


@pytest.mark.parametrize(
    ("client", "staff", "goes_to"),
    [
        pytest.param(waits(), [here("a", rooms=1), here("b")], "b", id="least to do"),
        pytest.param(waits(), [here("a", minutes=1), here("b", minutes=9)], "b", id="in turn"),
        pytest.param(waits(), [here("a", minutes=9), here("b")], "b", id="never yet"),
        pytest.param(waits("de-AT"), [here("a", "en"), here("b", "de", rooms=1)], "b", id="language"),
        pytest.param(waits("de-x-informal"), [here("a", "fr"), here("b", "de")], "b", id="a variety"),
        pytest.param(waits(None), [here("a", "en")], "a", id="no language said"),
        pytest.param(
            waits("ar"), [here("a", "en"), here("b", "de", rooms=1)], "a", id="understood by nobody"
        ),
        pytest.param(
            waits("de"), [here("a", "en"), here("b", "de", rooms=2)], None, id="waits for who is full"
        ),
        pytest.param(
            waits(topic="My school"), [here("a"), here("b", topics="SCHOOL", rooms=1)], "b", id="topic"
        ),
        pytest.param(
            waits(topic="Money"), [here("a", topics="school"), here("b", rooms=1)], "b", id="any topic"
        ),
        pytest.param(waits(topic="Money"), [here("a", topics="school")], "a", id="another topic"),
        pytest.param(waits(left_by="a"), [here("a"), here("b", rooms=1)], "b", id="not back"),
        pytest.param(waits(left_by="a"), [here("a")], None, id="to nobody who left"),
        pytest.param(waits(), [here("a", rooms=2)], None, id="full"),
        pytest.param(waits(), [], None, id="nobody"),
    ],
)
def test_who_gets_a_client(client: Waiting, staff: list[Here], goes_to: str | None) -> None:
    """The first rule that tells consultants apart decides."""
    assert assigned([client], staff, NOW) == ([] if goes_to is None else [("room", goes_to)])


languages = st.sampled_from(["en", "de", "de-AT", "ar"])
consultants = st.builds(
    Here,
    consultant_id=st.uuids().map(str),
    languages=st.lists(languages, max_size=2).map(tuple),
    topics=st.lists(st.sampled_from(["school", "family"]), max_size=2).map(tuple),
    rooms=st.integers(0, 3),
    limit=st.integers(0, 3),
    assigned_at=st.none(),
)
clients = st.builds(
    Waiting,
    room_id=st.uuids().map(str),
    language=st.none() | languages,
    topic=st.none() | st.sampled_from(["School", "money"]),
)


@given(waiting=st.lists(clients, max_size=8), staff=st.lists(consultants, max_size=4))
def test_nobody_has_too_many_and_nobody_waits_in_vain(waiting: list[Waiting], staff: list[Here]) -> None:
    """Each client once, in turn; limits hold; whoever still waits could be given to nobody who suits."""
    pairs = assigned(waiting, staff, NOW)
    given_ = [room_id for room_id, _ in pairs]
    assert given_ == [client.room_id for client in waiting if client.room_id in given_]
    load = {each.consultant_id: each.rooms for each in staff}
    for _, consultant_id in pairs:
        load[consultant_id] += 1
    for each in staff:
        assert each.limit == 0 or load[each.consultant_id] <= max(each.limit, each.rooms)
    if any(
        not each.languages and (each.limit == 0 or load[each.consultant_id] < each.limit) for each in staff
    ):
        assert len(pairs) == len(waiting)
