"""What others can provoke does not fill the log, and how many open files there may be."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.logger import LogLevel

from hotline import logs
from hotline.descriptors import RESERVED, connections_within, raise_limit
from hotline.logs import LINES, SECONDS, SampledLogger


@pytest.fixture
def soft_limit() -> Iterator[int]:
    """A soft limit far below the hard one; as it was afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    low = min(1024, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (low, hard))
    yield low
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_so_many_lines_of_a_kind_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones, then none, then how many were left out; each kind counts for itself."""
    now = 0.0
    monkeypatch.setattr(logs, "monotonic", lambda: now)
    events: list[dict[str, Any]] = []
    log = SampledLogger(namespace="here", observer=events.append)
    for number in range(1000):
        log.warn("again {number}", number=number)
    log.error("something else")
    assert [event["log_format"] for event in events] == ["again {number}"] * LINES + ["something else"]
    now = SECONDS
    log.warn("again {number}", number=1000)
    assert [(event["log_level"], event.get("left_out")) for event in events[-2:]] == [
        (LogLevel.info, 1000 - LINES),
        (LogLevel.warn, None),
    ]


def test_open_files_are_raised(soft_limit: int) -> None:
    """As far as the hard limit allows, once and for all."""
    limit = raise_limit()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert limit == soft
    assert limit > soft_limit or hard == soft_limit
    assert raise_limit() == limit


@pytest.mark.parametrize(
    ("limit", "wanted", "possible"),
    [
        (20_000, 0, 20_000 - RESERVED),
        (20_000, 500, 500),
        (1024, 5000, 1024 - RESERVED),
        (100, 0, 50),
    ],
)
def test_connections_leave_some_descriptors(limit: int, wanted: int, possible: int) -> None:
    """What is wanted, if there is room for it beside everything else."""
    assert connections_within(limit, wanted) == possible
