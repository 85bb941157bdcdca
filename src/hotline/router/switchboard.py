"""The calls of one realm in motion: what its dealer decides is sent, and its timer runs.

In: what the dealer gave out. Out: messages of callers and callees, each as its session can take it. It never
decides who may call whom, and leaves no timer behind.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterable
from typing import Protocol

from hotline.protocols.limits import SessionLimits
from hotline.router import uris
from hotline.router.dealer import CALL, Dealer
from hotline.router.ids import new_id
from hotline.router.messages import Error, Failed, Invocation, Message, Yielded
from hotline.router.options import Passthru, Roles
from hotline.router.ports import Clock, DelayedCall
from hotline.router.registrations import Enrolment


class Party(Protocol):
    """A session as caller or callee."""

    @property
    def roles(self) -> Roles: ...

    @property
    def is_open(self) -> bool: ...

    def send(self, message: Message) -> None: ...


class Switchboard:
    """One realm's dealer, with a clock and with lines to its sessions."""

    def __init__(self, *, clock: Clock, limits: SessionLimits) -> None:
        self.dealer: Dealer[Party] = Dealer(
            new_id=new_id,
            pick=secrets.randbelow,
            may_interrupt=_may_interrupt,
            may_progress=_may_progress,
            takes_passthru=lambda party, role: party.roles.has_passthru(role),
            most_invocations=limits.invocations,
            most_interrupted=limits.interrupted,
        )
        self._clock = clock
        self._alarm: DelayedCall | None = None
        self._alarm_at = 0.0

    def connect(self, outgoing: Iterable[tuple[Party, Message]]) -> None:
        """Send what the dealer gave out, and see to the time."""
        line = deque(outgoing)
        while line:
            party, message = line.popleft()
            if party.is_open:
                try:
                    party.send(message)
                except (ValueError, TypeError, OverflowError, RecursionError):
                    # What one serializer can carry (a huge integer, a lone surrogate), another may not.
                    line.extend(self._unsendable(party, message))
        self._set_alarm()

    def leave(self, party: Party) -> list[Enrolment[Party]]:
        """A session is gone; gives what it no longer offers."""
        enrolments, outgoing = self.dealer.leave(party)
        self.connect(outgoing)
        return enrolments

    def _unsendable(self, party: Party, message: Message) -> list[tuple[Party, Message]]:
        if isinstance(message, Invocation):
            sentence = "The callee cannot take these arguments."
            failed = Failed(68, message.request, Passthru(), uris.INVALID_ARGUMENT, [sentence])
            return self.dealer.failed(party, failed) or []
        if isinstance(message, Yielded | Error):
            # If it was a part of a result, the rest is not wanted any more.
            rest = self.dealer.cancel(party, message.request, "killnowait")
            error = Error(CALL, message.request, {}, uris.INVALID_ARGUMENT, ["The answer cannot be sent."])
            return [*(each for each in rest if each[0] != party), (party, error)]
        return []

    def _set_alarm(self) -> None:
        due = self.dealer.next_due
        if self._alarm is not None and due != self._alarm_at:
            alarm, self._alarm = self._alarm, None
            alarm.cancel()
        if self._alarm is None and due is not None:
            self._alarm_at = due
            self._alarm = self._clock.callLater(max(due - self._clock.seconds(), 0.0), self._expire)

    def _expire(self) -> None:
        self._alarm = None
        self.connect(self.dealer.expire(self._clock.seconds()))


def _may_interrupt(party: Party) -> bool:
    callee = party.roles.callee
    return callee is not None and callee.features.call_canceling


def _may_progress(party: Party) -> bool:
    callee = party.roles.callee
    return callee is not None and callee.features.progressive_call_results
