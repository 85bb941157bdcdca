"""Who gets which waiting client when nobody chooses: by language, topic, and least to do.

In come those who wait, in their turn, and the consultants who are here; out come pairs. Whether each still
holds is asked again when it is carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hotline.domain.languages import varieties

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A client who waits; `left_by`: who was in the room and left, and is not to have it again."""

    room_id: str
    language: str | None
    topic: str | None
    left_by: frozenset[str] = frozenset()
    appointed_with: str | None = None
    """Whose appointment it came to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A consultant who takes clients; without languages they take any, and without topics too."""

    consultant_id: str
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    rooms: int = 0
    limit: int = 0
    """0: any number."""
    assigned_at: datetime | None = None

    @property
    def has_room(self) -> bool:
        """Whether they may serve one more."""
        return self.limit == 0 or self.rooms < self.limit


def assigned(waiting: Sequence[Waiting], here: Sequence[Here], now: datetime) -> list[tuple[str, str]]:
    """(room, consultant) in the order in which they are to be carried out.

    Whoever has an appointment with somebody who is here and has room is given to them, whatever they know.
    Whoever is understood by nobody here is given to anybody; whoever is understood by somebody who is full
    waits for them, and holds up nobody behind.
    """
    known = {each.consultant_id: each for each in here}
    pairs = []
    for client in waiting:
        others = [each for each in known.values() if each.consultant_id not in client.left_by]
        speakers = [each for each in others if _speaks(each, client.language)]
        free = [each for each in speakers or others if each.has_room]
        own = [each for each in others if each.has_room and each.consultant_id == client.appointed_with]
        if own or free:
            best = min(own or free, key=lambda each: _rank(each, client.topic))
            pairs.append((client.room_id, best.consultant_id))
            known[best.consultant_id] = replace(best, rooms=best.rooms + 1, assigned_at=now)
    return pairs


def _speaks(consultant: Here, language: str | None) -> bool:
    if not consultant.languages or language is None:
        return True
    return _base(language) in {_base(each) for each in consultant.languages}


def _base(language: str) -> str:
    return list(varieties(language))[-1]


def _rank(consultant: Here, topic: str | None) -> tuple[int, int, datetime, str]:
    """The lowest goes first: who knows the topic, who takes any, who has others; then who has least to do."""
    fits = any(each.casefold() in (topic or "").casefold() for each in consultant.topics)
    kind = 0 if fits else 2 if consultant.topics else 1
    return kind, consultant.rooms, consultant.assigned_at or _NEVER, consultant.consultant_id
