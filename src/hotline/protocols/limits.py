"""How much one session may ask of the server, and how much all of them together may.

In: the `[limits]` table of the configuration file. Out: two frozen values that transports and router
read. They never change while the server runs, and 0 means "no limit" for every number in them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Number = Annotated[float, msgspec.Meta(ge=0)]


class SessionLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one session; every key may stand in the `[limits]` table, 0 lifts that limit."""

    message_bytes: Count = 65536
    """Longest single message accepted, in bytes of its payload; a longer one ends the connection."""

    outgoing_bytes: Count = 262144
    """Most bytes waiting to be written to one peer; a slower reader is closed and has to resume."""

    messages_per_second: Number = 20.0
    """CALL, PUBLISH, SUBSCRIBE and UNSUBSCRIBE a session may send per second in the long run."""

    burst: Count = 40
    """How many of these it may send at once before `messages_per_second` counts."""

    refusals: Count = 400
    """Requests beyond that it may send at once, each refused, before its session is closed."""

    incoming_bytes_per_second: Number = 262144.0
    """What is read of one connection in the long run, eight seconds' worth at once; the rest has to wait."""

    hello_seconds: Number = 10.0
    """Time from connecting to being welcomed, authentication included."""

    ping_seconds: Number = 30.0
    """Time between two pings of ours."""

    ping_timeout_seconds: Number = 15.0
    """Time without any answer to a ping after which the connection is taken for dead."""

    subscriptions: Count = 1000
    """Topics one session may be subscribed to at the same time."""

    rooms: Count = 250
    """Rooms one session may follow at the same time."""

    pending_calls: Count = 100
    """Calls, subscriptions and publications of one session that may wait for their answer at once."""

    registrations: Count = 100
    """Procedures one session may offer at the same time, if it may offer any."""

    invocations: Count = 1000
    """Calls one session that offers procedures may have on its hands; who calls it beyond that is refused."""

    call_seconds: Number = 60.0
    """Time a session that offers a procedure has for its answer, and from each part of it to the next."""

    testaments: Count = 10
    """Publications one session may leave behind for the time when it is gone."""


class NodeLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one daemon as a whole; keys of the same table, 0 lifts them too."""

    connections: Count = 0
    """Open connections of every kind; a new one is closed at once. Never more than descriptors allow."""

    sessions: Count = 20000
    """Sessions, joined or not; who comes then is told when to come again."""

    newcomers: Count = 1000
    """Sessions whose HELLO or AUTHENTICATE is awaited; the one that was silent longest makes room."""

    joins_under_way: Count = 6
    """Sessions that are looked up and authenticated at once; the others wait in line."""

    joins_per_network: Number = 600.0
    """Sessions that come in from one network, at once and in each minute; others are told when to come."""

    joins_waiting: Count = 2000
    """How many may wait in that line; who comes then is told when to come again."""

    drain_seconds: Number = 10.0
    """When the daemon is stopped, the most time over which its sessions are told to go; 0: all at once."""
