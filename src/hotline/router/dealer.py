"""CALL: the built-in procedures, any number of them waiting side by side.

In: CALL, CANCEL, REGISTER, UNREGISTER of sessions. Out: RESULT or ERROR, once per call, while the session
lives. It never decides who may call what: each procedure does, and what is not built in is refused.
"""

from __future__ import annotations

from hotline.router import uris
from hotline.router.desk import Desk
from hotline.router.messages import Call, Cancel, Register, Result, Unregister
from hotline.router.ports import Calls
from hotline.router.refusals import Refusal, refusal_of
from hotline.router.session import Session
from hotline.router.tasks import Tasks


class Dealer(Desk):
    """Where calls are answered."""

    def __init__(self, *, calls: Calls, tasks: Tasks) -> None:
        super().__init__(tasks)
        self._calls = calls

    def call_received(self, session: Session, message: Call) -> None:
        """Start a built-in procedure."""
        if message.request in session.pending_calls:
            session.violated("a call with this request id is still waiting for its answer")
        elif self.is_acceptable(session, message, message.procedure):
            if self._calls.knows(message.procedure):
                session.pending_calls.add(message.request)
                self.start(session, self._call(session, message))
            else:
                session.refuse(message, Refusal(uris.NOT_AUTHORIZED, "There is nothing to call here.", {}))

    def cancel_received(self, session: Session, message: Cancel) -> None:
        """Canceling is not announced, and a call just being answered is a usual race: let it finish."""

    def register_received(self, session: Session, message: Register) -> None:
        """Nobody may offer procedures."""
        if self.is_acceptable(session, message, message.procedure):
            session.refuse(message, Refusal(uris.NOT_AUTHORIZED, "Procedures cannot be registered here.", {}))

    def unregister_received(self, session: Session, message: Unregister) -> None:
        """Nobody has a registration."""
        if self.is_acceptable(session, message):
            session.refuse(message, Refusal(uris.NO_SUCH_REGISTRATION, "", {}))

    async def _call(self, session: Session, message: Call) -> None:
        try:
            value = await self._calls.call(session, message.procedure, message.args, message.kwargs)
            session.pending_calls.discard(message.request)
            if session.is_open:
                session.send(Result(message.request, {}, [value]))
        except Exception as problem:
            session.pending_calls.discard(message.request)
            refusal = refusal_of(problem)
            if session.is_open:
                session.refuse(message, refusal)
