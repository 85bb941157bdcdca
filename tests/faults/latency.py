"""How long people waited: from saying something to its acknowledgement, and to others hearing it.

In come the entries of a run one by one, out come sums: of calm time, and of the time of a fault and until
everybody was live again. Pure; it judges nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


def percentile(values: Sequence[float], share: float) -> float:
    """Of sorted values; 0 when there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


@dataclass(slots=True)
class Waits:
    """Waits of one kind, in seconds."""

    values: array[float] = field(default_factory=lambda: array("d"))

    def sums(self) -> dict[str, float | int]:
        ordered = sorted(self.values)
        figures = {
            "mean": sum(ordered) / len(ordered) if ordered else 0.0,
            "p50": percentile(ordered, 0.5),
            "p99": percentile(ordered, 0.99),
            "longest": ordered[-1] if ordered else 0.0,
        }
        return {"count": len(ordered), **{name: round(value, 4) for name, value in figures.items()}}


class Latency:
    """Takes entries as they are written; `recent` is what nobody has asked for yet."""

    def __init__(self) -> None:
        self._sent: dict[str, tuple[float, str]] = {}
        self._is_calm = True
        self._waits = {kind: {"acknowledged": Waits(), "heard": Waits()} for kind in ("calm", "broken")}
        self._recent = Waits()
        self.acknowledged = 0

    def take(self, entry: dict[str, Any]) -> None:
        """The next entry, in order of time."""
        match entry["what"]:
            case "send":
                self._sent.setdefault(entry["nonce"], (entry["t"], "calm" if self._is_calm else "broken"))
            case "acked":
                self._note("acknowledged", entry["nonce"], entry["t"])
                self.acknowledged += 1
            case "event" if not entry["own"]:
                _, _, said = entry["text"].partition(" ")
                self._note("heard", said.partition(" ")[0], entry["t"])
            case "fault":
                self._is_calm = entry["phase"] == "alive"

    def _note(self, what: str, nonce: str, t: float) -> None:
        sent = self._sent.get(nonce)
        if sent is None:
            return  # what the room itself says
        # A wait that reached into a fault belongs to it.
        kind = sent[1] if self._is_calm else "broken"
        self._waits[kind][what].values.append(t - sent[0])
        if what == "acknowledged":
            self._recent.values.append(t - sent[0])

    def recent(self) -> dict[str, float | int]:
        """Acknowledgements since the last time somebody asked."""
        recent, self._recent = self._recent, Waits()
        return recent.sums()

    def sums(self) -> dict[str, Any]:
        """All in all."""
        return {
            kind: {what: waits.sums() for what, waits in group.items()} for kind, group in self._waits.items()
        }
