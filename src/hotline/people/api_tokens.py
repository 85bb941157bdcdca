"""API tokens of the own account: made, listed, taken back.

In come an actor who showed lately who they are and what a token is for, out comes its secret, once. Whoever
gets one is told by mail.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from hotline.domain import checks
from hotline.domain.audit import Action
from hotline.domain.model import Actor, Scope
from hotline.errors import Invalid, NotFound
from hotline.limits import INVALID, Limit, Per, fixed
from hotline.people import letters
from hotline.people.base import checked_id
from hotline.people.factors import Factors
from hotline.store import tokens
from hotline.store.ids import new_secret, secret_hash
from hotline.store.tokens import Keys, Token

_ITERATIONS = 4096
_MOST_DAYS = fixed(
    3650,
    __name__,
    Limit(Per.PERSON, "days that an API token is good", INVALID),
    "what the field takes: 0 is for ever, and no date lies further",
)
_PUBLIC_KEY_BYTES = 32


class ApiTokens(Factors):
    """The part of Accounts about what scripts log in with."""

    async def create_token(
        self,
        actor: Actor,
        name: str,
        public_key: str = "",
        *,
        scopes: Iterable[str] = tuple(Scope),
        days: object = 0,
    ) -> tuple[str, str]:
        """(name, secret) of a new API token, for some of what its owner may do, who is told by mail; no
        secret with a public key.

        :param public_key: Ed25519, 64 hexadecimal digits; empty: a secret is made.
        :param days: after so many it ends; 0: never.
        :raises ProofNeeded: the actor did not show lately who they are, and is no operator.
        :raises FactorNeeded: nobody could come in by it without a second factor.
        :raises Invalid: name, public_key, scopes, days.
        """
        if not actor.is_operator:
            await self.require_proof(actor)
        form = checks.gathered(
            name=lambda: checks.name(name), scopes=lambda: _scopes(scopes), days=lambda: _days(days)
        )
        checked = form["name"]
        secret = new_secret()
        keys = _public(public_key) if public_key else _salted(secret)
        async with self._database.transaction(actor.organisation_id) as tx:
            owner = await self._acting(tx, actor)
            await self._check_factor(tx, actor)
            token_id = await tokens.add(
                tx,
                actor.organisation_id,
                owner.consultant_id,
                checked,
                secret_hash(secret),
                self._now(),
                keys,
                scopes=form["scopes"],
                expires_at=self._until(days=form["days"]) if form["days"] else None,
            )
            scopes = sorted(form["scopes"])
            await self._tell(tx, owner, lambda name: letters.token_made(name, scopes, form["days"]))
            await self._record(
                tx, actor, Action.TOKEN_MADE, kind="token", subject=token_id, scopes=scopes, days=form["days"]
            )
        return checked, "" if public_key else secret

    async def list_tokens(self, actor: Actor) -> list[Token]:
        """The actor's own API tokens."""
        async with self._database.transaction(actor.organisation_id) as tx:
            return await tokens.list_of(tx, actor.organisation_id, actor.id)

    async def revoke_token(self, actor: Actor, token_id: str) -> None:
        """Take back one of the actor's own; its sessions end.

        :raises NotFound: they have none with this id.
        """
        async with self._database.transaction(actor.organisation_id) as tx:
            wanted = checked_id(token_id)
            if not await tokens.revoke(tx, actor.organisation_id, actor.id, wanted):
                raise NotFound()
            await self._record(tx, actor, Action.TOKEN_REVOKED, kind="token", subject=wanted)


def _scopes(given: Iterable[str]) -> list[Scope]:
    try:
        chosen = [Scope(each) for each in given]
    except ValueError:
        raise Invalid(scopes="must be read, speak or manage") from None
    if not chosen:
        raise Invalid(scopes="must be chosen: one at least")
    return chosen


def _days(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= _MOST_DAYS:
        raise Invalid(days=f"must be a whole number from 0 to {_MOST_DAYS}; 0: never")
    return given


def _salted(secret: str) -> Keys:
    # Secrets are random and long: the iterations are for clients that would not do with fewer.
    salt = secrets.token_hex(16)
    salted_key = hashlib.pbkdf2_hmac("sha256", secret.encode(), salt.encode(), _ITERATIONS)
    return Keys(salt=salt, iterations=_ITERATIONS, salted_key=salted_key)


def _public(text: str) -> Keys:
    try:
        public_key = bytes.fromhex(text)
    except ValueError:
        public_key = b""
    if len(public_key) != _PUBLIC_KEY_BYTES:
        raise Invalid(public_key="must be 64 hexadecimal digits")
    return Keys(salt=secrets.token_hex(16), iterations=_ITERATIONS, public_key=public_key)
