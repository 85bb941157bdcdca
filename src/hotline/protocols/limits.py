"""How much one session may ask of the server.

In: the `[limits]` table of the configuration file. Out: one frozen value that transports and router
read. It never changes while the server runs, and 0 means "no limit" for every number in it.
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

    hello_seconds: Number = 10.0
    """Time from connecting to being welcomed, authentication included."""

    ping_seconds: Number = 30.0
    """Time between two pings of ours."""

    ping_timeout_seconds: Number = 15.0
    """Time without any answer to a ping after which the connection is taken for dead."""

    subscriptions: Count = 1000
    """Topics one session may be subscribed to at the same time."""

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
