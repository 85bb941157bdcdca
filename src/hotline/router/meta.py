"""WAMP's meta events: their topics, and how sessions, subscriptions and registrations are described in them.

In: these things. Out: plain values. It never decides who may know.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from hotline.router.broker import Subscription
from hotline.router.ports import Identity
from hotline.router.registrations import Registration

ON_JOIN = "wamp.session.on_join"
ON_LEAVE = "wamp.session.on_leave"
SUBSCRIPTION_ON_CREATE = "wamp.subscription.on_create"
ON_SUBSCRIBE = "wamp.subscription.on_subscribe"
ON_UNSUBSCRIBE = "wamp.subscription.on_unsubscribe"
SUBSCRIPTION_ON_DELETE = "wamp.subscription.on_delete"
REGISTRATION_ON_CREATE = "wamp.registration.on_create"
ON_REGISTER = "wamp.registration.on_register"
ON_UNREGISTER = "wamp.registration.on_unregister"
REGISTRATION_ON_DELETE = "wamp.registration.on_delete"

TOPICS = frozenset(
    {
        ON_JOIN,
        ON_LEAVE,
        SUBSCRIPTION_ON_CREATE,
        ON_SUBSCRIBE,
        ON_UNSUBSCRIBE,
        SUBSCRIPTION_ON_DELETE,
        REGISTRATION_ON_CREATE,
        ON_REGISTER,
        ON_UNREGISTER,
        REGISTRATION_ON_DELETE,
    }
)


class Joined(Protocol):
    """A session, as far as it is described."""

    @property
    def id(self) -> int: ...

    @property
    def identity(self) -> Identity: ...


def details_of(session: Joined) -> dict[str, Any]:
    """A session; nothing of its transport, since addresses are nobody's business."""
    identity = session.identity
    return {
        "session": session.id,
        "authid": identity.authid,
        "authrole": identity.authrole,
        "authmethod": identity.authmethod,
        "authprovider": identity.authprovider,
    }


def subscription_details(subscription: Subscription[Any]) -> dict[str, Any]:
    """A subscription, without its subscribers."""
    return {
        "id": subscription.id,
        "created": _iso(subscription.created),
        "uri": subscription.topic,
        "match": subscription.match,
    }


def registration_details(registration: Registration[Any]) -> dict[str, Any]:
    """A registration, without its callees."""
    return {
        "id": registration.id,
        "created": _iso(registration.created),
        "uri": registration.procedure,
        "match": "exact",
        "invoke": registration.invoke,
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
