"""How often something was guessed wrong, so that guessing becomes too slow to be worth it.

In come wrong guesses and the time, out comes TooFast. Knows sessions and organisations by their ids, and
forgets by itself. Right answers cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.errors import TooFast

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So many wrong guesses at once, and one more each time so many seconds have passed."""

    burst: int
    seconds: float


OF_SESSION = Allowance(burst=5, seconds=60)
OF_ORGANISATION = Allowance(burst=100, seconds=1)


class Attempts:
    """One node's."""

    def __init__(self) -> None:
        # When everything will be forgotten about somebody, and what that is reckoned with.
        self._forgotten_at: dict[tuple[Allowance, object], float] = {}

    def spend(self, session: object, organisation_id: str, now: datetime) -> None:
        """Somebody is about to guess. :raises TooFast: too often lately, this session or all of them."""
        moment = now.timestamp()
        for allowance, who in ((OF_SESSION, session), (OF_ORGANISATION, organisation_id)):
            owed = self._forgotten_at.get((allowance, who), 0.0) - moment
            late = owed - (allowance.burst - 1) * allowance.seconds
            if late > 0:
                raise TooFast(retry_after=round(late, 1))
        if len(self._forgotten_at) > _MOST_REMEMBERED:
            self._forgotten_at = {who: at for who, at in self._forgotten_at.items() if at > moment}
        for allowance, who in ((OF_SESSION, session), (OF_ORGANISATION, organisation_id)):
            at = max(self._forgotten_at.get((allowance, who), 0.0), moment)
            self._forgotten_at[allowance, who] = at + allowance.seconds

    def forgive(self, session: object, organisation_id: str) -> None:
        """It was right."""
        for allowance, who in ((OF_SESSION, session), (OF_ORGANISATION, organisation_id)):
            self._forgotten_at[allowance, who] -= allowance.seconds
