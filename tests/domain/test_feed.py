"""A room's feed against a simple model: whatever arrives in whatever order, out comes 1, 2, 3 ... once."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hotline.domain.feed import Feed


class FeedMachine(RuleBasedStateMachine):
    """Commits happen; the feed hears of each by offer, by number, twice, late or never."""

    def __init__(self) -> None:
        super().__init__()
        self.feed: Feed[int] = Feed()
        self.committed = 0
        self.started_at: int | None = None
        self.out: list[int] = []
        self.unheard: list[int] = []

    @rule()
    def commit(self) -> None:
        self.committed += 1
        self.unheard.append(self.committed)

    @rule()
    def start(self) -> None:
        if self.started_at is None:
            self.started_at = self.committed
        self.out += self.feed.start(self.committed)

    @rule(data=st.data())
    def offer(self, data: st.DataObject) -> None:
        if self.committed:
            seq = data.draw(st.integers(1, self.committed))
            self.out += self.feed.offer(seq, seq)

    @rule(data=st.data())
    def hint(self, data: st.DataObject) -> None:
        if self.committed:
            self.feed.hint(data.draw(st.integers(1, self.committed)))

    @rule(limit=st.integers(1, 5))
    def fetch(self, limit: int) -> None:
        after = self.feed.missing_after
        if after is not None:
            found = range(after + 1, self.committed + 1)[:limit]
            self.out += self.feed.fetched(after, [(seq, seq) for seq in found])

    @rule()
    def deleted(self) -> None:
        """A fetch that finds nothing ends the wish to fetch."""
        after = self.feed.missing_after
        if after is not None and after == self.committed:
            self.feed.fetched(after, [])
            assert self.feed.missing_after is None

    @invariant()
    def in_order_without_gap_or_double(self) -> None:
        if self.started_at is None:
            assert self.out == []
        else:
            assert self.out == list(range(self.started_at + 1, self.started_at + 1 + len(self.out)))

    def teardown(self) -> None:
        """After one last number nothing may be missing for good."""
        if self.started_at is not None and self.committed:
            self.feed.hint(self.committed)
            while self.feed.missing_after is not None:
                self.fetch(3)
            assert self.out == list(range(self.started_at + 1, self.committed + 1))


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
