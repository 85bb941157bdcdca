"""Topics of rooms, told from all others."""

import tracemalloc

import pytest

from hotline.domain.topics import parse_room_topic


@pytest.mark.parametrize("kind", ["", "typing", "seen", "place", "notes"])
def test_topics_of_a_room(kind: str) -> None:
    topic = f"hotline.room.{'a' * 64}" + (f".{kind}" if kind else "")
    assert parse_room_topic(topic) == ("a" * 64, kind)


@pytest.mark.parametrize(
    "topic", ["", "hotline.room.", "hotline.room.a.", "hotline.room.a.b", "other.room.a"]
)
def test_other_topics(topic: str) -> None:
    assert parse_room_topic(topic) is None


def test_topics_that_anybody_may_name_are_not_kept() -> None:
    tracemalloc.start()
    try:
        for number in range(500):
            assert parse_room_topic(f"hotline.room.{number}{'a' * 10_000}") is None
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
