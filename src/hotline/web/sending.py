"""A body that is made while it is read: never further ahead of its reader than the connection takes.

In come a request whose headers are set and parts, out go the parts, each when the one before is on its way.
What fails in the middle cuts the connection, so that nobody takes half of it for the whole.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from zope.interface import implementer


@implementer(IPushProducer)
class _Pace:
    """What the connection says of its buffer."""

    def __init__(self) -> None:
        self.is_over = False
        self._waiting: Deferred[None] | None = None

    def pauseProducing(self) -> None:
        if self._waiting is None and not self.is_over:
            self._waiting = Deferred()

    def resumeProducing(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def stopProducing(self) -> None:
        self.is_over = True
        self.resumeProducing()

    async def turn(self) -> bool:
        """Wait until more may be sent; False: nobody reads any more."""
        while self._waiting is not None:
            await self._waiting
        return not self.is_over


async def send(request: Any, parts: AsyncGenerator[bytes, None], log: Logger) -> None:
    """All parts, unless the reader goes away."""
    pace = _Pace()
    gone: Deferred[None] = request.notifyFinish()
    gone.addBoth(lambda _: pace.stopProducing())
    request.registerProducer(pace, True)
    try:
        async with aclosing(parts):
            async for part in parts:
                if not await pace.turn():
                    return
                request.write(part)
    except Exception:
        log.failure("What was being sent has failed in the middle")
        request.channel.forceAbortClient()
        await gone
    finally:
        if not pace.is_over:
            request.unregisterProducer()
