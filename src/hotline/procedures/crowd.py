"""What becomes of those who enter when very many do: each has to do some work first.

In come sessions that want to enter, out comes TooFast with a puzzle for them. It knows no address, so that
a school behind one is not shut out, and forgets by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from hotline.domain import puzzles
from hotline.errors import TooFast

_MOST_REMEMBERED = 10_000
_FEWEST_BITS = 14
_MOST_BITS = 18


@dataclass(slots=True)
class _Tide:
    """How many have entered an organisation beyond what is usual, as of when."""

    level: float
    at: float


class Crowd:
    """One node's.

    :param per_minute: that many may enter an organisation without work, at once and in each minute; 0: all.
    """

    def __init__(self, per_minute: float) -> None:
        self._per_minute = per_minute
        self._tides: dict[str, _Tide] = {}
        self._puzzles: dict[object, tuple[str, int]] = {}

    def let_in(self, session: object, organisation_id: str, answer: str, now: datetime) -> None:
        """Somebody is about to enter.

        :raises TooFast: with a `puzzle` of so many `bits`, to come again with its answer.
        :raises Invalid: what is told cannot be an answer.
        """
        puzzles.check_answer(answer)
        if not self._per_minute:
            return
        tide = self._tide(organisation_id, now.timestamp())
        puzzle = self._puzzles.pop(session, None)
        if tide.level + 1 > self._per_minute and not (puzzle and puzzles.is_solved(*puzzle, answer)):
            raise self._asked(session, tide)
        tide.level += 1

    def _tide(self, organisation_id: str, moment: float) -> _Tide:
        tide = self._tides.get(organisation_id)
        if tide is None:
            if len(self._tides) >= _MOST_REMEMBERED:
                self._tides = {
                    who: tide for who, tide in self._tides.items() if self._sunk(tide, moment).level > 0
                }
            tide = self._tides[organisation_id] = _Tide(0, moment)
        return self._sunk(tide, moment)

    def _sunk(self, tide: _Tide, moment: float) -> _Tide:
        tide.level = max(0.0, tide.level - max(0.0, moment - tide.at) * self._per_minute / 60)
        tide.at = moment
        return tide

    def _asked(self, session: object, tide: _Tide) -> TooFast:
        # Twice the crowd, twice the work.
        bits = min(_MOST_BITS, _FEWEST_BITS + int(tide.level / self._per_minute) - 1)
        puzzle = token_hex(16)
        while len(self._puzzles) >= _MOST_REMEMBERED:
            del self._puzzles[next(iter(self._puzzles))]
        self._puzzles[session] = (puzzle, bits)
        late = (tide.level + 1 - self._per_minute) * 60 / self._per_minute
        return TooFast(retry_after=round(late, 1), puzzle=puzzle, bits=bits)
