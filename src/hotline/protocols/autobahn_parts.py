"""What Autobahn is given in place of its own: a log that is silent about peers, timers of our reactor.

In: Autobahn's calls. Out: delayed calls, and mistakes in the log. It never logs anything a peer sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall

from hotline.logs import SampledLogger


class AutobahnLog:
    """Autobahn would log addresses, headers and payloads; only what it thinks broken in itself is kept."""

    log = SampledLogger(namespace="autobahn")

    def failure(self, *_: Any, **__: Any) -> None:
        self.log.failure("Autobahn failed")

    def error(self, *_: Any, **__: Any) -> None:
        self.log.error("Autobahn reported an error")

    critical = error

    def _ignore(self, *_: Any, **__: Any) -> None:
        pass

    trace = debug = info = warn = _ignore


class AutobahnTimer:
    """What Autobahn puts off: its own timers take the global reactor, these the one we were given."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def call_later(self, delay: float, function: Callable[..., Any], *args: Any) -> Delayed:
        return Delayed(self._reactor.callLater(delay, function, *args))


class Delayed:
    """Autobahn also cancels what has already happened."""

    __slots__ = ("_call",)

    def __init__(self, call: IDelayedCall) -> None:
        self._call = call

    def cancel(self) -> None:
        if self._call.active():
            self._call.cancel()
