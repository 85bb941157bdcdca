"""CALL, CANCEL, REGISTER, UNREGISTER, YIELD and ERROR of sessions: asked outside, then done by the dealer.

In: these messages. Out: their answers; any number of calls wait side by side. Built-in procedures decide for
themselves who may call them; what sessions offer each other is a matter of the realm's policy.
"""

from __future__ import annotations

from hotline.errors import NotAllowed
from hotline.protocols.interfaces import TooLong
from hotline.router import uris
from hotline.router.desk import Desk
from hotline.router.inspection import Inspection
from hotline.router.messages import (
    Call,
    Cancel,
    Failed,
    Register,
    Registered,
    Result,
    Unregister,
    Unregistered,
    Yield,
)
from hotline.router.options import Details
from hotline.router.ports import Calls, Clock, DelayedCall, Disclosure, Policy
from hotline.router.refusals import Refusal, refusal_of
from hotline.router.registrations import POLICIES
from hotline.router.session import Session
from hotline.router.tasks import Tasks

NOT_AUTHORIZED = Refusal(uris.NOT_AUTHORIZED, "There is nothing to call here.", {})
NOT_OPAQUE = Refusal(uris.FEATURE_NOT_SUPPORTED, "This procedure has to read what it is given.", {})
NOT_TAKEN = Refusal(uris.INVALID_ARGUMENT, "The answer is longer than you said you take.", {})
NOT_DISCLOSED = Refusal(uris.DISCLOSE_ME_DISALLOWED, "Who calls is not disclosed here.", {})


class Rpc(Desk):
    """Where calls are answered."""

    def __init__(
        self, *, calls: Calls, inspection: Inspection, policy: Policy, tasks: Tasks, clock: Clock
    ) -> None:
        super().__init__(tasks)
        self._calls = calls
        self._inspection = inspection
        self._policy = policy
        self._clock = clock

    # Callers

    def call_received(self, session: Session, message: Call) -> None:
        """Start a built-in procedure, or invoke a session that offers this one."""
        dealer = session.realm.switchboard.dealer
        if session.roles.caller is None:
            session.violated("the role of a caller was not announced")
        elif message.options.is_passthru and not session.roles.has_passthru("caller"):
            session.violated("payload passthru mode was not announced by this caller")
        elif message.request in session.pending_calls or dealer.is_calling(session, message.request):
            session.violated("a call with this request id is still waiting for its answer")
        elif self.is_acceptable(session, message, message.procedure):
            office = self._inspection if message.procedure.startswith(uris.RESERVED) else self._calls
            if office.knows(message.procedure):
                if message.options.is_passthru:
                    session.refuse(message, NOT_OPAQUE)
                    return
                session.pending_calls[message.request] = message
                self.start(session, self._call(office, session, message))
            elif message.procedure.startswith(uris.RESERVED) or not self._policy.may_call(
                session, message.procedure
            ):
                session.refuse(message, NOT_AUTHORIZED)
            else:
                self._invoke(session, message)

    def cancel_received(self, session: Session, message: Cancel) -> None:
        """A call just being answered is a usual race; a built-in procedure is left to itself."""
        if session.roles.caller is None:
            session.violated("the role of a caller was not announced")
            return
        call = session.pending_calls.pop(message.request, None)
        if call is not None:
            session.refuse(call, Refusal(uris.CANCELED, "", {}))
        else:
            switchboard = session.realm.switchboard
            switchboard.connect(switchboard.dealer.cancel(session, message.request, message.options.mode))

    # Callees

    def register_received(self, session: Session, message: Register) -> None:
        """Offer a procedure, if the policy allows it."""
        if self.is_acceptable(session, message, message.procedure):
            refusal = self._why_not(session, message)
            if refusal is not None:
                session.refuse(message, refusal)
                return
            if session.roles.callee is None:
                session.violated("the role of a callee was not announced")
                return
            enrolment = session.realm.register(session, message.procedure, message.options.invoke)
            if isinstance(enrolment, str):
                session.refuse(message, Refusal(enrolment, "Somebody else offers this already.", {}))
            else:
                session.send(Registered(message.request, enrolment.registration.id))
                session.realm.enrolled(session, enrolment)

    def unregister_received(self, session: Session, message: Unregister) -> None:
        """End one of this session's own registrations; calls under way go on."""
        if session.roles.callee is None:
            session.violated("the role of a callee was not announced")
        elif self.is_acceptable(session, message):
            if session.realm.unregister(session, message.registration):
                session.send(Unregistered(message.request))
            else:
                session.refuse(message, Refusal(uris.NO_SUCH_REGISTRATION, "", {}))

    def yield_received(self, session: Session, message: Yield) -> None:
        """A result, or a part of one, for whoever called."""
        if message.options.is_passthru and not session.roles.has_passthru("callee"):
            session.violated("payload passthru mode was not announced by this callee")
            return
        switchboard = session.realm.switchboard
        outgoing = switchboard.dealer.yielded(session, message, self._clock.seconds())
        if outgoing is None:
            session.violated("there is no such invocation")
        else:
            switchboard.connect(outgoing)

    def failed_received(self, session: Session, message: Failed) -> None:
        """An error for whoever called."""
        if not uris.is_uri(message.uri, session.limits.uri_length):
            session.violated("an error has to be named by a URI")
            return
        if message.details.is_passthru and not session.roles.has_passthru("callee"):
            session.violated("payload passthru mode was not announced by this callee")
            return
        switchboard = session.realm.switchboard
        outgoing = switchboard.dealer.failed(session, message)
        if outgoing is None:
            session.violated("there is no such invocation")
        else:
            switchboard.connect(outgoing)

    def recheck(self, session: Session) -> None:
        """The session has become somebody else, who may not offer all that it did."""
        session.drop_registrations(lambda procedure: not self._policy.may_register(session, procedure))

    # How it is done

    def _why_not(self, session: Session, message: Register) -> Refusal | None:
        limit = session.limits.registrations
        if message.procedure.startswith(uris.RESERVED) or self._calls.knows(message.procedure):
            return Refusal(uris.NOT_AUTHORIZED, "This procedure cannot be registered.", {})
        if not self._policy.may_register(session, message.procedure):
            return Refusal(uris.NOT_AUTHORIZED, "Procedures cannot be registered here.", {})
        if message.options.match != "exact" or message.options.invoke not in POLICIES:
            return Refusal(uris.INVALID_ARGUMENT, "This way to register is not known here.", {})
        if limit and session.realm.switchboard.dealer.registrations.count_of(session) >= limit:
            return Refusal(NotAllowed.uri, "Too many registrations.", {"registrations": limit})
        return None

    def _invoke(self, session: Session, message: Call) -> None:
        switchboard = session.realm.switchboard
        registration = switchboard.dealer.registrations.find(message.procedure)
        disclosure = self._policy.disclosure(session, message.procedure)
        limit = session.limits.pending_calls
        if registration is None:
            session.refuse(message, Refusal(uris.NO_SUCH_PROCEDURE, "Nobody offers this now.", {}))
        elif message.options.disclose_me and disclosure is Disclosure.NEVER:
            session.refuse(message, NOT_DISCLOSED)
        elif limit and session.pending_count + switchboard.dealer.calls_of(session) >= limit:
            session.refuse(message, self.busy())
        else:
            details: Details = message.options.passthru
            if message.options.disclose_me or disclosure is Disclosure.ALWAYS:
                identity = session.identity
                details["caller"] = session.id
                details["caller_authid"] = identity.authid
                details["caller_authrole"] = identity.authrole
            most = session.limits.call_seconds
            asked = message.options.timeout / 1000
            patience = min(asked, most) if asked and most else asked or most
            switchboard.connect(
                switchboard.dealer.call(
                    session, message, registration, details, now=self._clock.seconds(), patience=patience
                )
            )

    async def _call(self, office: Calls | Inspection, session: Session, message: Call) -> None:
        timer = self._put_timer(session, message)
        try:
            value = await office.call(session, message.procedure, message.args, message.kwargs)
            if self._is_wanted(session, message):
                session.send(Result(message.request, {}, [value]))
        except Exception as problem:
            refusal = NOT_TAKEN if isinstance(problem, TooLong) else refusal_of(problem)
            if self._is_wanted(session, message):
                session.refuse(message, refusal)
        finally:
            if self._is_wanted(session, message):
                del session.pending_calls[message.request]
            if timer is not None and timer.active():
                timer.cancel()

    def _is_wanted(self, session: Session, message: Call) -> bool:
        return session.is_open and session.pending_calls.get(message.request) is message

    def _put_timer(self, session: Session, message: Call) -> DelayedCall | None:
        if not message.options.timeout:
            return None
        return self._clock.callLater(message.options.timeout / 1000, self._expired, session, message)

    def _expired(self, session: Session, message: Call) -> None:
        if self._is_wanted(session, message):
            del session.pending_calls[message.request]
            session.refuse(message, Refusal(uris.TIMEOUT, "", {}))
