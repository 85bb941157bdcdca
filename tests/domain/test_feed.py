"""A room's feed against a simple model: whatever arrives in whatever order, out comes 1, 2, 3 ... once, and
what was said here with its origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hotline.domain.feed import Feed
from hotline.domain.unsettled import Key, Unsettled

Item = tuple[int, Any]
"""A message's number, and its origin if it was said here."""


@dataclass(slots=True)
class Saying:
    """Something said here; committed under this number, or not (yet)."""

    key: Key
    origin: int
    seq: int | None = None


class FeedMachine(RuleBasedStateMachine):
    """Commits happen, elsewhere and here; the feed hears of each by offer, by number, twice, late or never.
    What is said here is committed, and so may be fetched, before the answer comes or gets lost."""

    def __init__(self) -> None:
        super().__init__()
        self.feed: Feed[Item] = Feed()
        self.unsettled = Unsettled(100)
        self.committed: list[Saying | None] = []
        self.started_at: int | None = None
        self.out: list[Item] = []
        self.said = 0
        self.saying: Saying | None = None
        self.lost: list[Saying] = []

    def origin_of(self, seq: int) -> Any:
        saying = self.committed[seq - 1]
        return None if saying is None else saying.origin

    @rule()
    def commit(self) -> None:
        """Elsewhere."""
        self.committed.append(None)

    @precondition(lambda self: self.saying is None)
    @rule(origin=st.integers(1, 3))
    def say(self, origin: int) -> None:
        self.said += 1
        self.saying = Saying(("organisation", "room", "sender", str(self.said)), origin)
        self.unsettled.begin(self.saying.key, "text", origin)

    @precondition(lambda self: self.saying is None and self.lost)
    @rule()
    def say_again(self) -> None:
        self.saying = self.lost.pop()
        self.unsettled.begin(self.saying.key, "text", self.saying.origin)

    @precondition(lambda self: self.saying is not None and self.saying.seq is None)
    @rule()
    def commit_what_was_said(self) -> None:
        if self.saying is not None:
            self.committed.append(self.saying)
            self.saying.seq = len(self.committed)

    @precondition(lambda self: self.saying is not None)
    @rule()
    def answer(self) -> None:
        """It was stored, now or at an earlier attempt, or refused."""
        saying, self.saying = self.saying, None
        if saying is not None:
            self.unsettled.settle(saying.key)
            if saying.seq is not None:
                self.out += self.feed.offer(saying.seq, (saying.seq, saying.origin))

    @precondition(lambda self: self.saying is not None)
    @rule()
    def lose_the_answer(self) -> None:
        if self.saying is not None:
            self.lost.append(self.saying)
            self.saying = None

    @rule()
    def start(self) -> None:
        if self.started_at is None:
            self.started_at = len(self.committed)
        self.out += self.feed.start(len(self.committed))

    @rule(data=st.data())
    def offer(self, data: st.DataObject) -> None:
        """Once more, or by another way."""
        if self.committed:
            seq = data.draw(st.integers(1, len(self.committed)))
            self.out += self.feed.offer(seq, (seq, self.origin_of(seq)))

    @rule(data=st.data())
    def hint(self, data: st.DataObject) -> None:
        if self.committed:
            self.feed.hint(data.draw(st.integers(1, len(self.committed))))

    @rule(limit=st.integers(1, 5))
    def fetch(self, limit: int) -> None:
        after = self.feed.missing_after
        if after is not None:
            found = range(after + 1, len(self.committed) + 1)[:limit]
            self.out += self.feed.fetched(after, [(seq, (seq, self.find_origin(seq))) for seq in found])

    def find_origin(self, seq: int) -> Any:
        """As far as this node knows by itself."""
        saying = self.committed[seq - 1]
        key = ("organisation", "room", "another", str(seq)) if saying is None else saying.key
        return self.unsettled.find_origin(key, "text")

    @rule()
    def deleted(self) -> None:
        """A fetch that finds nothing ends the wish to fetch."""
        after = self.feed.missing_after
        if after is not None and after == len(self.committed):
            self.feed.fetched(after, [])
            assert self.feed.missing_after is None

    @invariant()
    def in_order_without_gap_or_double(self) -> None:
        begin = len(self.committed) if self.started_at is None else self.started_at
        seqs = range(begin + 1, begin + 1 + len(self.out))
        assert self.out == [(seq, self.origin_of(seq)) for seq in seqs]

    def teardown(self) -> None:
        """After one last number nothing may be missing for good."""
        if self.started_at is not None and self.committed:
            self.feed.hint(len(self.committed))
            while self.feed.missing_after is not None:
                self.fetch(3)
            assert [seq for seq, _ in self.out] == list(range(self.started_at + 1, len(self.committed) + 1))
            self.in_order_without_gap_or_double()


TestFeed = FeedMachine.TestCase


def test_a_fetch_of_a_deleted_room_ends() -> None:
    """A number announced for a room that is gone must not make the relay fetch for ever."""
    for heard in (lambda feed: feed.hint(5), lambda feed: feed.offer(5, 5)):
        feed: Feed[int] = Feed()
        feed.start(3)
        heard(feed)
        assert feed.missing_after == 3
        assert feed.fetched(3, []) == []
        assert feed.missing_after is None


def test_another_text_is_not_what_was_said() -> None:
    """Whoever uses a nonce twice is shown what they said elsewhere under it."""
    unsettled = Unsettled(1)
    key = ("organisation", "room", "sender", "nonce")
    unsettled.begin(key, "one", 1)
    assert unsettled.find_origin(key, "one") == 1
    assert unsettled.find_origin(key, "two") is None


def test_what_is_never_settled_is_bounded() -> None:
    """Of too many answers that were lost the oldest are forgotten."""
    unsettled = Unsettled(2)
    keys = [("organisation", "room", "sender", str(number)) for number in range(3)]
    for key in keys:
        unsettled.begin(key, "text", 1)
    assert [unsettled.find_origin(key, "text") for key in keys] == [None, 1, 1]
    unsettled.begin(keys[1], "text", 1)
    assert [unsettled.settle(key) for key in keys] == [False, True, False]
