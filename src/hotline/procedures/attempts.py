"""How often something was guessed wrong, so that guessing becomes too slow to be worth it.

In come wrong guesses and the time, out comes TooFast. Knows sessions, and forgets by itself. Right answers
cost nothing, and nobody's wrong ones keep others out: what is guessed has 80 bits, and how many sessions a
network may open is limited elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain.allowances import Allowance, Allowances
from hotline.limits import Limit, Per, fixed

_WAITS = "`hotline.error.too_fast` with the time to wait; right ones cost nothing"

OF_SESSION = Allowance(
    burst=fixed(5, __name__, Limit(Per.SESSION, "wrong return codes at once", _WAITS)),
    seconds=fixed(60, __name__, Limit(Per.SESSION, "seconds between two beyond these", _WAITS)),
)


class Attempts:
    """One node's."""

    def __init__(self) -> None:
        self._allowances = Allowances()

    def spend(self, session: object, now: datetime) -> None:
        """Somebody is about to guess. :raises TooFast: this session did too often lately."""
        self._allowances.spend([(OF_SESSION, session)], now.timestamp())

    def forgive(self, session: object) -> None:
        """It was right."""
        self._allowances.refund((OF_SESSION, session))
