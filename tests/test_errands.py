"""What waits to be done, on a clock that the test moves."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent, Logger

from hotline.errands import RETRY_SECONDS, Errands
from hotline.errors import Unavailable

Call = tuple[str, str, list[tuple[str, ...]]]


class Desk:
    """Errands whose calls are noted, and answered when the test says so."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.calls: list[Call] = []
        self.logged: list[LogEvent] = []
        self.answer: Deferred[None] = Deferred()
        log = Logger(observer=self.logged.append)
        self.errands = Errands(self.clock, self._do, log, failed="{kind} failed")

    async def _do(self, kind: str, organisation_id: str, items: list[tuple[str, ...]]) -> None:
        self.calls.append((kind, organisation_id, items))
        self.answer = Deferred()
        await self.answer


def test_what_is_alike_is_done_together_and_once() -> None:
    """While one is under way the others wait: the same ones are one, those that are alike one call."""
    desk = Desk()
    for errand in (("room", "o", "1"), ("room", "o", "2"), ("room", "p", "2"), ("room", "o", "3")):
        desk.errands.add(errand)
    desk.errands.add(("room", "o", "2"))
    assert desk.calls == [("room", "o", [("1",)])]
    desk.answer.callback(None)
    assert desk.calls[1:] == [("room", "o", [("2",), ("3",)])]
    desk.answer.callback(None)
    assert desk.calls[2:] == [("room", "p", [("2",)])]
    desk.answer.callback(None)
    desk.errands.add(("room", "o", "2"))
    assert desk.calls[3:] == [("room", "o", [("2",)])]


def test_a_hundred_together_at_most() -> None:
    desk = Desk()
    for number in range(202):
        desk.errands.add(("room", "o", str(number)))
    desk.answer.callback(None)
    desk.answer.callback(None)
    desk.answer.callback(None)
    assert [len(items) for _, _, items in desk.calls] == [1, 100, 100, 1]


def test_one_that_breaks_is_logged_and_the_next_is_done() -> None:
    desk = Desk()
    desk.errands.add(("room", "o", "1"))
    desk.errands.add(("staff", "o", "1"))
    desk.answer.errback(ValueError("broken"))
    assert [event["kind"] for event in desk.logged] == ["room"]
    assert desk.calls[1:] == [("staff", "o", [("1",)])]


def test_none_is_forgotten_while_the_database_is_away() -> None:
    """They are done a little later, with what has come meanwhile."""
    desk = Desk()
    desk.errands.add(("room", "o", "1"))
    desk.answer.errback(Unavailable())
    desk.errands.add(("room", "o", "2"))
    assert len(desk.calls) == 1
    desk.clock.advance(RETRY_SECONDS)
    assert desk.calls[1:] == [("room", "o", [("1",), ("2",)])]
    assert desk.logged == []


def test_nothing_is_done_after_the_end() -> None:
    desk = Desk()
    desk.errands.add(("room", "o", "1"))
    desk.answer.errback(Unavailable())
    desk.errands.stop()
    assert desk.clock.getDelayedCalls() == []
    desk.errands.add(("room", "o", "2"))
    assert len(desk.calls) == 1
