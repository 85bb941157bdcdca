"""How often something was guessed wrong, so that guessing becomes too slow to be worth it.

In come wrong guesses and the time, out comes TooFast. Knows sessions, and forgets by itself. Right answers
cost nothing, and nobody's wrong ones keep others out: what is guessed has 80 bits, and how many sessions a
network may open is limited elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from hotline.domain.allowances import Allowance, Allowances
from hotline.domain.limits import DEFAULTS, DomainLimits


class Attempts:
    """One node's."""

    def __init__(self, limits: DomainLimits = DEFAULTS) -> None:
        self._of_session = Allowance(burst=limits.return_codes, seconds=limits.return_code_seconds)
        self._allowances = Allowances(limits.remembered)

    def spend(self, session: object, now: datetime) -> None:
        """Somebody is about to guess. :raises TooFast: this session did too often lately."""
        self._allowances.spend([(self._of_session, session)], now.timestamp())

    def forgive(self, session: object) -> None:
        """It was right."""
        self._allowances.refund((self._of_session, session))
