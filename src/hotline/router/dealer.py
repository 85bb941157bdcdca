"""Which calls are on their way in one realm, from callers to callees and back.

In: calls, the answers of callees, departures, the time. Out: what to send to whom. It never
waits, authorizes, sends, logs or looks at a clock, and a party is anything that can be a key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Generic, Literal, TypeVar

from hotline.router import uris
from hotline.router.messages import Call, Error, Failed, Interrupt, Invocation, Message, Yield, Yielded
from hotline.router.options import Details
from hotline.router.registrations import Enrolment, Registration, Registrations

Party = TypeVar("Party")

CALL = 48
YIELD = 70


@dataclass(slots=True, eq=False)
class Pending(Generic[Party]):
    """A call that waits for its answer."""

    caller: Party
    request: int
    callee: Party
    invocation: int
    is_progressive: bool
    patience: float
    due: float = 0.0
    is_killed: bool = False


class Dealer(Generic[Party]):
    """The registrations of one realm and the calls of them."""

    def __init__(
        self,
        *,
        new_id: Callable[[], int],
        pick: Callable[[int], int],
        may_interrupt: Callable[[Party], bool],
        may_progress: Callable[[Party], bool],
        takes_passthru: Callable[[Party, Literal["caller", "callee"]], bool],
        most_invocations: int = 0,
        most_interrupted: int = 0,
    ) -> None:
        self.registrations: Registrations[Party] = Registrations(new_id=new_id, pick=pick)
        self._may_interrupt = may_interrupt
        self._may_progress = may_progress
        self._takes_passthru = takes_passthru
        self._most_invocations = most_invocations
        self._most_interrupted = most_interrupted
        self._calls: dict[Party, dict[int, Pending[Party]]] = {}
        # Of each callee by invocation; None: nobody waits any more, but the callee works on it.
        self._invocations: dict[Party, dict[int, Pending[Party] | None]] = {}
        # Of each callee: what it was told to drop, which it may answer or not, the latest last; and up to
        # which number nobody remembers any more whether it did.
        self._interrupted: dict[Party, dict[int, None]] = {}
        self._unremembered: dict[Party, int] = {}
        self._last_invocation: dict[Party, int] = {}
        self._deadlines: list[tuple[float, int, Pending[Party]]] = []
        self._deadline_count = 0

    # Calls

    def call(
        self,
        caller: Party,
        call: Call,
        registration: Registration[Party],
        details: Details,
        *,
        now: float,
        patience: float,
    ) -> list[tuple[Party, Message]]:
        """Invoke one callee; `patience` are the seconds it has for each answer, 0: for ever."""
        able = self._has_room
        if call.options.is_passthru:
            if not any(self._takes_passthru(each, "callee") for each in registration.callees):
                return [(caller, Error(CALL, call.request, {}, uris.FEATURE_NOT_SUPPORTED))]
            able = self._has_room_for_passthru
        callee = self.registrations.choose(registration, able)
        if callee is None:
            return [(caller, Error(CALL, call.request, {}, uris.NO_AVAILABLE_CALLEE))]
        number = self._last_invocation.get(callee, 0) + 1
        self._last_invocation[callee] = number
        is_progressive = call.options.receive_progress and self._may_progress(callee)
        if is_progressive:
            details = {**details, "receive_progress": True}
        pending = Pending(caller, call.request, callee, number, is_progressive, patience)
        self._calls.setdefault(caller, {})[call.request] = pending
        self._invocations.setdefault(callee, {})[number] = pending
        self._wait(pending, now)
        return [(callee, Invocation(number, registration.id, details, call.args, call.kwargs))]

    def yielded(self, callee: Party, message: Yield, now: float) -> list[tuple[Party, Message]] | None:
        """A result, or a part of one; None: nobody asked this callee under this number."""
        own = self._invocations.get(callee)
        if own is None or message.request not in own:
            return self._late(callee, message.request, is_last=not message.options.progress)
        pending = own[message.request]
        details = message.options.passthru
        if details and pending is not None and not self._takes_passthru(pending.caller, "caller"):
            return self._not_taken(callee, message, pending)
        if message.options.progress:
            if pending is None or pending.is_killed or not pending.is_progressive:
                return []
            self._wait(pending, now)
            details = {"progress": True, **details}
        else:
            self._answered(callee, message.request, pending)
            if pending is None:
                return []
        return [(pending.caller, Yielded(pending.request, details, message.args, message.kwargs))]

    def failed(self, callee: Party, message: Failed) -> list[tuple[Party, Message]] | None:
        """A callee's error; None as with `yielded`."""
        own = self._invocations.get(callee)
        if own is None or message.request not in own:
            return self._late(callee, message.request, is_last=True)
        pending = own[message.request]
        self._answered(callee, message.request, pending)
        if pending is None:
            return []
        details = message.details.passthru
        error = Error(CALL, pending.request, details, message.uri, message.args, message.kwargs)
        if details and not self._takes_passthru(pending.caller, "caller"):
            # That it failed can be told, what there is to it cannot.
            error = Error(CALL, pending.request, {}, message.uri)
        return [(pending.caller, error)]

    def cancel(self, caller: Party, request: int, mode: str) -> list[tuple[Party, Message]]:
        """The caller does not want it any more; nothing if the answer was already given."""
        pending = self._calls.get(caller, {}).get(request)
        if pending is None:
            return []
        if not self._may_interrupt(pending.callee):
            mode = "skip"
        if mode == "kill":
            if pending.is_killed:
                return []
            pending.is_killed = True
            return [_interrupt(pending, mode, uris.CANCELED)]
        outgoing: list[tuple[Party, Message]] = [(caller, Error(CALL, request, {}, uris.CANCELED))]
        return outgoing + self._abandon(pending, uris.CANCELED, interrupts=mode == "killnowait")

    def expire(self, now: float) -> list[tuple[Party, Message]]:
        """End the calls whose time is up."""
        outgoing: list[tuple[Party, Message]] = []
        while self._deadlines and self._deadlines[0][0] <= now:
            deadline = heappop(self._deadlines)
            pending = deadline[2]
            if self._counts(deadline):
                outgoing.append((pending.caller, Error(CALL, pending.request, {}, uris.TIMEOUT)))
                outgoing += self._abandon(pending, uris.TIMEOUT)
        return outgoing

    @property
    def next_due(self) -> float | None:
        """When to call `expire` next; None: nobody waits for a time."""
        while self._deadlines:
            if self._counts(self._deadlines[0]):
                return self._deadlines[0][0]
            heappop(self._deadlines)
        return None

    def is_calling(self, caller: Party, request: int) -> bool:
        """Whether a call with this request id waits for its answer."""
        return request in self._calls.get(caller, ())

    def calls_of(self, caller: Party) -> int:
        """How many calls of one caller wait for their answer."""
        return len(self._calls.get(caller, ()))

    def leave(self, party: Party) -> tuple[list[Enrolment[Party]], list[tuple[Party, Message]]]:
        """A party is gone: its callers are told, its callees interrupted; nothing of it is left."""
        outgoing: list[tuple[Party, Message]] = []
        enrolments = self.registrations.drop(party, lambda procedure: True)
        for pending in self._invocations.pop(party, {}).values():
            if pending is not None:
                self._forget_call(pending)
                if pending.caller != party:
                    outgoing.append((pending.caller, Error(CALL, pending.request, {}, uris.CANCELED)))
        for pending in list(self._calls.get(party, {}).values()):
            outgoing += self._abandon(pending, uris.CANCELED)
        for traces in (self._last_invocation, self._interrupted, self._unremembered):
            traces.pop(party, None)
        return enrolments, outgoing

    def is_empty(self) -> bool:
        """Whether no trace of any party is left."""
        traces = (
            self._calls, self._invocations, self._last_invocation, self._interrupted, self._unremembered,
        )  # fmt: skip
        return self.registrations.is_empty() and self.next_due is None and not any(traces)

    # How it is done

    def _has_room(self, callee: Party) -> bool:
        most = self._most_invocations
        return not most or len(self._invocations.get(callee, ())) < most

    def _has_room_for_passthru(self, callee: Party) -> bool:
        return self._takes_passthru(callee, "callee") and self._has_room(callee)

    def _not_taken(
        self, callee: Party, message: Yield, pending: Pending[Party]
    ) -> list[tuple[Party, Message]]:
        """The caller cannot take what was yielded. The callee is told, and so is the caller, who would
        wait for ever."""
        outgoing: list[tuple[Party, Message]] = [
            (callee, Error(YIELD, message.request, {}, uris.FEATURE_NOT_SUPPORTED)),
            (pending.caller, Error(CALL, pending.request, {}, uris.FEATURE_NOT_SUPPORTED)),
        ]
        if message.options.progress:
            return outgoing + self._abandon(pending, uris.FEATURE_NOT_SUPPORTED)
        self._answered(callee, message.request, pending)
        return outgoing

    def _wait(self, pending: Pending[Party], now: float) -> None:
        if pending.patience:
            self._deadline_count += 1
            pending.due = now + pending.patience
            heappush(self._deadlines, (pending.due, self._deadline_count, pending))
            if len(self._deadlines) % 256 == 0:
                # Deadlines of calls long answered stay in the heap; they must not outnumber the living.
                self._deadlines = [each for each in self._deadlines if self._counts(each)]
                heapify(self._deadlines)

    def _counts(self, deadline: tuple[float, int, Pending[Party]]) -> bool:
        due, _, pending = deadline
        return pending.due == due and self._is_waiting(pending)

    def _is_waiting(self, pending: Pending[Party]) -> bool:
        return self._calls.get(pending.caller, {}).get(pending.request) is pending

    def _answered(self, callee: Party, number: int, pending: Pending[Party] | None) -> None:
        own = self._invocations[callee]
        del own[number]
        if not own:
            del self._invocations[callee]
        if pending is not None:
            self._forget_call(pending)

    def _abandon(
        self, pending: Pending[Party], reason: str, *, interrupts: bool = True
    ) -> list[tuple[Party, Message]]:
        """Nobody waits for it any more. The callee is told if it can be, and then has it off its hands."""
        callee, number = pending.callee, pending.invocation
        is_interrupted = pending.is_killed or (interrupts and self._may_interrupt(callee))
        if not is_interrupted:
            self._forget_call(pending)
            self._invocations[callee][number] = None
            return []
        self._answered(callee, number, pending)
        interrupted = self._interrupted.setdefault(callee, {})
        interrupted[number] = None
        if 0 < self._most_interrupted < len(interrupted):
            oldest = next(iter(interrupted))
            del interrupted[oldest]
            self._unremembered[callee] = max(oldest, self._unremembered.get(callee, 0))
        return [] if pending.is_killed else [_interrupt(pending, "killnowait", reason)]

    def _late(self, callee: Party, number: int, *, is_last: bool) -> list[tuple[Party, Message]] | None:
        """What an answer is worth that nobody waits for: nothing, or (None) it was never asked for."""
        interrupted = self._interrupted.get(callee, {})
        if number in interrupted:
            if is_last:
                del interrupted[number]
            return []
        return [] if 0 < number <= self._unremembered.get(callee, 0) else None

    def _forget_call(self, pending: Pending[Party]) -> None:
        own = self._calls[pending.caller]
        del own[pending.request]
        if not own:
            del self._calls[pending.caller]


def _interrupt(pending: Pending[Party], mode: str, reason: str) -> tuple[Party, Message]:
    return pending.callee, Interrupt(pending.invocation, {"mode": mode, "reason": reason})
