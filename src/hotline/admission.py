"""Who comes in over WAMP: visitors without credentials, and whoever shows a ticket, a key or a token.

In come realms, what is shown and where it comes from, out come identities for the router, or Denied. What is
shown is judged by the accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hotline.accounts import Accounts
from hotline.domain.allowances import Allowances, each_minute
from hotline.domain.limits import DEFAULTS
from hotline.domain.model import Actor, Role
from hotline.router.ports import Credentials, Denied, Identity
from hotline.store.ids import new_id
from hotline.store.realms import Realms

_PROVIDER = "hotline"


class Admission:
    """One node's."""

    def __init__(
        self,
        realms: Realms,
        accounts: Accounts,
        joins_per_network: float = 0,
        seconds: Callable[[], float] = lambda: 0.0,
        most_remembered: int = DEFAULTS.remembered,
    ) -> None:
        self._realms = realms
        self._accounts = accounts
        self._of_network = each_minute(joins_per_network)
        self._seconds = seconds
        self._allowances = Allowances(most_remembered)

    def delay(self, network: bytes | None) -> float:
        """Seconds until one more may come from there; 0: now, which counts."""
        if network is None:
            return 0.0
        cost, now = (self._of_network, network), self._seconds()
        late = self._allowances.late(cost, now)
        if late <= 0:
            self._allowances.count(cost, now)
        return max(0.0, late)

    async def find_realm(self, name: str) -> str | None:
        """The organisation whose slug this is."""
        return await self._realms.find(name)

    async def anonymous(self, tenant: str) -> Identity:
        """Anybody may come in as a visitor; only the anteroom is open to them."""
        actor = Actor(organisation_id=tenant, id="", name="", role=Role.CLIENT)
        return _identity(actor, new_id(), "anonymous")

    async def ticket(self, tenant: str, authid: str, ticket: str) -> Identity:
        """:raises Denied: wrong, used up or expired."""
        actor = await self._accounts.authenticate(tenant, authid, ticket)
        if actor is None:
            raise Denied("This ticket is not valid (any more).")
        return _identity(actor, authid, "ticket")

    async def credentials(self, tenant: str, authid: str) -> Credentials | None:
        """Of an API token; nobody else has any."""
        found = await self._accounts.find_token_keys(tenant, authid)
        if found is None or not found[2].iterations:
            return None
        token_id, role, keys = found
        return Credentials(
            salt=keys.salt,
            iterations=keys.iterations,
            salted_key=keys.salted_key,
            public_key=keys.public_key,
            authrole=role.value,
            reference=token_id,
        )

    def provable_authroles(self) -> Sequence[str]:
        """Of the owners of API tokens."""
        return (Role.STAFF.value, Role.MANAGER.value)

    async def proven(self, tenant: str, authid: str, authmethod: str, reference: str) -> Identity:
        """:raises Denied: the token was revoked meanwhile."""
        actor = await self._accounts.use_token(tenant, reference)
        if actor is None:
            raise Denied("This token is not valid any more.")
        return _identity(actor, authid, authmethod)


def _identity(actor: Actor, authid: str, authmethod: str) -> Identity:
    return Identity(
        authid=authid,
        authrole=actor.role.value,
        authmethod=authmethod,
        authprovider=_PROVIDER,
        principal=actor,
    )
