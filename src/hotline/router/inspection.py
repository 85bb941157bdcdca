"""WAMP's meta procedures: who is there, what is subscribed to and offered, what a session leaves behind.

In: calls of `wamp.*` procedures. Out: their one result, or a refusal. It never shows anything of another
realm, and of this one only what the policy lets whoever may inspect see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from hotline.protocols.departures import Departures
from hotline.router import meta, uris
from hotline.router.broker import Subscription
from hotline.router.options import Args, Kwargs
from hotline.router.ports import Policy, Topics
from hotline.router.refusals import Refusal, Refused
from hotline.router.registrations import Registration
from hotline.router.session import Session
from hotline.router.switchboard import Party
from hotline.router.testaments import Testaments

MATCHES = ("exact", "prefix", "wildcard")

Procedure = Callable[[Session, Args, Kwargs], Any]


class Inspection:
    """The procedures under `wamp.`, as built-in ones."""

    def __init__(
        self, *, policy: Policy, topics: Topics, testaments: Testaments, departures: Departures
    ) -> None:
        self._departures = departures
        self._policy = policy
        self._topics = topics
        self._for_everybody: dict[str, Callable[[Session, Args, Kwargs], Awaitable[Any]]] = {
            "wamp.session.add_testament": testaments.add,
            "wamp.session.flush_testaments": self._flush_testaments,
            "wamp.subscription.get_events": self._get_events,
        }
        self._testaments = testaments
        self._for_inspectors: dict[str, Procedure] = {
            "wamp.session.count": lambda *asked: len(_sessions(*asked)),
            "wamp.session.list": lambda *asked: [each.id for each in _sessions(*asked)],
            "wamp.session.get": lambda *asked: meta.details_of(_session(*asked)),
            "wamp.session.kill": self._kill,
            "wamp.session.kill_by_authid": self._kill_by_authid,
            "wamp.session.kill_by_authrole": self._kill_by_authrole,
            "wamp.session.kill_all": self._kill_all,
            "wamp.subscription.list": lambda *asked: _by_match(self._subscriptions(asked[0])),
            "wamp.subscription.lookup": self._lookup_subscription,
            "wamp.subscription.match": self._match_subscriptions,
            "wamp.subscription.get": lambda *asked: meta.subscription_details(self._subscription(*asked)),
            "wamp.subscription.list_subscribers": lambda *asked: [
                each.id for each in self._subscription(*asked).subscribers
            ],
            "wamp.subscription.count_subscribers": lambda *asked: len(self._subscription(*asked).subscribers),
            "wamp.registration.list": lambda *asked: {
                **dict.fromkeys(MATCHES, ()),
                "exact": [each.id for each in self._registrations(asked[0])],
            },
            "wamp.registration.lookup": self._lookup_registration,
            "wamp.registration.match": self._find_registration,
            "wamp.registration.get": lambda *asked: meta.registration_details(self._registration(*asked)),
            "wamp.registration.list_callees": lambda *asked: [
                callee.id for callee in self._registration(*asked).callees
            ],
            "wamp.registration.count_callees": lambda *asked: len(self._registration(*asked).callees),
        }

    def knows(self, uri: str) -> bool:
        """Whether there is such a meta procedure."""
        return uri in self._for_inspectors or uri in self._for_everybody

    async def call(self, session: Session, uri: str, args: Args, kwargs: Kwargs) -> Any:
        """:raises Refused: not allowed, or there is no such thing."""
        procedure = self._for_inspectors.get(uri)
        if procedure is None:
            return await self._for_everybody[uri](session, args, kwargs)
        if not self._policy.may_inspect(session):
            raise Refused(Refusal(uris.NOT_AUTHORIZED, "Only managers may look into this.", {}))
        return procedure(session, args, kwargs)

    # For everybody

    async def _flush_testaments(self, session: Session, args: Args, kwargs: Kwargs) -> None:
        self._testaments.flush(session, kwargs)

    async def _get_events(self, session: Session, args: Args, kwargs: Kwargs) -> list[dict[str, Any]]:
        number = _argument(args, kwargs, "subscription", int)
        broker = session.realm.broker
        subscription = broker.get(number)
        if subscription is None or not broker.has(session, number):
            raise Refused(Refusal(uris.NO_SUCH_SUBSCRIPTION, "", {}))
        filters = {name: value for name, value in kwargs.items() if name != "subscription"}
        events: list[dict[str, Any]] = []
        if subscription.match == "exact" and self._topics.is_durable(subscription.topic):
            events = await self._topics.history(session, subscription.topic, filters)
        return [{"subscription": number, **event} for event in events]

    # Subscriptions

    def _subscriptions(self, session: Session) -> list[Subscription[Any]]:
        return [each for each in session.realm.broker.subscriptions() if self._is_shown(session, each.topic)]

    def _subscription(self, session: Session, args: Args, kwargs: Kwargs) -> Subscription[Any]:
        subscription = session.realm.broker.get(_argument(args, kwargs, "subscription", int))
        if subscription is None or not self._is_shown(session, subscription.topic):
            raise Refused(Refusal(uris.NO_SUCH_SUBSCRIPTION, "", {}))
        return subscription

    def _lookup_subscription(self, session: Session, args: Args, kwargs: Kwargs) -> int | None:
        topic = _argument(args, kwargs, "topic", str)
        found = session.realm.broker.find(topic, _match(args, kwargs))
        return found.id if found is not None and self._is_shown(session, topic) else None

    def _match_subscriptions(self, session: Session, args: Args, kwargs: Kwargs) -> list[int] | None:
        topic = _argument(args, kwargs, "topic", str)
        matching = session.realm.broker.matching(topic)
        return [each.id for each in matching if self._is_shown(session, each.topic)] or None

    # Registrations

    def _registrations(self, session: Session) -> list[Registration[Party]]:
        every = session.realm.switchboard.dealer.registrations.list_all()
        return [each for each in every if self._is_shown(session, each.procedure)]

    def _registration(self, session: Session, args: Args, kwargs: Kwargs) -> Registration[Any]:
        number = _argument(args, kwargs, "registration", int)
        registration = session.realm.switchboard.dealer.registrations.get(number)
        if registration is None or not self._is_shown(session, registration.procedure):
            raise Refused(Refusal(uris.NO_SUCH_REGISTRATION, "", {}))
        return registration

    def _lookup_registration(self, session: Session, args: Args, kwargs: Kwargs) -> int | None:
        # Procedures are registered by their very name only.
        found = self._find_registration(session, args, kwargs)
        return found if _match(args, kwargs) == "exact" else None

    def _find_registration(self, session: Session, args: Args, kwargs: Kwargs) -> int | None:
        procedure = _argument(args, kwargs, "procedure", str)
        found = session.realm.switchboard.dealer.registrations.find(procedure)
        return found.id if found is not None and self._is_shown(session, procedure) else None

    # Sessions that somebody ends

    def _kill(self, session: Session, args: Args, kwargs: Kwargs) -> None:
        if not self._close(session, [_session(session, args, kwargs)], kwargs):
            raise Refused(Refusal(uris.NO_SUCH_SESSION, "", {}))

    def _kill_by_authid(self, session: Session, args: Args, kwargs: Kwargs) -> list[int]:
        authid = _argument(args, kwargs, "authid", str)
        concerned = [each for each in session.realm.sessions if each.identity.authid == authid]
        return self._close(session, concerned, kwargs)

    def _kill_by_authrole(self, session: Session, args: Args, kwargs: Kwargs) -> int:
        authrole = _argument(args, kwargs, "authrole", str)
        concerned = [each for each in session.realm.sessions if each.identity.authrole == authrole]
        return len(self._close(session, concerned, kwargs))

    def _kill_all(self, session: Session, args: Args, kwargs: Kwargs) -> int:
        return len(self._close(session, session.realm.sessions, kwargs))

    def _close(self, session: Session, concerned: Iterable[Any], kwargs: Kwargs) -> list[int]:
        reason, message = kwargs.get("reason", uris.KILLED), kwargs.get("message", "")
        if not isinstance(reason, str) or not uris.is_uri(reason, session.limits.uri_length):
            raise Refused(Refusal(uris.INVALID_URI, "The reason has to be a URI.", {}))
        if not isinstance(message, str) or not message.isprintable():
            raise _invalid("message")
        closed = [each for each in concerned if each is not session]
        for each in closed:
            # Of very many some in each turn, or everybody else would have to wait until the last is gone.
            self._departures.add(partial(each.close, reason, message))
        return [each.id for each in closed]

    def _is_shown(self, session: Session, uri: str) -> bool:
        return not uri.startswith(uris.RESERVED) and self._policy.may_be_shown(session, uri)


# Sessions


def _sessions(session: Session, args: Args, kwargs: Kwargs) -> list[Any]:
    roles = args[0] if args else kwargs.get("filter_authroles")
    if roles is not None and not isinstance(roles, list):
        raise _invalid("filter_authroles")
    return [each for each in session.realm.sessions if roles is None or each.identity.authrole in roles]


def _session(session: Session, args: Args, kwargs: Kwargs) -> Any:
    found = session.realm.find_session(_argument(args, kwargs, "session", int))
    if found is None:
        raise Refused(Refusal(uris.NO_SUCH_SESSION, "", {}))
    return found


def _by_match(subscriptions: Iterable[Subscription[Any]]) -> dict[str, list[int]]:
    lists: dict[str, list[int]] = {match: [] for match in MATCHES}
    for subscription in subscriptions:
        lists[subscription.match].append(subscription.id)
    return lists


def _match(args: Args, kwargs: Kwargs) -> str:
    options = args[1] if len(args) > 1 else kwargs.get("options")
    match = options.get("match", "exact") if isinstance(options, dict) else "exact"
    if match not in MATCHES:
        raise _invalid("match")
    return str(match)


def _argument(args: Args, kwargs: Kwargs, name: str, kind: type) -> Any:
    value = args[0] if args else kwargs.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _invalid(name)
    return value


def _invalid(name: str) -> Refused:
    return Refused(Refusal(uris.INVALID_ARGUMENT, f"{name} is missing or of the wrong kind.", {}))
