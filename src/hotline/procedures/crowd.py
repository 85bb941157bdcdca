"""What becomes of those who enter when very many do: each has to do some work first.

In come sessions that want to enter, out comes TooFast with a puzzle for them. A network that many come from
is asked for work earlier and never refused, so that a school behind one address is not shut out. It knows
networks by marks that say nothing, and forgets by itself.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from hotline.domain import puzzles
from hotline.domain.limits import DEFAULTS, DomainLimits
from hotline.errors import TooFast

# Of what a puzzle is solved with.
_ALL_BITS = 256


@dataclass(slots=True)
class _Tide:
    """How many have entered an organisation, or from a network, beyond what is usual, as of when."""

    usual: float
    level: float
    at: float

    @property
    def is_high(self) -> bool:
        return self.level + 1 > self.usual

    @property
    def excess(self) -> float:
        return self.level / self.usual

    @property
    def late(self) -> float:
        """Seconds until one more is no crowd."""
        return (self.level + 1 - self.usual) * 60 / self.usual

    def sink(self, moment: float) -> None:
        self.level = max(0.0, self.level - max(0.0, moment - self.at) * self.usual / 60)
        self.at = moment


class Crowd:
    """One node's.

    :param per_minute: that many may enter an organisation without work, at once and in each minute; 0: all.
    :param per_network: the same of those who come from one network.
    :param per_node: the same of those who enter whatever organisation.
    :param limits: how much work it is, and how many are remembered.
    """

    def __init__(
        self,
        per_minute: float,
        per_network: float = 0,
        per_node: float = 0,
        limits: DomainLimits = DEFAULTS,
    ) -> None:
        self._limits = limits
        self._per_minute = per_minute
        self._per_network = per_network
        self._per_node = per_node
        self._tides: dict[Hashable, _Tide] = {}
        self._puzzles: dict[object, tuple[str, int]] = {}

    def let_in(
        self,
        session: object,
        organisation_id: str,
        answer: str,
        now: datetime,
        network: bytes | None = None,
    ) -> None:
        """Somebody is about to enter.

        :param network: a mark of where they come from; None: nowhere in particular.
        :raises TooFast: with a `puzzle` of so many `bits`, to come again with its answer.
        :raises Invalid: what is told cannot be an answer.
        """
        puzzles.check_answer(answer)
        tides = self._of(organisation_id, network, now.timestamp())
        puzzle = self._puzzles.pop(session, None)
        high = [tide for tide in tides if tide.is_high]
        if high and not (puzzle and puzzles.is_solved(*puzzle, answer)):
            raise self._asked(session, high)
        for tide in tides:
            tide.level += 1

    def _of(self, organisation_id: str, network: bytes | None, moment: float) -> list[_Tide]:
        tides = []
        if self._per_minute:
            tides.append(self._tide(organisation_id, self._per_minute, moment))
        if self._per_network and network is not None:
            tides.append(self._tide(network, self._per_network, moment))
        if self._per_node:
            tides.append(self._tide(None, self._per_node, moment))
        return tides

    def _tide(self, who: Hashable, usual: float, moment: float) -> _Tide:
        tide = self._tides.pop(who, None) or _Tide(usual, 0, moment)
        self._tides[who] = tide  # the latest are last
        if 0 < self._limits.remembered < len(self._tides):
            del self._tides[next(iter(self._tides))]
        tide.sink(moment)
        return tide

    def _asked(self, session: object, high: list[_Tide]) -> TooFast:
        # Twice the crowd, twice the work.
        excess = max(tide.excess for tide in high)
        least = self._limits.puzzle_bits
        bits = min(self._limits.most_puzzle_bits or _ALL_BITS, max(least, least + int(excess) - 1))
        puzzle = token_hex(16)
        while 0 < self._limits.remembered <= len(self._puzzles):
            del self._puzzles[next(iter(self._puzzles))]
        self._puzzles[session] = (puzzle, bits)
        late = max(tide.late for tide in high)
        return TooFast(retry_after=round(late, 1), puzzle=puzzle, bits=bits)
