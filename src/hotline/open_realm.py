"""The realm of `--open-realm`: plain WAMP without an organisation, in which every session may do everything.

In come the router's questions; those about the open realm are answered here, all others are passed on.
Nothing in it is stored, nothing of it is ever seen in another realm. For development and conformance tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, succeed

from hotline.errors import NotAllowed
from hotline.router.ports import (
    Authenticator,
    Calls,
    Credentials,
    Denied,
    Disclosure,
    Identity,
    Policy,
    Realm,
    Session,
    Topics,
    Watcher,
)
from hotline.store.ids import new_id


class OpenRealm:
    """All of the router's ports: in front of the house's own."""

    def __init__(
        self,
        name: str,
        *,
        authenticator: Authenticator,
        calls: Calls,
        topics: Topics,
        policy: Policy,
        watcher: Watcher,
    ) -> None:
        self._name = name
        # No organisation's id: these are never empty.
        self._tenant = ("open realm", name)
        self._authenticator = authenticator
        self._calls = calls
        self._topics = topics
        self._policy = policy
        self._watcher = watcher

    def _is_open(self, realm: Realm) -> bool:
        return bool(realm.tenant == self._tenant)

    # Authenticator

    def delay(self, network: bytes | None) -> float:
        return self._authenticator.delay(network)

    async def find_realm(self, name: str) -> Any | None:
        return self._tenant if name == self._name else await self._authenticator.find_realm(name)

    async def anonymous(self, tenant: Any) -> Identity:
        if tenant != self._tenant:
            return await self._authenticator.anonymous(tenant)
        return Identity(
            authid=new_id(),
            authrole="anonymous",
            authmethod="anonymous",
            authprovider="hotline",
            principal=None,
        )

    async def ticket(self, tenant: Any, authid: str, ticket: str) -> Identity:
        if tenant != self._tenant:
            return await self._authenticator.ticket(tenant, authid, ticket)
        raise Denied("This realm is for anonymous sessions.")

    async def credentials(self, tenant: Any, authid: str) -> Credentials | None:
        return None if tenant == self._tenant else await self._authenticator.credentials(tenant, authid)

    def provable_authroles(self) -> Sequence[str]:
        return self._authenticator.provable_authroles()

    async def proven(self, tenant: Any, authid: str, authmethod: str, reference: Any) -> Identity:
        if tenant != self._tenant:
            return await self._authenticator.proven(tenant, authid, authmethod, reference)
        raise Denied("This realm is for anonymous sessions.")

    # Calls

    def knows(self, uri: str) -> bool:
        return self._calls.knows(uri)

    async def call(self, session: Session, uri: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if self._is_open(session.realm):
            raise NotAllowed(reason="there is no organisation here")
        return await self._calls.call(session, uri, args, kwargs)

    # Topics

    async def may_subscribe(self, session: Session, topic: str) -> bool:
        return self._is_open(session.realm) or await self._topics.may_subscribe(session, topic)

    async def may_publish(
        self, session: Session, topic: str, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Any]] | None:
        if self._is_open(session.realm):
            return args, kwargs
        return await self._topics.may_publish(session, topic, args, kwargs)

    def is_durable(self, topic: str) -> bool:
        return self._topics.is_durable(topic)

    def append(
        self, session: Session, topic: str, args: list[Any], kwargs: dict[str, Any], exclude_me: bool
    ) -> Deferred[int | None]:
        if not self._is_open(session.realm):
            return self._topics.append(session, topic, args, kwargs, exclude_me)
        session.realm.publish(topic, args, kwargs, session.id if exclude_me else None)
        return succeed(None)

    async def history(self, session: Session, topic: str, filters: dict[str, Any]) -> list[dict[str, Any]]:
        return [] if self._is_open(session.realm) else await self._topics.history(session, topic, filters)

    # Policy

    def may_register(self, session: Session, procedure: str) -> bool:
        return self._is_open(session.realm) or self._policy.may_register(session, procedure)

    def may_call(self, session: Session, procedure: str) -> bool:
        return self._is_open(session.realm) or self._policy.may_call(session, procedure)

    def may_match(self, session: Session, pattern: str, match: str) -> bool:
        return self._is_open(session.realm) or self._policy.may_match(session, pattern, match)

    def may_inspect(self, session: Session) -> bool:
        return self._is_open(session.realm) or self._policy.may_inspect(session)

    def may_be_shown(self, session: Session, uri: str) -> bool:
        return self._is_open(session.realm) or self._policy.may_be_shown(session, uri)

    def disclosure(self, session: Session, uri: str) -> Disclosure:
        if self._is_open(session.realm):
            return Disclosure.ASKED
        return self._policy.disclosure(session, uri)

    # Watcher

    def session_joined(self, session: Session) -> None:
        if not self._is_open(session.realm):
            self._watcher.session_joined(session)

    def session_left(self, session: Session) -> None:
        if not self._is_open(session.realm):
            self._watcher.session_left(session)

    def topic_observed(self, realm: Realm, topic: str) -> None:
        if not self._is_open(realm):
            self._watcher.topic_observed(realm, topic)

    def topic_abandoned(self, realm: Realm, topic: str) -> None:
        if not self._is_open(realm):
            self._watcher.topic_abandoned(realm, topic)


# The type checker sees to it that all ports are filled.
_ports: tuple[
    type[Authenticator], type[Calls], type[Topics], type[Policy], type[Watcher]
] = (OpenRealm, OpenRealm, OpenRealm, OpenRealm, OpenRealm)  # fmt: skip
