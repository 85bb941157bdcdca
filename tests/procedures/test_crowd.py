"""Very many who enter at once: each can, for a moment's work or after a while, and nobody else notices."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_twisted import ensureDeferred
from twisted.internet.task import Clock

from hotline.admission import Admission
from hotline.domain import puzzles
from hotline.domain.limits import DomainLimits
from hotline.errors import TooFast
from hotline.procedures.attempts import Attempts
from hotline.procedures.crowd import Crowd
from tests.conftest import Now
from tests.procedures.test_matrix import make_scene
from tests.procedures.wired import Wired, uri_of

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def solve(puzzle: str, bits: int) -> str:
    """An answer, found by trying, as browsers do."""
    return next(str(number) for number in count() if puzzles.is_solved(puzzle, bits, str(number)))


def refusal(
    crowd: Crowd, session: object, answer: str = "", organisation: str = "a", later: float = 0.0
) -> TooFast:
    with pytest.raises(TooFast) as raised:
        crowd.let_in(session, organisation, answer, NOON + timedelta(seconds=later))
    return raised.value


def test_work_is_asked_of_a_crowd_only() -> None:
    """Up to the usual number nothing is asked; after that an answer lets in, each once, each its own."""
    crowd = Crowd(60)
    for number in range(60):
        crowd.let_in(number, "a", "", NOON)
    asked = refusal(crowd, "x").details
    assert (asked["retry_after"], asked["bits"]) == (1.0, 14)
    crowd.let_in("y", "b", "", NOON)

    answer = solve(asked["puzzle"], asked["bits"])
    refusal(crowd, "somebody else", answer)
    refusal(crowd, "x", "wrong")
    # The wrong answer used the puzzle up.
    again = refusal(crowd, "x", answer).details
    crowd.let_in("x", "a", solve(again["puzzle"], again["bits"]), NOON)
    refusal(crowd, "x", solve(again["puzzle"], again["bits"]))

    refusal(crowd, "z", later=1.5)
    crowd.let_in("z", "a", "", NOON + timedelta(seconds=2))
    for number in range(60):
        crowd.let_in(number, "a", "", NOON + timedelta(minutes=5))
    Crowd(0).let_in("anybody", "a", "", NOON)


def test_a_school_is_asked_for_work_and_let_in() -> None:
    """Beyond the usual number of one network each of its clients computes, earlier than an organisation's
    crowd does; nobody from elsewhere does, and nobody is refused."""
    crowd, school, elsewhere = Crowd(300, 30), b"school", b"elsewhere"
    for number in range(30):
        crowd.let_in(number, "a" if number % 2 else "b", "", NOON, school)
    for number in range(100, 120):
        with pytest.raises(TooFast) as raised:
            crowd.let_in(number, "a", "", NOON, school)
        puzzle, bits = raised.value.details["puzzle"], raised.value.details["bits"]
        assert 14 <= bits <= 18
        crowd.let_in(number, "a", solve(puzzle, bits), NOON, school)
    crowd.let_in("x", "a", "", NOON, elsewhere)
    crowd.let_in("y", "a", "", NOON)
    crowd.let_in("z", "a", "", NOON + timedelta(minutes=5), school)
    nobody = Crowd(0, 0)
    for number in range(100):
        nobody.let_in(number, "a", "", NOON, school)
    # Somebody else's network does not lift what an organisation asks.
    full = Crowd(1, 30)
    full.let_in("x", "a", "", NOON, school)
    with pytest.raises(TooFast):
        full.let_in("y", "a", "", NOON, elsewhere)


def test_a_crowd_of_all_organisations_is_asked_for_work() -> None:
    """Many organisations together are a crowd of the node, though each is small; nobody is refused."""
    crowd = Crowd(per_minute=300, per_network=30, per_node=40)
    for number in range(40):
        crowd.let_in(number, f"house {number}", "", NOON)
    asked = refusal(crowd, "x", organisation="one more").details
    crowd.let_in("x", "one more", solve(asked["puzzle"], asked["bits"]), NOON)
    crowd.let_in("y", "one more", "", NOON + timedelta(minutes=5))


@pytest.mark.parametrize(("least", "most", "asked"), [(3, 5, 3), (9, 4, 4), (0, 4, 0), (7, 0, 7)])
def test_how_much_work_it_is(least: int, most: int, asked: int) -> None:
    """As an operator says: 0 bits are none, and 0 at the most is any number."""
    crowd = Crowd(1, limits=DomainLimits(puzzle_bits=least, most_puzzle_bits=most))
    crowd.let_in("x", "a", "", NOON)
    assert refusal(crowd, "y").details["bits"] == asked


@pytest.mark.parametrize(
    ("codes", "seconds", "waits"), [(1, 60, [0, 1]), (2, 60, [0, 0, 1]), (1, 0, [0] * 9), (0, 60, [0] * 9)]
)
def test_guessing_return_codes(codes: int, seconds: float, waits: list[int]) -> None:
    """So many wrong ones at once, one more in so many seconds; right ones and others' cost nothing."""
    attempts = Attempts(DomainLimits(return_codes=codes, return_code_seconds=seconds))
    for late in waits:
        with pytest.raises(TooFast) if late else nullcontext():
            attempts.spend("mine", NOON)
    attempts.spend("other", NOON)
    if waits[-1]:
        attempts.spend("mine", NOON + timedelta(seconds=seconds))
        attempts.forgive("mine")
        attempts.spend("mine", NOON + timedelta(seconds=seconds))


def test_no_flood_of_networks_is_remembered() -> None:
    """Of more networks than are remembered the one heard of least lately is forgotten, though it was full."""
    crowd = Crowd(0, 1, limits=DomainLimits(remembered=300))
    for network in range(300):
        crowd.let_in("x", "a", "", NOON, network.to_bytes(3))
    with pytest.raises(TooFast):
        crowd.let_in("x", "a", "", NOON, bytes(3))
    crowd.let_in("x", "a", "", NOON, b"one more")
    with pytest.raises(TooFast):
        crowd.let_in("x", "a", "", NOON, bytes(3))
    crowd.let_in("x", "a", "", NOON, (1).to_bytes(3))


def test_twice_the_crowd_twice_the_work() -> None:
    """Up to what a telephone does in seconds."""
    crowd = Crowd(1)
    bits = []
    for number in range(7):
        try:
            crowd.let_in(number, "a", "", NOON)
        except TooFast as error:
            bits.append(error.details["bits"])
            crowd.let_in(number, "a", solve(error.details["puzzle"], error.details["bits"]), NOON)
    assert bits == [14, 15, 16, 17, 18, 18]


@given(st.text("0123456789abcdef"), st.from_regex(r"[0-9A-Za-z]{0,64}", fullmatch=True), st.integers(1, 18))
def test_any_answer_is_right_or_wrong(puzzle: str, answer: str, bits: int) -> None:
    assert puzzles.is_solved(puzzle, bits, answer) in (True, False)


def test_sessions_of_a_network(wired: Wired) -> None:
    """So many come in at once and in each minute; other networks, and who comes from nowhere, do not wait."""
    clock = Clock()
    admission = Admission(wired.realms, wired.accounts, joins_per_network=60, seconds=clock.seconds)
    assert [admission.delay(b"school") for _ in range(60)] == [0.0] * 60
    assert admission.delay(b"school") == admission.delay(b"school") == 1.0
    assert [admission.delay(each) for each in (b"elsewhere", None)] == [0.0, 0.0]
    clock.advance(1)
    assert [admission.delay(b"school") for _ in range(2)] == [0.0, 1.0]


@ensureDeferred
async def test_a_crowd_in_the_anteroom(wired: Wired, now: Now) -> None:
    """The same over the wire, for who enters or leaves a message; nothing is stored of who is refused."""
    scene = await make_scene(wired, now(), "own")
    before = await scene.guests["manager"].result("hotline.clientlist.get")
    for number in range(300):
        wired.crowd.let_in(number, scene.house.organisation_id, "", now())
    visitor = await wired.join("own")
    for procedure, kwargs in (("leave_message", {"text": "Are you there?"}), ("enter", {})):
        refused = await visitor.call(f"hotline.anteroom.{procedure}", name="Robin", **kwargs)
        assert uri_of(refused) == "hotline.error.too_fast"
    assert await scene.guests["manager"].result("hotline.clientlist.get") == before
    proof = solve(refused[6]["puzzle"], refused[6]["bits"])
    entered = await visitor.result("hotline.anteroom.enter", name="Robin", proof=proof)
    assert len(await scene.guests["manager"].result("hotline.clientlist.get")) == len(before) + 1
    assert entered["position"] in (1, 2)
    for proof in (None, 7, "\ud800", "x" * 65):
        other = await wired.join("own")
        assert uri_of(await other.call("hotline.anteroom.enter", name="Kim", proof=proof)).startswith(
            ("hotline.error.too_fast", "hotline.error.invalid")
        )
