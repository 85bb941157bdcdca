"""Waiting after wrong guesses: grows, is bounded, locks nobody out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.domain.limits import DEFAULTS
from hotline.domain.throttle import Throttle
from hotline.errors import TooFast

FREE = DEFAULTS.wrong_logins
NETWORK_SECONDS = DEFAULTS.network_login_seconds


def wait(throttle: Throttle, account: object, network: object, now: float) -> float:
    """How long a guess has to wait; 0: it was made."""
    try:
        throttle.spend(account, network, now)
    except TooFast as error:
        return float(error.details["retry_after"])
    return 0.0


def test_the_wait_grows_and_is_bounded() -> None:
    """Five guesses at once, then 1, 2, 4 ... seconds between them, a minute at most."""
    throttle = Throttle(longest_seconds=60, network_allowance=0)
    assert [wait(throttle, "a", None, 0.0) for _ in range(FREE)] == [0.0] * FREE
    now, waits = 0.0, []
    for _ in range(10):
        late = wait(throttle, "a", None, now)
        waits.append(late)
        now += late
        assert wait(throttle, "a", None, now) == 0.0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert wait(throttle, "b", None, now) == 0.0


def test_being_refused_makes_no_wait_longer() -> None:
    """Whoever hammers cannot keep the account's owner waiting for longer than whoever does not."""
    throttle = Throttle(longest_seconds=60, network_allowance=0)
    for _ in range(FREE):
        throttle.spend("a", None, 0.0)
    for tenth in range(10):
        assert wait(throttle, "a", None, tenth / 10) > 0
    assert wait(throttle, "a", None, 1.0) == 0.0


def test_right_guesses_are_forgotten_and_unseen_ones_taken_back() -> None:
    """A right password ends the wait; one that nobody looked at never counted."""
    throttle = Throttle(longest_seconds=60, network_allowance=2)
    for _ in range(100):
        throttle.spend("a", "net", 0.0)
        throttle.forgive("a", "net")
    for _ in range(100):
        throttle.spend("a", "net", 0.0)
        throttle.refund("a", "net")
    assert wait(throttle, "a", "net", 0.0) == 0.0


def test_a_network_waits_for_all_accounts_together() -> None:
    """Beyond its allowance one guess in so many seconds, whatever the account; other networks do not wait."""
    throttle = Throttle(longest_seconds=60, network_allowance=3)
    assert [wait(throttle, name, "net", 0.0) for name in "abc"] == [0.0] * 3
    assert wait(throttle, "d", "net", 0.0) == NETWORK_SECONDS
    assert wait(throttle, "d", "elsewhere", 0.0) == 0.0
    assert wait(throttle, "e", None, 0.0) == 0.0
    assert wait(throttle, "f", "net", NETWORK_SECONDS) == 0.0


def test_nothing_is_remembered_for_ever() -> None:
    """After a quiet hour an account begins anew, and what is remembered is bounded."""
    throttle = Throttle(longest_seconds=60, network_allowance=50)
    for _ in range(FREE):
        throttle.spend("a", None, 0.0)
    assert [wait(throttle, "a", None, 3600.0) for _ in range(FREE)] == [0.0] * FREE
    for number in range(11_000):
        throttle.spend(number, f"net {number}", 3600.0)
    assert len(throttle._accounts) <= 10_001


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), max_size=60))
def test_whoever_waits_as_told_gets_through(steps: list[tuple[bool, float]]) -> None:
    """Whatever happened before, no wait is above its bound, and after it the guess is made."""
    throttle = Throttle(longest_seconds=60, network_allowance=3)
    now = 0.0
    for is_right, passed in steps:
        now += passed
        late = wait(throttle, "a", "net", now)
        if late:
            assert late <= 60 + 0.1
            now += late + 0.1
            throttle.spend("a", "net", now)
        if is_right:
            throttle.forgive("a", "net")


def test_a_limit_of_zero_is_none() -> None:
    """Without limits nobody waits."""
    throttle = Throttle(longest_seconds=0, network_allowance=0)
    assert [wait(throttle, "a", "net", 0.0) for _ in range(100)] == [0.0] * 100
    with pytest.raises(TooFast):
        limited = Throttle(longest_seconds=0, network_allowance=1)
        for _ in range(2):
            limited.spend("a", "net", 0.0)


def test_what_an_operator_may_say() -> None:
    """How many are free, how long a network waits, and how many are remembered; 0 lifts each."""
    strict = Throttle(longest_seconds=60, network_allowance=1, network_seconds=20.0, free=1, most=2)
    assert [wait(strict, "a", None, 0.0) for _ in range(2)] == [0.0, 1.0]
    assert [wait(strict, account, "net", 0.0) for account in "bc"] == [0.0, 20.0]
    strict.spend("c", None, 0.0)
    assert wait(strict, "a", None, 0.0) == 0.0, "it was forgotten"
    free = Throttle(longest_seconds=60, network_allowance=1, network_seconds=0.0, free=0, most=0)
    assert [wait(free, number // 9, "net", 0.0) for number in range(900)] == [0.0] * 900
    assert not free.is_much(1000)
