"""What a flood may cost at most, and what has to become of those who make it.

In come a flood, its outcome and the limits of the daemon, out come the bounds that were broken. It measures
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.protocols.limits import SessionLimits
from tests.floods.run import CLOSING_SECONDS, SAYINGS, Flood, Outcome

# Waiting in the kernel, in the loop of the crowd, for one another, and for whatever else the machine does.
SLACK_SECONDS = 10.0
# A flood that is over before anybody has come in says nothing about coming in.
BRIEF_SECONDS = 3.0


def broken(flood: Flood, outcome: Outcome, limits: SessionLimits, *, most_deliver_ms: float) -> list[str]:
    """Their names; none if all hold."""
    holds = {
        "memory": outcome.grown_megabytes < flood.most_megabytes,
        "lines of log": outcome.log_lines <= flood.most_log_lines,
        "delivery": outcome.deliver_ms["p99"] < most_deliver_ms,
        "nothing lost": outcome.lost == 0,
        "no problems": not outcome.problems,
        "coming in": (outcome.joins > 0 or outcome.seconds < BRIEF_SECONDS) and outcome.not_let_in == 0,
        flood.name: _KINDS[flood.kind](flood, outcome.crowd, limits),
    }
    return [name for name, it_does in holds.items() if not it_does]


def _silent(flood: Flood, crowd: dict[str, Any], limits: SessionLimits) -> bool:
    return _ended_within(crowd, limits.hello_seconds + CLOSING_SECONDS)


def _trickle(flood: Flood, crowd: dict[str, Any], limits: SessionLimits) -> bool:
    # The ping that is not answered is the first after the frame has begun.
    return _ended_within(crowd, 2 * limits.ping_seconds + limits.ping_timeout_seconds)


def _ended_within(crowd: dict[str, Any], seconds: float) -> bool:
    return bool(crowd["ended"] == crowd["connections"]) and crowd["longest_seconds"] < seconds + SLACK_SECONDS


def _speak(flood: Flood, crowd: dict[str, Any], limits: SessionLimits) -> bool:
    # A CANCEL of nothing is nothing: whoever says it is only read no faster than agreed.
    return flood.name == SAYINGS["cancel"] or bool(crowd["thrown_out"] > crowd["sessions"] // 2)


def _subscribe(flood: Flood, crowd: dict[str, Any], limits: SessionLimits) -> bool:
    allowed = limits.subscriptions
    return (crowd["subscribed"], crowd["refused"]) == (allowed, crowd["asked"] - allowed)


def _log_in(flood: Flood, crowd: dict[str, Any], limits: SessionLimits) -> bool:
    # The queue of passwords is short: most are told to come again, and none waits for ever.
    return bool(crowd["wrong"] + crowd["busy"] == crowd["posts"]) and crowd["busy"] > crowd["wrong"] > 0


def _never_read(flood: Flood, crowd: dict[str, Any], limits: SessionLimits) -> bool:
    return bool(crowd["ended"] == crowd["readers"])


_KINDS: dict[str, Callable[[Flood, dict[str, Any], SessionLimits], bool]] = {
    "silent": _silent,
    "trickle": _trickle,
    "speak": _speak,
    "log_in": _log_in,
    "subscribe": _subscribe,
    "never_read": _never_read,
}
