"""How much one session may ask of the server, and how much all of them together may.

In: the `[limits]` table of the configuration file. Out: two frozen values that transports and router
read. They never change while the server runs, and 0 means "no limit" for every number in them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from hotline.limits import Limit, Per

Count = Annotated[int, msgspec.Meta(ge=0)]
Number = Annotated[float, msgspec.Meta(ge=0)]

_WAITS = "refused as too fast"
_COMES_AGAIN = "who comes then is told when to come again (`hotline.close.busy`)"


class SessionLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one session; every key may stand in the `[limits]` table, 0 lifts that limit."""

    message_bytes: Annotated[
        Count, Limit(Per.SESSION, "longest single WAMP message, in bytes", "the connection ends")
    ] = 65536

    outgoing_bytes: Annotated[
        Count,
        Limit(Per.SESSION, "most bytes waiting for one slow reader", "the session is closed and resumes"),
    ] = 262144

    messages_per_second: Annotated[
        Number, Limit(Per.SESSION, "calls, publications and subscriptions in the long run", _WAITS)
    ] = 20.0

    burst: Annotated[Count, Limit(Per.SESSION, "how many of these at once", _WAITS)] = 40

    refusals: Annotated[
        Count,
        Limit(Per.SESSION, "requests beyond these, each refused as too fast", "the session is closed"),
    ] = 400

    incoming_bytes_per_second: Annotated[
        Number,
        Limit(
            Per.CONNECTION,
            "bytes that are read in the long run",
            "the rest waits (TCP makes its sender wait; requests of long polls are answered later)",
        ),
    ] = 262144.0

    incoming_burst_seconds: Annotated[
        Number, Limit(Per.CONNECTION, "how many seconds' worth of these at once", "the rest waits")
    ] = 8.0

    handshake_bytes: Annotated[
        Count, Limit(Per.CONNECTION, "length of a WebSocket's handshake", "the connection ends")
    ] = 16384

    hello_seconds: Annotated[
        Number,
        Limit(
            Per.CONNECTION,
            "from connecting to being logged in; also for the head of an HTTP request, and for its body",
            "the connection ends",
        ),
    ] = 10.0

    ping_seconds: Annotated[Number, Limit(Per.CONNECTION, "time between two pings of ours", "a ping")] = 30.0

    ping_timeout_seconds: Annotated[
        Number, Limit(Per.CONNECTION, "time without an answer to a ping", "it is taken for dead, and ends")
    ] = 15.0

    poll_seconds: Annotated[
        Number, Limit(Per.SESSION, "time without a request, of who polls", "the session ends")
    ] = 30.0

    closing_seconds: Annotated[
        Number, Limit(Per.CONNECTION, "time for the last words to be read", "the connection ends")
    ] = 5.0

    uri_length: Annotated[
        Count,
        Limit(
            Per.REQUEST,
            "characters of a topic, a procedure or the URI of an error",
            "`wamp.error.invalid_uri`",
        ),
    ] = 512

    subscriptions: Annotated[
        Count, Limit(Per.SESSION, "topics it is subscribed to at the same time", "refused")
    ] = 1000

    rooms: Annotated[Count, Limit(Per.SESSION, "rooms it follows at the same time", "refused")] = 250

    pending_calls: Annotated[
        Count, Limit(Per.SESSION, "requests that wait for their answer at once", _WAITS)
    ] = 100

    registrations: Annotated[
        Count, Limit(Per.SESSION, "procedures a script offers at the same time", "refused")
    ] = 100

    invocations: Annotated[
        Count, Limit(Per.SESSION, "calls a script has on its hands", "who calls it is refused")
    ] = 1000

    interrupted: Annotated[
        Count,
        Limit(
            Per.SESSION,
            "invocations a script was told to drop and may answer all the same",
            "what it answers to older ones is passed over",
        ),
    ] = 1000

    call_seconds: Annotated[
        Number,
        Limit(
            Per.SESSION,
            "time a script has for its answer to a call, and from each part of it to the next",
            "the caller gets an error",
        ),
    ] = 60.0

    testaments: Annotated[
        Count, Limit(Per.SESSION, "publications it leaves behind for the time when it is gone", "refused")
    ] = 10


class NodeLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one daemon as a whole; keys of the same table, 0 lifts them too."""

    connections: Annotated[
        Count,
        Limit(
            Per.NODE,
            "open connections of every kind; in any case not more than the limit of open files allows, less "
            "128: when that is less than what is allowed here the log says so at the start",
            "one more is closed at once",
        ),
    ] = 0

    sessions: Annotated[Count, Limit(Per.NODE, "sessions, joined or not", _COMES_AGAIN)] = 20000

    newcomers: Annotated[
        Count,
        Limit(
            Per.NODE,
            "sessions that have not said hello, or not answered a challenge",
            "the one that was silent longest makes room for the next",
        ),
    ] = 1000

    joins_under_way: Annotated[
        Count, Limit(Per.NODE, "sessions that are looked up at once", "the others wait in line")
    ] = 6

    joins_waiting: Annotated[Count, Limit(Per.NODE, "sessions in that line", _COMES_AGAIN)] = 2000

    retry_seconds: Annotated[
        Number,
        Limit(Per.SESSION, "after which who finds no room may come again", "browsers spread themselves"),
    ] = 5.0

    joins_per_network: Annotated[
        Number, Limit(Per.NETWORK, "sessions that come in, at once and in each minute", _COMES_AGAIN)
    ] = 600.0

    drain_seconds: Annotated[
        Number,
        Limit(
            Per.NODE,
            "when hotline is stopped, the most time over which sessions are told to go (see Stopping)",
            "0: all are told at once",
        ),
    ] = 10.0
