"""How often something was guessed wrong, so that guessing becomes too slow to be worth it.

In come wrong guesses and the time, out comes TooFast. Knows sessions and organisations by their ids, and
forgets by itself. Right answers cost nothing.
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
OF_ORGANISATION = Allowance(
    burst=fixed(100, __name__, Limit(Per.ORGANISATION, "wrong return codes at once, by one node", _WAITS)),
    seconds=fixed(1, __name__, Limit(Per.ORGANISATION, "seconds between two beyond these", _WAITS)),
)


class Attempts:
    """One node's."""

    def __init__(self) -> None:
        self._allowances = Allowances()

    def spend(self, session: object, organisation_id: str, now: datetime) -> None:
        """Somebody is about to guess. :raises TooFast: too often lately, this session or all of them."""
        wanted = [(OF_SESSION, session), (OF_ORGANISATION, organisation_id)]
        self._allowances.spend_all(wanted, now.timestamp())

    def forgive(self, session: object, organisation_id: str) -> None:
        """It was right."""
        self._allowances.refund(OF_SESSION, session)
        self._allowances.refund(OF_ORGANISATION, organisation_id)
