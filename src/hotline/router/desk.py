"""What all requests of a welcomed session have in common.

In: a request. Out: whether to go on with it; if not, it was refused here. It never knows what is asked for.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from hotline.errors import TooFast
from hotline.router import uris
from hotline.router.messages import Message, Publish
from hotline.router.refusals import Refusal
from hotline.router.session import Session
from hotline.router.tasks import Tasks

BUSY_SECONDS = 1.0
"""What a session with too many unanswered requests is told to wait."""


class Desk:
    """The side of the router to which sessions come with requests."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def is_acceptable(self, session: Session, message: Message, uri: str | None = None) -> bool:
        """Whether a request is within the limits, and its URI is one; refuses it otherwise."""
        wait = session.too_soon()
        limit = session.limits.pending_calls
        if not wait and limit and session.pending_count >= limit:
            wait = BUSY_SECONDS
        if wait and session.insists():
            session.close(uris.TOO_FAST, "This session asks for more than it may, again and again.")
            return False
        if wait:
            refusal = self.busy(wait)
        elif uri is not None and not uris.is_uri(uri, session.limits.uri_length):
            refusal = Refusal(uris.INVALID_URI, "This is not a URI.", {})
        else:
            return True
        self.refuse(session, message, refusal)
        return False

    def busy(self, wait: float = BUSY_SECONDS) -> Refusal:
        """What to say to somebody who wants too much at once."""
        return Refusal(TooFast.uri, TooFast.sentence, {"retry_after": round(wait, 3)})

    def refuse(self, session: Session, message: Message, refusal: Refusal) -> None:
        """Answer with ERROR, unless it is a PUBLISH that wants no answer."""
        if not isinstance(message, Publish) or message.options.acknowledge:
            session.refuse(message, refusal)

    def start(self, session: Session, work: Coroutine[Any, Any, None]) -> None:
        """Run something for a session that may have to wait, counted against its limit."""
        session.pending_count += 1
        self._tasks.start(self._counted(session, work))

    async def _counted(self, session: Session, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            session.pending_count -= 1
