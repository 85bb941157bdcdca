"""The router's small parts: URIs, ids, the token bucket, tasks."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from hotline.router.bucket import TokenBucket
from hotline.router.ids import new_id
from hotline.router.tasks import Tasks
from hotline.router.uris import is_uri


@pytest.mark.parametrize("uri", ["a", "hotline.room.x1", "com.example.ä-b_c", "a." * 255 + "ab", "A.B:c/d"])
def test_uris(uri: str) -> None:
    """Components of anything but white space, dots and hashes make a URI."""
    assert is_uri(uri, 512)


@pytest.mark.parametrize(
    "uri",
    ["", ".", "a.", ".a", "a..b", "a b", "a.#", "a\n", "a.b\n", "\n", "a\tb", "a\u2003b", "a\0b", "a\ud800"],
)
def test_no_uris(uri: str) -> None:
    """Empty components, white space, hashes, control characters and surrogates make none."""
    assert not is_uri(uri, 512)


def test_ids_are_in_range_and_differ() -> None:
    """Ids are within 1..2^53 and do not come twice."""
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(1 <= each <= 2**53 for each in ids)


def test_bucket_allows_burst_then_rate() -> None:
    """A burst at once, then the rate; it says how long to wait, and waiting so long suffices."""
    bucket = TokenBucket(rate=20.0, burst=40, now=100.0)
    assert [bucket.take(100.0) for _ in range(40)] == [0.0] * 40
    wait = bucket.take(100.0)
    assert wait == pytest.approx(0.05)
    assert bucket.take(100.0 + wait + 1e-9) == 0.0
    assert bucket.take(100.0 + wait + 1e-9) > 0
    assert [bucket.take(1000.0) for _ in range(41)].count(0.0) == 40


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 40), (20.0, 0)])
def test_bucket_without_limit(rate: float, burst: int) -> None:
    """0 means no limit."""
    bucket = TokenBucket(rate=rate, burst=burst, now=0.0)
    assert not any(bucket.take(0.0) for _ in range(1000))


def test_bucket_bears_a_clock_that_goes_back() -> None:
    """A clock that was set back neither fills nor empties the bucket."""
    bucket = TokenBucket(rate=1.0, burst=1, now=100.0)
    assert bucket.take(50.0) == 0.0
    assert bucket.take(50.0) > 0


def test_tasks_are_idle_when_the_last_has_ended(no_logged_failures: list[str]) -> None:
    """`when_idle` fires after the last task, failed ones included, and those failures are logged."""
    tasks = Tasks()
    first: Deferred[None] = Deferred()
    second: Deferred[None] = Deferred()

    async def wait_for(deferred: Deferred[None]) -> None:
        await deferred

    assert tasks.when_idle().called
    tasks.start(wait_for(first))
    tasks.start(wait_for(second))
    idle = tasks.when_idle()
    first.callback(None)
    assert (len(tasks), idle.called) == (1, False)
    second.errback(ValueError("as the test wants"))
    assert (len(tasks), idle.called) == (0, True)
    assert len(no_logged_failures) == 1
    no_logged_failures.clear()
