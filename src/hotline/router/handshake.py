"""From HELLO to WELCOME: which realm, by which method, who it is.

In: HELLO, AUTHENTICATE, the answers of the authenticator. Out: CHALLENGE, WELCOME or ABORT.
It never believes a client about itself: an anonymous peer has no authid of its own choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hotline.router import uris
from hotline.router.entrance import Entrance, Work, busy
from hotline.router.messages import Aborted, Authenticate, Challenge, Goodbye, Hello, Welcome
from hotline.router.options import Details, Roles
from hotline.router.ports import Authenticator, Clock, Denied, Identity
from hotline.router.proofs import Cra, Cryptosign, Proof, Scram, decoy
from hotline.router.realm import Realm
from hotline.router.refusals import Refusal, refusal_of
from hotline.router.session import Session, State

ROLES: dict[str, Any] = {
    "broker": {
        "features": {
            "event_history": True,
            "payload_passthru_mode": True,
            "pattern_based_subscription": True,
            "publisher_exclusion": True,
            "publisher_identification": True,
            "session_meta_api": True,
            "subscriber_blackwhite_listing": True,
            "subscription_meta_api": True,
            "subscription_revocation": True,
        }
    },
    "dealer": {
        "features": {
            "call_canceling": True,
            "call_timeout": True,
            "caller_identification": True,
            "payload_passthru_mode": True,
            "progressive_call_results": True,
            "registration_meta_api": True,
            "registration_revocation": True,
            "session_meta_api": True,
            "shared_registration": True,
            "testament_meta_api": True,
        }
    },
}
"""What this router announces: only what works."""

PROOFS = ("wampcra", "wamp-scram", "cryptosign")
METHODS = ("anonymous", "ticket", *PROOFS)

WRONG_PROOF = "This is not the right answer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a client said in HELLO, while its ticket or its proof is awaited."""

    name: str
    tenant: Any
    authid: str
    method: str = "ticket"
    proof: Proof | None = None
    reference: Any = None


class Handshake:
    """The way into a realm, for all sessions."""

    def __init__(
        self,
        *,
        authenticator: Authenticator,
        entrance: Entrance,
        clock: Clock,
        realm_for: Callable[[str, Any], Realm | None],
    ) -> None:
        self._authenticator = authenticator
        self._entrance = entrance
        self._clock = clock
        self._realm_for = realm_for

    def hello_received(self, session: Session, hello: Hello) -> None:
        """HELLO: look for the realm, then welcome, challenge or abort."""
        roles = hello.details.roles
        if roles == Roles():
            session.violated("HELLO has to announce a role")
            return
        late = self._authenticator.delay(session.network)
        if late > 0:
            session.abort(busy(late))
            return
        session.roles = roles
        session.state = State.ASKING
        self._entrance.authenticate(session, lambda: self._greet(session, hello))

    def authenticate_received(self, session: Session, message: Authenticate) -> None:
        """AUTHENTICATE: ask who showed this ticket, or whether the proof holds; one try only."""
        claim: Claim = session.claim
        session.claim = None
        session.state = State.ASKING
        if claim.proof is None:
            self._finish(session, lambda: self._check_ticket(session, claim, message.signature))
        else:
            told = claim.proof.check(message.signature, message.extra)
            if told is None or claim.reference is None:
                session.abort(Refusal(uris.AUTHENTICATION_DENIED, WRONG_PROOF, {}))
            else:
                self._finish(session, lambda: self._let_in(session, claim, told))

    def abort_received(self, session: Session, message: Aborted) -> None:
        """ABORT is never answered."""
        session.end("aborted by the peer")

    def goodbye_received(self, session: Session, message: Goodbye) -> None:
        """GOODBYE is answered, then it is over."""
        session.send(Goodbye({}, uris.GOODBYE_AND_OUT))
        session.end(uris.GOODBYE_AND_OUT)

    def _finish(self, session: Session, work: Work) -> None:
        self._entrance.authenticate(session, work, was_challenged=True)

    async def _greet(self, session: Session, hello: Hello) -> None:
        offered = hello.details.authmethods or ["anonymous"]
        method = next((each for each in offered if each in METHODS), None)
        try:
            is_uri = uris.is_uri(hello.realm, session.limits.uri_length)
            tenant = await self._authenticator.find_realm(hello.realm) if is_uri else None
            if session.state is not State.ASKING:
                return
            if tenant is None:
                session.abort(Refusal(uris.NO_SUCH_REALM, "There is no such realm.", {}))
            elif method is None:
                sentence = f"Use one of these: {', '.join(METHODS)}."
                session.abort(Refusal(uris.NO_MATCHING_AUTH_METHOD, sentence, {}))
            elif method == "ticket":
                self._challenge(
                    session, Claim(name=hello.realm, tenant=tenant, authid=hello.details.authid or "")
                )
            elif method in PROOFS:
                claim = await self._claim(session, hello, tenant, method)
                if session.state is State.ASKING:
                    self._challenge(session, claim)
            else:
                identity = await self._authenticator.anonymous(tenant)
                self._welcome(session, hello.realm, tenant, identity)
        except Exception as problem:
            session.abort(refusal_of(problem))

    async def _claim(self, session: Session, hello: Hello, tenant: Any, method: str) -> Claim:
        authid, extra = hello.details.authid or "", hello.details.authextra or {}
        known = await self._authenticator.credentials(tenant, authid) if _is_plain(authid) else None
        if known is None:
            credentials = decoy(tenant, authid, self._authenticator.provable_authroles())
        else:
            credentials = known
        proof: Proof
        if method == "wampcra":
            proof = Cra(credentials, authid=authid, session=session.id, now=self._clock.seconds())
        elif method == "cryptosign":
            proof = Cryptosign(credentials, client=extra)
        else:
            proof = Scram(credentials, authid=authid, client=extra)
        return Claim(
            name=hello.realm,
            tenant=tenant,
            authid=authid,
            method=method,
            proof=proof,
            reference=credentials.reference,
        )

    def _challenge(self, session: Session, claim: Claim) -> None:
        session.claim = claim
        session.state = State.CHALLENGED
        session.send(Challenge(claim.method, {} if claim.proof is None else claim.proof.extra))
        if session.state is State.CHALLENGED:
            self._entrance.await_word_of(session)

    async def _let_in(self, session: Session, claim: Claim, told: Details) -> None:
        try:
            identity = await self._authenticator.proven(
                claim.tenant, claim.authid, claim.method, claim.reference
            )
            self._welcome(session, claim.name, claim.tenant, identity, told)
        except Denied:
            # Not the reason of the outside: a token revoked just now is as unknown as any other.
            session.abort(Refusal(uris.AUTHENTICATION_DENIED, WRONG_PROOF, {}))
        except Exception as problem:
            session.abort(refusal_of(problem))

    async def _check_ticket(self, session: Session, claim: Claim, ticket: str) -> None:
        try:
            if not (_is_plain(claim.authid) and _is_plain(ticket)):
                raise Denied("This ticket is not valid.")
            identity = await self._authenticator.ticket(claim.tenant, claim.authid, ticket)
            self._welcome(session, claim.name, claim.tenant, identity)
        except Exception as problem:
            session.abort(refusal_of(problem))

    def _welcome(
        self, session: Session, name: str, tenant: Any, identity: Identity, told: Details | None = None
    ) -> None:
        if session.state is not State.ASKING:
            return
        realm = self._realm_for(name, tenant)
        if realm is None:
            # The name has just passed to another tenant, and sessions of the former one are still leaving.
            session.abort(Refusal(uris.NO_SUCH_REALM, "There is no such realm at this moment.", {}))
            return
        details = {
            "realm": name,
            "authid": identity.authid,
            "authrole": identity.authrole,
            "authmethod": identity.authmethod,
            "authprovider": identity.authprovider,
            "roles": ROLES,
            **(told or {}),
        }
        session.admit(realm, identity, Welcome(session.id, details))


def _is_plain(text: str) -> bool:
    # Nothing with these could ever have been given out, and databases choke on them.
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
