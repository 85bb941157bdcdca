"""What the members of a room read of what happens in it: an entry of its sequence for each thing that can.

In come names and what happened, out come a kind and a sentence of ours. What may happen, and what else
follows from it, is the business of `rooms`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from hotline.domain.model import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the members of the room will read about it."""

    kind: Kind
    text: str


_STEERING = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_FROM_THE_RIGHT = {"R", "AL", "AN"}


def _within(name: str) -> str:
    """The name inside a sentence of ours, which it neither turns round nor reorders."""
    if name.isascii():
        return name
    plain = name.translate(_STEERING)
    is_turned = any(unicodedata.bidirectional(c) in _FROM_THE_RIGHT for c in plain)
    return f"\u2068{plain}\u2069" if is_turned else plain


def entered(client_name: str) -> Entry:
    """A client came through the anteroom."""
    return Entry(kind=Kind.ENTERED, text=f"{_within(client_name)} came in.")


def left_a_message(client_name: str) -> Entry:
    """A client found nobody there, and left a message instead."""
    return Entry(kind=Kind.ENTERED, text=f"{_within(client_name)} left a message.")


def claimed(name: str) -> Entry:
    """A consultant has taken a waiting client."""
    return Entry(kind=Kind.CLAIMED, text=f"{_within(name)} is here for you now.")


def joined(name: str) -> Entry:
    """A consultant is now in the room besides others."""
    return Entry(kind=Kind.JOINED, text=f"{_within(name)} joined the conversation.")


def transferred(to_name: str) -> Entry:
    """Another consultant has the room now. The pages take the name from this sentence (entries.ts)."""
    return Entry(kind=Kind.TRANSFERRED, text=f"{_within(to_name)} goes on with you from here.")


def released(name: str) -> Entry:
    """The consultant has given the client back."""
    text = f"{_within(name)} cannot go on. Somebody else will be with you as soon as possible."
    return Entry(kind=Kind.RELEASED, text=text)


def left(name: str) -> Entry:
    """Somebody is not in the room any more."""
    return Entry(kind=Kind.LEFT, text=f"{_within(name)} left.")


def left_quickly(name: str) -> Entry:
    """A client left by the quick way out: perhaps somebody came near."""
    return Entry(kind=Kind.LEFT_QUICKLY, text=f"{_within(name)} left quickly.")


def lost(name: str) -> Entry:
    """Somebody has been without connection for too long; others go on."""
    return Entry(kind=Kind.LEFT, text=_lost(name))


def vanished(name: str) -> Entry:
    """The only consultant has been without connection for too long."""
    hope = "You are the next in line: somebody else will be with you as soon as possible."
    return Entry(kind=Kind.VANISHED, text=f"{_lost(name)} {hope}")


def _lost(name: str) -> str:
    return f"The connection to {_within(name)} was lost."


def removed(name: str) -> Entry:
    """Those who lead a group have taken a client out of it."""
    return Entry(kind=Kind.REMOVED, text=f"{_within(name)} was taken out of the group.")


def muted(is_muted: bool) -> Entry:
    """Whether clients of a group may write has changed."""
    if is_muted:
        return Entry(kind=Kind.MUTED, text="For a while only those who lead the group can write.")
    return Entry(kind=Kind.UNMUTED, text="Everybody can write again.")


def unled() -> Entry:
    """None of those who lead a group is connected."""
    text = "Those who lead the group are not connected just now. As soon as one of them is back it goes on."
    return Entry(kind=Kind.MUTED, text=text)


def forgotten() -> Entry:
    """A client has deleted what it said in a group."""
    return Entry(kind=Kind.FORGOTTEN, text="Somebody who was here deleted what they had written.")


def changed() -> Entry:
    """A group has another name, text or time; what it is now, whoever is in it looks up."""
    return Entry(kind=Kind.CHANGED, text="What the group says of itself has changed.")


def blocked(name: str) -> Entry:
    """A consultant has ended it, and its client may not begin another one for some time."""
    text = f"{_within(name)} ended the conversation. A new one can be begun later."
    return Entry(kind=Kind.BLOCKED, text=text)


def dismissed() -> Entry:
    """The service has closed while the client waited."""
    text = (
        "We are sorry: we have to close now, and nobody could talk with you today. "
        "Please come back when we are open again."
    )
    return Entry(kind=Kind.DISMISSED, text=text)


def closed(name: str) -> Entry:
    """A member has ended it."""
    return Entry(kind=Kind.CLOSED, text=f"{_within(name)} ended the conversation.")


def abandoned(client_name: str) -> Entry:
    """It has ended because its client did not come back."""
    text = f"The conversation ended: {_within(client_name)} has been away for too long."
    return Entry(kind=Kind.CLOSED, text=text)


def time_over() -> Entry:
    """A group has come to the end of its time."""
    return Entry(kind=Kind.CLOSED, text="The time of this group is over.")


def ended() -> Entry:
    """It has ended, as the entry before it says."""
    return Entry(kind=Kind.CLOSED, text="The conversation has ended.")
