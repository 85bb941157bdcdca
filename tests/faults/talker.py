"""Somebody in a room who never gives up, and writes down everything that happens to them.

In come a line, a room and credentials, out come entries of the history. They do as the manual tells:
subscribe, then read on from the last seq known; say again, with the same nonce, what was not acknowledged.
What arrives is written down as it arrives: whether it is right is the checker's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from autobahn.wamp.exception import ApplicationError
from twisted.internet.defer import CancelledError, Deferred, TimeoutError

from tests.faults.proxy import Line
from tests.faults.record import History
from tests.system.daemon import sleep
from tests.system.peers import ACKNOWLEDGED, CUT, HEARD_TOO, Peer, Refused, connect

_GONE = (*CUT, Refused, TimeoutError, CancelledError)
_AGAIN = ("hotline.error.unavailable",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who somebody is, and in which room."""

    who: str
    organisation: str
    slug: str
    room: str
    authid: str
    ticket: str


@dataclass(slots=True)
class _Saying:
    nonce: str
    text: str
    is_under_way: bool = False


class Talker:
    """One member of one room.

    :param pace: seconds between two sayings, on average.
    :param patience: after so many seconds without an answer they take the connection for dead.
    """

    def __init__(
        self,
        reactor: Any,
        history: History,
        seat: Seat,
        line: Line,
        random: Random,
        *,
        pace: float,
        patience: float,
    ) -> None:
        self._reactor = reactor
        self._history = history
        self.seat = seat
        self.line = line
        self._random = random
        self._pace = pace
        self._patience = patience
        self._failures = 0
        """Attempts since the last session that worked."""
        self.hears_itself = random.random() < 0.5
        """Else they publish as WAMP does by itself: to everybody but the session that does it."""
        self._serializer = random.choice(("json", "msgpack", "cbor"))
        self._url = ""
        self._outbox: dict[str, _Saying] = {}
        self._count = 0
        self._sessions = 0
        self._peer: Peer | None = None
        self._session_name = ""
        self._timer: Any = None
        self._ending = False
        self._living: Deferred[None] | None = None
        self.death: BaseException | None = None
        self.last = 0
        self.acked_at = self.heard_at = 0.0
        self.lost_at: float | None = None
        self.longest_gap = 0.0

    def __repr__(self) -> str:
        return f"<{self.seat.who}: last {self.last}, {len(self._outbox)} to say, {self._sessions} sessions>"

    @property
    def has_said_all(self) -> bool:
        return not self._outbox

    def begin(self) -> None:
        """Connect, and talk."""
        self._url = f"ws://127.0.0.1:{self.line.open()}/ws"
        self._living = Deferred.fromCoroutine(self._live())
        self._timer = self._reactor.callLater(self._random.uniform(0, self._pace), self._say)

    def hurry(self) -> None:
        """Say something within the next moment."""
        if self._timer is not None and self._timer.active():
            self._timer.reset(self._random.uniform(0, 0.3))

    def fall_silent(self) -> None:
        """Say nothing new."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    async def end(self) -> None:
        self._ending = True
        self.fall_silent()
        self.line.drop()
        if self._living is not None:
            await self._living
        await self.line.close()

    def _say(self) -> None:
        self._timer = self._reactor.callLater(self._random.uniform(0.5, 1.5) * self._pace, self._say)
        if len(self._outbox) > 30:
            return  # as people do who see that nothing gets through
        self._count += 1
        nonce = f"{self.seat.who}-{self._count}"
        length = self._random.choice((1, 10, 200))
        saying = _Saying(nonce, f"{self.seat.room} {nonce} " + "naïve ☕ "[self._count % 8 :] + "x" * length)
        self._outbox[nonce] = saying
        self._send_soon(saying)

    def _send_soon(self, saying: _Saying) -> None:
        if self._peer is not None and not saying.is_under_way:
            Deferred.fromCoroutine(self._send(self._peer, saying)).addErrback(self._died)

    def _died(self, failure: Any) -> None:
        self.death = failure.value
        self._history.write("lost", who=self.seat.who, reason=f"mistake: {failure.value!r}")

    async def _send(self, peer: Peer, saying: _Saying) -> None:
        saying.is_under_way = True
        fields = {"who": self.seat.who, "room": self.seat.room, "nonce": saying.nonce}
        try:
            while peer is self._peer and not self._ending:
                self._history.write(
                    "send",
                    **fields,
                    text=saying.text,
                    session=self._session_name,
                    hears_itself=self.hears_itself,
                )
                try:
                    await self._timely(
                        peer.publish(
                            f"hotline.room.{self.seat.room}",
                            saying.text,
                            nonce=saying.nonce,
                            options=HEARD_TOO if self.hears_itself else ACKNOWLEDGED,
                        )
                    )
                except ApplicationError as error:
                    self._history.write("failed", **fields, error=error.error)
                    await sleep(self._reactor, self._random.uniform(0.1, 0.3))
                except _GONE as error:
                    self._history.write("failed", **fields, error="cut")
                    if isinstance(error, TimeoutError):
                        self.line.drop()
                    return
                else:
                    self.acked_at = self._history.write("acked", **fields)
                    self._outbox.pop(saying.nonce, None)
                    return
        finally:
            saying.is_under_way = False

    def _timely(self, deferred: Deferred[Any]) -> Deferred[Any]:
        # Who has failed waits longer: else all who try at once could keep each other out for ever.
        return deferred.addTimeout(self._patience * 2 ** min(self._failures, 2), self._reactor)

    async def _live(self) -> None:
        while not self._ending:
            reason = "cut"
            try:
                reason = await self._session()
            except Refused as refused:
                reason = _reason(str(refused))
            except ApplicationError as error:
                reason = error.error
            except _GONE:
                pass
            except Exception as error:
                self.death, reason = error, f"mistake: {error!r}"
            self._peer = None
            if self.lost_at is None:
                self.lost_at = self._reactor.seconds()
            if not self._ending:
                self._history.write("lost", who=self.seat.who, reason=reason)
                self.line.drop()
                await sleep(self._reactor, self._random.uniform(0.05, 0.4 * 2 ** min(self._failures, 2)))
                self._failures += 1

    async def _session(self) -> str:
        seat = self.seat
        peer: Peer = await self._timely(
            Deferred.fromCoroutine(
                connect(
                    self._reactor,
                    self._url,
                    seat.slug,
                    authid=seat.authid,
                    ticket=seat.ticket,
                    serializer=self._serializer,
                )
            )
        )
        self._sessions += 1
        name = f"{seat.who}#{self._sessions}"
        self._history.write("session", who=seat.who, session=name, room=seat.room, after=self.last)
        held: list[int] | None = []

        def heard(text: str, *, seq: int, **_: Any) -> None:
            own = f" {seat.who}-" in text
            t = self._history.write("event", session=name, seq=seq, text=text, own=own)
            self.heard_at = self.heard_at if own else t
            if held is not None:
                held.append(seq)
            else:
                self.last = max(self.last, seq)

        await self._timely(peer.subscribe(heard, f"hotline.room.{seat.room}"))
        more = True
        while more:
            page = await self._timely(
                peer.call("hotline.room.history", room=seat.room, after=self.last, limit=200)
            )
            for message in page["messages"]:
                self.heard_at = self._history.write(
                    "read", session=name, seq=message["seq"], text=message["text"]
                )
                self.last = max(self.last, message["seq"])
            more = page["more"]
        self._history.write("caught_up", session=name)
        self.last = max(self.last, *held, 0)
        held = None
        if self.lost_at is not None:
            self.longest_gap = max(self.longest_gap, self._reactor.seconds() - self.lost_at)
            self.lost_at = None
        self._peer, self._session_name, self._failures = peer, name, 0
        for saying in list(self._outbox.values()):
            self._send_soon(saying)
        await peer.gone
        return "cut" if peer.left is None else _reason(peer.left.reason)


def _reason(reason: str) -> str:
    """Autobahn's names for a connection that broke are one: cut."""
    return "cut" if reason in ("connection lost", "wamp.close.transport_lost", "") else reason
