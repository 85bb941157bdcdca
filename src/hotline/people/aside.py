"""What is done beside an answer: its time must not tell whether there is anybody, or who waits for it may go.

In come things to do, out comes nothing, or their end. What fails is logged, and who stops the node waits for
what is under way.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, DeferredList

from hotline.errors import HotlineError
from hotline.logs import SampledLogger

_log = SampledLogger()


class Aside:
    """What nobody waits for who asked for it."""

    def __init__(self) -> None:
        self._under_way: set[Deferred[None]] = set()

    def _do_aside(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Do this without the answer waiting for it. :param what: for the log, if it fails."""
        done = Deferred.fromCoroutine(_alone(what, work))
        self._under_way.add(done)
        done.addBoth(lambda _: self._under_way.discard(done))

    def _do_undisturbed(self, what: str, work: Coroutine[Any, Any, None]) -> Deferred[None]:
        """Its end; who stops waiting for that, as a browser that is closed does, does not stop the work."""
        ended: Deferred[None] = Deferred()

        async def told() -> None:
            try:
                await work
            except Exception as error:
                if not ended.called:
                    ended.errback(error)
                raise
            if not ended.called:
                ended.callback(None)

        self._do_aside(what, told())
        return ended

    @property
    def is_settled(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    async def settled(self) -> None:
        """Waits until nothing is under way."""
        while self._under_way:
            await DeferredList(list(self._under_way))


async def _alone(what: str, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except HotlineError as error:  # the database is away, or the organisation is gone
        _log.warn("{what} failed: {kind}", what=what, kind=type(error).__name__)
    except Exception:
        _log.failure("{what} failed", what=what)
