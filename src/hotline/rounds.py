"""Work that is done again and again: when somebody rings, and every so often besides.

In come rings, out come rounds, one at a time. A round that fails is logged, and the next one comes all the
same. Never looks at what the work is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from hotline.errors import HotlineError


class Rounds:
    """The rounds of one node.

    :param every_seconds: the longest time from the end of a round to the next.
    :param go: one round.
    :param away: what the log says when the database is away; `failed`: when a round breaks.
    """

    def __init__(
        self,
        reactor: Any,
        every_seconds: float,
        go: Callable[[], Awaitable[Any]],
        log: Logger,
        *,
        away: str,
        failed: str,
    ) -> None:
        self._reactor = reactor
        self._every_seconds = every_seconds
        self._go = go
        self._log = log
        self._away = away
        self._failed = failed
        self._work: Deferred[None] | None = None
        self._pause: Deferred[None] | None = None
        self._rung = False
        self.is_ending = False

    def start(self) -> None:
        """Begin with a round."""
        self._work = Deferred.fromCoroutine(self._go_on())

    def wake(self) -> None:
        """There may be something to do."""
        self._rung = True
        pause, self._pause = self._pause, None
        if pause is not None:
            pause.callback(None)

    def end(self) -> None:
        """No further round; what is under way sees `is_ending`."""
        self.is_ending = True

    async def ended(self) -> None:
        """Until the last round is over."""
        self.wake()
        if self._work is not None:
            await self._work

    async def _go_on(self) -> None:
        while not self.is_ending:
            self._rung = False
            try:
                await self._go()
            except HotlineError:
                self._log.warn(self._away)
            except Exception:
                self._log.failure(self._failed)
            await self._rest()

    async def _rest(self) -> None:
        if self._rung or self.is_ending:
            return
        pause: Deferred[None] = Deferred()
        self._pause = pause
        late = self._reactor.callLater(self._every_seconds, self.wake)
        await pause
        if late.active():
            late.cancel()
