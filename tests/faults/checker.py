"""Was every promise kept? Pure: knows the record of a run and what the database holds, and nothing else.

In come the entries of `history.jsonl` and the stored messages of each room, out come sentences, one for
each broken promise, each beginning with the promise's name. No sentence: all were kept.

Entries (`what`): `room` (room, organisation, members) · `send`, `acked`, `failed` (who, room, nonce; text,
session, hears_itself; error) · `session` (who, session, room, after) · `read`, `event` (session, seq, text;
own: what they said themselves) · `caught_up` (session) · `lost` (who, reason) · `trespass` (who, room, how,
allowed) · `deaf` (ended, grown) · `fault` (name, phase) · `stopped` (node, code, seconds).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LIVE_SECONDS = 5.0
STOP_SECONDS = 25.0
GROWN_BYTES = 32 << 20

# What a person may meet while something is broken. Anything else is a promise broken.
TRANSIENT = frozenset(
    {"hotline.error.unavailable", "wamp.close.system_shutdown", "hotline.close.too_slow", "cut"}
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the database."""

    seq: int
    text: str
    nonce: str | None


@dataclass(slots=True)
class _Sent:
    room: str
    text: str
    first_at: float
    acked_at: float | None = None


@dataclass(slots=True)
class _Session:
    who: str
    room: str
    read_up_to: int
    """Everything up to here was known before, or read without a gap."""
    first_event: int | None = None
    last_event: int | None = None
    is_caught_up: bool = False
    said: dict[str, bool] = field(default_factory=dict)
    """By nonce what it is not to be shown, because it said so itself; whether no other session had before."""


@dataclass(slots=True)
class _Member:
    room: str
    sessions: list[_Session] = field(default_factory=list)
    signs: dict[str, int] = field(default_factory=lambda: {"acked": 0, "heard": 0})
    """How many ends of faults were followed by such a sign of life."""


class Checker:
    """Takes the record entry by entry, then gives its judgement."""

    def __init__(self, stored: Mapping[str, Sequence[Stored]], most: int = 20) -> None:
        self._stored = stored
        self._most = most
        self._problems: list[str] = []
        self._counts: dict[str, int] = defaultdict(int)
        self._sent: dict[str, _Sent] = {}
        self._members: dict[str, _Member] = {}
        self._sessions: dict[str, _Session] = {}
        self._fault_ends: list[tuple[float, str]] = []
        self._last_acked: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self._steps: dict[str, Callable[[dict[str, Any]], None]] = {
            "room": self._room,
            "send": self._send,
            "acked": self._acked,
            "failed": self._failed,
            "session": self._session,
            "read": self._read,
            "event": self._event,
            "caught_up": self._caught_up,
            "lost": self._lost,
            "trespass": self._trespass,
            "deaf": self._deaf,
            "fault": self._fault,
            "stopped": self._stopped,
        }

    def take(self, entry: dict[str, Any]) -> None:
        """The next entry, in order of time."""
        step = self._steps.get(entry["what"])
        if step is not None:
            step(entry)

    def judgement(self) -> list[str]:
        """Everything that was not as promised."""
        self._check_rooms()
        self._check_sent()
        self._check_order()
        self._check_ends()
        self._check_liveness()
        for name, count in self._counts.items():
            if count > self._most:
                self._problems.append(f"{name}: and {count - self._most} more")
        return self._problems

    def _broken(self, name: str, sentence: str) -> None:
        self._counts[name] += 1
        if self._counts[name] <= self._most:
            self._problems.append(f"{name}: {sentence}")

    # Entry by entry

    def _room(self, entry: dict[str, Any]) -> None:
        for who in entry["members"]:
            self._members[who] = _Member(entry["room"])

    def _send(self, entry: dict[str, Any]) -> None:
        if not entry["hears_itself"]:
            said = self._sessions[entry["session"]].said
            said.setdefault(entry["nonce"], entry["nonce"] not in self._sent)
        self._sent.setdefault(entry["nonce"], _Sent(entry["room"], entry["text"], entry["t"]))

    def _acked(self, entry: dict[str, Any]) -> None:
        sent = self._sent.get(entry["nonce"])
        if sent is None:
            self._broken("durable", f"{entry['nonce']} was acknowledged and never sent")
        elif sent.acked_at is None:
            sent.acked_at = entry["t"]
        self._lives(entry["who"], "acked", entry["t"])

    def _failed(self, entry: dict[str, Any]) -> None:
        if entry["error"] not in TRANSIENT:
            self._broken("fair", f"{entry['nonce']} of {entry['who']} was refused: {entry['error']}")

    def _lost(self, entry: dict[str, Any]) -> None:
        if entry["reason"] not in TRANSIENT:
            self._broken("fair", f"the session of {entry['who']} was ended: {entry['reason']}")

    def _session(self, entry: dict[str, Any]) -> None:
        session = _Session(entry["who"], entry["room"], entry["after"])
        self._sessions[entry["session"]] = session
        self._members[entry["who"]].sessions.append(session)

    def _read(self, entry: dict[str, Any]) -> None:
        session = self._sessions[entry["session"]]
        if entry["seq"] != session.read_up_to + 1:
            self._broken(
                "delivery",
                f"{entry['session']} read {entry['seq']} after {session.read_up_to} in its history",
            )
        session.read_up_to = entry["seq"]
        self._check_text(entry, session)
        self._lives(session.who, "heard", entry["t"])

    def _event(self, entry: dict[str, Any]) -> None:
        session = self._sessions[entry["session"]]
        if session.last_event is None:
            session.first_event = entry["seq"]
        elif entry["seq"] != self._next(session, session.last_event, entry["seq"]):
            self._broken(
                "delivery", f"{entry['session']} was shown {entry['seq']} after {session.last_event}"
            )
        if session.said.get(self._nonce_of(session, entry["seq"])):
            self._broken("excluded", f"{entry['session']} was shown {entry['seq']}, which it said itself")
        session.last_event = entry["seq"]
        self._check_text(entry, session)
        if not entry.get("own"):
            self._lives(session.who, "heard", entry["t"])

    def _next(self, session: _Session, seq: int, most: int) -> int:
        """What the session has to be shown next: not what it said itself. At most `most`."""
        seq += 1
        while seq < most and self._nonce_of(session, seq) in session.said:
            seq += 1
        return seq

    def _nonce_of(self, session: _Session, seq: int) -> str:
        rows = self._stored.get(session.room, ())
        return (rows[seq - 1].nonce or "") if 0 < seq <= len(rows) else ""

    def _caught_up(self, entry: dict[str, Any]) -> None:
        self._sessions[entry["session"]].is_caught_up = True

    def _lives(self, who: str, sign: str, t: float) -> None:
        signs = self._members[who].signs
        for ended, name in self._fault_ends[signs[sign] :]:
            if t - ended > LIVE_SECONDS:
                self._broken("live", f"{who} {sign} nothing for {t - ended:.1f} s after the end of {name}")
        signs[sign] = len(self._fault_ends)

    def _check_text(self, entry: dict[str, Any], session: _Session) -> None:
        rows = self._stored.get(session.room, ())
        position = entry["seq"] - 1
        text = rows[position].text if 0 <= position < len(rows) else None
        if text != entry["text"]:
            self._broken(
                "wall" if entry["text"] in self._texts_elsewhere(session.room) else "durable",
                f"{entry['session']} saw as {entry['seq']} of {session.room} what is not stored there",
            )

    def _texts_elsewhere(self, room: str) -> Iterator[str]:
        return (row.text for other, rows in self._stored.items() if other != room for row in rows)

    def _trespass(self, entry: dict[str, Any]) -> None:
        if entry["allowed"]:
            self._broken("wall", f"{entry['who']} could {entry['how']} room {entry['room']}")

    def _deaf(self, entry: dict[str, Any]) -> None:
        if not entry["ended"]:
            self._broken("bounded", "a reader that never reads was not closed")
        if entry["grown"] > GROWN_BYTES:
            self._broken("bounded", f"its node grew by {entry['grown']} bytes")

    def _fault(self, entry: dict[str, Any]) -> None:
        if entry["phase"] == "end":
            self._fault_ends.append((entry["t"], entry["name"]))

    def _stopped(self, entry: dict[str, Any]) -> None:
        if entry["code"] != 0 or entry["seconds"] > STOP_SECONDS:
            self._broken(
                "drain", f"{entry['node']} stopped with code {entry['code']} after {entry['seconds']:.1f} s"
            )

    # All in all

    def _check_rooms(self) -> None:
        for room, rows in self._stored.items():
            seqs = [row.seq for row in rows]
            if seqs != list(range(1, len(rows) + 1)):
                self._broken("sequence", f"room {room} does not count 1 to {len(rows)}")
            nonces: set[str] = set()
            for row in rows:
                if row.nonce is None:
                    continue
                sent = self._sent.get(row.nonce)
                if row.nonce in nonces:
                    self._broken("once", f"{row.nonce} is stored twice in {room}")
                elif sent is None or sent.text != row.text or sent.room != room:
                    self._broken("durable", f"{row.nonce} in {room} is not what was sent")
                nonces.add(row.nonce)

    def _check_sent(self) -> None:
        kept = {row.nonce for rows in self._stored.values() for row in rows}
        for nonce, sent in self._sent.items():
            if sent.acked_at is not None and nonce not in kept:
                self._broken("durable", f"{nonce} was acknowledged and is not stored")
            elif sent.acked_at is None:
                self._broken("live", f"{nonce} was never acknowledged")

    def _check_order(self) -> None:
        seqs = {row.nonce: row.seq for rows in self._stored.values() for row in rows if row.nonce is not None}
        happened: dict[str, list[tuple[float, int, str, int]]] = defaultdict(list)
        for nonce, sent in self._sent.items():
            if nonce in seqs:
                # At the same time: sending counts first, which accuses nobody.
                happened[sent.room].append((sent.first_at, 0, nonce, seqs[nonce]))
                if sent.acked_at is not None:
                    happened[sent.room].append((sent.acked_at, 1, nonce, seqs[nonce]))
        for room, moments in happened.items():
            highest = 0
            for _, is_ack, nonce, seq in sorted(moments):
                if is_ack:
                    highest = max(highest, seq)
                elif seq < highest:
                    self._broken(
                        "order",
                        f"{nonce} of {room} is {seq}, and {highest} was acknowledged before it was sent",
                    )

    def _check_ends(self) -> None:
        for who, member in self._members.items():
            count = len(self._stored.get(member.room, ()))
            known = 0
            for session in member.sessions:
                if not session.is_caught_up:
                    continue
                first, read = session.first_event, session.read_up_to
                if first is not None and first > self._next(session, read, first):
                    self._broken("delivery", f"{who} missed what is between {read} and {first}")
                known = max(known, self._next(session, max(read, session.last_event or 0), count + 1) - 1)
            if known != count:
                self._broken("delivery", f"{who} knows {known} of {count} in {member.room} at the end")

    def _check_liveness(self) -> None:
        for who, member in self._members.items():
            for sign, count in member.signs.items():
                for _, name in self._fault_ends[count:]:
                    self._broken("live", f"{who} {sign} nothing any more after the end of {name}")


def check(history: Iterable[dict[str, Any]], stored: Mapping[str, Sequence[Stored]]) -> list[str]:
    """The judgement on a whole record."""
    checker = Checker(stored)
    for entry in history:
        checker.take(entry)
    return checker.judgement()
