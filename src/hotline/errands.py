"""Errands: what waits to be done, each thing once, those of a kind together.

In come errands (a kind, an organisation, and what it is about), out go calls, one at a time, for some of one
kind and organisation. One that fails is logged; while the database is away all wait. Never looks at what the
work is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from hotline.errors import HotlineError

RETRY_SECONDS = 1.0
# So many of one kind are done together, with one look at the database.
_TOGETHER = 100


class Errands:
    """One node's.

    :param do: given a kind, an organisation, and of each errand what it is about.
    :param failed: what the log says when it breaks; with `{kind}`.
    """

    def __init__(
        self,
        reactor: Any,
        do: Callable[[str, str, list[tuple[str, ...]]], Awaitable[None]],
        log: Logger,
        *,
        failed: str,
    ) -> None:
        self._reactor = reactor
        self._do = do
        self._log = log
        self._failed = failed
        self._waiting: dict[tuple[str, ...], None] = {}
        self._busy = False
        self._retry: IDelayedCall | None = None
        self._stopped = False

    def add(self, errand: tuple[str, ...]) -> None:
        """To be done, unless the same one waits already."""
        self._waiting[errand] = None
        if not self._busy and not self._stopped:
            self._busy = True
            self._go_on()

    def stop(self) -> None:
        """None of those that wait is done."""
        self._stopped = True
        self._waiting.clear()
        if self._retry is not None and self._retry.active():
            self._retry.cancel()

    def _go_on(self) -> None:
        Deferred.fromCoroutine(self._work())

    async def _work(self) -> None:
        while self._waiting and not self._stopped:
            kind, organisation_id = next(iter(self._waiting))[:2]
            alike = (errand for errand in self._waiting if errand[:2] == (kind, organisation_id))
            together = list(islice(alike, _TOGETHER))
            for errand in together:
                del self._waiting[errand]
            try:
                await self._do(kind, organisation_id, [errand[2:] for errand in together])
            except HotlineError:
                # The database is away. Nothing is forgotten; when it is back, what waits is looked up.
                self._waiting.update(dict.fromkeys(together))
                self._retry = self._reactor.callLater(RETRY_SECONDS, self._go_on)
                return
            except Exception:
                self._log.failure(self._failed, kind=kind)
        self._busy = False
