"""The one map from what went wrong to what a peer is told.

In: an exception. Out: URI, arguments and details of an ERROR or ABORT. A peer never learns more of an
unexpected exception than the number under which it stands in the log.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure

from hotline.errors import HotlineError
from hotline.router import uris
from hotline.router.ports import Denied

log = Logger()

INTERNAL = HotlineError.uri


@dataclass(frozen=True, slots=True)
class Refusal:
    """What to answer: a URI, a sentence for people, details for programs."""

    uri: str
    sentence: str
    details: dict[str, Any]


class Refused(Exception):
    """Raised by the router's own procedures: what to answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.uri)
        self.refusal = refusal


def refusal_of(problem: BaseException) -> Refusal:
    """What a peer is told of an exception; logs it if nobody expected it."""
    if isinstance(problem, Refused):
        return problem.refusal
    if isinstance(problem, Denied):
        return Refusal(uris.AUTHENTICATION_DENIED, str(problem), {})
    if isinstance(problem, HotlineError) and problem.uri != INTERNAL:
        return Refusal(problem.uri, problem.sentence, problem.details)
    incident = secrets.token_hex(6)
    log.failure("incident {incident}", Failure(problem), incident=incident)
    return Refusal(INTERNAL, HotlineError.sentence, {"incident": incident})
