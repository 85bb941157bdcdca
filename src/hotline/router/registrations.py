"""Who offers which procedure in one realm, alone or shared.

In: offers, withdrawals. Out: registrations, and which callee's turn it is. It knows nothing of calls, and a
party is anything that can be a key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hotline.router import uris
from hotline.router.ids import unused_id

Party = TypeVar("Party")

SINGLE = "single"
POLICIES = frozenset({SINGLE, "first", "last", "roundrobin", "random"})
"""How a call finds one callee among several that share a registration."""


@dataclass(slots=True, eq=False)
class Registration(Generic[Party]):
    """One procedure with at least one callee; its id is the same for all who share it."""

    id: int
    procedure: str
    invoke: str
    created: float
    callees: list[Party] = field(default_factory=list)
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Enrolment(Generic[Party]):
    """What came of it; `turned` if a procedure got its first or lost its last callee."""

    registration: Registration[Party]
    turned: bool


class Registrations(Generic[Party]):
    """The registrations of one realm, found by procedure, by id and by callee."""

    def __init__(self, *, new_id: Callable[[], int], pick: Callable[[int], int]) -> None:
        self._new_id = new_id
        self._pick = pick
        self._by_procedure: dict[str, Registration[Party]] = {}
        self._by_id: dict[int, Registration[Party]] = {}
        self._by_callee: dict[Party, dict[int, Registration[Party]]] = {}

    def register(self, callee: Party, procedure: str, invoke: str, now: float) -> Enrolment[Party] | str:
        """Offer a procedure; a URI instead says why not."""
        registration = self._by_procedure.get(procedure)
        is_first = registration is None
        if registration is None:
            registration = Registration(unused_id(self._new_id, self._by_id), procedure, invoke, now)
            self._by_procedure[procedure] = self._by_id[registration.id] = registration
        elif invoke == SINGLE or registration.invoke == SINGLE or callee in registration.callees:
            return uris.PROCEDURE_ALREADY_EXISTS
        elif invoke != registration.invoke:
            return uris.PROCEDURE_EXISTS_WITH_DIFFERENT_POLICY
        registration.callees.append(callee)
        self._by_callee.setdefault(callee, {})[registration.id] = registration
        return Enrolment(registration, is_first)

    def unregister(self, callee: Party, registration_id: int) -> Enrolment[Party] | None:
        """Offer it no longer; calls under way go on. None if this callee has no such registration."""
        registration = self._by_callee.get(callee, {}).get(registration_id)
        return None if registration is None else self._withdraw(callee, registration)

    def drop(self, callee: Party, predicate: Callable[[str], bool]) -> list[Enrolment[Party]]:
        """End all registrations of a callee for whose procedures the predicate holds."""
        own = list(self._by_callee.get(callee, {}).values())
        return [self._withdraw(callee, each) for each in own if predicate(each.procedure)]

    def find(self, procedure: str) -> Registration[Party] | None:
        """The registration of this very procedure."""
        return self._by_procedure.get(procedure)

    def get(self, registration_id: int) -> Registration[Party] | None:
        """The registration with this id."""
        return self._by_id.get(registration_id)

    def list_all(self) -> list[Registration[Party]]:
        """All of them, the oldest first."""
        return list(self._by_id.values())

    def count_of(self, callee: Party) -> int:
        """How many registrations one callee has."""
        return len(self._by_callee.get(callee, ()))

    def choose(self, registration: Registration[Party], has_room: Callable[[Party], bool]) -> Party | None:
        """The callee whose turn it is, of those that have room for a call."""
        callees, start, step = registration.callees, 0, 1
        if registration.invoke == "roundrobin":
            start = registration.turn
        elif registration.invoke == "random":
            start = self._pick(len(callees))
        elif registration.invoke == "last":
            start, step = len(callees) - 1, -1
        for distance in range(len(callees)):
            place = (start + step * distance) % len(callees)
            if has_room(callees[place]):
                registration.turn = place + 1 if registration.invoke == "roundrobin" else 0
                return callees[place]
        return None

    def is_empty(self) -> bool:
        """Whether no trace of any callee is left."""
        return not (self._by_procedure or self._by_id or self._by_callee)

    def _withdraw(self, callee: Party, registration: Registration[Party]) -> Enrolment[Party]:
        place = registration.callees.index(callee)
        registration.callees.pop(place)
        if place < registration.turn:
            registration.turn -= 1
        own = self._by_callee[callee]
        del own[registration.id]
        if not own:
            del self._by_callee[callee]
        is_last = not registration.callees
        if is_last:
            del self._by_procedure[registration.procedure]
            del self._by_id[registration.id]
        return Enrolment(registration, is_last)
