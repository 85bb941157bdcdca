"""How many may stand at the entrance, and how many come in at once.

In: sessions that are awaited, or have said who they are. Out: their authentication, begun in turn; ABORT for
those there is no room for. It never decides who is let in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from hotline.protocols.limits import NodeLimits
from hotline.router import uris
from hotline.router.refusals import Refusal
from hotline.router.session import Session, State
from hotline.router.tasks import Tasks

Work = Callable[[], Coroutine[Any, Any, None]]
Line = deque[tuple[Session, Work]]


def busy(seconds: float) -> Refusal:
    """What somebody is told who has to come again."""
    return Refusal(uris.BUSY, "Too many want to come in just now.", {"retry_after": seconds})


class Entrance:
    """Between `accept` and WELCOME, for all sessions of this node."""

    def __init__(self, *, tasks: Tasks, limits: NodeLimits) -> None:
        self._tasks = tasks
        self._limits = limits
        self._newcomers: dict[Session, None] = {}
        self._under_way = 0
        # Whoever has been challenged goes before those who have just come: what was begun is finished.
        self._challenged: Line = deque()
        self._greeted: Line = deque()
        self._is_calling = False

    def await_word_of(self, session: Session) -> None:
        """It is this session's turn to speak; if too many are silent, the one that has been longest goes."""
        self._newcomers[session] = None
        limit = self._limits.newcomers
        if limit and len(self._newcomers) > limit:
            oldest = next(iter(self._newcomers))
            oldest.abort(busy(self._limits.retry_seconds))
            self.forget(oldest)

    def forget(self, session: Session) -> None:
        """It has spoken, or is gone."""
        self._newcomers.pop(session, None)

    def authenticate(self, session: Session, work: Work, *, was_challenged: bool = False) -> None:
        """Begin this work for a session in state ASKING, as soon as it is its turn."""
        self.forget(session)
        line = self._challenged if was_challenged else self._greeted
        if self._limits.joins_waiting and len(line) >= self._limits.joins_waiting:
            session.abort(busy(self._limits.retry_seconds))
            return
        line.append((session, work))
        self._call()

    def _call(self) -> None:
        # Work that never waits ends within `start`: a loop, so that a long line is no deep recursion.
        if self._is_calling:
            return
        self._is_calling = True
        limit = self._limits.joins_under_way
        while (line := self._challenged or self._greeted) and not 0 < limit <= self._under_way:
            session, work = line.popleft()
            if session.state is State.ASKING:
                self._under_way += 1
                self._tasks.start(self._counted(work))
        self._is_calling = False

    async def _counted(self, work: Work) -> None:
        try:
            await work()
        finally:
            self._under_way -= 1
            self._call()
