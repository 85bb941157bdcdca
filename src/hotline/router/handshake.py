"""From HELLO to WELCOME: which realm, by which method, who it is.

In: HELLO, AUTHENTICATE, the answers of the authenticator. Out: CHALLENGE, WELCOME or ABORT.
It never believes a client about itself: an anonymous peer has no authid of its own choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hotline.router import uris
from hotline.router.messages import Abort, Authenticate, Challenge, Goodbye, Hello, Roles, Welcome
from hotline.router.ports import Authenticator, Denied, Identity
from hotline.router.realm import Realm
from hotline.router.refusals import Refusal, refusal_of
from hotline.router.session import Session, State
from hotline.router.tasks import Tasks

ROLES: dict[str, Any] = {
    "broker": {"features": {"publisher_exclusion": True, "subscription_revocation": True}},
    "dealer": {"features": {}},
}
"""What this router announces: only what works."""

METHODS = ("anonymous", "ticket")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a client said in HELLO, while its ticket is awaited."""

    name: str
    tenant: Any
    authid: str


class Handshake:
    """The way into a realm, for all sessions."""

    def __init__(
        self,
        *,
        authenticator: Authenticator,
        tasks: Tasks,
        realm_for: Callable[[str, Any], Realm | None],
    ) -> None:
        self._authenticator = authenticator
        self._tasks = tasks
        self._realm_for = realm_for

    def hello_received(self, session: Session, hello: Hello) -> None:
        """HELLO: look for the realm, then welcome, challenge or abort."""
        roles = hello.details.roles
        if roles == Roles():
            session.violated("HELLO has to announce a role")
            return
        session.roles = roles
        session.state = State.ASKING
        self._tasks.start(self._greet(session, hello))

    def authenticate_received(self, session: Session, message: Authenticate) -> None:
        """AUTHENTICATE: ask who showed this ticket."""
        claim: Claim = session.claim
        session.claim = None
        session.state = State.ASKING
        self._tasks.start(self._check_ticket(session, claim, message.signature))

    def abort_received(self, session: Session, message: Abort) -> None:
        """ABORT is never answered."""
        session.end("aborted by the peer")

    def goodbye_received(self, session: Session, message: Goodbye) -> None:
        """GOODBYE is answered, then it is over."""
        session.send(Goodbye({}, uris.GOODBYE_AND_OUT))
        session.end(uris.GOODBYE_AND_OUT)

    async def _greet(self, session: Session, hello: Hello) -> None:
        offered = hello.details.authmethods or ["anonymous"]
        method = next((each for each in offered if each in METHODS), None)
        try:
            tenant = await self._authenticator.find_realm(hello.realm) if uris.is_uri(hello.realm) else None
            if session.state is not State.ASKING:
                return
            if tenant is None:
                session.abort(Refusal(uris.NO_SUCH_REALM, "There is no such realm.", {}))
            elif method is None:
                session.abort(Refusal(uris.NO_MATCHING_AUTH_METHOD, "Use ticket or anonymous.", {}))
            elif method == "ticket":
                session.claim = Claim(hello.realm, tenant, hello.details.authid or "")
                session.state = State.CHALLENGED
                session.send(Challenge("ticket", {}))
            else:
                identity = await self._authenticator.anonymous(tenant)
                self._welcome(session, hello.realm, tenant, identity)
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

    def _welcome(self, session: Session, name: str, tenant: Any, identity: Identity) -> None:
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
        }
        session.admit(realm, identity, Welcome(session.id, details))


def _is_plain(text: str) -> bool:
    # Nothing with these could ever have been given out, and databases choke on them.
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
